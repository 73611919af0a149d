// RUN: act-opt %s -act-fuse -canonicalize | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#col = affine_map<(d0, d1) -> (d1)>
#id3 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#last = affine_map<(d0, d1, d2) -> (d2)>

// CHECK-LABEL: @bias_gelu_residual
// CHECK: act.kernel
// CHECK-SAME: fusion = {kind = "contraction"}
// CHECK: linalg.matmul
// CHECK: linalg.generic
// CHECK: arith.addf
// CHECK: act.gelu
// CHECK: arith.addf
// CHECK-NOT: act.kernel
func.func @bias_gelu_residual(%x: tensor<?x64xf32>, %w: tensor<64x32xf32>,
                              %b: tensor<32xf32>, %r: tensor<?x32xf32>)
    -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?x32xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x32xf32>)
      -> tensor<?x32xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x32xf32>)
      outs(%f : tensor<?x32xf32>) -> tensor<?x32xf32>
  %a = linalg.generic {indexing_maps = [#id, #col, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%m, %b : tensor<?x32xf32>, tensor<32xf32>)
      outs(%e : tensor<?x32xf32>) {
  ^bb0(%i: f32, %j: f32, %o: f32):
    %0 = arith.addf %i, %j : f32
    linalg.yield %0 : f32
  } -> tensor<?x32xf32>
  %g = act.gelu %a : tensor<?x32xf32>
  %y = arith.addf %g, %r : tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// Passes over the rows of a product would compute it three times, and a
// product reads its operands' elements many times.
// CHECK-LABEL: @no_fuse_around
// CHECK: act.kernel
// CHECK: act.relu
// CHECK: act.kernel
// CHECK-SAME: producer = "act.relu"
// CHECK-SAME: reason = "contraction-input"
// CHECK: linalg.matmul
// CHECK: act.kernel
// CHECK-SAME: producer = "linalg.matmul"
// CHECK-SAME: reason = "contraction-input"
// CHECK: act.softmax
func.func @no_fuse_around(%x: tensor<8x64xf32>, %w: tensor<64x32xf32>)
    -> tensor<8x32xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x32xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<8x32xf32>)
      -> tensor<8x32xf32>
  %a = act.relu %x : tensor<8x64xf32>
  %m = linalg.matmul ins(%a, %w : tensor<8x64xf32>, tensor<64x32xf32>)
      outs(%f : tensor<8x32xf32>) -> tensor<8x32xf32>
  %s = act.softmax %m dimension(1) : tensor<8x32xf32>
  return %s : tensor<8x32xf32>
}

// The expansion goes behind the bias and the activation.
// CHECK-LABEL: @expanded
// CHECK: act.kernel
// CHECK: linalg.matmul
// CHECK: act.silu
// CHECK-NOT: act.kernel
// CHECK: tensor.expand_shape
func.func @expanded(%x: tensor<12x64xf32>, %w: tensor<64x32xf32>,
                    %b: tensor<32xf32>) -> tensor<3x4x32xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<12x32xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<12x32xf32>)
      -> tensor<12x32xf32>
  %m = linalg.matmul ins(%x, %w : tensor<12x64xf32>, tensor<64x32xf32>)
      outs(%f : tensor<12x32xf32>) -> tensor<12x32xf32>
  %v = tensor.expand_shape %m [[0, 1], [2]] output_shape [3, 4, 32]
      : tensor<12x32xf32> into tensor<3x4x32xf32>
  %e3 = tensor.empty() : tensor<3x4x32xf32>
  %a = linalg.generic {indexing_maps = [#id3, #last, #id3],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%v, %b : tensor<3x4x32xf32>, tensor<32xf32>)
      outs(%e3 : tensor<3x4x32xf32>) {
  ^bb0(%i: f32, %j: f32, %o: f32):
    %0 = arith.addf %i, %j : f32
    linalg.yield %0 : f32
  } -> tensor<3x4x32xf32>
  %y = act.silu %a : tensor<3x4x32xf32>
  return %y : tensor<3x4x32xf32>
}
