// RUN: act-opt %s -split-input-file -act-fuse -canonicalize -act-bufferize -act-tile -convert-act-to-gpu -canonicalize -cse | FileCheck %s

// The threads of the first %wide blocks take four vectors each, all of them
// loaded before anything is computed; those with a number below %vectors take
// one, those after them one element. Where memory is not aligned there are no
// vectors.
// CHECK-LABEL: gpu.func @chain_kernel_0
// CHECK-SAME: (%[[X:.+]]: memref<f32>, %[[Y:.+]]: memref<f32>, %[[N:.+]]: index, %[[VECTORS:.+]]: index, %[[WIDE:.+]]: index) kernel
// CHECK-SAME: act.gpu_plan = "4 vectors of 16 bytes a thread"
// CHECK-SAME: known_block_size = array<i32: 256, 1, 1>
// CHECK: %[[FLAT:.+]] = memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[N]]], strides: [1]
// CHECK: arith.cmpi ult, %block_id_x, %[[WIDE]]
// CHECK: vector.load %[[FLAT]][%{{.+}}] {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK-NOT: act.
// CHECK: vector.load
// CHECK-NOT: act.
// CHECK: vector.load
// CHECK-NOT: act.
// CHECK: vector.load
// CHECK-NOT: vector.store
// CHECK-COUNT-4: act.relu %{{.+}} : vector<4xf32>
// CHECK-COUNT-4: vector.store %{{.+}} {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK: else
// CHECK: arith.cmpi ult, %{{.+}}, %[[VECTORS]]
// CHECK: vector.load %[[FLAT]][%{{.+}}] {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK: act.gelu %{{.+}} : vector<4xf32>
// CHECK: act.relu %{{.+}} : vector<4xf32>
// CHECK: vector.store %{{.+}} {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK: else
// CHECK: arith.cmpi ult, %{{.+}}, %[[N]]
// CHECK: memref.load %[[FLAT]]
// CHECK: act.gelu %{{.+}} : f32
// CHECK: memref.store
// CHECK: gpu.return

// CHECK-LABEL: func.func @chain(
// CHECK: %[[LENGTH:.+]] = arith.muli
// CHECK: %[[SOME:.+]] = arith.cmpi ne, %[[LENGTH]], %c0
// CHECK: scf.if %[[SOME]]
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: arith.andi %{{.+}}, %c15
// CHECK: arith.divui %[[LENGTH]], %c4
// CHECK: %[[COUNT:.+]] = arith.select
// CHECK: %[[FULL:.+]] = arith.divui %[[COUNT]], %c1024
// CHECK: %[[MANY:.+]] = arith.cmpi uge, %[[FULL]], %c108
// CHECK: %[[FIRST:.+]] = arith.select %[[MANY]], %[[FULL]], %c0
// CHECK: %[[REST:.+]] = arith.ceildivui %{{.+}}, %c256
// CHECK: %[[BLOCKS:.+]] = arith.addi %[[REST]], %[[FIRST]]
// CHECK: gpu.launch_func @act_kernels::@chain_kernel_0 blocks in (%[[BLOCKS]], %c1, %c1) threads in (%c256, %c1, %c1)
// CHECK-SAME: %[[LENGTH]] : index, %[[COUNT]] : index, %[[FIRST]] : index)
func.func @chain(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.gelu %x : tensor<?x?xf32>
  %z = act.relu %y : tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}

// -----

// Two operands: two vectors of each.
// CHECK-LABEL: gpu.func @gate_kernel_0
// CHECK-SAME: act.gpu_plan = "2 vectors of 16 bytes a thread"
// CHECK-COUNT-4: vector.load
// CHECK: act.silu
func.func @gate(%x: tensor<?xbf16>, %g: tensor<?xbf16>) -> tensor<?xbf16> {
  %s = act.silu %g : tensor<?xbf16>
  %y = arith.mulf %x, %s : tensor<?xbf16>
  return %y : tensor<?xbf16>
}

// -----

// 128 bits of the narrowest type.
// CHECK-LABEL: gpu.func @cast_kernel_0
// CHECK: vector.load {{.+}} {alignment = 16 : i64} : memref<?xbf16>, vector<8xbf16>
// CHECK: vector.store {{.+}} {alignment = 16 : i64} : memref<?xf32>, vector<8xf32>
func.func @cast(%x: tensor<?xbf16>) -> tensor<?xf32> {
  %y = arith.extf %x : tensor<?xbf16> to tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// A broadcast operand has an index of its own. Rows that are not whole vectors:
// one element a thread.
// CHECK-LABEL: gpu.func @bias_kernel_0
// CHECK-NOT: vector.load
// CHECK: %[[I:.+]] = arith.divui %{{.+}}, %c5
// CHECK: memref.load %{{.+}}[%[[I]], %[[J:.+]]] : memref<?x5xf32>
// CHECK: memref.load %{{.+}}[%[[J]]] : memref<5xf32>
func.func @bias(%x: tensor<?x5xf32>, %b: tensor<5xf32>) -> tensor<?x5xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x5xf32>
  %e = tensor.empty(%n) : tensor<?x5xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
                       affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<?x5xf32>, tensor<5xf32>) outs(%e : tensor<?x5xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}

// -----

// Whole vectors, if the host finds that rows have them.
// CHECK-LABEL: gpu.func @scale_kernel_0
// CHECK: %[[J:.+]] = arith.remui
// CHECK: %[[I:.+]] = arith.divui
// CHECK: vector.load %{{.+}}[%[[I]], %[[J]]] {alignment = 16 : i64} : memref<?x?xf32>, vector<4xf32>
// CHECK: vector.load %{{.+}}[%[[J]]] {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK: memref.load %{{.+}}[%[[I]], %{{.+}}] : memref<?x1xf32>
// CHECK: vector.store
// CHECK-LABEL: func.func @scale(
// CHECK: %[[REST:.+]] = arith.remui %{{.+}}, %c4
// CHECK: arith.ori %{{.+}}, %[[REST]]
func.func @scale(%x: tensor<?x?xf32>, %b: tensor<?xf32>, %s: tensor<?x1xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%n, %m) : tensor<?x?xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
                       affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %b, %s : tensor<?x?xf32>, tensor<?xf32>, tensor<?x1xf32>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32, %o: f32):
    %t = arith.addf %p, %q : f32
    %u = arith.mulf %t, %r : f32
    linalg.yield %u : f32
  } -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// -----

// Bits have a byte each in memory, so that there are no vectors of them.
// CHECK-LABEL: gpu.func @compare_kernel_0
// CHECK-NOT: vector.
// CHECK: memref.store %{{.+}} : memref<?xi1>
func.func @compare(%x: tensor<?xf32>) -> tensor<?xi1> {
  %y = arith.cmpf ogt, %x, %x : tensor<?xf32>
  return %y : tensor<?xi1>
}
