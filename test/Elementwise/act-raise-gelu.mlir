// RUN: act-opt %s -act-raise | FileCheck %s

// The three functions that go by the name of gelu, in every type: what
// constants lose by being rounded is less than what tells them apart.

// CHECK-LABEL: @gelu_f64(
// CHECK-NEXT: act.gelu %{{.+}} : tensor<8xf64>
// CHECK-NEXT: return
func.func @gelu_f64(%x: tensor<8xf64>) -> tensor<8xf64> {
  %c = arith.constant dense<0.70710678118654752> : tensor<8xf64>
  %half = arith.constant dense<0.5> : tensor<8xf64>
  %one = arith.constant dense<1.0> : tensor<8xf64>
  %0 = arith.mulf %x, %c : tensor<8xf64>
  %1 = math.erf %0 : tensor<8xf64>
  %2 = arith.addf %1, %one : tensor<8xf64>
  %3 = arith.mulf %x, %half : tensor<8xf64>
  %4 = arith.mulf %3, %2 : tensor<8xf64>
  return %4 : tensor<8xf64>
}

// CHECK-LABEL: @tanh_form_f64(
// CHECK-NEXT: act.gelu %{{.+}} {approximate = tanh} : tensor<8xf64>
// CHECK-NEXT: return
func.func @tanh_form_f64(%x: tensor<8xf64>) -> tensor<8xf64> {
  %c = arith.constant dense<0.044715> : tensor<8xf64>
  %k = arith.constant dense<0.79788456080286536> : tensor<8xf64>
  %half = arith.constant dense<0.5> : tensor<8xf64>
  %one = arith.constant dense<1.0> : tensor<8xf64>
  %0 = arith.mulf %x, %x : tensor<8xf64>
  %1 = arith.mulf %0, %x : tensor<8xf64>
  %2 = arith.mulf %1, %c : tensor<8xf64>
  %3 = arith.addf %x, %2 : tensor<8xf64>
  %4 = arith.mulf %3, %k : tensor<8xf64>
  %5 = math.tanh %4 : tensor<8xf64>
  %6 = arith.addf %5, %one : tensor<8xf64>
  %7 = arith.mulf %6, %half : tensor<8xf64>
  %8 = arith.mulf %7, %x : tensor<8xf64>
  return %8 : tensor<8xf64>
}

// CHECK-LABEL: @sigmoid_form_f64(
// CHECK-NEXT: act.silu %{{.+}} {beta = 1.702000e+00} : tensor<8xf64>
// CHECK-NEXT: return
func.func @sigmoid_form_f64(%x: tensor<8xf64>) -> tensor<8xf64> {
  %c = arith.constant dense<1.702> : tensor<8xf64>
  %0 = arith.mulf %x, %c : tensor<8xf64>
  %1 = act.sigmoid %0 : tensor<8xf64>
  %2 = arith.mulf %x, %1 : tensor<8xf64>
  return %2 : tensor<8xf64>
}

// CHECK-LABEL: @gelu_f32(
// CHECK-NEXT: act.gelu %{{.+}} : tensor<8xf32>
// CHECK-NEXT: return
func.func @gelu_f32(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant dense<0.70710678118654752> : tensor<8xf32>
  %half = arith.constant dense<0.5> : tensor<8xf32>
  %one = arith.constant dense<1.0> : tensor<8xf32>
  %0 = arith.mulf %x, %c : tensor<8xf32>
  %1 = math.erf %0 : tensor<8xf32>
  %2 = arith.addf %1, %one : tensor<8xf32>
  %3 = arith.mulf %x, %half : tensor<8xf32>
  %4 = arith.mulf %3, %2 : tensor<8xf32>
  return %4 : tensor<8xf32>
}

// CHECK-LABEL: @tanh_form_f32(
// CHECK-NEXT: act.gelu %{{.+}} {approximate = tanh} : tensor<8xf32>
// CHECK-NEXT: return
func.func @tanh_form_f32(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant dense<0.044715> : tensor<8xf32>
  %k = arith.constant dense<0.79788456080286536> : tensor<8xf32>
  %half = arith.constant dense<0.5> : tensor<8xf32>
  %one = arith.constant dense<1.0> : tensor<8xf32>
  %0 = arith.mulf %x, %x : tensor<8xf32>
  %1 = arith.mulf %0, %x : tensor<8xf32>
  %2 = arith.mulf %1, %c : tensor<8xf32>
  %3 = arith.addf %x, %2 : tensor<8xf32>
  %4 = arith.mulf %3, %k : tensor<8xf32>
  %5 = math.tanh %4 : tensor<8xf32>
  %6 = arith.addf %5, %one : tensor<8xf32>
  %7 = arith.mulf %6, %half : tensor<8xf32>
  %8 = arith.mulf %7, %x : tensor<8xf32>
  return %8 : tensor<8xf32>
}

// CHECK-LABEL: @sigmoid_form_f32(
// CHECK-NEXT: act.silu %{{.+}} {beta = 1.70{{[0-9]*}}} : tensor<8xf32>
// CHECK-NEXT: return
func.func @sigmoid_form_f32(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant dense<1.702> : tensor<8xf32>
  %0 = arith.mulf %x, %c : tensor<8xf32>
  %1 = act.sigmoid %0 : tensor<8xf32>
  %2 = arith.mulf %x, %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}

// CHECK-LABEL: @gelu_f16(
// CHECK-NEXT: act.gelu %{{.+}} : tensor<8xf16>
// CHECK-NEXT: return
func.func @gelu_f16(%x: tensor<8xf16>) -> tensor<8xf16> {
  %c = arith.constant dense<0.70710678118654752> : tensor<8xf16>
  %half = arith.constant dense<0.5> : tensor<8xf16>
  %one = arith.constant dense<1.0> : tensor<8xf16>
  %0 = arith.mulf %x, %c : tensor<8xf16>
  %1 = math.erf %0 : tensor<8xf16>
  %2 = arith.addf %1, %one : tensor<8xf16>
  %3 = arith.mulf %x, %half : tensor<8xf16>
  %4 = arith.mulf %3, %2 : tensor<8xf16>
  return %4 : tensor<8xf16>
}

// CHECK-LABEL: @tanh_form_f16(
// CHECK-NEXT: act.gelu %{{.+}} {approximate = tanh} : tensor<8xf16>
// CHECK-NEXT: return
func.func @tanh_form_f16(%x: tensor<8xf16>) -> tensor<8xf16> {
  %c = arith.constant dense<0.044715> : tensor<8xf16>
  %k = arith.constant dense<0.79788456080286536> : tensor<8xf16>
  %half = arith.constant dense<0.5> : tensor<8xf16>
  %one = arith.constant dense<1.0> : tensor<8xf16>
  %0 = arith.mulf %x, %x : tensor<8xf16>
  %1 = arith.mulf %0, %x : tensor<8xf16>
  %2 = arith.mulf %1, %c : tensor<8xf16>
  %3 = arith.addf %x, %2 : tensor<8xf16>
  %4 = arith.mulf %3, %k : tensor<8xf16>
  %5 = math.tanh %4 : tensor<8xf16>
  %6 = arith.addf %5, %one : tensor<8xf16>
  %7 = arith.mulf %6, %half : tensor<8xf16>
  %8 = arith.mulf %7, %x : tensor<8xf16>
  return %8 : tensor<8xf16>
}

// CHECK-LABEL: @sigmoid_form_f16(
// CHECK-NEXT: act.silu %{{.+}} {beta = 1.70{{[0-9]*}}} : tensor<8xf16>
// CHECK-NEXT: return
func.func @sigmoid_form_f16(%x: tensor<8xf16>) -> tensor<8xf16> {
  %c = arith.constant dense<1.702> : tensor<8xf16>
  %0 = arith.mulf %x, %c : tensor<8xf16>
  %1 = act.sigmoid %0 : tensor<8xf16>
  %2 = arith.mulf %x, %1 : tensor<8xf16>
  return %2 : tensor<8xf16>
}

// CHECK-LABEL: @gelu_bf16(
// CHECK-NEXT: act.gelu %{{.+}} : tensor<8xbf16>
// CHECK-NEXT: return
func.func @gelu_bf16(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  %c = arith.constant dense<0.70710678118654752> : tensor<8xbf16>
  %half = arith.constant dense<0.5> : tensor<8xbf16>
  %one = arith.constant dense<1.0> : tensor<8xbf16>
  %0 = arith.mulf %x, %c : tensor<8xbf16>
  %1 = math.erf %0 : tensor<8xbf16>
  %2 = arith.addf %1, %one : tensor<8xbf16>
  %3 = arith.mulf %x, %half : tensor<8xbf16>
  %4 = arith.mulf %3, %2 : tensor<8xbf16>
  return %4 : tensor<8xbf16>
}

// CHECK-LABEL: @tanh_form_bf16(
// CHECK-NEXT: act.gelu %{{.+}} {approximate = tanh} : tensor<8xbf16>
// CHECK-NEXT: return
func.func @tanh_form_bf16(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  %c = arith.constant dense<0.044715> : tensor<8xbf16>
  %k = arith.constant dense<0.79788456080286536> : tensor<8xbf16>
  %half = arith.constant dense<0.5> : tensor<8xbf16>
  %one = arith.constant dense<1.0> : tensor<8xbf16>
  %0 = arith.mulf %x, %x : tensor<8xbf16>
  %1 = arith.mulf %0, %x : tensor<8xbf16>
  %2 = arith.mulf %1, %c : tensor<8xbf16>
  %3 = arith.addf %x, %2 : tensor<8xbf16>
  %4 = arith.mulf %3, %k : tensor<8xbf16>
  %5 = math.tanh %4 : tensor<8xbf16>
  %6 = arith.addf %5, %one : tensor<8xbf16>
  %7 = arith.mulf %6, %half : tensor<8xbf16>
  %8 = arith.mulf %7, %x : tensor<8xbf16>
  return %8 : tensor<8xbf16>
}

// CHECK-LABEL: @sigmoid_form_bf16(
// CHECK-NEXT: act.silu %{{.+}} {beta = 1.70{{[0-9]*}}} : tensor<8xbf16>
// CHECK-NEXT: return
func.func @sigmoid_form_bf16(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  %c = arith.constant dense<1.702> : tensor<8xbf16>
  %0 = arith.mulf %x, %c : tensor<8xbf16>
  %1 = act.sigmoid %0 : tensor<8xbf16>
  %2 = arith.mulf %x, %1 : tensor<8xbf16>
  return %2 : tensor<8xbf16>
}

// CHECK-LABEL: @erfc_form(
// CHECK-NEXT: act.gelu %{{.+}} : tensor<8xf32>
// CHECK-NEXT: return
func.func @erfc_form(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant dense<-0.70710678118654752> : tensor<8xf32>
  %half = arith.constant dense<0.5> : tensor<8xf32>
  %0 = arith.mulf %x, %c : tensor<8xf32>
  %1 = math.erfc %0 : tensor<8xf32>
  %2 = arith.mulf %x, %half : tensor<8xf32>
  %3 = arith.mulf %2, %1 : tensor<8xf32>
  return %3 : tensor<8xf32>
}
