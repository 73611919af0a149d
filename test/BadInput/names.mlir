// Names, uses and blocks that do not fit.
// RUN: act-opt %s -split-input-file -verify-diagnostics

// expected-note @below {{see existing symbol definition here}}
func.func @f() { return }
// expected-error @below {{redefinition of symbol named 'f'}}
func.func @f() { return }

// -----

func.func @f() {
  // expected-error @below {{'none' does not reference a valid function}}
  func.call @none() : () -> ()
  return
}

// -----

func.func @f() -> tensor<4xf32> {
  // expected-error @below {{use of undeclared SSA value name}}
  %y = act.gelu %z : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{custom op 'act.nonesuch' is unknown}}
  %y = act.nonesuch %x : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{operation being parsed with an unregistered dialect. If this is intended, please use -allow-unregistered-dialect}}
  "foo.bar"(%x) : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{type mismatch for bb argument #0 of successor #0}}
  cf.br ^next(%x : tensor<4xf32>)
^next(%y: tensor<5xf32>):
  return
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{operand #0 does not dominate this use}}
  %y = act.gelu %z : tensor<4xf32>
  // expected-note @below {{operand defined here}}
  %z = act.gelu %y : tensor<4xf32>
  return %z : tensor<4xf32>
}
