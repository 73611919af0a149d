// RUN: act-opt %s -split-input-file -act-fuse -canonicalize -act-bufferize -act-tile -convert-act-to-gpu -canonicalize -cse | FileCheck %s
// RUN: act-opt %s -split-input-file -act-fuse -canonicalize -act-bufferize -act-tile -convert-act-to-gpu=tensor-cores=false -canonicalize -cse | FileCheck %s --check-prefix=THREADS

// THREADS-NOT: nvvm.mma
// THREADS: math.fma
// THREADS-NOT: nvvm.mma

// Three kernels: wide tiles, narrow ones, and for memory that is not aligned.
// Three slabs of both operands, 32 steps of 128 rows or columns.
// CHECK-LABEL: gpu.func @silu_kernel_0
// CHECK-SAME: workgroup(%{{.+}} : memref<49152xi8, #gpu.address_space<workgroup>>
// CHECK: memref.view %{{.+}} to memref<3x128x32xbf16,
// CHECK: memref.view %{{.+}} to memref<3x32x128xbf16,
// Two slabs are on their way before the loop.
// CHECK-COUNT-4: nvgpu.device_async_copy %{{.+}}, 8, %{{.+}} {bypassL1}
// CHECK: nvgpu.device_async_create_group
// CHECK-COUNT-4: nvgpu.device_async_copy
// CHECK: nvgpu.device_async_create_group
// CHECK: scf.for %{{.+}} = %c0 to %c64 step %c32
// CHECK: nvgpu.device_async_wait %{{.+}} {numGroups = 1 : i32}
// CHECK-NEXT: gpu.barrier
// CHECK-COUNT-4: nvgpu.device_async_copy
// CHECK: nvgpu.device_async_create_group
// A warp has 64 x 32 sums: 4 loads of the left operand, 2 of the right one.
// CHECK-COUNT-4: nvgpu.ldmatrix {{.+}} {numTiles = 4 : i32, transpose = false}
// CHECK-COUNT-2: nvgpu.ldmatrix {{.+}} {numTiles = 4 : i32, transpose = true}
// CHECK-COUNT-16: nvvm.mma.sync
// CHECK: nvgpu.ldmatrix
// CHECK-COUNT-16: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
// CHECK: nvgpu.device_async_wait %{{.+}} {numGroups = 0 : i32}
// What follows, once.
// CHECK: act.silu %{{.+}} : vector<4xf32>
// CHECK-NOT: act.silu
// CHECK: vector.store {{.+}} {alignment = 8 : i64} : memref<?x72xbf16{{.*}}>, vector<4xbf16>
// CHECK-LABEL: gpu.func @silu_kernel_1
// CHECK: memref<3x64x32xbf16,
// CHECK-COUNT-2: nvgpu.device_async_copy
// CHECK-NEXT: nvgpu.device_async_create_group
// CHECK-LABEL: gpu.func @silu_kernel_2
// CHECK: memref<1x64x32xbf16,
// CHECK-NOT: nvgpu.device_async
// CHECK: nvgpu.ldmatrix
// CHECK: act.silu %{{.+}} : f32
// CHECK-LABEL: func.func @silu(
// CHECK: %[[ALIGNED:.+]] = arith.cmpi eq, %{{.+}}, %c0
// CHECK: scf.if %[[ALIGNED]]
// CHECK: %[[MANY:.+]] = arith.cmpi uge, %{{.+}}, %c108
// CHECK: scf.if %[[MANY]]
// CHECK: gpu.launch_func @act_kernels::@silu_kernel_0
// CHECK: gpu.launch_func @act_kernels::@silu_kernel_1
// CHECK: gpu.launch_func @act_kernels::@silu_kernel_2
func.func @silu(%x: tensor<?x64xbf16>, %w: tensor<64x72xbf16>) -> tensor<?x72xbf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x64xbf16>
  %e = tensor.empty(%n) : tensor<?x72xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x72xf32>) -> tensor<?x72xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x64xbf16>, tensor<64x72xbf16>)
                     outs(%i : tensor<?x72xf32>) -> tensor<?x72xf32>
  %s = act.silu %m : tensor<?x72xf32>
  %y = arith.truncf %s : tensor<?x72xf32> to tensor<?x72xbf16>
  return %y : tensor<?x72xbf16>
}

// -----

// Extents that are no whole chunks have the last kernel alone.
// CHECK-LABEL: gpu.func @odd_kernel_0
// CHECK-NOT: nvgpu.device_async
// CHECK: nvvm.mma.sync {{.*}}: (vector<2xf16>, vector<2xf16>, f32)
// CHECK-NOT: gpu.func
func.func @odd(%x: tensor<64x35xf16>, %w: tensor<35x64xf16>) -> tensor<64x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %m = linalg.matmul ins(%x, %w : tensor<64x35xf16>, tensor<35x64xf16>)
                     outs(%i : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %m : tensor<64x64xf32>
}

// -----

// No neighbours along the sum or the result: a window runs along memory.
// CHECK-LABEL: gpu.func @conv_kernel_0
// CHECK-NOT: nvvm.mma.sync
// CHECK: math.fma
func.func @conv(%x: tensor<2x16x9x9xbf16>, %w: tensor<16x16x3x3xbf16>) -> tensor<2x16x7x7xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x16x7x7xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x16x7x7xf32>) -> tensor<2x16x7x7xf32>
  %r = linalg.conv_2d_nchw_fchw
      ins(%x, %w : tensor<2x16x9x9xbf16>, tensor<16x16x3x3xbf16>)
      outs(%i : tensor<2x16x7x7xf32>) -> tensor<2x16x7x7xf32>
  return %r : tensor<2x16x7x7xf32>
}
