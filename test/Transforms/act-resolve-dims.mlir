// RUN: act-opt %s -act-resolve-dims | FileCheck %s

// CHECK-LABEL: @through_a_chain(
// CHECK-SAME: %[[X:[^ ]+]]: tensor<?xf32>, %[[I:[^ ]+]]: index
// CHECK: tensor.dim %[[X]], %[[I]]
func.func @through_a_chain(%x: tensor<?xf32>, %i: index) -> index {
  %0 = act.gelu %x : tensor<?xf32>
  %1 = arith.addf %0, %0 : tensor<?xf32>
  %n = tensor.dim %1, %i : tensor<?xf32>
  return %n : index
}

// A row operation is not elementwise.
// CHECK-LABEL: @stops_at_a_row
// CHECK: %[[Y:.+]] = act.softmax
// CHECK: tensor.dim %[[Y]]
func.func @stops_at_a_row(%x: tensor<?xf32>, %i: index) -> index {
  %0 = act.softmax %x dimension(0) : tensor<?xf32>
  %n = tensor.dim %0, %i : tensor<?xf32>
  return %n : index
}

// The condition is no tensor, the extent comes from what is chosen.
// CHECK-LABEL: @scalar_operands(
// CHECK-SAME: %{{[^ ]+}}: tensor<?xf32>, %[[Y:[^ ]+]]: tensor<?xf32>, %[[I:[^ ]+]]: index
// CHECK: tensor.dim %[[Y]], %[[I]]
func.func @scalar_operands(%c: i1, %x: tensor<?xf32>, %y: tensor<?xf32>,
                           %i: index) -> index {
  %0 = arith.select %c, %x, %y : tensor<?xf32>
  %n = tensor.dim %0, %i : tensor<?xf32>
  return %n : index
}
