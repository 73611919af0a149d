// RUN: act-opt %s -act-plan-workspace -canonicalize | FileCheck %s

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
