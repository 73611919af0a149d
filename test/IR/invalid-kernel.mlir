// RUN: act-opt %s -split-input-file -verify-diagnostics

func.func @arguments(%x: tensor<4xf32>) {
  // expected-error @below {{has 1 operands, but its body 0 arguments}}
  %0 = act.kernel outs(%x : tensor<4xf32>) {
    %y = arith.constant dense<0.0> : tensor<4xf32>
    act.yield %y : tensor<4xf32>
  } -> tensor<4xf32>
  return
}

// -----

func.func @argument_type(%x: tensor<4xf32>) {
  // expected-error @below {{operand of type 'tensor<4xf32>' does not match the body's argument of 'tensor<4x1xf32>'}}
  %0 = act.kernel outs(%x : tensor<4xf32>) {
  ^bb0(%a: tensor<4x1xf32>):
    %y = arith.constant dense<0.0> : tensor<4xf32>
    act.yield %y : tensor<4xf32>
  } -> tensor<4xf32>
  return
}

// -----

func.func @unranked(%x: tensor<*xf32>, %o: tensor<4xf32>) {
  // expected-error @below {{operand of type 'tensor<*xf32>' does not match the body's argument of 'tensor<4xf32>'}}
  %0 = act.kernel ins(%x : tensor<*xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    act.yield %a : tensor<4xf32>
  } -> tensor<4xf32>
  return
}

// -----

func.func @yields(%x: tensor<4xf32>) {
  // expected-error @below {{must yield one value for each of its 1 outs operands}}
  %0 = act.kernel outs(%x : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    act.yield %a, %a : tensor<4xf32>, tensor<4xf32>
  } -> tensor<4xf32>
  return
}

// -----

func.func @yielded_type(%x: tensor<4xf32>) {
  %0 = act.kernel outs(%x : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    %y = arith.constant dense<0.0> : tensor<4xf16>
    // expected-error @below {{value of type 'tensor<4xf16>' does not match the outs operand of 'tensor<4xf32>'}}
    act.yield %y : tensor<4xf16>
  } -> tensor<4xf32>
  return
}

// -----

func.func @empty_body(%x: tensor<4xf32>) {
  // expected-error @below {{expects a non-empty block}}
  %0 = "act.kernel"(%x) <{operandSegmentSizes = array<i32: 0, 1>}> ({
  ^bb0(%a: tensor<4xf32>):
  }) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @yield_outside(%x: tensor<4xf32>) {
  // expected-error @below {{expects parent op 'act.kernel'}}
  act.yield %x : tensor<4xf32>
}
