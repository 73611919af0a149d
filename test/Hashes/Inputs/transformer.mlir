// Attention of one head, a norm by the root of the mean square, and a gated
// layer, each added to its input.
#row = affine_map<(d0, d1) -> (d0)>
#all = affine_map<(d0, d1) -> (d0, d1)>

func.func private @product(%x: tensor<256x64xf32>, %w: tensor<64x64xf32>) -> tensor<256x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<256x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<256x64xf32>) -> tensor<256x64xf32>
  %m = linalg.matmul ins(%x, %w : tensor<256x64xf32>, tensor<64x64xf32>)
      outs(%i : tensor<256x64xf32>) -> tensor<256x64xf32>
  return %m : tensor<256x64xf32>
}

func.func private @norm(%x: tensor<256x64xf32>) -> tensor<256x64xf32> {
  %zero = arith.constant 0.0 : f32
  %part = arith.constant 0.015625 : f32
  %epsilon = arith.constant 0.0009765625 : f32
  %v = tensor.empty() : tensor<256xf32>
  %i = linalg.fill ins(%zero : f32) outs(%v : tensor<256xf32>) -> tensor<256xf32>
  %squares = linalg.generic {indexing_maps = [#all, #row],
                             iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<256x64xf32>) outs(%i : tensor<256xf32>) {
  ^bb0(%a: f32, %s: f32):
    %t = arith.mulf %a, %a : f32
    %u = arith.addf %s, %t : f32
    linalg.yield %u : f32
  } -> tensor<256xf32>
  %e = tensor.empty() : tensor<256x64xf32>
  %y = linalg.generic {indexing_maps = [#all, #row, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %squares : tensor<256x64xf32>, tensor<256xf32>) outs(%e : tensor<256x64xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %mean = arith.mulf %s, %part : f32
    %safe = arith.addf %mean, %epsilon : f32
    %r = math.rsqrt %safe : f32
    %t = arith.mulf %a, %r : f32
    linalg.yield %t : f32
  } -> tensor<256x64xf32>
  return %y : tensor<256x64xf32>
}

func.func private @attention(%q: tensor<256x64xf32>, %k: tensor<256x64xf32>, %v: tensor<256x64xf32>) -> tensor<256x64xf32> {
  %zero = arith.constant 0.0 : f32
  %eighth = arith.constant 0.125 : f32
  %et = tensor.empty() : tensor<64x256xf32>
  %kt = linalg.transpose ins(%k : tensor<256x64xf32>) outs(%et : tensor<64x256xf32>) permutation = [1, 0]
  %es = tensor.empty() : tensor<256x256xf32>
  %is = linalg.fill ins(%zero : f32) outs(%es : tensor<256x256xf32>) -> tensor<256x256xf32>
  %s = linalg.matmul ins(%q, %kt : tensor<256x64xf32>, tensor<64x256xf32>)
      outs(%is : tensor<256x256xf32>) -> tensor<256x256xf32>
  %scale = tensor.splat %eighth : tensor<256x256xf32>
  %t = arith.mulf %s, %scale : tensor<256x256xf32>
  %p = act.softmax %t dimension(1) : tensor<256x256xf32>
  %e = tensor.empty() : tensor<256x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<256x64xf32>) -> tensor<256x64xf32>
  %o = linalg.matmul ins(%p, %v : tensor<256x256xf32>, tensor<256x64xf32>)
      outs(%i : tensor<256x64xf32>) -> tensor<256x64xf32>
  return %o : tensor<256x64xf32>
}

func.func @main(%x: tensor<16384xf32>) -> tensor<16384xf32> {
  %rows = tensor.expand_shape %x [[0, 1]] output_shape [256, 64] : tensor<16384xf32> into tensor<256x64xf32>
  %wq = arith.constant dense<"weights"> : tensor<64x64xf32>
  %wk = arith.constant dense<"weights"> : tensor<64x64xf32>
  %wv = arith.constant dense<"weights"> : tensor<64x64xf32>
  %wo = arith.constant dense<"weights"> : tensor<64x64xf32>
  %w1 = arith.constant dense<"weights"> : tensor<64x64xf32>
  %w2 = arith.constant dense<"weights"> : tensor<64x64xf32>
  %w3 = arith.constant dense<"weights"> : tensor<64x64xf32>
  %a = call @norm(%rows) : (tensor<256x64xf32>) -> tensor<256x64xf32>
  %q = call @product(%a, %wq) : (tensor<256x64xf32>, tensor<64x64xf32>) -> tensor<256x64xf32>
  %k = call @product(%a, %wk) : (tensor<256x64xf32>, tensor<64x64xf32>) -> tensor<256x64xf32>
  %v = call @product(%a, %wv) : (tensor<256x64xf32>, tensor<64x64xf32>) -> tensor<256x64xf32>
  %h = call @attention(%q, %k, %v) : (tensor<256x64xf32>, tensor<256x64xf32>, tensor<256x64xf32>) -> tensor<256x64xf32>
  %o = call @product(%h, %wo) : (tensor<256x64xf32>, tensor<64x64xf32>) -> tensor<256x64xf32>
  %r = arith.addf %o, %rows : tensor<256x64xf32>
  %b = call @norm(%r) : (tensor<256x64xf32>) -> tensor<256x64xf32>
  %u = call @product(%b, %w1) : (tensor<256x64xf32>, tensor<64x64xf32>) -> tensor<256x64xf32>
  %g = call @product(%b, %w2) : (tensor<256x64xf32>, tensor<64x64xf32>) -> tensor<256x64xf32>
  %s = act.silu %g : tensor<256x64xf32>
  %m = arith.mulf %s, %u : tensor<256x64xf32>
  %d = call @product(%m, %w3) : (tensor<256x64xf32>, tensor<64x64xf32>) -> tensor<256x64xf32>
  %f = arith.addf %d, %r : tensor<256x64xf32>
  %y = tensor.collapse_shape %f [[0, 1]] : tensor<256x64xf32> into tensor<16384xf32>
  return %y : tensor<16384xf32>
}
