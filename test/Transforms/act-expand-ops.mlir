// RUN: act-opt %s -act-expand-ops -split-input-file -verify-diagnostics | FileCheck %s

// 1 ULP, the default, has a kernel in f32, which divides once.
// CHECK-LABEL: @silu
// CHECK-NOT: act.
// CHECK-NOT: f64
// CHECK: arith.divf %{{.*}} : vector<8xf32>
// CHECK-NOT: arith.divf
// CHECK: return
func.func @silu(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = act.silu %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// -----

// Half an ULP needs the f64 core.
// CHECK-LABEL: @silu_core
// CHECK: arith.extf %{{.*}} : vector<8xf32> to vector<8xf64>
// CHECK: math.fma
// CHECK: arith.truncf
// CHECK-NOT: act.
func.func @silu_core(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = act.silu %x {accuracy = #act.accuracy<ulps = 0.51>} : vector<8xf32>
  return %0 : vector<8xf32>
}

// -----

// The kernel on pairs: correctly rounded in f32, so that highest has one.
// CHECK-LABEL: @highest
// CHECK: arith.extf %{{.*}} : f32 to f64
// CHECK-NOT: act.
// CHECK: arith.ori
// CHECK: arith.truncf %{{.*}} : f64 to f32
func.func @highest(%x: f32) -> f32 {
  %0 = act.gelu %x {accuracy = #act.accuracy<highest>} : f32
  return %0 : f32
}

// -----

// CHECK-LABEL: @f64
// CHECK-NOT: act.
// CHECK-NOT: arith.truncf
// CHECK: return %{{.*}} : vector<4xf64>
func.func @f64(%x: vector<4xf64>) -> vector<4xf64> {
  %0 = act.gelu %x : vector<4xf64>
  return %0 : vector<4xf64>
}

// -----

// An IEEE operation stays one.
// CHECK-LABEL: @sqrt
// CHECK-NEXT: math.sqrt %{{.*}} : f32
func.func @sqrt(%x: f32) -> f32 {
  %0 = math.sqrt %x : f32
  return %0 : f32
}

// -----

func.func @too_much(%x: f32) -> f32 {
  // expected-error @below {{accuracy of 0.1 ULP cannot be met by any kernel of act.gelu on f32; the best there is, f64-pair, has 0.5 ULP}}
  %0 = act.gelu %x {accuracy = #act.accuracy<ulps = 0.1>} : f32
  return %0 : f32
}

// -----

func.func @no_highest_f64(%x: f64) -> f64 {
  // expected-error @below {{accuracy highest is not offered for act.gelu on f64}}
  %0 = act.gelu %x {accuracy = #act.accuracy<highest>} : f64
  return %0 : f64
}

// -----

func.func @tensor(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{act-expand-ops needs scalars and vectors, got 'tensor<4xf32>'}}
  %0 = act.gelu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @no_kernel_on_f80(%x: vector<4xf80>) -> vector<4xf80> {
  // expected-error @below {{has no kernel on 'f80'}}
  %y = math.exp %x : vector<4xf80>
  return %y : vector<4xf80>
}
