// Sums in runs of 256 elements by the threads of a GPU and by the CPU: the same
// bits, on both sides of a run's end.

// DEFINE: %{with} =
// DEFINE: %{same} = act-run %s %{with} --print-limit=5000 > %t.cpu && act-run %s %{with} --print-limit=5000 --target=gpu-sim > %t.gpu && cmp %t.cpu %t.gpu

// REDEFINE: %{with} = -e softmax --input='3x255xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='3x256xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='2x257xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='2x1500xf32=random(1)'
// RUN: %{same}
func.func @softmax(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.softmax %x dimension(1) {accuracy = #act.accuracy<fast>} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// REDEFINE: %{with} = -e logarithm --input='3x321xf16=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e logarithm --input='1x1024xf16=random(1)'
// RUN: %{same}
func.func @logarithm(%x: tensor<?x?xf16>) -> tensor<?x?xf16> {
  %y = act.log_softmax %x dimension(1) : tensor<?x?xf16>
  return %y : tensor<?x?xf16>
}

// Any sum whose result has 16 bits; the last two dimensions are a row.
// REDEFINE: %{with} = -e squares --input='5x2x577xbf16=random(2)'
// RUN: %{same}
#whole = affine_map<(i, j, k) -> (i, j, k)>
#row = affine_map<(i, j, k) -> (i)>
func.func @squares(%x: tensor<?x2x?xbf16>) -> tensor<?xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2x?xbf16>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.generic {indexing_maps = [#whole, #row], iterator_types = ["parallel", "reduction", "reduction"]}
      ins(%x : tensor<?x2x?xbf16>) outs(%start : tensor<?xf32>) {
  ^bb0(%a: bf16, %o: f32):
    %0 = arith.extf %a : bf16 to f32
    %1 = arith.mulf %0, %0 : f32
    %2 = arith.addf %o, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<?xf32>
  %y = arith.truncf %sum : tensor<?xf32> to tensor<?xbf16>
  return %y : tensor<?xbf16>
}
