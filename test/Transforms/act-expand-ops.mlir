// RUN: act-opt %s -act-expand-ops -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @silu
// CHECK: arith.extf %{{.*}} : vector<8xf32> to vector<8xf64>
// CHECK: math.fma
// CHECK: arith.truncf
// CHECK-NOT: act.
func.func @silu(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = act.silu %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// -----

func.func @too_much(%x: f32) -> f32 {
  // expected-error @below {{accuracy of 1.000000e-01 ULP cannot be met by any kernel of act.gelu on 'f32'; the best there is 5.100000e-01 ULP}}
  %0 = act.gelu %x {accuracy = #act.accuracy<ulps = 0.1>} : f32
  return %0 : f32
}

// -----

func.func @no_f64_kernel(%x: f64) -> f64 {
  // expected-error @below {{no kernel for act.gelu on f64 is there yet}}
  %0 = act.gelu %x : f64
  return %0 : f64
}
