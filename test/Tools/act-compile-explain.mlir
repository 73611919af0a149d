// RUN: act-compile %s -o %t.so --march=x86-64-v3 --explain | FileCheck %s
// RUN: act-compile %s -o %t.so --march=x86-64-v3 --offload-arch=sm_80 --accuracy=fast --explain | FileCheck %s --check-prefix=GPU
// RUN: not act-compile %s --compile-to=fuse --explain 2>&1 | FileCheck %s --check-prefix=MLIR

// CHECK: kernel 0 of head: map, 2 operations, to tensor<?x10xf32>
// CHECK-NEXT: arith.addf{{ +}}act-compile-explain.mlir:[[# @LINE + 11]]
// CHECK-NEXT: act.gelu{{ +}}node "/gelu"
// CHECK-NEXT: kernel 1 of head: rows, 1 operation, to tensor<?x10xf32>
// CHECK-NEXT: act.softmax{{ +}}act-compile-explain.mlir:[[# @LINE + 11]]
// CHECK-NEXT: apart from act.gelu (node "/gelu"), which act.softmax (act-compile-explain.mlir:[[# @LINE + 10]]) reads: recompute, each pass
// GPU: kernels for GPUs, of which the host takes one by extents and addresses
// GPU-NEXT: head_kernel_0{{ +}}2 vectors of 16 bytes a thread
// GPU-NEXT: head_kernel_1{{ +}}8 threads for each row of up to 16 elements, held in registers
// MLIR: --explain needs --emit=shared or obj
func.func @head(%x: tensor<?x10xf32>, %bias: tensor<?x10xf32>)
    -> tensor<?x10xf32> {
  %s = arith.addf %x, %bias : tensor<?x10xf32>
  %g = act.gelu %s : tensor<?x10xf32> loc("node \"/gelu\"")

  %y = act.softmax %g dimension(1) : tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}
