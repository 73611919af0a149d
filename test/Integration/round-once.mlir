// A chain is within 0.51 ULP of its value, where it is far off otherwise.

// RUN: act-run %s --input='4099xf32=linspace(-9,9)' --round=once --expect-ulp=0.51
// RUN: act-run %s --input='4099xf32=linspace(-9,9)' --round=once --target=gpu-sim --expect-ulp=0.51
// RUN: not act-run %s --input='4099xf32=linspace(-9,9)' --expect-ulp=0.51
// RUN: not act-run %s --input='4099xf32=linspace(-9,9)' --round=once --reproducible 2>&1 | FileCheck %s

// CHECK: error: --round=once and --reproducible contradict each other
func.func @chain(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = act.softplus %x : tensor<?xf32>
  %1 = math.log %0 : tensor<?xf32>
  %2 = arith.mulf %1, %x : tensor<?xf32>
  %3 = act.silu %2 : tensor<?xf32>
  %4 = arith.addf %3, %x : tensor<?xf32>
  return %4 : tensor<?xf32>
}
