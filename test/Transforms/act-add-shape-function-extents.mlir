// RUN: act-opt %s -split-input-file -act-add-shape-function -verify-diagnostics | FileCheck %s

// Operands of one operation: one name.
// CHECK-LABEL: func.func @same(
// CHECK-SAME: %{{[a-z0-9]+}}: tensor<?x3xf32> {act.dims = ["d0", "3"]}
// CHECK-SAME: %{{[a-z0-9]+}}: tensor<?x3xf32> {act.dims = ["d0", "3"]}
func.func @same(%x: tensor<?x3xf32>, %y: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %0 = arith.addf %x, %y : tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// -----

// A name that is there stays; what needs nothing gets none.
// CHECK-LABEL: func.func @named(
// CHECK-SAME: %{{[a-z0-9]+}}: tensor<?xf32> {act.dims = ["N"]}
// CHECK-SAME: %{{[a-z0-9]+}}: tensor<?xf32> {act.dims = ["N"]}
// CHECK-SAME: %{{[a-z0-9]+}}: tensor<?xf32>)
func.func @named(%x: tensor<?xf32>, %y: tensor<?xf32> {act.dims = ["N"]},
                 %z: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = arith.addf %x, %y : tensor<?xf32>
  %1 = act.gelu %z : tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @number(
// CHECK-SAME: %{{[a-z0-9]+}}: tensor<?xf32> {act.dims = ["4"]}
func.func @number(%x: tensor<?xf32>) -> tensor<4xf32> {
  %0 = tensor.cast %x : tensor<?xf32> to tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Both sides come back where one is computed.
// CHECK-LABEL: func.func @computed_shapes(
// CHECK-SAME: -> (index, index, index)
// CHECK-SAME: act.checks = ["arith.addf at {{.+}}"]
func.func @computed(%x: tensor<?xf32>, %y: tensor<?xf32>, %z: tensor<?xf32>)
    -> tensor<?xf32> {
  %0 = tensor.concat dim(0) %x, %y
      : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %1 = arith.addf %0, %z : tensor<?xf32>
  return %1 : tensor<?xf32>
}

// -----

func.func @never(%x: tensor<?xf32>) -> tensor<4xf32> {
  %0 = tensor.cast %x : tensor<?xf32> to tensor<4xf32>
  // expected-error@below {{needs an extent to be 4 and 5}}
  %1 = tensor.cast %x : tensor<?xf32> to tensor<5xf32>
  return %0 : tensor<4xf32>
}
