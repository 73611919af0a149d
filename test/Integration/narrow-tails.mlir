// Tails of 8 and 16 bits by masks, by a buffer where the CPU has none for them,
// and tails of one element: the executor's bits.

// DEFINE: %{type} =
// DEFINE: %{run} = act-run %t.mlir --input='2x9x17x%{type}=random(3)' --print-limit=1000
// DEFINE: %{same} = sed 's/f32/%{type}/g' %s > %t.mlir && \
// DEFINE:   %{run} --target=gpu-sim > %t.gpu && \
// DEFINE:   %{run} --march=x86-64-v3 > %t.v3 && cmp %t.gpu %t.v3 && \
// DEFINE:   %{run} --march=native --vector-bits=256 > %t.256 && cmp %t.gpu %t.256 && \
// DEFINE:   %{run} --march=native > %t.native && cmp %t.gpu %t.native

// REDEFINE: %{type} = bf16
// RUN: %{same}
// REDEFINE: %{type} = f16
// RUN: %{same}
// REDEFINE: %{type} = f8E4M3FN
// RUN: %{same}
// REDEFINE: %{type} = f8E5M2
// RUN: %{same}

func.func @main(%x: tensor<2x?x17xf32>) -> (tensor<2x?x17xf32>, tensor<2x?x17xf32>, tensor<2x?x17xf32>) {
  %across = act.softmax %x dimension(1) : tensor<2x?x17xf32>
  %along = act.log_softmax %x dimension(2) : tensor<2x?x17xf32>
  %each = act.silu %x : tensor<2x?x17xf32>
  return %across, %along, %each : tensor<2x?x17xf32>, tensor<2x?x17xf32>, tensor<2x?x17xf32>
}
