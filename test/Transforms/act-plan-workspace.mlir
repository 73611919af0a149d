// RUN: act-opt %s -act-plan-workspace -canonicalize -split-input-file | FileCheck %s

// Two buffers that are not live together share memory; both together need
// 4,096 bytes.
// CHECK-LABEL: @main(
// CHECK-SAME: %[[WORKSPACE:[a-z0-9]+]]: memref<?xi8>)
// CHECK-COUNT-2: memref.view %[[WORKSPACE]][%c0
// CHECK-NOT: memref.alloc
func.func @main(%x: memref<1024xf32>, %y: memref<1024xf32>) {
  %a = memref.alloc() : memref<1024xf32>
  memref.copy %x, %a : memref<1024xf32> to memref<1024xf32>
  memref.copy %a, %y : memref<1024xf32> to memref<1024xf32>
  %b = memref.alloc() : memref<1024xf32>
  memref.copy %y, %b : memref<1024xf32> to memref<1024xf32>
  memref.copy %b, %y : memref<1024xf32> to memref<1024xf32>
  return
}
// CHECK-LABEL: @main_workspace
// CHECK: %[[BYTES:.+]] = arith.constant 4096 : index
// CHECK: return %[[BYTES]]

// -----

// So do buffers of the same dynamic extents, whose sizes are multiples of 64
// bytes for each: the second of 256 bytes a row stands where the first did,
// the one of 128 bytes behind both.
// CHECK-LABEL: @dynamic(
// CHECK-SAME: %[[ROWS:[a-z0-9]+]]: index, %[[WORKSPACE:[a-z0-9]+]]: memref<?xi8>)
// CHECK: %[[BEHIND:.+]] = arith.muli %[[ROWS]], %c256
// CHECK: memref.view %[[WORKSPACE]][%c0][%[[ROWS]]] : memref<?xi8> to memref<?x64xf32>
// CHECK: memref.view %[[WORKSPACE]][%[[BEHIND]]][%[[ROWS]]] : memref<?xi8> to memref<?x32xf32>
// CHECK: memref.view %[[WORKSPACE]][%c0][%[[ROWS]]] : memref<?xi8> to memref<?x64xf32>
func.func @dynamic(%x: memref<?x64xf32>, %y: memref<?x32xf32>, %rows: index) {
  %a = memref.alloc(%rows) : memref<?x64xf32>
  memref.copy %x, %a : memref<?x64xf32> to memref<?x64xf32>
  %b = memref.alloc(%rows) : memref<?x32xf32>
  memref.copy %y, %b : memref<?x32xf32> to memref<?x32xf32>
  memref.copy %a, %x : memref<?x64xf32> to memref<?x64xf32>
  %c = memref.alloc(%rows) : memref<?x64xf32>
  memref.copy %x, %c : memref<?x64xf32> to memref<?x64xf32>
  memref.copy %c, %x : memref<?x64xf32> to memref<?x64xf32>
  memref.copy %b, %y : memref<?x32xf32> to memref<?x32xf32>
  return
}
// CHECK-LABEL: @dynamic_workspace
// CHECK: %[[BYTES:.+]] = arith.muli %{{.+}}, %c384
// CHECK: return %[[BYTES]]

// -----

// Of 12 bytes a row, what two buffers share is rounded up for both; other
// extents and other sizes have memory of their own.
// CHECK-LABEL: @apart(
// CHECK-SAME: %[[ROWS:[a-z0-9]+]]: index, %[[OTHER:[a-z0-9]+]]: index, %[[WORKSPACE:[a-z0-9]+]]: memref<?xi8>)
// CHECK: memref.view %[[WORKSPACE]][%c0][%[[ROWS]]] : memref<?xi8> to memref<?x3xf32>
// CHECK: arith.muli %[[OTHER]], %c12
// CHECK: memref.view %[[WORKSPACE]][%[[END:[0-9]+]]][%[[OTHER]]] : memref<?xi8> to memref<?x3xf32>
// CHECK: memref.view %[[WORKSPACE]][%{{[0-9]+}}][%[[ROWS]]] : memref<?xi8> to memref<?xf32>
// CHECK: memref.view %[[WORKSPACE]][%c0][%[[ROWS]]] : memref<?xi8> to memref<?x3xf32>
func.func @apart(%x: memref<?x3xf32>, %y: memref<?xf32>, %rows: index, %other: index) {
  %a = memref.alloc(%rows) : memref<?x3xf32>
  memref.copy %x, %a : memref<?x3xf32> to memref<?x3xf32>
  memref.copy %a, %x : memref<?x3xf32> to memref<?x3xf32>
  %b = memref.alloc(%other) : memref<?x3xf32>
  memref.copy %x, %b : memref<?x3xf32> to memref<?x3xf32>
  memref.copy %b, %x : memref<?x3xf32> to memref<?x3xf32>
  %c = memref.alloc(%rows) : memref<?xf32>
  memref.copy %y, %c : memref<?xf32> to memref<?xf32>
  memref.copy %c, %y : memref<?xf32> to memref<?xf32>
  %d = memref.alloc(%rows) : memref<?x3xf32>
  memref.copy %x, %d : memref<?x3xf32> to memref<?x3xf32>
  memref.copy %d, %x : memref<?x3xf32> to memref<?x3xf32>
  return
}
