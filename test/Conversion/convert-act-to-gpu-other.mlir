// RUN: act-opt %s -split-input-file -act-fuse -canonicalize -act-bufferize -act-tile -convert-act-to-gpu -canonicalize -cse | FileCheck %s

// Few columns: one thread an element, the sum in the order of the CPU's.
// CHECK-LABEL: gpu.func @matmul_kernel_0
// CHECK: %[[SUM:.+]] = scf.for %[[K:.+]] = %c0 to %c20 step %c1 iter_args(%[[ACC:.+]] = %{{.+}}) -> (f32)
// CHECK: %[[A:.+]] = memref.load %{{.+}}[%[[I:.+]], %[[K]]]
// CHECK: %[[B:.+]] = memref.load %{{.+}}[%[[K]], %[[J:.+]]]
// CHECK: math.fma %[[A]], %[[B]], %[[ACC]]
// CHECK: memref.store %[[SUM]], %{{.+}}[%[[I]], %[[J]]]
func.func @matmul(%x: tensor<?x20xf32>, %w: tensor<20x12xf32>) -> tensor<?x12xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x20xf32>
  %e = tensor.empty(%n) : tensor<?x12xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x12xf32>) -> tensor<?x12xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x20xf32>, tensor<20x12xf32>)
                     outs(%i : tensor<?x12xf32>) -> tensor<?x12xf32>
  return %m : tensor<?x12xf32>
}

// -----

// A result without dimensions is one block's; its first thread stores.
// CHECK-LABEL: gpu.func @total_kernel_0
// CHECK: gpu.barrier
// CHECK: %[[FIRST:.+]] = arith.cmpi eq, %{{.+}}, %c0
// CHECK: scf.if %[[FIRST]]
// CHECK-NEXT: memref.store
func.func @total(%x: tensor<?xf32>) -> tensor<f32> {
  %y = act.logsumexp %x dimension(0) : tensor<?xf32> -> tensor<f32>
  return %y : tensor<f32>
}

// -----

// The host does not touch memory: a copy is a kernel.
// CHECK-LABEL: gpu.func @copy_kernel_0
// CHECK: vector.load {{.+}} vector<4xf32>
// CHECK: vector.store {{.+}} vector<4xf32>
// CHECK-LABEL: func.func @copy(
// CHECK-NOT: memref.copy
func.func @copy(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
