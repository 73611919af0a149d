// RUN: act-opt %s -act-decompose-tensor-ops | FileCheck %s

// CHECK-LABEL: @pad
// CHECK: %[[FILL:.+]] = linalg.fill
// CHECK: tensor.insert_slice %{{.+}} into %[[FILL]][0, 1]
// CHECK-NOT: tensor.pad
func.func @pad(%x: tensor<?x8xf32>) -> tensor<?x10xf32> {
  %zero = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x8xf32> to tensor<?x10xf32>
  return %p : tensor<?x10xf32>
}

// CHECK-LABEL: @concat
// CHECK-COUNT-2: tensor.insert_slice
// CHECK-NOT: tensor.concat
func.func @concat(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) -> tensor<2x7xf32> {
  %0 = tensor.concat dim(1) %x, %y
      : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x7xf32>
  return %0 : tensor<2x7xf32>
}
