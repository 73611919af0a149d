// RUN: act-opt %s -resolve-ranked-shaped-type-result-dims -canonicalize | FileCheck %s

// Extents of results are extents of operands.

// CHECK-LABEL: @elementwise
// CHECK: %[[N:.+]] = tensor.dim %arg0
// CHECK: return %[[N]]
func.func @elementwise(%x: tensor<4x?xf32>) -> index {
  %c1 = arith.constant 1 : index
  %0 = act.gelu %x : tensor<4x?xf32>
  %1 = act.silu_grad %0, %0 : tensor<4x?xf32>
  %n = tensor.dim %1, %c1 : tensor<4x?xf32>
  return %n : index
}

// CHECK-LABEL: @rows
// CHECK-DAG: %[[M:.+]] = tensor.dim %arg0, %c0
// CHECK-DAG: %[[N:.+]] = tensor.dim %arg0, %c1
// CHECK: return %[[M]], %[[N]], %[[M]]
func.func @rows(%x: tensor<?x?xf32>) -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = act.softmax %x dimension(0) : tensor<?x?xf32>
  %1 = act.log_softmax_grad %0, %0 dimension(0) : tensor<?x?xf32>
  %2 = act.logsumexp %1 dimension(1) : tensor<?x?xf32> -> tensor<?xf32>
  %m = tensor.dim %1, %c0 : tensor<?x?xf32>
  %n = tensor.dim %1, %c1 : tensor<?x?xf32>
  %l = tensor.dim %2, %c0 : tensor<?xf32>
  return %m, %n, %l : index, index, index
}

// CHECK-LABEL: @glu
// CHECK: %[[N:.+]] = tensor.dim %arg0
// CHECK: %[[HALF:.+]] = arith.divsi %[[N]], %c2
// CHECK: return %[[HALF]], %[[N]]
func.func @glu(%dy: tensor<4x?xf32>, %x: tensor<4x?xf32>) -> (index, index) {
  %c1 = arith.constant 1 : index
  %0 = act.glu %dy dimension(1) {activation = #act.fn<silu>, gate = first} : tensor<4x?xf32> -> tensor<4x?xf32>
  %1 = act.glu_grad %0, %dy dimension(1) {activation = #act.fn<silu>, gate = first} : tensor<4x?xf32>, tensor<4x?xf32>
  %h = tensor.dim %0, %c1 : tensor<4x?xf32>
  %n = tensor.dim %1, %c1 : tensor<4x?xf32>
  return %h, %n : index, index
}
