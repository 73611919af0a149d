// RUN: act-run %s -e e4m3 --input='1003xf8E4M3FN=random(1)' --expect-ulp=0.5 | FileCheck %s
// RUN: act-run %s -e e5m2 --input='3x37xf8E5M2=random(2)' --expect-ulp=0.5 | FileCheck %s
// RUN: act-run %s -e f64 --input='999xf64=linspace(-760,40)' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e chain --input='4xf8E4M3FN=[1, nan, 448, -448]' | FileCheck %s --check-prefix=CHAIN
// RUN: act-run %s -e cast --input='8xf32=[1.0625, nan, 1e30, -inf, 0.001, 1e-8, -1e-30, 61440]' | FileCheck %s --check-prefix=CAST

// CHECK: result 0: at most {{.*}} ULP from the reference
func.func @e4m3(%x: tensor<?xf8E4M3FN>) -> tensor<?xf8E4M3FN> {
  %y = act.gelu %x : tensor<?xf8E4M3FN>
  return %y : tensor<?xf8E4M3FN>
}

func.func @e5m2(%x: tensor<?x?xf8E5M2>) -> tensor<?x?xf8E5M2> {
  %y = act.silu %x : tensor<?x?xf8E5M2>
  return %y : tensor<?x?xf8E5M2>
}

func.func @f64(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y = act.mish %x : tensor<?xf64>
  return %y : tensor<?xf64>
}

// CHAIN: result 0: 4xf8E4M3FN=[2, nan, 448, 0]
func.func @chain(%x: tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FN> {
  %c = arith.constant dense<[1.0, 2.0, 300.0, -448.0]> : tensor<4xf8E4M3FN>
  %y = arith.addf %x, %c : tensor<4xf8E4M3FN>
  %z = act.relu %y : tensor<4xf8E4M3FN>
  return %z : tensor<4xf8E4M3FN>
}

// CAST: result 0: 8xf8E4M3FN=[1, nan, 448, -448, 0.00195, 0, -0, 448]
// CAST: result 1: 8xf8E5M2=[1, nan, inf, -inf, 0.00097, 0, -0, inf]
func.func @cast(%x: tensor<8xf32>) -> (tensor<8xf8E4M3FN>, tensor<8xf8E5M2>) {
  %y = arith.truncf %x : tensor<8xf32> to tensor<8xf8E4M3FN>
  %z = arith.truncf %x : tensor<8xf32> to tensor<8xf8E5M2>
  return %y, %z : tensor<8xf8E4M3FN>, tensor<8xf8E5M2>
}
