// RUN: act-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: @softmax_shift
// CHECK-NEXT: act.softmax %arg0 dimension(1)
// CHECK-NEXT: return
func.func @softmax_shift(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = arith.constant dense<3.0> : tensor<4x8xf32>
  %0 = arith.addf %c, %x fastmath<nnan,ninf> : tensor<4x8xf32>
  %1 = act.softmax %0 dimension(1) : tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// One constant a row, subtracted; the flags are softmax's.
// CHECK-LABEL: @log_softmax_shift_by_row
// CHECK: act.log_softmax %arg0 dimension(1)
// CHECK-NEXT: return
func.func @log_softmax_shift_by_row(%x: tensor<4x8xf32>, %c: tensor<4xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %b = linalg.broadcast ins(%c : tensor<4xf32>) outs(%e : tensor<4x8xf32>) dimensions = [1]
  %0 = arith.subf %x, %b : tensor<4x8xf32>
  %1 = act.log_softmax %0 dimension(1) {fastmath = #arith.fastmath<nnan,ninf>} : tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// CHECK-LABEL: @no_shift_along_the_row
// CHECK: arith.addf
func.func @no_shift_along_the_row(%x: tensor<4x8xf32>, %c: tensor<8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %b = linalg.broadcast ins(%c : tensor<8xf32>) outs(%e : tensor<4x8xf32>) dimensions = [0]
  %0 = arith.addf %x, %b fastmath<fast> : tensor<4x8xf32>
  %1 = act.softmax %0 dimension(1) : tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// CHECK-LABEL: @no_shift_without_flags
// CHECK: arith.addf
func.func @no_shift_without_flags(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = arith.constant dense<3.0> : tensor<4x8xf32>
  %0 = arith.addf %c, %x fastmath<nnan> : tensor<4x8xf32>
  %1 = act.softmax %0 dimension(1) : tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// CHECK-LABEL: @log_of_probability
// CHECK-NEXT: act.log_softmax %arg0 dimension(0)
// CHECK-NEXT: act.log_sigmoid %arg0
// CHECK-NEXT: return
func.func @log_of_probability(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %0 = act.softmax %x dimension(0) : tensor<8xf32>
  %1 = math.log %0 fastmath<ninf> : tensor<8xf32>
  %2 = act.sigmoid %x : tensor<8xf32>
  %3 = math.log %2 fastmath<fast> : tensor<8xf32>
  return %1, %3 : tensor<8xf32>, tensor<8xf32>
}

// A masked row's logarithm is -inf; what underflows is -inf without flags.
// CHECK-LABEL: @no_log_of_probability
// CHECK-COUNT-2: math.log
func.func @no_log_of_probability(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %0 = act.softmax %x dimension(0) {masked_row = zero} : tensor<8xf32>
  %1 = math.log %0 fastmath<fast> : tensor<8xf32>
  %2 = act.softmax %x dimension(0) : tensor<8xf32>
  %3 = math.log %2 : tensor<8xf32>
  return %1, %3 : tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: @expm1
// CHECK-NEXT: math.expm1 %arg0 : f32
// CHECK-NEXT: math.expm1 %arg1 : tensor<4xf32>
// CHECK-NEXT: return
func.func @expm1(%x: f32, %t: tensor<4xf32>) -> (f32, tensor<4xf32>) {
  %one = arith.constant 1.0 : f32
  %minus = arith.constant dense<-1.0> : tensor<4xf32>
  %0 = math.exp %x : f32
  %1 = arith.subf %0, %one fastmath<nsz> : f32
  %2 = math.exp %t : tensor<4xf32>
  %3 = arith.addf %minus, %2 fastmath<nsz> : tensor<4xf32>
  return %1, %3 : f32, tensor<4xf32>
}

// CHECK-LABEL: @log1p
// CHECK-NEXT: math.log1p %arg0 : f32
// CHECK-NEXT: return
func.func @log1p(%x: f32) -> f32 {
  %one = arith.constant 1.0 : f32
  %0 = arith.addf %one, %x : f32
  %1 = math.log %0 fastmath<nsz> : f32
  return %1 : f32
}

// The sign of zero would change.
// CHECK-LABEL: @no_log1p_no_expm1
// CHECK-NOT: math.log1p
// CHECK-NOT: math.expm1
func.func @no_log1p_no_expm1(%x: f32) -> (f32, f32) {
  %one = arith.constant 1.0 : f32
  %0 = arith.addf %one, %x : f32
  %1 = math.log %0 fastmath<nnan,ninf> : f32
  %2 = math.exp %x : f32
  %3 = arith.subf %2, %one : f32
  return %1, %3 : f32, f32
}
