// A newer dialect's bytecode is refused, with both versions.
// RUN: not act-opt %S/Inputs/version9.mlirbc 2>&1 | FileCheck %s
// RUN: not act-run %S/Inputs/version9.mlirbc 2>&1 | FileCheck %s
// CHECK: error: produced by act dialect v9, this tool reads <= v1

// RUN: act-opt %s --emit-bytecode | act-opt | FileCheck %s --check-prefix=OWN
// OWN: act.relu
func.func @f(%x: f32) -> f32 {
  %0 = act.relu %x : f32
  return %0 : f32
}
