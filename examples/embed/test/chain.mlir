// RUN: toy-opt %s --act-fuse | FileCheck %s
// RUN: toy-opt %s --toy-flick-to-act --toy-to-llvm -o %t.act
// RUN: toy-opt %s --toy-to-llvm -o %t.toy
// The code of act.silu, to the last instruction.
// RUN: diff %t.act %t.toy

// CHECK: act.kernel
// CHECK: toy.flick
// CHECK: act.tanh
// CHECK: arith.mulf
// CHECK: act.yield
// CHECK-NOT: act.kernel
func.func @chain(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %a = toy.flick %x {sharpness = 2.0} : tensor<?x8xf32>
  %b = act.tanh %a : tensor<?x8xf32>
  %y = arith.mulf %b, %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
