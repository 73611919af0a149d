// RUN: act-opt %s -act-fuse -act-bufferize-kernels | FileCheck %s

// The operands of a kernel become memrefs, its body stays on tensors.
// CHECK-LABEL: func.func @one(
// CHECK-SAME: %[[X:.+]]: memref<8xf32>
// CHECK-SAME: -> memref<8xf32>
// CHECK: %[[OUT:.+]] = memref.alloc()
// CHECK: act.kernel ins(%[[X]] : memref<8xf32>) outs(%[[OUT]] : memref<8xf32>)
// CHECK-NEXT: ^bb0(%{{.+}}: tensor<8xf32>, %{{.+}}: tensor<8xf32>)
// CHECK: linalg.generic {{.*}}
// CHECK: act.yield %{{.+}} : tensor<8xf32>
// CHECK: return %[[OUT]]
func.func @one(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = act.relu %x : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Functions that call each other agree on memrefs.
// CHECK-LABEL: func.func @caller(
// CHECK: call @one(%{{.+}}) : (memref<8xf32>) -> memref<8xf32>
func.func @caller(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = call @one(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
