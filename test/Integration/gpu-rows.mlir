// Rows by the threads of a GPU and by the CPU: the same bits, since the tree of
// 64 lanes is the same for vectors, warps and blocks.

// DEFINE: %{with} =
// DEFINE: %{same} = act-run %s %{with} --print-limit=5000 > %t.cpu && act-run %s %{with} --print-limit=5000 --target=gpu-sim > %t.gpu && cmp %t.cpu %t.gpu

// A warp for each short row, a block for each long one; tails of all kinds.
// REDEFINE: %{with} = -e softmax --input='9x70xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='3x64xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='11x1xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='2x1500xf32=random(1)'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='3x2xf32=[nan, 1, inf, 1, -inf, -inf]'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='3x0xf32=0'
// RUN: %{same}
// REDEFINE: %{with} = -e softmax --input='0x3xf32=0'
// RUN: %{same}
func.func @softmax(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// Producers of a row and its consumers.
// REDEFINE: %{with} = -e scaled --input='5x3x37xf16=random(1)' --input='5x3x37xf16=random(2)'
// RUN: %{same}
func.func @scaled(%x: tensor<?x3x?xf16>, %s: tensor<?x3x?xf16>) -> tensor<?x3x?xf16> {
  %0 = arith.mulf %x, %s : tensor<?x3x?xf16>
  %1 = act.log_softmax %0 dimension(2) : tensor<?x3x?xf16>
  %2 = act.tanh %1 : tensor<?x3x?xf16>
  return %2 : tensor<?x3x?xf16>
}

// A row across memory.
// REDEFINE: %{with} = -e middle --input='2x9x17xbf16=random(3)'
// RUN: %{same}
func.func @middle(%x: tensor<2x?x17xbf16>) -> tensor<2x?x17xbf16> {
  %y = act.softmax %x dimension(1) : tensor<2x?x17xbf16>
  return %y : tensor<2x?x17xbf16>
}

// One value a row, and one for all.
// REDEFINE: %{with} = -e values --input='7x100xf32=random(3)'
// RUN: %{same}
func.func @values(%x: tensor<?x?xf32>) -> (tensor<?xf32>, tensor<f32>) {
  %y = act.logsumexp %x dimension(1) : tensor<?x?xf32> -> tensor<?xf32>
  %z = act.logsumexp %y dimension(0) : tensor<?xf32> -> tensor<f32>
  return %y, %z : tensor<?xf32>, tensor<f32>
}

// REDEFINE: %{with} = -e grads --input='5x70xf32=random(1)' --input='5x70xf32=random(2)'
// RUN: %{same}
func.func @grads(%d: tensor<?x?xf32>, %y: tensor<?x?xf32>)
    -> (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) {
  %0 = act.softmax_grad %d, %y dimension(1) : tensor<?x?xf32>
  %1 = act.log_softmax_grad %d, %y dimension(0) : tensor<?x?xf32>
  %2 = act.hardmax %y dimension(1) : tensor<?x?xf32>
  return %0, %1, %2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
}

// REDEFINE: %{with} = -e glu --input='5x20xf32=random(1)'
// RUN: %{same}
func.func @glu(%x: tensor<?x20xf32>) -> tensor<?x10xf32> {
  %y = act.glu %x dimension(1) {activation = #act.fn<silu>, gate = second}
      : tensor<?x20xf32> -> tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// Sums whose bits tell the order of their additions: in f64 by warps and by
// blocks, in f32 by one block.
// RUN: act-run %s -e exact --input='5x70xf64=random(1)' --input='5x70xf64=random(2)' --output=@%t.cpu
// RUN: act-run %s -e exact --input='5x70xf64=random(1)' --input='5x70xf64=random(2)' --output=@%t.gpu --target=gpu-sim
// RUN: cmp %t.cpu %t.gpu
// RUN: act-run %s -e exact --input='3x2000xf64=random(1)' --input='3x2000xf64=random(2)' --output=@%t.cpu
// RUN: act-run %s -e exact --input='3x2000xf64=random(1)' --input='3x2000xf64=random(2)' --output=@%t.gpu --target=gpu-sim
// RUN: cmp %t.cpu %t.gpu
func.func @exact(%d: tensor<?x?xf64>, %y: tensor<?x?xf64>) -> tensor<?x?xf64> {
  %0 = act.softmax_grad %d, %y dimension(1) : tensor<?x?xf64>
  return %0 : tensor<?x?xf64>
}

// Sums of f64 in two parts, and a row across memory.
// RUN: act-run %s -e pairs --input='5x70xf64=random(1)' --output=@%t.s --output=@%t.l --output=@%t.v --output=@%t.c
// RUN: act-run %s -e pairs --input='5x70xf64=random(1)' --output=@%t.s2 --output=@%t.l2 --output=@%t.v2 --output=@%t.c2 --target=gpu-sim
// RUN: cmp %t.s %t.s2 && cmp %t.l %t.l2 && cmp %t.v %t.v2 && cmp %t.c %t.c2
// RUN: act-run %s -e pairs --input='2x1500xf64=random(1)' --output=@%t.s --output=@%t.l --output=@%t.v --output=@%t.c
// RUN: act-run %s -e pairs --input='2x1500xf64=random(1)' --output=@%t.s2 --output=@%t.l2 --output=@%t.v2 --output=@%t.c2 --target=gpu-sim
// RUN: cmp %t.s %t.s2 && cmp %t.l %t.l2 && cmp %t.v %t.v2 && cmp %t.c %t.c2
func.func @pairs(%x: tensor<?x?xf64>)
    -> (tensor<?x?xf64>, tensor<?x?xf64>, tensor<?xf64>, tensor<?x?xf64>) {
  %0 = act.softmax %x dimension(1) : tensor<?x?xf64>
  %1 = act.log_softmax %x dimension(1) : tensor<?x?xf64>
  %2 = act.logsumexp %x dimension(1) : tensor<?x?xf64> -> tensor<?xf64>
  %3 = act.log_softmax %x dimension(0) : tensor<?x?xf64>
  return %0, %1, %2, %3 : tensor<?x?xf64>, tensor<?x?xf64>, tensor<?xf64>, tensor<?x?xf64>
}

// REDEFINE: %{with} = -e sum --input='777xf32=random(1)'
// RUN: %{same}
func.func @sum(%x: tensor<?xf32>) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %r = linalg.reduce {arith.addf} ins(%x : tensor<?xf32>) outs(%f : tensor<f32>) dimensions = [0]
  return %r : tensor<f32>
}

// Floats are summed in f64 and rounded once: 2^16 of one number are that number
// with another exponent.
// RUN: act-run %s -e sum --input='65536xf32=0.1' | FileCheck %s --check-prefix=ONCE
// RUN: act-run %s -e sum --input='65536xf32=0.1' --target=gpu-sim | FileCheck %s --check-prefix=ONCE
// ONCE: result 0: f32=[6553.60009]

// Exponentials that stay in the result's memory: of a row whose producer is in
// the kernel, and of one that another softmax made.
// REDEFINE: %{with} = -e softmax --input='9x70xf32=random(1)' --accuracy=fast
// RUN: %{same}
// REDEFINE: %{with} = -e kept --input='9x70xf32=random(1)' --input='9x70xf32=random(2)' --accuracy=fast
// RUN: %{same}
// REDEFINE: %{with} = -e kept --input='2x1500xf32=random(1)' --input='2x1500xf32=random(2)' --accuracy=fast
// RUN: %{same}
// REDEFINE: %{with} = -e kept --input='3x3xf32=[nan, 1, inf, 1, -inf, 2, 3, 4, 5]' --input='3x3xf32=[1, 1, 1, 1, 1, 2, 3, 4, 5]' --accuracy=fast
// RUN: %{same}
func.func @kept(%x: tensor<?x?xf32>, %s: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = arith.mulf %x, %s : tensor<?x?xf32>
  %1 = act.softmax %0 dimension(1) : tensor<?x?xf32>
  %2 = act.softmax %1 dimension(1) : tensor<?x?xf32>
  %3 = act.tanh %2 : tensor<?x?xf32>
  return %3 : tensor<?x?xf32>
}
