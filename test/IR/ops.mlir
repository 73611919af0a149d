// RUN: act-opt %s --verify-roundtrip | FileCheck %s
// RUN: act-opt %s --mlir-print-op-generic | act-opt | FileCheck %s
// RUN: act-opt %s --emit-bytecode | act-opt | FileCheck %s

// CHECK-LABEL: @unary
func.func @unary(%x: tensor<4x?xf32>, %v: vector<8xbf16>, %s: f16) {
  // CHECK: act.relu %{{.*}} : tensor<4x?xf32>
  %0 = act.relu %x : tensor<4x?xf32>
  // CHECK: act.gelu %{{.*}} {approximate = tanh} : vector<8xbf16>
  %1 = act.gelu %v {approximate = tanh} : vector<8xbf16>
  // CHECK: act.silu %{{.*}} {beta = 1.702000e+00} : f16
  %2 = act.silu %s {beta = 1.702} : f16
  // CHECK: act.mish %{{.*}} {accuracy = #act.accuracy<fast>}
  %3 = act.mish %x {accuracy = #act.accuracy<fast>} : tensor<4x?xf32>
  // CHECK: act.tanh %{{.*}} {accuracy = #act.accuracy<ulps = 2
  %4 = act.tanh %x {accuracy = #act.accuracy<ulps = 2.0>} : tensor<4x?xf32>
  return
}

// CHECK-LABEL: @gradient
func.func @gradient(%dy: tensor<4xf32>, %x: tensor<4xf32>) {
  // CHECK: act.gelu_grad %{{.*}}, %{{.*}} : tensor<4xf32>
  %0 = act.gelu_grad %dy, %x : tensor<4xf32>
  return
}

// CHECK-LABEL: @rows
func.func @rows(%x: tensor<4x?xf32>) {
  // CHECK: act.softmax %{{.*}} dimension(1) : tensor<4x?xf32>
  %0 = act.softmax %x dimension(1) : tensor<4x?xf32>
  // CHECK: act.log_softmax %{{.*}} dimension(0)
  %1 = act.log_softmax %x dimension(0) : tensor<4x?xf32>
  return
}
