// Equal layers are one kernel that is called, or launched, for each of them.
// RUN: act-compile %s --compile-to=vectorize -o - | FileCheck %s --check-prefix=CPU
// RUN: act-compile %s --emit=ptx --offload-arch=sm_90 -o - | FileCheck %s --check-prefix=GPU
// RUN: act-run %s --input='3x8xf32=linspace(-1,2)' --expect-ulp=2
// RUN: act-run %s --input='3x8xf32=linspace(-1,2)' > %t.cpu
// RUN: act-run %s --input='3x8xf32=linspace(-1,2)' --target=gpu-sim > %t.gpu
// RUN: diff %t.cpu %t.gpu

// The second layer is the third; the first has other extents.
// CPU-LABEL: func.func @main(
// CPU: call @[[FIRST:[a-z0-9_]+]](
// CPU: call @[[LAYER:[a-z0-9_]+]](
// CPU: call @[[LAYER]](
// CPU-COUNT-2: func.func private
// CPU-NOT: func.func private

// GPU: "kernel":"main_kernel_0"
// GPU: "kernel":"main_kernel_1"
// GPU: "kernel":"main_kernel_1"
// GPU-COUNT-2: .entry
// GPU-NOT: .entry

func.func @main(%x: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %w0 = arith.constant dense<0.25> : tensor<8x4xf32>
  %w1 = arith.constant dense<[[0.5, -1.0, 0.25, 0.0], [1.0, 0.5, 0.0, -0.25], [0.0, 0.25, -0.5, 1.0], [0.75, 0.0, 1.0, 0.5]]> : tensor<4x4xf32>
  %w2 = arith.constant dense<[[-0.5, 1.0, 0.0, 0.5], [0.25, 0.0, 1.0, -1.0], [1.0, -0.5, 0.25, 0.0], [0.0, 0.75, 0.5, 0.25]]> : tensor<4x4xf32>
  %rows = tensor.dim %x, %c0 : tensor<?x8xf32>
  %empty = tensor.empty(%rows) : tensor<?x4xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %m0 = linalg.matmul ins(%x, %w0 : tensor<?x8xf32>, tensor<8x4xf32>) outs(%zeros : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y0 = act.gelu %m0 : tensor<?x4xf32>
  %m1 = linalg.matmul ins(%y0, %w1 : tensor<?x4xf32>, tensor<4x4xf32>) outs(%zeros : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y1 = act.gelu %m1 : tensor<?x4xf32>
  %m2 = linalg.matmul ins(%y1, %w2 : tensor<?x4xf32>, tensor<4x4xf32>) outs(%zeros : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y2 = act.gelu %m2 : tensor<?x4xf32>
  return %y2 : tensor<?x4xf32>
}
