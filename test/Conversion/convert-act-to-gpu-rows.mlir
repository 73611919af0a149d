// RUN: act-opt %s -split-input-file -act-fuse -canonicalize -act-bufferize -act-tile=accuracy=fast -convert-act-to-gpu -canonicalize -cse | FileCheck %s
// RUN: act-opt %s -split-input-file -act-fuse -canonicalize -act-bufferize -act-tile=accuracy=precise -convert-act-to-gpu | FileCheck %s --check-prefix=PRECISE

// A warp a row, whose elements its threads hold: they are loaded before the
// first of them is used. Two of the 64 lanes are a thread's: the first step of
// the tree is in the thread, the others are shuffles. Which zero a maximum has
// depends on what comes first.
// CHECK-LABEL: gpu.func @short_kernel_0
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK-NOT: scf.for
// CHECK-NOT: gpu.barrier
// CHECK-COUNT-32: memref.load
// CHECK-NOT: memref.load
// CHECK: gpu.shuffle xor %{{.+}}, %c16_i32, %c32_i32 : i32
// CHECK: %[[BIT:.+]] = arith.andi %{{.+}}, %c16
// CHECK: %[[LOWER:.+]] = arith.cmpi eq, %[[BIT]], %c0
// CHECK: arith.select %[[LOWER]]
// CHECK: arith.select %[[LOWER]]
// CHECK: gpu.shuffle xor %{{.+}}, %c8_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c4_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c2_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c1_i32
// CHECK-COUNT-31: memref.store
// Only the last one may not exist.
// CHECK: scf.if
// CHECK-NEXT: memref.store
// CHECK: gpu.launch_func @act_kernels::@short_kernel_0
// CHECK-SAME: threads in (%c256, %c1, %c1)

// The sum of a precise softmax asks how much it grew, element by element.
// PRECISE-LABEL: gpu.func @short_kernel_0
// PRECISE-SAME: "a warp for each row, read by each pass"
func.func @short(%x: tensor<?x1000xf32>) -> tensor<?x1000xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x1000xf32>
  return %y : tensor<?x1000xf32>
}

// -----

// A part of a warp for each short row. Lanes that have no row compute the last
// one, since all take part in shuffles, and do not store it.
// CHECK-LABEL: gpu.func @part_kernel_0
// CHECK-SAME: "8 threads for each row of up to 128 elements, held in registers"
// CHECK: %[[EXISTS:.+]] = arith.cmpi ult, %[[ROW:.+]], %[[ROWS:.+]] : index
// CHECK: %[[LAST:.+]] = arith.subi %[[ROWS]], %c1
// CHECK: arith.minui %[[ROW]], %[[LAST]]
// CHECK-COUNT-16: memref.load
// CHECK-NOT: gpu.shuffle xor %{{.+}}, %c8_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c4_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c2_i32
// CHECK: gpu.shuffle xor %{{.+}}, %c1_i32
// CHECK: scf.if %[[EXISTS]]
// CHECK-COUNT-16: memref.store
func.func @part(%x: tensor<?x128xf32>) -> tensor<?x128xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x128xf32>
  return %y : tensor<?x128xf32>
}

// -----

// A block a row: its threads hand elements over to the 64 of them that have a
// lane of the tree.
// CHECK-LABEL: gpu.func @block_kernel_0
// CHECK-SAME: workgroup(%[[EXCHANGE:.+]] : memref<24576xi8, #gpu.address_space<workgroup>>
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: %[[THREAD:.+]] = gpu.thread_id x
// CHECK-COUNT-8: memref.load %{{.+}} : memref<?x2000xf32
// CHECK: %[[VIEW:.+]] = memref.view %[[EXCHANGE]]
// CHECK: memref.store %{{.+}}, %[[VIEW]]
// CHECK: gpu.barrier
// CHECK: arith.cmpi ult, %[[THREAD]], %c64
// CHECK: scf.for %{{.+}} = %[[THREAD]] to %c2000 step %c64
// CHECK: memref.load %[[VIEW]]
// CHECK-NOT: memref<?x2000xf32>
// CHECK: gpu.shuffle xor
func.func @block(%x: tensor<?x2000xf32>) -> tensor<?x2000xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x2000xf32>
  return %y : tensor<?x2000xf32>
}

// -----

// Rows that no block holds are read by each pass, by 64 threads whose two warps
// meet in shared memory.
// CHECK-LABEL: gpu.func @long_kernel_0
// CHECK-SAME: workgroup(%[[MAX:.+]] : memref<64xf32, #gpu.address_space<workgroup>>, %[[SUM:.+]] : memref<64xf64, #gpu.address_space<workgroup>>)
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
func.func @long(%x: tensor<?x16385xf32>) -> tensor<?x16385xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x16385xf32>
  return %y : tensor<?x16385xf32>
}

// -----

// Registers hold one dimension: rows of two are read by each pass, short ones
// by a warp.
// CHECK-LABEL: gpu.func @plane_kernel_0
// CHECK-SAME: "a warp for each row, read by each pass"
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: scf.for
// CHECK: scf.for
// CHECK: gpu.shuffle
func.func @plane(%x: tensor<5x30x30xf32>) -> tensor<5x30x30xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<5xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<5xf32>) -> tensor<5xf32>
  %s = linalg.reduce {arith.addf} ins(%x : tensor<5x30x30xf32>) outs(%f : tensor<5xf32>) dimensions = [1, 2]
  %o = tensor.empty() : tensor<5x30x30xf32>
  %b = linalg.broadcast ins(%s : tensor<5xf32>) outs(%o : tensor<5x30x30xf32>) dimensions = [1, 2]
  %y = arith.subf %x, %b : tensor<5x30x30xf32>
  return %y : tensor<5x30x30xf32>
}

// -----

// The host picks where the length is not known; a row of no elements is none
// that registers hold.
// CHECK-LABEL: func.func @dynamic(
// CHECK: %[[NONE:.+]] = arith.cmpi eq, %[[LENGTH:.+]], %c0
// CHECK: %[[HELD:.+]] = arith.select %[[NONE]], %{{.+}}, %[[LENGTH]]
// CHECK: %[[SHORT:.+]] = arith.cmpi ule, %[[HELD]], %c32
// CHECK: scf.if %[[SHORT]]
// CHECK: gpu.launch_func @act_kernels::@dynamic_kernel_0 {{.+}} threads in (%c256,
// CHECK: else
// CHECK: arith.cmpi ule, %[[HELD]], %c64
// CHECK: arith.cmpi ule, %[[HELD]], %c1024
// CHECK: arith.cmpi ule, %[[HELD]], %c2048
// CHECK: gpu.launch_func {{.+}} threads in (%c256,
// CHECK: arith.cmpi ule, %[[HELD]], %c16384
// CHECK: gpu.launch_func {{.+}} threads in (%c512,
// CHECK: else
// CHECK: gpu.launch_func {{.+}} threads in (%c64,
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
