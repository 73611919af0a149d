// Two layers with constant weights.
#row = affine_map<(d0, d1) -> (d1)>
#all = affine_map<(d0, d1) -> (d0, d1)>

func.func private @dense(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>,
                         %b: tensor<1x64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x64xf32>)
      outs(%i : tensor<?x64xf32>) -> tensor<?x64xf32>
  %bias = tensor.collapse_shape %b [[0, 1]] : tensor<1x64xf32> into tensor<64xf32>
  %s = linalg.generic {indexing_maps = [#all, #row, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%m, %bias : tensor<?x64xf32>, tensor<64xf32>) outs(%e : tensor<?x64xf32>) {
  ^bb0(%v: f32, %c: f32, %o: f32):
    %t = arith.addf %v, %c : f32
    linalg.yield %t : f32
  } -> tensor<?x64xf32>
  return %s : tensor<?x64xf32>
}

func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %size = tensor.dim %x, %c0 : tensor<?xf32>
  %n = arith.divui %size, %c64 : index
  %rows = tensor.expand_shape %x [[0, 1]] output_shape [%n, 64] : tensor<?xf32> into tensor<?x64xf32>
  %w0 = arith.constant dense<"weights"> : tensor<64x64xf32>
  %b0 = arith.constant dense<"weights"> : tensor<1x64xf32>
  %w1 = arith.constant dense<"weights"> : tensor<64x64xf32>
  %b1 = arith.constant dense<"weights"> : tensor<1x64xf32>
  %h = call @dense(%rows, %w0, %b0) : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<1x64xf32>) -> tensor<?x64xf32>
  %g = act.gelu %h : tensor<?x64xf32>
  %o = call @dense(%g, %w1, %b1) : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<1x64xf32>) -> tensor<?x64xf32>
  %p = act.softmax %o dimension(1) : tensor<?x64xf32>
  %y = tensor.collapse_shape %p [[0, 1]] : tensor<?x64xf32> into tensor<?xf32>
  return %y : tensor<?xf32>
}
