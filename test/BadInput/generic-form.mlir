// Operations in the generic form, which no parser of theirs has checked.
// RUN: act-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{requires one result}}
  "act.gelu"(%x) : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{requires one result}}
  %y:2 = "act.gelu"(%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @f() -> tensor<4xf32> {
  // expected-error @below {{requires a single operand}}
  %y = "act.gelu"() : () -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{requires attribute 'dimension'}}
  %y = "act.softmax"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{attribute 'dimension' failed to satisfy constraint}}
  %y = "act.softmax"(%x) {dimension = "one"} : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{region with 1 blocks}}
  %y = "act.kernel"(%x, %x) <{operandSegmentSizes = array<i32: 1, 1>}> ({
  }) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = "act.kernel"(%x, %x) <{operandSegmentSizes = array<i32: 1, 1>}> ({
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    // expected-error @below {{block with no terminator}}
    %z = act.gelu %a : tensor<4xf32>
  }) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{operand count}}
  %y = "act.kernel"(%x, %x) <{operandSegmentSizes = array<i32: 1, 7>}> ({
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    "act.yield"(%a) : (tensor<4xf32>) -> ()
  }) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
