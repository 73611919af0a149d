// RUN: act-opt %s -act-raise | FileCheck %s

// Functions of comparisons and sums, with their parameters.

// CHECK-LABEL: @relu_select(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.relu %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @relu_select(%x: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %0 = arith.cmpf ogt, %x, %z : tensor<8xf32>
  %1 = arith.select %0, %x, %z : tensor<8xi1>, tensor<8xf32>
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: @leaky(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.leaky_relu %[[X]] {alpha = 0.0099999997764825821}
// CHECK-NEXT: return %[[Y]]
func.func @leaky(%x: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.01> : tensor<8xf32>
  %0 = arith.mulf %x, %z : tensor<8xf32>
  %1 = arith.maximumf %0, %x : tensor<8xf32>
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: @relu6(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.clamp %[[X]] {max = 6.000000e+00, min = 0.000000e+00}
// CHECK-NEXT: return %[[Y]]
func.func @relu6(%x: tensor<8xf16>) -> tensor<8xf16> {
  %z = arith.constant dense<0.0> : tensor<8xf16>
  %c6 = arith.constant dense<6.0> : tensor<8xf16>
  %1 = arith.maximumf %x, %z : tensor<8xf16>
  %2 = arith.minimumf %1, %c6 : tensor<8xf16>
  return %2 : tensor<8xf16>
}

// CHECK-LABEL: @hard_sigmoid(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.hard_sigmoid %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @hard_sigmoid(%x: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %c3 = arith.constant dense<3.0> : tensor<8xf32>
  %c6 = arith.constant dense<6.0> : tensor<8xf32>
  %0 = arith.addf %x, %c3 : tensor<8xf32>
  %1 = arith.maximumf %0, %z : tensor<8xf32>
  %2 = arith.minimumf %1, %c6 : tensor<8xf32>
  %3 = arith.divf %2, %c6 : tensor<8xf32>
  return %3 : tensor<8xf32>
}

// CHECK-LABEL: @hswish(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.hard_swish %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @hswish(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c3 = arith.constant dense<3.0> : tensor<8xf32>
  %c6 = arith.constant dense<0.16666667> : tensor<8xf32>
  %0 = arith.addf %x, %c3 : tensor<8xf32>
  %1 = act.clamp %0 {min = 0.0, max = 6.0} : tensor<8xf32>
  %2 = arith.mulf %1, %c6 : tensor<8xf32>
  %3 = arith.mulf %2, %x : tensor<8xf32>
  return %3 : tensor<8xf32>
}

// CHECK-LABEL: @thresholded(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.threshold %[[X]] {theta = 1.500000e+00, value = -2.000000e+00}
// CHECK-NEXT: return %[[Y]]
func.func @thresholded(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = arith.constant dense<1.5> : tensor<8xf32>
  %v = arith.constant dense<-2.0> : tensor<8xf32>
  %0 = arith.cmpf ole, %x, %t : tensor<8xf32>
  %1 = arith.select %0, %v, %x : tensor<8xi1>, tensor<8xf32>
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: @hard_shrink(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.hard_shrink %[[X]] {lambda = 7.500000e-01}
// CHECK-NEXT: return %[[Y]]
func.func @hard_shrink(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = arith.constant dense<0.75> : tensor<8xf32>
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %a = math.absf %x : tensor<8xf32>
  %0 = arith.cmpf ole, %a, %t : tensor<8xf32>
  %1 = arith.select %0, %z, %x : tensor<8xi1>, tensor<8xf32>
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: @softsign(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.softsign %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @softsign(%x: tensor<8xf32>) -> tensor<8xf32> {
  %o = arith.constant dense<1.0> : tensor<8xf32>
  %0 = math.absf %x : tensor<8xf32>
  %1 = arith.addf %0, %o : tensor<8xf32>
  %2 = arith.divf %x, %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}

// CHECK-LABEL: @squareplus(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.squareplus %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @squareplus(%x: tensor<8xf32>) -> tensor<8xf32> {
  %b = arith.constant dense<4.0> : tensor<8xf32>
  %h = arith.constant dense<0.5> : tensor<8xf32>
  %0 = arith.mulf %x, %x : tensor<8xf32>
  %1 = arith.addf %0, %b : tensor<8xf32>
  %2 = math.sqrt %1 : tensor<8xf32>
  %3 = arith.addf %x, %2 : tensor<8xf32>
  %4 = arith.mulf %3, %h : tensor<8xf32>
  return %4 : tensor<8xf32>
}

// The parameter of an activation is a constant like any other.
// CHECK-LABEL: @hard_swish_of_onnx(
// CHECK-NEXT: act.hard_swish
// CHECK-NEXT: return
func.func @hard_swish_of_onnx(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = act.hard_sigmoid %x {alpha = 0.1666666716337204} : tensor<8xf32>
  %1 = arith.mulf %x, %0 : tensor<8xf32>
  return %1 : tensor<8xf32>
}
