// RUN: act-opt %s -act-outline-constants -split-input-file -verify-diagnostics | FileCheck %s

// What weights alone decide is computed by a function of them.
// CHECK-LABEL: func @main(
// CHECK-SAME: %[[X:.+]]: tensor<4xf32>, %{{.+}}: tensor<4xf32> {act.constant}, %[[P:.+]]: tensor<4xf32> {act.prepared})
// CHECK-NOT: math.exp
// CHECK: %[[Y:.+]] = arith.mulf %[[X]], %[[P]]
// CHECK: return %[[Y]]
// CHECK-LABEL: func @main_prepare(
// CHECK-SAME: %[[W:.+]]: tensor<4xf32>) -> tensor<4xf32>
// CHECK: %[[E:.+]] = math.exp %[[W]]
// CHECK: return %[[E]]
func.func @main(%x: tensor<4xf32>, %w: tensor<4xf32> {act.constant}) -> tensor<4xf32> {
  %e = math.exp %w : tensor<4xf32>
  %y = arith.mulf %x, %e : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// A reshape, a broadcast and a result stay; what they read of constants moves.
// CHECK-LABEL: func @stays(
// CHECK-SAME: %[[W:[a-z0-9]+]]: tensor<4xf32> {act.constant}, %[[P:[a-z0-9]+]]: tensor<4xf32> {act.prepared})
// CHECK: tensor.expand_shape %[[P]]
// CHECK: linalg.broadcast ins(%[[P]]
// CHECK: math.log %[[W]]
func.func @stays(%x: tensor<2x2xf32>, %z: tensor<64x4xf32>, %w: tensor<4xf32> {act.constant})
    -> (tensor<2x2xf32>, tensor<64x4xf32>, tensor<4xf32>) {
  %e = math.exp %w : tensor<4xf32>
  %v = tensor.expand_shape %e [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  %y = arith.mulf %x, %v : tensor<2x2xf32>
  %0 = tensor.empty() : tensor<64x4xf32>
  %b = linalg.broadcast ins(%e : tensor<4xf32>) outs(%0 : tensor<64x4xf32>) dimensions = [0]
  %u = arith.mulf %z, %b : tensor<64x4xf32>
  %l = math.log %w : tensor<4xf32>
  return %y, %u, %l : tensor<2x2xf32>, tensor<64x4xf32>, tensor<4xf32>
}

// -----

// Run again: what was prepared for an operation that moves now is a step.
// CHECK-LABEL: func @again(
// CHECK-SAME: %[[X:.+]]: tensor<4xf32>, %{{.+}}: tensor<4xf32> {act.constant}, %[[P:.+]]: tensor<4xf32> {act.prepared})
// CHECK: arith.mulf %[[X]], %[[P]]
// CHECK-LABEL: func @again_prepare(
// CHECK-SAME: -> tensor<4xf32>
// CHECK: %[[E:.+]] = math.exp
// CHECK: %[[L:.+]] = math.tanh %[[E]]
// CHECK: return %[[L]]
func.func @again(%x: tensor<4xf32>, %w: tensor<4xf32> {act.constant}, %p: tensor<4xf32> {act.prepared}) -> tensor<4xf32> {
  %t = math.tanh %p : tensor<4xf32>
  %y = arith.mulf %x, %t : tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func @again_prepare(%w: tensor<4xf32>) -> tensor<4xf32> attributes {act.helper} {
  %e = math.exp %w : tensor<4xf32>
  return %e : tensor<4xf32>
}

// -----

// Without constants nothing changes.
// CHECK-LABEL: func @plain(
// CHECK: math.exp
// CHECK-NOT: @plain_prepare
func.func @plain(%x: tensor<4xf32>, %w: tensor<4xf32>) -> tensor<4xf32> {
  %e = math.exp %w : tensor<4xf32>
  %y = arith.mulf %x, %e : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// expected-error @below {{constant arguments come last, but argument 1 follows one}}
func.func @order(%w: tensor<4xf32> {act.constant}, %x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// expected-error @below {{constant arguments are tensors of static shapes, got 'tensor<?xf32>' for argument 0}}
func.func @dynamic(%w: tensor<?xf32> {act.constant}) -> tensor<?xf32> {
  return %w : tensor<?xf32>
}

// -----

// expected-error @below {{an extent of a result depends on the elements of constant argument 0}}
func.func @extent(%n: tensor<1xi64> {act.constant}) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n0 = tensor.extract %n[%c0] : tensor<1xi64>
  %s = arith.index_cast %n0 : i64 to index
  %e = tensor.empty(%s) : tensor<?xf32>
  return %e : tensor<?xf32>
}
func.func @extent_shapes(%n: tensor<1xi64>) -> index attributes {act.helper} {
  %c0 = arith.constant 0 : index
  %n0 = tensor.extract %n[%c0] : tensor<1xi64>
  %s = arith.index_cast %n0 : i64 to index
  return %s : index
}
