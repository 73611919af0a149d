// Several vectors a thread, for tensors that fill every multiprocessor with
// them; then one vector a thread, then elements: the CPU's bits.

// DEFINE: %{with} =
// DEFINE: %{same} = act-run %s %{with} --print-limit=2000000 | md5sum > %t.cpu && act-run %s %{with} --print-limit=2000000 --target=gpu-sim | md5sum | cmp - %t.cpu

// 108 blocks of 4 x 256 vectors of 4, 300 vectors, 3 elements.
// REDEFINE: %{with} = -e unary --input='443571xf32=linspace(-9,9)'
// RUN: %{same}
// One vector fewer than that: no such block.
// REDEFINE: %{with} = -e unary --input='442364xf32=linspace(-9,9)'
// RUN: %{same}
func.func @unary(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = act.softsign %x : tensor<?xf32>
  %z = act.hard_swish %y : tensor<?xf32>
  return %z : tensor<?xf32>
}

// Two vectors of each of two operands.
// REDEFINE: %{with} = -e gate --input='110x4104xbf16=random(1)' --input='110x4104xbf16=random(2)'
// RUN: %{same}
func.func @gate(%x: tensor<?x?xbf16>, %g: tensor<?x?xbf16>) -> (tensor<?x?xbf16>, tensor<?x?xbf16>) {
  %s = act.hard_sigmoid %g : tensor<?x?xbf16>
  %y = arith.mulf %x, %s : tensor<?x?xbf16>
  return %y, %s : tensor<?x?xbf16>, tensor<?x?xbf16>
}

// Beside a bias, which has a position of its own.
// REDEFINE: %{with} = -e bias --input='433x1024xf32=random(1)' --input='1024xf32=random(2)'
// RUN: %{same}
func.func @bias(%x: tensor<?x?xf32>, %b: tensor<?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%n, %m) : tensor<?x?xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<?x?xf32>, tensor<?xf32>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x?xf32>
  %z = act.relu %y : tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}
