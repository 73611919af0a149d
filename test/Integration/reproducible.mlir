// One set of bits, whatever computes them.

// RUN: act-run %s -e mlp --input='5x7xf32=random(1)' --reproducible --march=x86-64-v3 --print-limit=200 > %t.mlp
// RUN: act-run %s -e mlp --input='5x7xf32=random(1)' --reproducible --vector-bits=128 --max-threads=1 --print-limit=200 | cmp - %t.mlp
// RUN: act-run %s -e mlp --input='5x7xf32=random(1)' --reproducible --vector-bits=256 --max-threads=2 --print-limit=200 | cmp - %t.mlp
// RUN: act-run %s -e mlp --input='5x7xf32=random(1)' --reproducible --vector-bits=512 --print-limit=200 | cmp - %t.mlp
// RUN: act-run %s -e mlp --input='5x7xf32=random(1)' --reproducible --target=gpu-sim --print-limit=200 | cmp - %t.mlp
// RUN: %if avx512 %{ act-run %s -e mlp --input='5x7xf32=random(1)' --reproducible --march=x86-64-v4 --print-limit=200 | cmp - %t.mlp %}

// RUN: act-run %s -e rows --input='3x211xf32=random(2)' --reproducible --march=x86-64-v3 --print-limit=700 > %t.rows
// RUN: act-run %s -e rows --input='3x211xf32=random(2)' --reproducible --vector-bits=128 --max-threads=1 --print-limit=700 | cmp - %t.rows
// RUN: act-run %s -e rows --input='3x211xf32=random(2)' --reproducible --vector-bits=256 --max-threads=2 --print-limit=700 | cmp - %t.rows
// RUN: act-run %s -e rows --input='3x211xf32=random(2)' --reproducible --vector-bits=512 --print-limit=700 | cmp - %t.rows
// RUN: act-run %s -e rows --input='3x211xf32=random(2)' --reproducible --target=gpu-sim --print-limit=700 | cmp - %t.rows
// RUN: %if avx512 %{ act-run %s -e rows --input='3x211xf32=random(2)' --reproducible --march=x86-64-v4 --print-limit=700 | cmp - %t.rows %}

func.func @mlp(%x: tensor<?x7xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<0.3> : tensor<7x9xf32>
  %v = arith.constant dense<-0.7> : tensor<9x3xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x7xf32>
  %e = tensor.empty(%n) : tensor<?x9xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x9xf32>) -> tensor<?x9xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x7xf32>, tensor<7x9xf32>)
      outs(%i : tensor<?x9xf32>) -> tensor<?x9xf32>
  %1 = act.gelu %0 : tensor<?x9xf32>
  %f = tensor.empty(%n) : tensor<?x3xf32>
  %j = linalg.fill ins(%zero : f32) outs(%f : tensor<?x3xf32>) -> tensor<?x3xf32>
  %2 = linalg.matmul ins(%1, %v : tensor<?x9xf32>, tensor<9x3xf32>)
      outs(%j : tensor<?x3xf32>) -> tensor<?x3xf32>
  %3 = act.softmax %2 dimension(1) : tensor<?x3xf32>
  return %3 : tensor<?x3xf32>
}

func.func @rows(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = act.mish %x : tensor<?x?xf32>
  %1 = act.log_softmax %0 dimension(1) : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
