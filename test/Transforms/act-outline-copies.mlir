// RUN: act-opt %s -act-outline-copies | FileCheck %s

// CHECK-LABEL: @strided
// CHECK: act.kernel ins(%{{.+}} : memref<4x2xf32>) outs(%{{.+}} : memref<4x2xf32, strided<[8, 1]>>)
// CHECK: linalg.generic
// CHECK-NOT: memref.copy
func.func @strided(%x: memref<4x2xf32>, %y: memref<4x2xf32, strided<[8, 1]>>) {
  memref.copy %x, %y : memref<4x2xf32> to memref<4x2xf32, strided<[8, 1]>>
  return
}

// A whole block is what memcpy is for.
// CHECK-LABEL: @block
// CHECK-NOT: act.kernel
// CHECK: memref.copy
func.func @block(%x: memref<?x2xf32>, %y: memref<?x2xf32>) {
  memref.copy %x, %y : memref<?x2xf32> to memref<?x2xf32>
  return
}

// CHECK-LABEL: @fill
// CHECK: act.kernel ins(%{{.+}} : f32) outs(%{{.+}} : memref<?xf32>)
// CHECK: linalg.fill ins(%{{.+}} : f32) outs(%{{.+}} : tensor<?xf32>)
func.func @fill(%c: f32, %y: memref<?xf32>) {
  linalg.fill ins(%c : f32) outs(%y : memref<?xf32>)
  return
}
