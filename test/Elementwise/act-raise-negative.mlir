// RUN: act-opt %s -act-raise -remark-format=emitRemark -remark-policy=all \
// RUN:   -remarks-filter=act-raise 2>&1 | FileCheck %s

// CHECK: shared part{{.*}}[Missed]{{.*}}act.silu is not named: a part of it is used elsewhere

// 0.7071 is no rounding of 1 / sqrt(2).
// CHECK-LABEL: func.func @four_digits(
// CHECK: math.erf
// CHECK-NOT: act.
func.func @four_digits(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant dense<0.7071> : tensor<8xf32>
  %half = arith.constant dense<0.5> : tensor<8xf32>
  %one = arith.constant dense<1.0> : tensor<8xf32>
  %0 = arith.mulf %x, %c : tensor<8xf32>
  %1 = math.erf %0 : tensor<8xf32>
  %2 = arith.addf %1, %one : tensor<8xf32>
  %3 = arith.mulf %x, %half : tensor<8xf32>
  %4 = arith.mulf %3, %2 : tensor<8xf32>
  return %4 : tensor<8xf32>
}

// The threshold changes values: log1p(exp(6)) is not 6.
// CHECK-LABEL: func.func @low_threshold(
// CHECK: %[[Y:.+]] = act.softplus
// CHECK: arith.select %{{.+}}, %{{.+}}, %[[Y]]
func.func @low_threshold(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = arith.constant dense<5.0> : tensor<8xf32>
  %0 = math.exp %x : tensor<8xf32>
  %1 = math.log1p %0 : tensor<8xf32>
  %2 = arith.cmpf ogt, %x, %t : tensor<8xf32>
  %3 = arith.select %2, %x, %1 : tensor<8xi1>, tensor<8xf32>
  return %3 : tensor<8xf32>
}

// In f64 torch's usual threshold changes values as well.
// CHECK-LABEL: func.func @threshold_in_f64(
// CHECK: arith.select
func.func @threshold_in_f64(%x: tensor<8xf64>) -> tensor<8xf64> {
  %t = arith.constant dense<20.0> : tensor<8xf64>
  %0 = math.exp %x : tensor<8xf64>
  %1 = math.log1p %0 : tensor<8xf64>
  %2 = arith.cmpf ogt, %x, %t : tensor<8xf64>
  %3 = arith.select %2, %x, %1 : tensor<8xi1>, tensor<8xf64>
  return %3 : tensor<8xf64>
}

// With the sigmoid computed anyway, the product is cheaper than silu.
// CHECK-LABEL: func.func @shared(
// CHECK: act.sigmoid
// CHECK-NEXT: arith.mulf
func.func @shared(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %s = act.sigmoid %x : tensor<8xf32>
  %0 = arith.mulf %x, %s : tensor<8xf32> loc("shared part")
  return %0, %s : tensor<8xf32>, tensor<8xf32>
}

// Two numbers come in.
// CHECK-LABEL: func.func @two_inputs(
// CHECK-NOT: act.
func.func @two_inputs(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %0 = arith.cmpf ogt, %x, %z : tensor<8xf32>
  %1 = arith.select %0, %x, %y : tensor<8xi1>, tensor<8xf32>
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: func.func @no_activation(
// CHECK-NOT: act.
func.func @no_activation(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c = arith.constant dense<2.0> : tensor<8xf32>
  %0 = arith.mulf %x, %x : tensor<8xf32>
  %1 = arith.addf %0, %c : tensor<8xf32>
  %2 = math.sqrt %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}

// One operation asks for another accuracy than the next.
// CHECK-LABEL: func.func @two_accuracies(
// CHECK: act.sigmoid
// CHECK-NOT: act.log_sigmoid
func.func @two_accuracies(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = act.sigmoid %x {accuracy = #act.accuracy<highest>} : tensor<8xf32>
  %1 = math.log %0 {accuracy = #act.accuracy<fast>} : tensor<8xf32>
  return %1 : tensor<8xf32>
}
