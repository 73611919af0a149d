// RUN: act-opt %s --convert-to-llvm --verify-diagnostics

func.func @unmet(%x: f64) -> f64 {
  // expected-error @below {{accuracy highest is not offered for act.gelu on f64}}
  // expected-error @below {{failed to legalize operation 'act.gelu'}}
  %y = act.gelu %x {accuracy = #act.accuracy<highest>} : f64
  return %y : f64
}
