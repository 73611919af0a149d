// What has a thread for each element: contractions, windows, strides, tables.

// DEFINE: %{with} =
// DEFINE: %{same} = act-run %s %{with} --print-limit=5000 > %t.cpu && act-run %s %{with} --print-limit=5000 --target=gpu-sim > %t.gpu && cmp %t.cpu %t.gpu

// REDEFINE: %{with} = -e dense --input='9x20xf32=random(1)' --input='20x33xf32=random(2)' --input='33xf32=random(3)'
// RUN: %{same}
func.func @dense(%x: tensor<?x20xf32>, %w: tensor<20x33xf32>,
                 %b: tensor<33xf32>) -> tensor<?x33xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x20xf32>
  %e = tensor.empty(%n) : tensor<?x33xf32>
  %i = linalg.broadcast ins(%b : tensor<33xf32>) outs(%e : tensor<?x33xf32>) dimensions = [0]
  %m = linalg.matmul ins(%x, %w : tensor<?x20xf32>, tensor<20x33xf32>)
                     outs(%i : tensor<?x33xf32>) -> tensor<?x33xf32>
  %y = act.gelu %m : tensor<?x33xf32>
  return %y : tensor<?x33xf32>
}

// REDEFINE: %{with} = -e conv --input='2x3x9x9xf32=random(1)' --input='4x3x3x3xf32=random(2)'
// RUN: %{same}
func.func @conv(%x: tensor<2x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<2x4x7x7xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x7x7xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<2x4x7x7xf32>) -> tensor<2x4x7x7xf32>
  %r = linalg.conv_2d_nchw_fchw
      ins(%x, %w : tensor<2x3x9x9xf32>, tensor<4x3x3x3xf32>)
      outs(%i : tensor<2x4x7x7xf32>) -> tensor<2x4x7x7xf32>
  return %r : tensor<2x4x7x7xf32>
}

// Strided inputs, one of them not contiguous, and parts of a result.
// REDEFINE: %{with} = -e slices --input='5x12xf32=random(1)'
// RUN: %{same}
func.func @slices(%x: tensor<?x12xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x12xf32>
  %a = tensor.extract_slice %x[0, 1] [%n, 4] [1, 1] : tensor<?x12xf32> to tensor<?x4xf32>
  %b = tensor.extract_slice %x[0, 2] [%n, 4] [1, 2] : tensor<?x12xf32> to tensor<?x4xf32>
  %s = act.silu %a : tensor<?x4xf32>
  %t = act.relu %b : tensor<?x4xf32>
  %r = tensor.concat dim(1) %s, %t : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// REDEFINE: %{with} = -e table --input='10x5xf32=random(1)' --input='3xi32=[4, 9, 0]'
// RUN: %{same}
func.func @table(%x: tensor<10x5xf32>, %i: tensor<?xi32>) -> tensor<?x5xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %i, %c0 : tensor<?xi32>
  %e = tensor.empty(%n) : tensor<?x5xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(a, b) -> (a)>, affine_map<(a, b) -> (a, b)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%i : tensor<?xi32>) outs(%e : tensor<?x5xf32>) {
  ^bb0(%p: i32, %o: f32):
    %k = arith.index_cast %p : i32 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %x[%k, %j] : tensor<10x5xf32>
    linalg.yield %v : f32
  } -> tensor<?x5xf32>
  return %r : tensor<?x5xf32>
}

// Types of several widths, bits, weights, and buffers between kernels.
// REDEFINE: %{with} = -e mixed --input='77xi8=linspace(-38,38)' --input='77xbf16=random(2)' --input='77xf32=random(3)'
// RUN: %{same}
func.func @mixed(%x: tensor<77xi8>, %y: tensor<77xbf16>, %z: tensor<77xf32>)
    -> (tensor<77xi1>, tensor<77xf16>, tensor<77xf32>) {
  %a = arith.sitofp %x : tensor<77xi8> to tensor<77xf32>
  %b = act.gelu %a : tensor<77xf32>
  %c = arith.extf %y : tensor<77xbf16> to tensor<77xf32>
  %d = arith.mulf %c, %b : tensor<77xf32>
  %e = arith.truncf %d : tensor<77xf32> to tensor<77xf16>
  %f = arith.cmpf ogt, %d, %z : tensor<77xf32>
  %g = act.softmax %d dimension(0) : tensor<77xf32>
  %h = arith.select %f, %g, %z : tensor<77xi1>, tensor<77xf32>
  return %f, %e, %h : tensor<77xi1>, tensor<77xf16>, tensor<77xf32>
}

// Operands that do not have all dimensions, by vectors and by elements.
// REDEFINE: %{with} = -e broadcast --input='3x5x24xbf16=random(1)' --input='24xbf16=random(2)' --input='5x1xf32=random(3)'
// RUN: %{same}
// REDEFINE: %{with} = -e broadcast --input='3x5x23xbf16=random(1)' --input='23xbf16=random(2)' --input='5x1xf32=random(3)'
// RUN: %{same}
func.func @broadcast(%x: tensor<?x?x?xbf16>, %b: tensor<?xbf16>, %s: tensor<?x1xf32>) -> (tensor<?x?x?xf32>, tensor<?x?x?xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %l = tensor.dim %x, %c0 : tensor<?x?x?xbf16>
  %m = tensor.dim %x, %c1 : tensor<?x?x?xbf16>
  %n = tensor.dim %x, %c2 : tensor<?x?x?xbf16>
  %e = tensor.empty(%l, %m, %n) : tensor<?x?x?xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (k)>,
                       affine_map<(i, j, k) -> (j, 0)>, affine_map<(i, j, k) -> (i, j, k)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %b, %s : tensor<?x?x?xbf16>, tensor<?xbf16>, tensor<?x1xf32>) outs(%e : tensor<?x?x?xf32>) {
  ^bb0(%p: bf16, %q: bf16, %r: f32, %o: f32):
    %i = linalg.index 2 : index
    %w = arith.index_cast %i : index to i32
    %v = arith.sitofp %w : i32 to f32
    %t = arith.addf %p, %q : bf16
    %u = arith.extf %t : bf16 to f32
    %z = arith.mulf %u, %r : f32
    %a = arith.addf %z, %v : f32
    linalg.yield %a : f32
  } -> tensor<?x?x?xf32>
  %h = arith.truncf %y : tensor<?x?x?xf32> to tensor<?x?x?xbf16>
  return %y, %h : tensor<?x?x?xf32>, tensor<?x?x?xbf16>
}
