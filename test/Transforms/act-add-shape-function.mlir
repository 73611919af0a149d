// RUN: act-opt %s -act-simplify | FileCheck %s

// CHECK-LABEL: @main_shapes(
// CHECK-SAME: %[[X:.+]]: tensor<?x4xf32>) -> (index, index)
// CHECK-DAG: %[[N:.+]] = tensor.dim %[[X]]
// CHECK-DAG: %[[FOUR:.+]] = arith.constant 4 : index
// CHECK: return %[[N]], %[[FOUR]]
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = act.gelu %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
