// The stock convert-to-llvm takes activations on scalars and vectors.
// RUN: act-opt %s --convert-to-llvm | FileCheck %s
// RUN: mlir-opt --load-dialect-plugin=%act_lib/ActPlugin.so %s --convert-to-llvm | FileCheck %s

// CHECK-LABEL: llvm.func @vector(
// CHECK-NOT: act.
// CHECK: llvm.intr.fma({{.*}}) : (vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK-NOT: act.
// CHECK: llvm.return
func.func @vector(%x: vector<8xf32>) -> vector<8xf32> {
  %y = act.gelu %x : vector<8xf32>
  return %y : vector<8xf32>
}

// CHECK-LABEL: llvm.func @bounded(
// CHECK: llvm.fpext %{{.*}} : f32 to f64
// CHECK: llvm.fptrunc %{{.*}} : f64 to f32
// CHECK: llvm.return
func.func @bounded(%x: f32) -> f32 {
  %y = act.silu %x {accuracy = #act.accuracy<ulps = 0.51>} : f32
  return %y : f32
}

// CHECK-LABEL: llvm.func @narrow(
// CHECK-NOT: act.
// CHECK: llvm.return
func.func @narrow(%dy: vector<2x4xbf16>, %x: vector<2x4xbf16>) -> vector<2x4xbf16> {
  %y = act.tanh_grad %dy, %x : vector<2x4xbf16>
  return %y : vector<2x4xbf16>
}

// CHECK-LABEL: llvm.func @integers(
// CHECK-NOT: act.
// CHECK: llvm.return
func.func @integers(%x: vector<4xi32>) -> vector<4xi32> {
  %y = act.relu %x : vector<4xi32>
  return %y : vector<4xi32>
}

// Those on tensors are for the stages of the compiler.
// CHECK-LABEL: func.func @tensor(
// CHECK: act.gelu
func.func @tensor(%x: tensor<8xf32>) {
  %y = act.gelu %x : tensor<8xf32>
  return
}
