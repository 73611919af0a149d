// RUN: act-opt %s -canonicalize | FileCheck %s

// Constants are evaluated by the kernels and rounded once.

// The bits are those of the kernel that the operation names.
// CHECK-LABEL: @no_fold_of_a_kernel
// CHECK: act.gelu
// CHECK-NOT: act.tanh
func.func @no_fold_of_a_kernel() -> (f32, f32) {
  %c = arith.constant 1.0 : f32
  %0 = act.gelu %c {accuracy = #act.accuracy<precise>} : f32
  %1 = act.tanh %c {accuracy = #act.accuracy<highest>} : f32
  return %0, %1 : f32, f32
}

// CHECK-LABEL: @scalar
// CHECK-DAG: %[[GELU:.+]] = arith.constant 0.841344773 : f32
// CHECK-DAG: %[[SILU:.+]] = arith.constant -0.000000e+00 : f16
// CHECK-DAG: %[[MISH:.+]] = arith.constant 0x7FC0 : bf16
// CHECK: return %[[GELU]], %[[SILU]], %[[MISH]]
func.func @scalar() -> (f32, f16, bf16) {
  %x = arith.constant 1.0 : f32
  %0 = act.gelu %x : f32
  %y = arith.constant 0xFC00 : f16
  %1 = act.silu %y : f16
  %z = arith.constant 0xFFFF : bf16
  %2 = act.mish %z : bf16
  return %0, %1, %2 : f32, f16, bf16
}

// CHECK-LABEL: @elements
// CHECK-DAG: dense<[-0.{{0+}}e+00, 0.000000e+00, -1.000000e+00, 0x7F800000, 0x7FC00000]> : tensor<5xf32>
// CHECK-DAG: dense<[2.000000e+00, -6.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<3.000000e+00> : vector<4xf32>
// CHECK-NOT: act.
func.func @elements() -> (tensor<5xf32>, tensor<2xf32>, vector<4xf32>) {
  %x = arith.constant dense<[-0.0, 0.0, -0.5, 0x7F800000, 0x7FC00000]> : tensor<5xf32>
  %0 = act.leaky_relu %x {alpha = 2.0} : tensor<5xf32>
  %y = arith.constant dense<[2.0, -2.0]> : tensor<2xf32>
  %slope = arith.constant dense<3.0> : tensor<2xf32>
  %1 = act.prelu %y, %slope : tensor<2xf32>
  %s = arith.constant dense<5.0> : vector<4xf32>
  %2 = act.clamp %s {min = -1.0, max = 3.0} : vector<4xf32>
  return %0, %1, %2 : tensor<5xf32>, tensor<2xf32>, vector<4xf32>
}

// CHECK-LABEL: @gradient
// CHECK-DAG: %[[D:.+]] = arith.constant 7.500000e-01 : f32
// CHECK-DAG: %[[NAN:.+]] = arith.constant 0x7FC00000 : f32
// CHECK: return %[[D]], %[[NAN]]
func.func @gradient() -> (f32, f32) {
  %dy = arith.constant 3.0 : f32
  %zero = arith.constant 0.0 : f32
  %0 = act.sigmoid_grad %dy, %zero : f32
  // inf 0
  %inf = arith.constant 0x7F800000 : f32
  %1 = act.relu_grad %inf, %zero : f32
  return %0, %1 : f32, f32
}

// f8E4M3FN saturates, f8E5M2 overflows.
// CHECK-LABEL: @f8
// CHECK-DAG: %[[A:.+]] = arith.constant 4.480000e+02 : f8E4M3FN
// CHECK-DAG: %[[B:.+]] = arith.constant 0x7C : f8E5M2
// CHECK: return %[[A]], %[[B]]
func.func @f8() -> (f8E4M3FN, f8E5M2) {
  %x = arith.constant 64.0 : f8E4M3FN
  %0 = act.relu_squared %x : f8E4M3FN
  %y = arith.constant 512.0 : f8E5M2
  %1 = act.relu_squared %y : f8E5M2
  return %0, %1 : f8E4M3FN, f8E5M2
}

// CHECK-LABEL: @integers
// CHECK: dense<[0, 0, 5]> : tensor<3xi16>
// CHECK-NOT: act.
func.func @integers() -> tensor<3xi16> {
  %x = arith.constant dense<[-7, 0, 9]> : tensor<3xi16>
  %0 = act.relu %x : tensor<3xi16>
  %1 = act.clamp %0 {min = -1 : i16, max = 5 : i16} : tensor<3xi16>
  return %1 : tensor<3xi16>
}

// Weights are not evaluated at compile time, nor is what is not constant.
// CHECK-LABEL: @no_fold
// CHECK: act.silu
// CHECK: act.relu_grad
func.func @no_fold(%x: f32) -> (tensor<100000xf32>, f32) {
  %w = arith.constant dense_resource<weights> : tensor<100000xf32>
  %0 = act.silu %w : tensor<100000xf32>
  %dy = arith.constant 3.0 : f32
  %1 = act.relu_grad %dy, %x : f32
  return %0, %1 : tensor<100000xf32>, f32
}
