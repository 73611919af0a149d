// RUN: act-opt %s -act-fuse -act-verify-fused -split-input-file -verify-diagnostics

func.func @one_kernel(%x: tensor<4xf32>, %z: tensor<4xf32>) -> tensor<4xf32> {
  %0 = act.gelu %x {act.expect_fused = "mlp"} : tensor<4xf32>
  %1 = arith.mulf %0, %z {act.expect_fused = "mlp"} : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

func.func @two_kernels(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // expected-note@below {{another one}}
  // expected-note@below {{act.gelu and act.softmax stayed apart: recompute}}
  %0 = act.gelu %x {act.expect_fused = "head"} : tensor<2x4xf32>
  // expected-error@below {{is not in one kernel with the other operations of the group "head"}}
  %1 = act.softmax %0 dimension(1) {act.expect_fused = "head"} : tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// -----

func.func @no_kernel(%x: tensor<4xf32>, %i: index) -> f32 {
  // expected-error@below {{of the group "read" is in no kernel}}
  %0 = tensor.extract %x[%i] {act.expect_fused = "read"} : tensor<4xf32>
  return %0 : f32
}

// -----

func.func @no_string(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@below {{attribute 'act.expect_fused' must be a string, got 1 : i64}}
  %0 = act.gelu %x {act.expect_fused = 1} : tensor<4xf32>
  return %0 : tensor<4xf32>
}
