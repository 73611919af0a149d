// Register tiles and GPU threads give the same bits: each sum is one chain.

// DEFINE: %{with} =
// DEFINE: %{same} = act-run %s %{with} --print-limit=9000 > %t.cpu && act-run %s %{with} --print-limit=9000 --target=gpu-sim > %t.gpu && cmp %t.cpu %t.gpu

// REDEFINE: %{with} = -e scores --input='2x17x40xf32=random(1)' --input='2x33x40xf32=random(2)'
// RUN: %{same}
func.func @scores(%q: tensor<2x?x40xf32>, %k: tensor<2x?x40xf32>) -> tensor<2x?x?xf32> {
  %z = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %m = tensor.dim %q, %c1 : tensor<2x?x40xf32>
  %n = tensor.dim %k, %c1 : tensor<2x?x40xf32>
  %e = tensor.empty(%m, %n) : tensor<2x?x?xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<2x?x?xf32>) -> tensor<2x?x?xf32>
  %y = linalg.batch_matmul
      indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>]
      ins(%q, %k : tensor<2x?x40xf32>, tensor<2x?x40xf32>)
      outs(%i : tensor<2x?x?xf32>) -> tensor<2x?x?xf32>
  return %y : tensor<2x?x?xf32>
}

// REDEFINE: %{with} = -e conv --input='2x3x9x9xf32=random(1)' --input='18x3x3x3xf32=random(2)'
// RUN: %{same}
func.func @conv(%x: tensor<2x3x9x9xf32>, %w: tensor<18x3x3x3xf32>) -> tensor<2x18x7x7xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x18x7x7xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<2x18x7x7xf32>) -> tensor<2x18x7x7xf32>
  %r = linalg.conv_2d_nchw_fchw
      ins(%x, %w : tensor<2x3x9x9xf32>, tensor<18x3x3x3xf32>)
      outs(%i : tensor<2x18x7x7xf32>) -> tensor<2x18x7x7xf32>
  return %r : tensor<2x18x7x7xf32>
}

// REDEFINE: %{with} = -e nhwc --input='2x9x9x3xf32=random(1)' --input='3x3x3x18xf32=random(2)'
// RUN: %{same}
func.func @nhwc(%x: tensor<2x9x9x3xf32>, %w: tensor<3x3x3x18xf32>) -> tensor<2x4x4x18xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x4x18xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<2x4x4x18xf32>) -> tensor<2x4x4x18xf32>
  %r = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>}
      ins(%x, %w : tensor<2x9x9x3xf32>, tensor<3x3x3x18xf32>)
      outs(%i : tensor<2x4x4x18xf32>) -> tensor<2x4x4x18xf32>
  return %r : tensor<2x4x4x18xf32>
}

// REDEFINE: %{with} = -e narrow --input='17x90xbf16=random(1)' --input='90x40xbf16=random(2)'
// RUN: %{same}
func.func @narrow(%x: tensor<17x90xbf16>, %w: tensor<90x40xbf16>) -> tensor<17x40xbf16> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<17x40xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<17x40xf32>) -> tensor<17x40xf32>
  %m = linalg.matmul ins(%x, %w : tensor<17x90xbf16>, tensor<90x40xbf16>)
                     outs(%i : tensor<17x40xf32>) -> tensor<17x40xf32>
  %y = arith.truncf %m : tensor<17x40xf32> to tensor<17x40xbf16>
  return %y : tensor<17x40xbf16>
}

// A gate of two products; a sum of doubles; none at all.
// REDEFINE: %{with} = -e gate --input='70x33xf32=random(1)' --input='33x90xf32=random(2)' --input='33x90xf32=random(3)'
// RUN: %{same}
func.func @gate(%x: tensor<?x33xf32>, %v: tensor<33x90xf32>, %w: tensor<33x90xf32>) -> tensor<?x90xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x33xf32>
  %e = tensor.empty(%n) : tensor<?x90xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x90xf32>) -> tensor<?x90xf32>
  %a = linalg.matmul ins(%x, %v : tensor<?x33xf32>, tensor<33x90xf32>) outs(%i : tensor<?x90xf32>) -> tensor<?x90xf32>
  %b = linalg.matmul ins(%x, %w : tensor<?x33xf32>, tensor<33x90xf32>) outs(%i : tensor<?x90xf32>) -> tensor<?x90xf32>
  %s = act.silu %a : tensor<?x90xf32>
  %y = arith.mulf %s, %b : tensor<?x90xf32>
  return %y : tensor<?x90xf32>
}

// REDEFINE: %{with} = -e doubles --input='17x20xf64=random(1)' --input='20x65xf64=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e doubles --input='17x0xf64=random(1)' --input='0x65xf64=random(2)'
// RUN: %{same}
func.func @doubles(%x: tensor<?x?xf64>, %w: tensor<?x?xf64>) -> tensor<?x?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f64
  %m = tensor.dim %x, %c0 : tensor<?x?xf64>
  %n = tensor.dim %w, %c1 : tensor<?x?xf64>
  %e = tensor.empty(%m, %n) : tensor<?x?xf64>
  %i = linalg.fill ins(%z : f64) outs(%e : tensor<?x?xf64>) -> tensor<?x?xf64>
  %y = linalg.matmul ins(%x, %w : tensor<?x?xf64>, tensor<?x?xf64>) outs(%i : tensor<?x?xf64>) -> tensor<?x?xf64>
  return %y : tensor<?x?xf64>
}
