// RUN: act-run %s -e dense --input='9x20xf32=linspace(0,179)' --input='20x33xf32=linspace(0,659)' --input='33xf32=linspace(0,32)' --expect-ulp=0 | FileCheck %s
// RUN: act-run %s -e pool --input='2x3x8x8xf32=random(1)' --expect-ulp=0 | FileCheck %s

// Integers below 2^24, so exact.
// CHECK: result 0: at most {{.*}} from the reference
func.func @dense(%x: tensor<?x20xf32>, %w: tensor<20x33xf32>,
                 %b: tensor<33xf32>) -> tensor<?x33xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x20xf32>
  %e = tensor.empty(%n) : tensor<?x33xf32>
  %i = linalg.broadcast ins(%b : tensor<33xf32>) outs(%e : tensor<?x33xf32>) dimensions = [0]
  %m = linalg.matmul ins(%x, %w : tensor<?x20xf32>, tensor<20x33xf32>)
                     outs(%i : tensor<?x33xf32>) -> tensor<?x33xf32>
  return %m : tensor<?x33xf32>
}

func.func @pool(%x: tensor<2x3x8x8xf32>) -> tensor<2x3x4x4xf32> {
  %low = arith.constant 0xFF800000 : f32
  %w = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x3x4x4xf32>
  %i = linalg.fill ins(%low : f32) outs(%e : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %p = linalg.pooling_nchw_max {strides = dense<2> : vector<2xi64>}
      ins(%x, %w : tensor<2x3x8x8xf32>, tensor<2x2xf32>)
      outs(%i : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  return %p : tensor<2x3x4x4xf32>
}
