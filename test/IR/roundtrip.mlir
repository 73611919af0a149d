// RUN: act-opt %s --verify-roundtrip | FileCheck %s
// RUN: act-opt %s --mlir-print-op-generic | act-opt | FileCheck %s
// RUN: act-opt %s --emit-bytecode | act-opt | FileCheck %s

// CHECK-LABEL: @activations
func.func @activations(%x: tensor<4x?xf32>) {
  // CHECK: act.relu %{{.*}} : tensor<4x?xf32>
  %0 = act.relu %x : tensor<4x?xf32>
  // CHECK: act.leaky_relu %{{.*}} : tensor<4x?xf32>
  %1 = act.leaky_relu %x : tensor<4x?xf32>
  // CHECK: act.relu_squared %{{.*}} : tensor<4x?xf32>
  %2 = act.relu_squared %x : tensor<4x?xf32>
  // CHECK: act.elu %{{.*}} : tensor<4x?xf32>
  %3 = act.elu %x : tensor<4x?xf32>
  // CHECK: act.celu %{{.*}} : tensor<4x?xf32>
  %4 = act.celu %x : tensor<4x?xf32>
  // CHECK: act.selu %{{.*}} : tensor<4x?xf32>
  %5 = act.selu %x : tensor<4x?xf32>
  // CHECK: act.sigmoid %{{.*}} : tensor<4x?xf32>
  %6 = act.sigmoid %x : tensor<4x?xf32>
  // CHECK: act.log_sigmoid %{{.*}} : tensor<4x?xf32>
  %7 = act.log_sigmoid %x : tensor<4x?xf32>
  // CHECK: act.hard_sigmoid %{{.*}} : tensor<4x?xf32>
  %8 = act.hard_sigmoid %x : tensor<4x?xf32>
  // CHECK: act.tanh %{{.*}} : tensor<4x?xf32>
  %9 = act.tanh %x : tensor<4x?xf32>
  // CHECK: act.tanh_shrink %{{.*}} : tensor<4x?xf32>
  %10 = act.tanh_shrink %x : tensor<4x?xf32>
  // CHECK: act.gelu %{{.*}} : tensor<4x?xf32>
  %11 = act.gelu %x : tensor<4x?xf32>
  // CHECK: act.silu %{{.*}} : tensor<4x?xf32>
  %12 = act.silu %x : tensor<4x?xf32>
  // CHECK: act.hard_swish %{{.*}} : tensor<4x?xf32>
  %13 = act.hard_swish %x : tensor<4x?xf32>
  // CHECK: act.mish %{{.*}} : tensor<4x?xf32>
  %14 = act.mish %x : tensor<4x?xf32>
  // CHECK: act.softplus %{{.*}} : tensor<4x?xf32>
  %15 = act.softplus %x : tensor<4x?xf32>
  // CHECK: act.squareplus %{{.*}} : tensor<4x?xf32>
  %16 = act.squareplus %x : tensor<4x?xf32>
  // CHECK: act.softsign %{{.*}} : tensor<4x?xf32>
  %17 = act.softsign %x : tensor<4x?xf32>
  // CHECK: act.hard_shrink %{{.*}} : tensor<4x?xf32>
  %18 = act.hard_shrink %x : tensor<4x?xf32>
  // CHECK: act.soft_shrink %{{.*}} : tensor<4x?xf32>
  %19 = act.soft_shrink %x : tensor<4x?xf32>
  // CHECK: act.soft_cap %{{.*}} : tensor<4x?xf32>
  %22 = act.soft_cap %x : tensor<4x?xf32>
  // CHECK: act.sparse_plus %{{.*}} : tensor<4x?xf32>
  %20 = act.sparse_plus %x : tensor<4x?xf32>
  // CHECK: act.sparse_sigmoid %{{.*}} : tensor<4x?xf32>
  %21 = act.sparse_sigmoid %x : tensor<4x?xf32>
  return
}

// CHECK-LABEL: @gradients
func.func @gradients(%dy: vector<8xbf16>, %x: vector<8xbf16>) {
  // CHECK: act.relu_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %0 = act.relu_grad %dy, %x : vector<8xbf16>
  // CHECK: act.leaky_relu_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %1 = act.leaky_relu_grad %dy, %x : vector<8xbf16>
  // CHECK: act.relu_squared_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %2 = act.relu_squared_grad %dy, %x : vector<8xbf16>
  // CHECK: act.elu_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %3 = act.elu_grad %dy, %x : vector<8xbf16>
  // CHECK: act.celu_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %4 = act.celu_grad %dy, %x : vector<8xbf16>
  // CHECK: act.selu_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %5 = act.selu_grad %dy, %x : vector<8xbf16>
  // CHECK: act.sigmoid_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %6 = act.sigmoid_grad %dy, %x : vector<8xbf16>
  // CHECK: act.log_sigmoid_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %7 = act.log_sigmoid_grad %dy, %x : vector<8xbf16>
  // CHECK: act.hard_sigmoid_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %8 = act.hard_sigmoid_grad %dy, %x : vector<8xbf16>
  // CHECK: act.tanh_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %9 = act.tanh_grad %dy, %x : vector<8xbf16>
  // CHECK: act.tanh_shrink_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %10 = act.tanh_shrink_grad %dy, %x : vector<8xbf16>
  // CHECK: act.gelu_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %11 = act.gelu_grad %dy, %x : vector<8xbf16>
  // CHECK: act.silu_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %12 = act.silu_grad %dy, %x : vector<8xbf16>
  // CHECK: act.hard_swish_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %13 = act.hard_swish_grad %dy, %x : vector<8xbf16>
  // CHECK: act.mish_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %14 = act.mish_grad %dy, %x : vector<8xbf16>
  // CHECK: act.softplus_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %15 = act.softplus_grad %dy, %x : vector<8xbf16>
  // CHECK: act.squareplus_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %16 = act.squareplus_grad %dy, %x : vector<8xbf16>
  // CHECK: act.softsign_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %17 = act.softsign_grad %dy, %x : vector<8xbf16>
  // CHECK: act.hard_shrink_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %18 = act.hard_shrink_grad %dy, %x : vector<8xbf16>
  // CHECK: act.soft_shrink_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %19 = act.soft_shrink_grad %dy, %x : vector<8xbf16>
  // CHECK: act.soft_cap_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %22 = act.soft_cap_grad %dy, %x : vector<8xbf16>
  // CHECK: act.sparse_plus_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %20 = act.sparse_plus_grad %dy, %x : vector<8xbf16>
  // CHECK: act.sparse_sigmoid_grad %{{.*}}, %{{.*}} : vector<8xbf16>
  %21 = act.sparse_sigmoid_grad %dy, %x : vector<8xbf16>
  return
}
