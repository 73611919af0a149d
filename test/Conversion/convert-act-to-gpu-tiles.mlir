// RUN: act-opt %s -split-input-file -act-fuse -canonicalize -act-bufferize -act-tile -convert-act-to-gpu -canonicalize -cse | FileCheck %s

// 64 x 64 elements a block: 3 x 2 blocks for each position of the batch. Slabs
// of 16 steps, a tail of 4; the epilogue stands there once.
// CHECK-LABEL: gpu.func @gelu_kernel_0
// CHECK-SAME: workgroup(%{{.+}} : memref<16384xi8, #gpu.address_space<workgroup>> {llvm.align = 32 : i64})
// CHECK: memref.view %{{.+}} to memref<16x68xf32, #gpu.address_space<workgroup>>
// CHECK: scf.for %[[SLAB:.+]] = %c0 to %c32 step %c16
// CHECK: gpu.barrier
// CHECK: memref.store
// CHECK: gpu.barrier
// CHECK: vector.load {{.+}} vector<4xf32>
// CHECK-COUNT-256: math.fma
// CHECK: scf.for %{{.+}} = %c0 to %c4 step %c1
// CHECK-COUNT-16: math.fma
// CHECK-NOT: math.fma
// CHECK: scf.for %{{.+}} to %c4096 step %c256
// CHECK: scf.if
// CHECK: act.gelu
// CHECK-NOT: act.gelu
// CHECK-LABEL: func.func @gelu(
// CHECK: %[[BLOCKS:.+]] = arith.muli %{{.+}}, %c6
// CHECK: gpu.launch_func {{.+}} blocks in (%[[BLOCKS]], %c1, %c1) threads in (%c256, %c1, %c1)
func.func @gelu(%x: tensor<?x150x36xf32>, %w: tensor<?x36x100xf32>) -> tensor<?x150x100xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x150x36xf32>
  %e = tensor.empty(%n) : tensor<?x150x100xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x150x100xf32>) -> tensor<?x150x100xf32>
  %m = linalg.batch_matmul ins(%x, %w : tensor<?x150x36xf32>, tensor<?x36x100xf32>)
                           outs(%i : tensor<?x150x100xf32>) -> tensor<?x150x100xf32>
  %y = act.gelu %m : tensor<?x150x100xf32>
  return %y : tensor<?x150x100xf32>
}

// -----

// Products of integers are no multiply-adds of floats.
// CHECK-LABEL: gpu.func @integers_kernel_0
// CHECK-NOT: workgroup(
// CHECK: arith.muli
func.func @integers(%x: tensor<64x64xi32>, %w: tensor<64x64xi32>) -> tensor<64x64xi32> {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<64x64xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<64x64xi32>) -> tensor<64x64xi32>
  %m = linalg.matmul ins(%x, %w : tensor<64x64xi32>, tensor<64x64xi32>)
                     outs(%i : tensor<64x64xi32>) -> tensor<64x64xi32>
  return %m : tensor<64x64xi32>
}
