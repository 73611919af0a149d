// RUN: act-run %s -e chain --input='1001xf32=linspace(-8,8)' --expect-ulp=1 | FileCheck %s
// RUN: act-run %s -e chain --input='0xf32=0' --expect-ulp=1 | FileCheck %s
// RUN: act-run %s -e chain --input='7xf32=linspace(-8,8)' --vector-bits=128 --expect-ulp=1 | FileCheck %s
// RUN: act-run %s -e scalar --input='f32=1.5' | FileCheck %s --check-prefix=SCALAR
// RUN: act-run %s -e half --input='4x33xf16=random(1)' --expect-ulp=0.5 | FileCheck %s
// RUN: act-run %s -e brain --input='4x33xbf16=random(1)' --expect-ulp=0.5 | FileCheck %s
// RUN: act-run %s -e special --accuracy=highest --input='6xf32=[-inf, -0.0, 0, inf, nan, 1e-45]' | FileCheck %s --check-prefix=SPECIAL

// CHECK: result 0: at most {{.*}} ULP from the reference
func.func @chain(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = act.gelu %x : tensor<?xf32>
  %z = act.relu %y : tensor<?xf32>
  return %z : tensor<?xf32>
}

// SCALAR: result 0: f32=[1.5]
func.func @scalar(%x: tensor<f32>) -> tensor<f32> {
  %y = act.relu %x : tensor<f32>
  return %y : tensor<f32>
}

func.func @half(%x: tensor<4x?xf16>) -> tensor<4x?xf16> {
  %y = act.silu %x : tensor<4x?xf16>
  return %y : tensor<4x?xf16>
}

func.func @brain(%x: tensor<4x?xbf16>) -> tensor<4x?xbf16> {
  %y = act.mish %x : tensor<4x?xbf16>
  return %y : tensor<4x?xbf16>
}

// SPECIAL: result 0: 6xf32=[-0, -0, 0, inf, nan, 1.40129846E-45]
func.func @special(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = act.gelu %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
