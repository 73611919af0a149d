// RUN: act-opt %s --verify-roundtrip | FileCheck %s
// RUN: act-opt %s --mlir-print-op-generic | act-opt | FileCheck %s
// RUN: act-opt %s --emit-bytecode | act-opt | FileCheck %s

// CHECK-LABEL: @types
func.func @types(%a: f64, %b: tensor<f16>, %c: tensor<0x?xf8E4M3FN>, %d: vector<[4]x2xf32>, %e: tensor<4xf8E5M2, "encoding">) {
  // CHECK: act.gelu %{{.*}} : f64
  %0 = act.gelu %a : f64
  // CHECK: act.gelu %{{.*}} : tensor<f16>
  %1 = act.gelu %b : tensor<f16>
  // CHECK: act.gelu %{{.*}} : tensor<0x?xf8E4M3FN>
  %2 = act.gelu %c : tensor<0x?xf8E4M3FN>
  // CHECK: act.gelu %{{.*}} : vector<[4]x2xf32>
  %3 = act.gelu %d : vector<[4]x2xf32>
  // CHECK: act.gelu %{{.*}} : tensor<4xf8E5M2, "encoding">
  %4 = act.gelu %e : tensor<4xf8E5M2, "encoding">
  return
}

// Enumerators are words, f64 parameters need no type; defaults stay away.
// CHECK-LABEL: @parameters
func.func @parameters(%x: tensor<4x?xf32>) {
  // CHECK: act.gelu %{{.*}} {approximate = tanh} : tensor<4x?xf32>
  %0 = act.gelu %x {approximate = tanh} : tensor<4x?xf32>
  // CHECK: act.gelu %{{.*}} : tensor<4x?xf32>
  %1 = act.gelu %x {approximate = #act.gelu_form<none>} : tensor<4x?xf32>
  // CHECK: act.silu %{{.*}} {beta = 1.702000e+00} : tensor<4x?xf32>
  %2 = act.silu %x {beta = 1.702 : f64} : tensor<4x?xf32>
  // CHECK: act.elu %{{.*}} : tensor<4x?xf32>
  %3 = act.elu %x {alpha = 1.0, fastmath = #arith.fastmath<none>} : tensor<4x?xf32>
  // CHECK: act.mish %{{.*}} {accuracy = #act.accuracy<fast>} : tensor
  %4 = act.mish %x {accuracy = #act.accuracy<fast>} : tensor<4x?xf32>
  // CHECK: act.tanh %{{.*}} {accuracy = #act.accuracy<ulps = 2.000000e+00>, fastmath = #arith.fastmath<nnan>} : tensor
  %5 = act.tanh %x {accuracy = #act.accuracy<ulps = 2.0>, fastmath = #arith.fastmath<nnan>} : tensor<4x?xf32>
  // CHECK: act.clamp %{{.*}} {max = 6.000000e+00, min = 0xFFF0000000000000 : f64} : tensor
  %6 = act.clamp %x {min = 0xFFF0000000000000 : f64, max = 6.0} : tensor<4x?xf32>
  // CHECK: act.threshold %{{.*}} {theta = 5.000000e-01, value = -1.000000e+00} : tensor
  %7 = act.threshold %x {theta = 0.5, value = -1.0} : tensor<4x?xf32>
  // CHECK: act.clamp_grad %{{.*}}, %{{.*}} {boundary_grad = 0 : i64, max = 1.000000e+00, min = -1.000000e+00} : tensor
  %8 = act.clamp_grad %x, %x {min = -1.0, max = 1.0, boundary_grad = 0} : tensor<4x?xf32>
  // CHECK: act.relu %{{.*}} {my.note, "my.other one" = 1.000000e+00 : f32} : tensor
  %9 = act.relu %x {my.note, "my.other one" = 1.0 : f32} : tensor<4x?xf32>
  return
}

// CHECK-LABEL: @integers
func.func @integers(%x: vector<4xi8>) {
  // CHECK: act.relu %{{.*}} : vector<4xi8>
  %0 = act.relu %x : vector<4xi8>
  // CHECK: act.clamp %{{.*}} {max = 6 : i8, min = -1 : i8} : vector<4xi8>
  %1 = act.clamp %x {min = -1 : i8, max = 6 : i8} : vector<4xi8>
  return
}

// CHECK-LABEL: @several_operands
func.func @several_operands(%dy: f32, %x: f32, %s: f32) {
  // CHECK: act.prelu %{{.*}}, %{{.*}} : f32
  %0 = act.prelu %x, %s : f32
  // CHECK: act.prelu_grad %{{.*}}, %{{.*}}, %{{.*}} : f32
  %1 = act.prelu_grad %dy, %x, %s : f32
  // CHECK: act.prelu_slope_grad %{{.*}}, %{{.*}}, %{{.*}} : f32
  %2 = act.prelu_slope_grad %dy, %x, %s : f32
  // CHECK: act.gelu_grad %{{.*}}, %{{.*}} {approximate = tanh} : f32
  %3 = act.gelu_grad %dy, %x {approximate = tanh} : f32
  return
}

// CHECK-LABEL: @rows
func.func @rows(%x: tensor<4x?xf32>) {
  // CHECK: act.softmax %{{.*}} dimension(1) : tensor<4x?xf32>
  %0 = act.softmax %x dimension(1) : tensor<4x?xf32>
  // CHECK: act.softmax %{{.*}} dimension(1) {masked_row = zero} : tensor<4x?xf32>
  %1 = act.softmax %x dimension(1) {masked_row = zero} : tensor<4x?xf32>
  // CHECK: act.log_softmax %{{.*}} dimension(0) {accuracy = #act.accuracy<fast>} : tensor
  %2 = act.log_softmax %x dimension(0) {accuracy = #act.accuracy<fast>} : tensor<4x?xf32>
  // CHECK: act.logsumexp %{{.*}} dimension(0) : tensor<4x?xf32> -> tensor<?xf32>
  %3 = act.logsumexp %x dimension(0) : tensor<4x?xf32> -> tensor<?xf32>
  // CHECK: act.hardmax %{{.*}} dimension(0) : tensor<4x?xf32>
  %4 = act.hardmax %x dimension(0) : tensor<4x?xf32>
  // CHECK: act.softmax_grad %{{.*}}, %{{.*}} dimension(0) : tensor<4x?xf32>
  %5 = act.softmax_grad %x, %x dimension(0) : tensor<4x?xf32>
  // CHECK: act.log_softmax_grad %{{.*}}, %{{.*}} dimension(0) : tensor<4x?xf32>
  %6 = act.log_softmax_grad %x, %x dimension(0) : tensor<4x?xf32>
  return
}

// CHECK-LABEL: @gated
func.func @gated(%x: tensor<?x8xf32>, %y: tensor<?x4xf32>) {
  // CHECK: act.glu %{{.*}} dimension(1) {activation = #act.fn<sigmoid>, gate = second} : tensor<?x8xf32> -> tensor<?x4xf32>
  %0 = act.glu %x dimension(1) {activation = #act.fn<sigmoid>, gate = second, layout = halves} : tensor<?x8xf32> -> tensor<?x4xf32>
  // CHECK: act.glu %{{.*}} dimension(0) {activation = #act.fn<silu, beta = 1.702000e+00>, gate = first, layout = interleaved, limit = 7.000000e+00, offset = 1.000000e+00} : tensor<?x8xf32> -> tensor<?x8xf32>
  %1 = act.glu %x dimension(0) {activation = #act.fn<silu, beta = 1.702>, gate = first, layout = interleaved, limit = 7.0, offset = 1.0} : tensor<?x8xf32> -> tensor<?x8xf32>
  // CHECK: act.glu %{{.*}}, %{{.*}} {activation = #act.fn<gelu, approximate = tanh>} : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = act.glu %y, %y {activation = #act.fn<gelu, approximate = tanh>} : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: act.glu_grad %{{.*}}, %{{.*}} dimension(1) {activation = #act.fn<clamp, max = 1.000000e+00, min = 0.000000e+00>, gate = first} : tensor<?x4xf32>, tensor<?x8xf32>
  %3 = act.glu_grad %y, %x dimension(1) {activation = #act.fn<clamp, min = 0.0, max = 1.0>, gate = first} : tensor<?x4xf32>, tensor<?x8xf32>
  return
}
