// RUN: act-opt %s -act-fuse -act-round-once -canonicalize | FileCheck %s

// One conversion where a number comes in, one where it leaves.
// CHECK-LABEL: @chain(
// CHECK: ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32, %{{.+}}: f32):
// CHECK-DAG: %[[WA:.+]] = arith.extf %[[A]] : f32 to f64
// CHECK-DAG: %[[WB:.+]] = arith.extf %[[B]] : f32 to f64
// CHECK: %[[P:.+]] = arith.mulf %[[WA]], %[[WB]] : f64
// CHECK-NEXT: %[[S:.+]] = act.silu %[[P]] {act.core} : f64
// CHECK-NEXT: %[[R:.+]] = arith.truncf %[[S]] : f64 to f32
// CHECK-NEXT: linalg.yield %[[R]] : f32
func.func @chain(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %0 = arith.mulf %x, %y : tensor<8xf32>
  %1 = act.silu %0 : tensor<8xf32>
  return %1 : tensor<8xf32>
}

// A later factor may bring back what the core of gelu gives up.
// CHECK-LABEL: @tails(
// CHECK: act.gelu %{{.+}} {accuracy = #act.accuracy<precise>} : f64
func.func @tails(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %0 = act.gelu %x {accuracy = #act.accuracy<highest>} : tensor<8xf32>
  %1 = arith.mulf %0, %y : tensor<8xf32>
  return %1 : tensor<8xf32>
}

// Conversions inside do not round; comparisons are of unrounded numbers.
// CHECK-LABEL: @conversions(
// CHECK: arith.extf %{{.+}} : bf16 to f64
// CHECK-NEXT: %[[E:.+]] = math.exp %{{.+}} {act.core} : f64
// CHECK-NEXT: arith.addf
// CHECK-NEXT: arith.cmpf
// CHECK-NEXT: arith.select
// CHECK-NEXT: arith.truncf %{{.+}} : f64 to bf16
// CHECK-NEXT: linalg.yield
func.func @conversions(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  %one = arith.constant dense<1.0> : tensor<8xf32>
  %0 = arith.extf %x : tensor<8xbf16> to tensor<8xf32>
  %1 = math.exp %0 : tensor<8xf32>
  %2 = arith.addf %1, %one : tensor<8xf32>
  %3 = arith.cmpf olt, %2, %one : tensor<8xf32>
  %4 = arith.select %3, %1, %2 : tensor<8xi1>, tensor<8xf32>
  %5 = arith.truncf %4 : tensor<8xf32> to tensor<8xbf16>
  return %5 : tensor<8xbf16>
}

// One rounding is one rounding already.
// CHECK-LABEL: @single(
// CHECK: act.gelu %{{.+}} : f32
// CHECK-NOT: f64
func.func @single(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = arith.negf %x : tensor<8xf32>
  %1 = act.gelu %0 : tensor<8xf32>
  return %1 : tensor<8xf32>
}
