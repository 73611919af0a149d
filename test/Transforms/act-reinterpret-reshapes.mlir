// RUN: act-opt %s -act-reinterpret-reshapes | FileCheck %s

// CHECK-LABEL: @two_dynamic
// CHECK-SAME: %[[M:[^ ]+]]: index, %[[N:[^ ]+]]: index
// CHECK: %[[STRIDE:.+]] = arith.muli %{{.+}}, %[[N]]
// CHECK: memref.reinterpret_cast %{{.+}} to offset: [0], sizes: [%[[M]], %[[N]], 5], strides: [%[[STRIDE]], 5, 1]
// CHECK-NOT: expand_shape
func.func @two_dynamic(%x: memref<?x5xf32>, %m: index, %n: index)
    -> memref<?x?x5xf32> {
  %0 = memref.expand_shape %x [[0, 1], [2]] output_shape [%m, %n, 5]
      : memref<?x5xf32> into memref<?x?x5xf32>
  return %0 : memref<?x?x5xf32>
}

// One dynamic extent is upstream's.
// CHECK-LABEL: @one_dynamic
// CHECK: memref.expand_shape
func.func @one_dynamic(%x: memref<?x5xf32>, %m: index) -> memref<?x2x5xf32> {
  %0 = memref.expand_shape %x [[0, 1], [2]] output_shape [%m, 2, 5]
      : memref<?x5xf32> into memref<?x2x5xf32>
  return %0 : memref<?x2x5xf32>
}
