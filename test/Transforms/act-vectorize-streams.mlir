// RUN: act-opt %s -split-input-file -act-fuse -act-bufferize -act-tile -act-vectorize -canonicalize -cse | FileCheck %s

// Little work and, when called, much memory in whole lines: stores go past the
// caches, and are there before the loop's end is.
// CHECK-LABEL: func.func @light(
// CHECK-SAME: %{{.+}}: memref<?xf32>, %[[Y:.+]]: memref<?xf32>, %{{.+}}: memref<?xi8>, %{{.+}}: memref<?xi8>)
// CHECK-DAG: %[[BYTES:.+]] = arith.muli %{{.+}}, %c4
// CHECK-DAG: memref.extract_aligned_pointer_as_index %[[Y]]
// CHECK-DAG: arith.cmpi uge, %[[BYTES]], %c33554432
// CHECK: scf.if
// CHECK: vector.store {{.+}} {alignment = 64 : i64, nontemporal = true}
// CHECK: llvm.fence seq_cst
// CHECK: } else {
// CHECK-NOT: nontemporal
// CHECK: vector.store
func.func @light(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = act.relu %x : tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @dear(
// CHECK-NOT: nontemporal
// CHECK: return
func.func @dear(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = act.gelu %x : tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @small(
// CHECK-NOT: nontemporal
// CHECK: return
func.func @small(%x: tensor<4096xf32>) -> tensor<4096xf32> {
  %y = act.relu %x : tensor<4096xf32>
  return %y : tensor<4096xf32>
}

// -----

// Rows that are no whole lines never begin at one.
// CHECK-LABEL: func.func @ragged(
// CHECK-NOT: nontemporal
// CHECK: return
func.func @ragged(%x: tensor<?x17xf32>) -> tensor<?x17xf32> {
  %y = act.relu %x : tensor<?x17xf32>
  return %y : tensor<?x17xf32>
}
