// RUN: act-opt %s -act-extract-weights -split-input-file -verify-diagnostics | FileCheck %s

// Each constant begins at a multiple of 64 bytes.
// CHECK: act.weight_offsets = array<i64: 0, 64>
// CHECK-SAME: act.weights = [dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>, dense<3> : tensor<4xi8>]
// CHECK-NOT: memref.global
// CHECK: func.func @main(%[[WEIGHTS:.+]]: memref<?xi8>) -> (memref<2xf32>, memref<4xi8>)
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[A:.+]] = memref.view %[[WEIGHTS]][%[[C0]]][] : memref<?xi8> to memref<2xf32>
// CHECK-DAG: %[[C64:.+]] = arith.constant 64 : index
// CHECK-DAG: %[[B:.+]] = memref.view %[[WEIGHTS]][%[[C64]]][] : memref<?xi8> to memref<4xi8>
// CHECK: return %[[A]], %[[B]]
memref.global "private" constant @a : memref<2xf32> = dense<[1.0, 2.0]>
memref.global "private" constant @b : memref<4xi8> = dense<3>
func.func @main() -> (memref<2xf32>, memref<4xi8>) {
  %a = memref.get_global @a : memref<2xf32>
  %b = memref.get_global @b : memref<4xi8>
  return %a, %b : memref<2xf32>, memref<4xi8>
}

// -----

// What a program may write is no weight.
// CHECK: act.weights = []
// CHECK: memref.global "private" @state
memref.global "private" @state : memref<2xf32> = dense<0.0>
func.func @main() -> memref<2xf32> {
  %a = memref.get_global @state : memref<2xf32>
  return %a : memref<2xf32>
}

// -----

memref.global "private" constant @a : memref<2xf32> = dense<1.0>
func.func private @helper() -> memref<2xf32> {
  // expected-error @below {{a constant is used outside of the entry point 'main'}}
  %a = memref.get_global @a : memref<2xf32>
  return %a : memref<2xf32>
}
func.func @main() {
  return
}
