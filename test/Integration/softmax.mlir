// RUN: act-opt %s -act-lower-to-llvm-pipeline | mlir-runner -e run -entry-point-result=f32 | FileCheck %s

// softmax([0, 1, 2, 3])[3] = 0.64391426, whose nearest f32 is 0.64391428
// CHECK: 6.439143e-01
func.func private @model(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = act.softmax %x dimension(1) : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
func.func @run() -> f32 {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %x = arith.constant dense<[[0.0, 1.0, 2.0, 3.0]]> : tensor<1x4xf32>
  %y = call @model(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %r = tensor.extract %y[%c0, %c3] : tensor<1x4xf32>
  return %r : f32
}
