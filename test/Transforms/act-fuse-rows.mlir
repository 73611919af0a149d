// RUN: act-opt %s -act-fuse -canonicalize | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#unit = affine_map<(d0, d1) -> (d0, 0)>

// What is cheap to compute in each pass joins, and so does what follows.
// CHECK-LABEL: @scale_softmax_cast
// CHECK: act.kernel
// CHECK-SAME: kind = "rows"
// CHECK: arith.mulf
// CHECK: act.softmax
// CHECK: arith.truncf
// CHECK-NOT: act.kernel
func.func @scale_softmax_cast(%x: tensor<?x64xf32>, %s: tensor<?x64xf32>)
    -> tensor<?x64xbf16> {
  %0 = arith.mulf %x, %s : tensor<?x64xf32>
  %1 = act.softmax %0 dimension(1) : tensor<?x64xf32>
  %2 = arith.truncf %1 : tensor<?x64xf32> to tensor<?x64xbf16>
  return %2 : tensor<?x64xbf16>
}

// gelu three times is slower than to store it.
// CHECK-LABEL: @no_fuse_gelu_softmax
// CHECK: act.kernel
// CHECK: act.kernel
// CHECK-SAME: consumer = "act.softmax"
// CHECK-SAME: producer = "act.gelu"
// CHECK-SAME: reason = "recompute"
func.func @no_fuse_gelu_softmax(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = act.gelu %x : tensor<?x64xf32>
  %1 = act.softmax %0 dimension(1) : tensor<?x64xf32>
  return %1 : tensor<?x64xf32>
}

// CHECK-LABEL: @no_fuse_other_rows
// CHECK: act.kernel
// CHECK: act.kernel
// CHECK-SAME: reason = "row-dimension"
func.func @no_fuse_other_rows(%x: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %0 = act.softmax %x dimension(1) : tensor<8x64xf32>
  %1 = act.softmax %0 dimension(0) : tensor<8x64xf32>
  return %1 : tensor<8x64xf32>
}

// A norm: its mean is reduced, given a dimension of 1, divided, and read by
// every element of the row.
// CHECK-LABEL: @rms_norm
// CHECK: act.kernel
// CHECK-SAME: kind = "rows"
// CHECK: arith.mulf
// CHECK: arith.divf
// CHECK: math.sqrt
// CHECK-NOT: act.kernel
// CHECK-NOT: tensor.expand_shape
func.func @rms_norm(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %size = arith.constant 64.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.generic {indexing_maps = [#id, #row],
                         iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x64xf32>) outs(%f : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.mulf %a, %a : f32
    %1 = arith.addf %0, %o : f32
    linalg.yield %1 : f32
  } -> tensor<?xf32>
  %wide = tensor.expand_shape %sum [[0, 1]] output_shape [%n, 1]
      : tensor<?xf32> into tensor<?x1xf32>
  %e1 = tensor.empty(%n) : tensor<?x1xf32>
  %k = linalg.fill ins(%size : f32) outs(%e1 : tensor<?x1xf32>)
      -> tensor<?x1xf32>
  %mean = arith.divf %wide, %k : tensor<?x1xf32>
  %e2 = tensor.empty(%n) : tensor<?x64xf32>
  %y = linalg.generic {indexing_maps = [#id, #unit, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %mean : tensor<?x64xf32>, tensor<?x1xf32>)
      outs(%e2 : tensor<?x64xf32>) {
  ^bb0(%a: f32, %m: f32, %o: f32):
    %0 = math.sqrt %m : f32
    %1 = arith.divf %a, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
