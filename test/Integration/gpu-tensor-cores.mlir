// Tensor cores, as the PTX ISA documents their operands, against the CPU. The
// executor adds in the order of the sum: with a sum that starts at one number,
// bits are equal.

// DEFINE: %{with} =
// DEFINE: %{same} = act-run %s %{with} --print-limit=9000 > %t.cpu && act-run %s %{with} --print-limit=9000 --target=gpu-sim > %t.gpu && cmp %t.cpu %t.gpu

// Whole chunks; a tail of the sum that has none; nothing aligned; no sum.
// REDEFINE: %{with} = -e product --input='40x72xbf16=random(1)' --input='72x88xbf16=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e product --input='17x35xbf16=random(1)' --input='35x90xbf16=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e product --input='130x8xbf16=random(1)' --input='8x65xbf16=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e product --input='17x0xbf16=random(1)' --input='0x24xbf16=random(2)'
// RUN: %{same}
// Wide tiles: 2 x 55 of them, the last ones not whole.
// REDEFINE: %{with} = -e product --input='129x40xbf16=random(1)' --input='40x6920xbf16=random(2)'
// RUN: act-run %s %{with} --print-limit=900000 | md5sum > %t.cpu
// RUN: act-run %s %{with} --print-limit=900000 --target=gpu-sim | md5sum | cmp - %t.cpu
func.func @product(%x: tensor<?x?xbf16>, %w: tensor<?x?xbf16>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.5 : f32
  %m = tensor.dim %x, %c0 : tensor<?x?xbf16>
  %n = tensor.dim %w, %c1 : tensor<?x?xbf16>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x?xbf16>, tensor<?x?xbf16>) outs(%i : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// A bias and an activation on the sums, rounded at the end; the extents are
// known to be whole chunks, except for the rows.
// REDEFINE: %{with} = -e head --input='70x48xf16=random(1)' --input='48x72xf16=random(2)' --input='72xf16=random(3)'
// RUN: %{same}
func.func @head(%x: tensor<?x48xf16>, %w: tensor<48x72xf16>, %b: tensor<72xf16>) -> tensor<?x72xf16> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %m = tensor.dim %x, %c0 : tensor<?x48xf16>
  %e = tensor.empty(%m) : tensor<?x72xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x72xf32>) -> tensor<?x72xf32>
  %p = linalg.matmul ins(%x, %w : tensor<?x48xf16>, tensor<48x72xf16>) outs(%i : tensor<?x72xf32>) -> tensor<?x72xf32>
  %s = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%p, %b : tensor<?x72xf32>, tensor<72xf16>) outs(%e : tensor<?x72xf32>) {
  ^bb0(%a: f32, %c: f16, %o: f32):
    %d = arith.extf %c : f16 to f32
    %sum = arith.addf %a, %d : f32
    linalg.yield %sum : f32
  } -> tensor<?x72xf32>
  %g = act.gelu %s : tensor<?x72xf32>
  %r = arith.truncf %g : tensor<?x72xf32> to tensor<?x72xf16>
  return %r : tensor<?x72xf16>
}

// Both operands along the sum, in a batch; an odd one, too.
// REDEFINE: %{with} = -e scores --input='3x70x40xbf16=random(1)' --input='3x33x40xbf16=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e scores --input='3x17x41xbf16=random(1)' --input='3x33x41xbf16=random(2)'
// RUN: %{same}
func.func @scores(%q: tensor<3x?x?xbf16>, %k: tensor<3x?x?xbf16>) -> tensor<3x?x?xf32> {
  %z = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %m = tensor.dim %q, %c1 : tensor<3x?x?xbf16>
  %n = tensor.dim %k, %c1 : tensor<3x?x?xbf16>
  %e = tensor.empty(%m, %n) : tensor<3x?x?xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<3x?x?xf32>) -> tensor<3x?x?xf32>
  %y = linalg.batch_matmul
      indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>]
      ins(%q, %k : tensor<3x?x?xbf16>, tensor<3x?x?xbf16>)
      outs(%i : tensor<3x?x?xf32>) -> tensor<3x?x?xf32>
  return %y : tensor<3x?x?xf32>
}

// Both along the result: the left operand transposed. The sums start with a
// bias, which is added at the end; all numbers are whole, so bits are equal.
// REDEFINE: %{with} = -e across --input='20x24xf16=linspace(-240,239)' --input='20x16xf16=linspace(-160,159)' --input='16xf32=linspace(0,15)'
// RUN: %{same}
// REDEFINE: %{with} = -e across --input='20x17xf16=linspace(-170,169)' --input='20x16xf16=linspace(-160,159)' --input='16xf32=linspace(0,15)'
// RUN: %{same}
func.func @across(%x: tensor<20x?xf16>, %w: tensor<20x?xf16>, %b: tensor<?xf32>) -> tensor<?x?xf32> {
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c1 : tensor<20x?xf16>
  %n = tensor.dim %w, %c1 : tensor<20x?xf16>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %i = linalg.broadcast ins(%b : tensor<?xf32>) outs(%e : tensor<?x?xf32>) dimensions = [0]
  %y = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<20x?xf16>, tensor<20x?xf16>)
      outs(%i : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// A convolution with channels last: rows and steps are counted off.
// REDEFINE: %{with} = -e conv --input='2x9x9x8xbf16=random(1)' --input='3x3x8x24xbf16=random(2)'
// RUN: %{same}
func.func @conv(%x: tensor<2x9x9x8xbf16>, %w: tensor<3x3x8x24xbf16>) -> tensor<2x4x4x24xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x4x24xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<2x4x4x24xf32>) -> tensor<2x4x4x24xf32>
  %r = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>}
      ins(%x, %w : tensor<2x9x9x8xbf16>, tensor<3x3x8x24xbf16>)
      outs(%i : tensor<2x4x4x24xf32>) -> tensor<2x4x4x24xf32>
  return %r : tensor<2x4x4x24xf32>
}
