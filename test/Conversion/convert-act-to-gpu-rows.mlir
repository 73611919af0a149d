// RUN: act-opt %s -split-input-file -act-fuse -canonicalize -act-bufferize -act-tile -convert-act-to-gpu -canonicalize -cse | FileCheck %s

// A warp a row, two of the 64 lanes a thread: the first step of the tree is in
// the thread, the others are shuffles; all get lane 0's result.
// CHECK-LABEL: gpu.func @short_kernel_0
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK-NOT: gpu.barrier
// CHECK: %[[TWO:.+]]:2 = scf.for %{{.+}} = %c0 to %{{.+}} step %c64 iter_args
// CHECK: %[[A:.+]] = scf.if
// CHECK: %[[B:.+]] = scf.if
// CHECK: %[[LARGER:.+]] = arith.cmpf ogt, %[[B]], %[[A]]
// CHECK: arith.select %[[LARGER]], %[[B]], %[[A]]
// CHECK: gpu.shuffle xor %{{.+}}, %c16_i32, %c32_i32 : i32
// CHECK: gpu.shuffle xor %{{.+}}, %c8_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c4_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c2_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c1_i32
// CHECK: gpu.shuffle idx %{{.+}}, %c0_i32
// CHECK: arith.shli
// CHECK: scf.for %{{.+}} = %{{.+}} to %c1000 step %c32
// CHECK: memref.store
// CHECK: gpu.launch_func @act_kernels::@short_kernel_0
// CHECK-SAME: threads in (%c256, %c1, %c1)
func.func @short(%x: tensor<?x1000xf32>) -> tensor<?x1000xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x1000xf32>
  return %y : tensor<?x1000xf32>
}

// -----

// A block of 64 threads a row; its two warps meet in shared memory.
// CHECK-LABEL: gpu.func @long_kernel_0
// CHECK-SAME: workgroup(%[[MAX:.+]] : memref<64xf32, #gpu.address_space<workgroup>>, %[[SUM:.+]] : memref<64xf64, #gpu.address_space<workgroup>>, %[[LOST:.+]] : memref<64xf32, #gpu.address_space<workgroup>>)
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK: %[[THREAD:.+]] = gpu.thread_id x
// CHECK: memref.store %{{.+}}, %[[MAX]][%[[THREAD]]]
// CHECK: gpu.barrier
// CHECK: %[[LANE:.+]] = arith.remui %[[THREAD]], %c32
// CHECK: memref.load %[[MAX]][%[[LANE]]]
// CHECK: %[[OTHER:.+]] = arith.addi %[[LANE]], %c32
// CHECK: memref.load %[[MAX]][%[[OTHER]]]
// CHECK: memref.store %{{.+}}, %[[SUM]][%[[THREAD]]]
// CHECK: gpu.barrier
// CHECK: gpu.launch_func {{.+}} threads in (%c64, %c1, %c1)
func.func @long(%x: tensor<?x1025xf32>) -> tensor<?x1025xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x1025xf32>
  return %y : tensor<?x1025xf32>
}

// -----

// The host picks where the length is not known.
// CHECK-LABEL: func.func @dynamic(
// CHECK: %[[SHORT:.+]] = arith.cmpi ule, %{{.+}}, %c1024
// CHECK: scf.if %[[SHORT]]
// CHECK: gpu.launch_func @act_kernels::@dynamic_kernel_0 {{.+}} threads in (%c256,
// CHECK: else
// CHECK: gpu.launch_func @act_kernels::@dynamic_kernel_1 {{.+}} threads in (%c64,
func.func @dynamic(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// -----

// Rows that lie across memory: a thread a row, next to each other in memory.
// CHECK-LABEL: gpu.func @column_kernel_0
// CHECK-NOT: gpu.shuffle
// CHECK: scf.for %{{.+}} = %c0 to %c9 step %c1 iter_args
// CHECK: arith.cmpf ogt
// CHECK: scf.for %{{.+}} = %c0 to %c9 step %c1 iter_args
// CHECK: arith.addf
// CHECK: scf.for %{{.+}} = %c0 to %c9 step %c1 {
// CHECK: memref.store
func.func @column(%x: tensor<9x33xf32>) -> tensor<9x33xf32> {
  %y = act.softmax %x dimension(0) : tensor<9x33xf32>
  return %y : tensor<9x33xf32>
}
