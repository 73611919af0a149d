// RUN: act-opt %s --transform-interpreter --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// The other dimensions are tiled; rows stay whole.
// CHECK-LABEL: @softmax
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK: %[[TILE:.+]] = tensor.extract_slice %{{.*}}[%[[I]], 0] [8, %{{.*}}] [1, 1]
// CHECK: act.softmax %[[TILE]] dimension(1) {masked_row = zero} : tensor<8x?xf32>
// CHECK: tensor.insert_slice %{{.*}}[%[[I]], 0] [8, %{{.*}}] [1, 1]
func.func @softmax(%x: tensor<64x?xf32>) -> tensor<64x?xf32> {
  %y = act.softmax %x dimension(1) {masked_row = zero} : tensor<64x?xf32>
  return %y : tensor<64x?xf32>
}

// CHECK-LABEL: @logsumexp
// CHECK: act.logsumexp %{{.*}} dimension(1) : tensor<8x16xf32> -> tensor<8xf32>
// CHECK: tensor.insert_slice %{{.*}}[%{{.*}}] [8] [1] : tensor<8xf32> into tensor<64xf32>
func.func @logsumexp(%x: tensor<64x16xf32>) -> tensor<64xf32> {
  %y = act.logsumexp %x dimension(1) : tensor<64x16xf32> -> tensor<64xf32>
  return %y : tensor<64xf32>
}

// CHECK-LABEL: @glu
// CHECK: act.glu %{{.*}} dimension(1) {{.*}} : tensor<8x16xf32> -> tensor<8x8xf32>
// CHECK: tensor.insert_slice {{.*}} [8, 8] [1, 1] : tensor<8x8xf32> into tensor<64x8xf32>
func.func @glu(%x: tensor<64x16xf32>) -> tensor<64x8xf32> {
  %y = act.glu %x dimension(1) {activation = #act.fn<silu>, gate = first}
      : tensor<64x16xf32> -> tensor<64x8xf32>
  return %y : tensor<64x8xf32>
}

// CHECK-LABEL: @glu_grad
// CHECK: act.glu_grad %{{.*}} : tensor<8x8xf32>, tensor<8x16xf32>
func.func @glu_grad(%dy: tensor<64x8xf32>, %x: tensor<64x16xf32>) -> tensor<64x16xf32> {
  %dx = act.glu_grad %dy, %x dimension(1) {activation = #act.fn<silu>, gate = first}
      : tensor<64x8xf32>, tensor<64x16xf32>
  return %dx : tensor<64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %rows = transform.structured.match interface{TilingInterface} in %root
        : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %rows tile_sizes [8]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @no_part_of_a_row(%x: tensor<64x16xf32>) -> tensor<64x16xf32> {
  // expected-error @below {{dimension 1 cannot be tiled}}
  // expected-error @below {{ to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %y = act.softmax %x dimension(1) : tensor<64x16xf32>
  return %y : tensor<64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %rows = transform.structured.match ops{["act.softmax"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %rows tile_sizes [8, 4]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
