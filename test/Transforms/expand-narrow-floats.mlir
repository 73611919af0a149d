// RUN: act-opt %s -act-expand-ops -canonicalize -cse | FileCheck %s
// RUN: act-opt %s -act-expand-ops -canonicalize -cse | FileCheck %s --check-prefix=LEFT

// No conversion from or to a narrow type is left to the target.
// LEFT-NOT: arith.{{extf|truncf}} {{.*}}{{bf16|f8E}}

// One operation in f32 is exact before its rounding: no f64.
// CHECK-LABEL: @relu_f32
// CHECK-NEXT: %[[ZERO:.+]] = arith.constant dense<0.000000e+00> : vector<8xf32>
// CHECK-NEXT: %[[Y:.+]] = arith.maximumf %{{.+}}, %[[ZERO]] : vector<8xf32>
// CHECK-NEXT: return %[[Y]]
func.func @relu_f32(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = act.relu %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// A choice between numbers of the type needs no rounding.
// CHECK-LABEL: @relu_bf16
// CHECK: arith.maximumf %{{.+}} : f32
// CHECK-NOT: arith.addi
// CHECK: arith.trunci %{{.+}} : i32 to i16
// CHECK: arith.bitcast %{{.+}} : i16 to bf16
func.func @relu_bf16(%x: bf16) -> bf16 {
  %0 = act.relu %x : bf16
  return %0 : bf16
}

// 0.01 is no f32 number: two are, as good as.
// CHECK-LABEL: @leaky_relu_f32
// CHECK-NOT: f64
// CHECK: math.fma %{{.+}} : f32
func.func @leaky_relu_f32(%x: f32) -> f32 {
  %0 = act.leaky_relu %x : f32
  return %0 : f32
}

// One ULP of f32's result is more than is allowed here.
// CHECK-LABEL: @leaky_relu_highest
// CHECK: arith.mulf %{{.+}} : f64
func.func @leaky_relu_highest(%x: f32) -> f32 {
  %0 = act.leaky_relu %x {accuracy = #act.accuracy<highest>} : f32
  return %0 : f32
}

// 16 bits are correctly rounded from one product in f32.
// CHECK-LABEL: @leaky_relu_f16
// CHECK-NOT: f64
// CHECK: arith.mulf %{{.+}} : f32
// CHECK-NOT: math.fma
// CHECK: return
func.func @leaky_relu_f16(%x: f16) -> f16 {
  %0 = act.leaky_relu %x : f16
  return %0 : f16
}

// With 0.3, which f64 has not exactly but less, they would not be.
// CHECK-LABEL: @leaky_relu_f16_ties_down
// CHECK: f64
func.func @leaky_relu_f16_ties_down(%x: f16) -> f16 {
  %0 = act.leaky_relu %x {alpha = 0.3} : f16
  return %0 : f16
}

// 0.25 is one.
// CHECK-LABEL: @leaky_relu_quarter
// CHECK-NOT: f64
// CHECK: return
func.func @leaky_relu_quarter(%x: f32) -> f32 {
  %0 = act.leaky_relu %x {alpha = 0.25} : f32
  return %0 : f32
}

// f64 to f16 goes through f32, which has room for a bit that says that others
// were cut.
// CHECK-LABEL: @truncate_f64_to_f16
// CHECK: arith.ori %{{.+}} : i64
// CHECK: %[[S:.+]] = arith.truncf %{{.+}} : f64 to f32
// CHECK: arith.truncf %[[S]] : f32 to f16
func.func @truncate_f64_to_f16(%x: f64) -> f16 {
  %0 = arith.truncf %x : f64 to f16
  return %0 : f16
}

// CHECK-LABEL: @add_f8
// CHECK: arith.addf %{{.+}} : vector<4xf32>
// CHECK: arith.trunci %{{.+}} : vector<4xi32> to vector<4xi8>
// CHECK: arith.bitcast %{{.+}} : vector<4xi8> to vector<4xf8E5M2>
func.func @add_f8(%x: vector<4xf8E5M2>, %y: vector<4xf8E5M2>)
    -> vector<4xf8E5M2> {
  %0 = arith.addf %x, %y : vector<4xf8E5M2>
  return %0 : vector<4xf8E5M2>
}

// CHECK-LABEL: @compare_f8
// CHECK: arith.cmpf olt, %{{.+}} : f32
// CHECK-NEXT: return %{{.+}} : i1
func.func @compare_f8(%x: f8E4M3FN, %y: f8E4M3FN) -> i1 {
  %0 = arith.cmpf olt, %x, %y : f8E4M3FN
  return %0 : i1
}

// A product of two bf16 and a sum, rounded once.
// CHECK-LABEL: @fma_bf16
// CHECK: math.fma %{{.+}} : f64
func.func @fma_bf16(%x: bf16, %y: bf16, %z: bf16) -> bf16 {
  %0 = math.fma %x, %y, %z : bf16
  return %0 : bf16
}

// Vectors of bf16 are pairs in 32 bits: no lane moves.
// CHECK-LABEL: @in_pairs
// CHECK: %[[X:.+]] = vector.bitcast %{{.+}} : vector<8xbf16> to vector<4xi32>
// CHECK: arith.shli %[[X]], %{{.+}} : vector<4xi32>
// CHECK: arith.andi %[[X]], %{{.+}} : vector<4xi32>
// CHECK-COUNT-2: arith.mulf %{{.+}} : vector<4xf32>
// CHECK: %[[Y:.+]] = arith.ori %{{.+}} : vector<4xi32>
// CHECK: vector.bitcast %[[Y]] : vector<4xi32> to vector<8xbf16>
func.func @in_pairs(%x: vector<8xbf16>, %y: vector<8xbf16>) -> vector<8xbf16> {
  %0 = arith.mulf %x, %y : vector<8xbf16>
  return %0 : vector<8xbf16>
}

// An odd one is left over; so are results of another type.
// CHECK-LABEL: @not_in_pairs
// CHECK-NOT: vector.bitcast
// CHECK: return
func.func @not_in_pairs(%x: vector<7xbf16>, %y: vector<8xbf16>)
    -> (vector<7xbf16>, vector<8xi1>) {
  %0 = act.silu %x : vector<7xbf16>
  %1 = arith.cmpf olt, %y, %y : vector<8xbf16>
  return %0, %1 : vector<7xbf16>, vector<8xi1>
}
