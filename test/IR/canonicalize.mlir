// RUN: act-opt %s -canonicalize -cse | FileCheck %s

// CHECK-LABEL: @relu_of_never_negative
// CHECK: %[[Y:.+]] = act.sigmoid
// CHECK-NEXT: return %[[Y]]
func.func @relu_of_never_negative(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = act.sigmoid %x : tensor<4xf32>
  %1 = act.relu %0 : tensor<4xf32>
  %2 = act.relu %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// log_sigmoid may be -0, which relu makes +0.
// CHECK-LABEL: @relu_changes_zero
// CHECK: act.log_sigmoid
// CHECK-NEXT: act.relu
func.func @relu_changes_zero(%x: f32) -> f32 {
  %0 = act.log_sigmoid %x : f32
  %1 = act.relu %0 : f32
  return %1 : f32
}

// CHECK-LABEL: @clamp_of_bounded
// CHECK: act.tanh
// CHECK-NEXT: return
func.func @clamp_of_bounded(%x: f32) -> f32 {
  %0 = act.tanh %x : f32
  %1 = act.clamp %0 {min = -1.0, max = 2.0} : f32
  return %1 : f32
}

// CHECK-LABEL: @clamp_of_everything
// CHECK-NEXT: return %arg0
func.func @clamp_of_everything(%x: f32) -> f32 {
  %0 = act.clamp %x {min = 0xFFF0000000000000 : f64, max = 0x7FF0000000000000 : f64} : f32
  return %0 : f32
}

// max = -0 makes -0 of +0.
// CHECK-LABEL: @clamp_to_negative_zero
// CHECK: act.relu
// CHECK: act.clamp
func.func @clamp_to_negative_zero(%x: f32, %y: f32) -> (f32, f32) {
  %0 = act.relu %x : f32
  %1 = arith.negf %0 : f32
  %2 = act.clamp %1 {min = -1.0, max = -0.0} : f32
  return %0, %2 : f32, f32
}

// CHECK-LABEL: @clamp_of_clamp
// CHECK-NEXT: act.clamp %arg0 {max = 5.000000e+00, min = 1.000000e+00} : f32
// CHECK-NEXT: return
func.func @clamp_of_clamp(%x: f32) -> f32 {
  %0 = act.clamp %x {min = -3.0, max = 5.0} : f32
  %1 = act.clamp %0 {min = 1.0, max = 6.0} : f32
  return %1 : f32
}

// The intervals do not meet: all numbers become one.
// CHECK-LABEL: @clamp_of_clamp_apart
// CHECK-NEXT: act.clamp %arg0 {max = 4.000000e+00, min = 4.000000e+00} : f32
func.func @clamp_of_clamp_apart(%x: f32) -> f32 {
  %0 = act.clamp %x {min = 0.0, max = 1.0} : f32
  %1 = act.clamp %0 {min = 4.0, max = 6.0} : f32
  return %1 : f32
}

// CHECK-LABEL: @relu_and_clamp
// CHECK-NEXT: %[[A:.+]] = act.clamp %arg0 {max = 6.000000e+00, min = 0.000000e+00} : f32
// CHECK-NEXT: %[[B:.+]] = act.relu %arg0 : f32
// CHECK-NEXT: return %[[A]], %[[A]], %[[B]]
func.func @relu_and_clamp(%x: f32) -> (f32, f32, f32) {
  %0 = act.clamp %x {min = -1.0, max = 6.0} : f32
  %1 = act.relu %0 : f32
  %2 = act.relu %x : f32
  %3 = act.clamp %2 {min = -1.0, max = 6.0} : f32
  %4 = act.clamp %x {min = 0.0, max = 0x7FF0000000000000 : f64} : f32
  return %1, %3, %4 : f32, f32, f32
}

// CHECK-LABEL: @integers
// CHECK-NEXT: act.clamp %arg0 {max = 6 : i8, min = 0 : i8} : tensor<?xi8>
// CHECK-NEXT: return
func.func @integers(%x: tensor<?xi8>) -> tensor<?xi8> {
  %0 = act.clamp %x {min = -5 : i8, max = 6 : i8} : tensor<?xi8>
  %1 = act.relu %0 : tensor<?xi8>
  %2 = act.relu %1 : tensor<?xi8>
  return %2 : tensor<?xi8>
}

// CHECK-LABEL: @scale_after_relu
// CHECK: %[[R:.+]] = act.relu %arg0 : tensor<2xf32>
// CHECK: arith.mulf %[[R]], %{{.*}} : tensor<2xf32>
func.func @scale_after_relu(%x: tensor<2xf32>) -> tensor<2xf32> {
  %a = arith.constant dense<[2.0, 0.5]> : tensor<2xf32>
  %0 = arith.mulf %a, %x : tensor<2xf32>
  %1 = act.relu %0 : tensor<2xf32>
  return %1 : tensor<2xf32>
}

// relu(inf x) is not inf relu(x): inf 0 is NaN. Nor does a sign move.
// CHECK-LABEL: @no_scale_after_relu
// CHECK-COUNT-2: act.relu %{{[0-9]+}}
func.func @no_scale_after_relu(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %a = arith.constant dense<[2.0, 0x7F800000]> : tensor<2xf32>
  %b = arith.constant dense<-2.0> : tensor<2xf32>
  %0 = arith.mulf %a, %x : tensor<2xf32>
  %1 = act.relu %0 : tensor<2xf32>
  %2 = arith.mulf %b, %x : tensor<2xf32>
  %3 = act.relu %2 : tensor<2xf32>
  return %1, %3 : tensor<2xf32>, tensor<2xf32>
}
