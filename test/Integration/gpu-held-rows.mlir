// Rows in the registers of a warp or of a block have the CPU's bits, at the
// borders of each plan: the first and last length that it takes.

// DEFINE: %{with} =
// DEFINE: %{same} = act-run %s %{with} --output=@%t.cpu.npy && act-run %s %{with} --output=@%t.gpu.npy --target=gpu-sim && cmp %t.cpu.npy %t.gpu.npy

// Parts of a warp for each row: four elements a thread, eight ...
// REDEFINE: %{with} = -e softmax --input='37x32xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='37x33xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='9x64xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='9x65xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='5x256xf32=random(1)'
// RUN: %{same}
// A warp.
// REDEFINE: %{with} = -e softmax --input='9x257xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='3x1023xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='3x1024xf32=random(1)'
// RUN: %{same}
// 256 threads, then 512.
// REDEFINE: %{with} = -e softmax --input='2x1025xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='2x2048xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='2x2049xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='1x8193xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='1x16384xf32=random(1)'
// RUN: %{same}
// Longer ones, and those of no elements, are read by each pass.
// REDEFINE: %{with} = -e softmax --input='1x16385xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='3x0xf32=0'
// RUN: %{same}
// NaN is NaN, whatever its bits are.
// DEFINE: %{print} = act-run %s %{with} > %t.cpu && act-run %s %{with} --target=gpu-sim > %t.gpu && cmp %t.cpu %t.gpu
// REDEFINE: %{with} = -e softmax --input='3x1xf32=[nan, -inf, 2]'
// RUN: %{print}
// REDEFINE: %{with} = -e softmax --input='3x3xf32=[nan, 1, inf, 1, -inf, 2, -inf, -inf, -inf]'
// RUN: %{print}
func.func @softmax(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// Sums in runs of f32, with a producer.
// REDEFINE: %{with} = -e runs --input='7x255xbf16=random(1)' --input='7x255xbf16=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e runs --input='3x512xbf16=random(1)' --input='3x512xbf16=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e runs --input='2x769xbf16=random(1)' --input='2x769xbf16=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e runs --input='1x4097xbf16=random(1)' --input='1x4097xbf16=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e runs --input='1x8192xbf16=random(1)' --input='1x8192xbf16=random(2)'
// RUN: %{same}
// Two inputs of longer ones would not leave enough registers.
// REDEFINE: %{with} = -e runs --input='1x8193xbf16=random(1)' --input='1x8193xbf16=random(2)'
// RUN: %{same}
func.func @runs(%x: tensor<?x?xbf16>, %s: tensor<?x?xbf16>) -> tensor<?x?xbf16> {
  %0 = arith.mulf %x, %s : tensor<?x?xbf16>
  %1 = act.softmax %0 dimension(1) : tensor<?x?xbf16>
  return %1 : tensor<?x?xbf16>
}

// One value a row; no rows' elements are stored.
// REDEFINE: %{with} = -e values --input='5x77xf16=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e values --input='2x3000xf16=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e values --input='2x0xf16=0'
// RUN: %{same}
func.func @values(%x: tensor<?x?xf16>) -> tensor<?xf16> {
  %y = act.logsumexp %x dimension(1) : tensor<?x?xf16> -> tensor<?xf16>
  return %y : tensor<?xf16>
}

// Sums in f64, whose bits tell the order of their additions; of two inputs.
// REDEFINE: %{with} = -e grad --input='5x70xf64=random(1)' --input='5x70xf64=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e grad --input='2x513xf64=random(1)' --input='2x513xf64=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e grad --input='1x4096xf64=random(1)' --input='1x4096xf64=random(2)'
// RUN: %{same}
// REDEFINE: %{with} = -e grad --input='1x4097xf64=random(1)' --input='1x4097xf64=random(2)'
// RUN: %{same}
func.func @grad(%d: tensor<?x?xf64>, %y: tensor<?x?xf64>) -> tensor<?x?xf64> {
  %0 = act.softmax_grad %d, %y dimension(1) : tensor<?x?xf64>
  return %0 : tensor<?x?xf64>
}

// Known lengths: as many registers as they need, the last ones of some threads.
// REDEFINE: %{with} = -e known --input='5x100xf64=random(1)' --input='3x1500xf32=random(1)' --input='3x2048xf16=random(2)'
// RUN: act-run %s %{with} --output=@%t.a --output=@%t.b --output=@%t.c
// RUN: act-run %s %{with} --output=@%t.a2 --output=@%t.b2 --output=@%t.c2 --target=gpu-sim
// RUN: cmp %t.a %t.a2 && cmp %t.b %t.b2 && cmp %t.c %t.c2
func.func @known(%x: tensor<?x100xf64>, %y: tensor<?x1500xf32>, %z: tensor<?x2048xf16>)
    -> (tensor<?x100xf64>, tensor<?x1500xf32>, tensor<?x2048xf16>) {
  %0 = act.softmax %x dimension(1) : tensor<?x100xf64>
  %1 = act.log_softmax %y dimension(1) : tensor<?x1500xf32>
  %2 = act.softmax %z dimension(1) : tensor<?x2048xf16>
  return %0, %1, %2 : tensor<?x100xf64>, tensor<?x1500xf32>, tensor<?x2048xf16>
}
