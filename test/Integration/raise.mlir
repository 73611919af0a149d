// The formula of silu overflows below -88; what it names does not.

// RUN: act-run %s --input='4xf32=[-100, -90, -1, 3]' | FileCheck %s
// RUN: act-run %s --input='4xf32=[-100, -90, -1, 3]' --target=gpu-sim | FileCheck %s
// RUN: act-run %s --input='4xf32=[-100, -90, -1, 3]' --no-raise | FileCheck %s --check-prefix=FORMULA
// RUN: act-compile %s --compile-to=raise -o - | FileCheck %s --check-prefix=NAMED
// RUN: act-compile %s --compile-to=raise --no-raise -o - | FileCheck %s --check-prefix=UNNAMED

// CHECK: result 0: 4xf32=[-3.72{{[0-9]*}}E-42, -7.374{{[0-9]*}}E-38, -0.26894
// FORMULA: result 0: 4xf32=[-0, -0, -0.26894
// NAMED: act.silu
// UNNAMED-NOT: act.silu
// UNNAMED: math.exp
func.func @silu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %0 = arith.negf %x : tensor<4xf32>
  %1 = math.exp %0 : tensor<4xf32>
  %2 = arith.addf %1, %one : tensor<4xf32>
  %3 = arith.divf %x, %2 : tensor<4xf32>
  return %3 : tensor<4xf32>
}
