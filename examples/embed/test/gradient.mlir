// RUN: toy-opt %s --toy-gradient | FileCheck %s

// CHECK-LABEL: func @chain_gradient
// CHECK-SAME: (%[[X:.+]]: tensor<?xf32>, %[[DY:.+]]: tensor<?xf32>)
// CHECK: %[[A:.+]] = toy.flick %[[X]]
// CHECK: act.tanh %[[A]]
// CHECK: %[[DA:.+]] = act.tanh_grad %[[DY]], %[[A]]
// CHECK: %[[DX:.+]] = act.silu_grad %[[DA]], %[[X]] {beta = 1.702000e+00}
// CHECK: return %[[DX]]
func.func @chain(%x: tensor<?xf32>) -> tensor<?xf32> {
  %a = toy.flick %x : tensor<?xf32>
  %y = act.tanh %a : tensor<?xf32>
  return %y : tensor<?xf32>
}
