// RUN: toy-opt %s --act-fuse | FileCheck %s
// RUN: toy-opt %s --toy-flick-to-act -o %t.mlir
// The code of act.silu, to the last instruction.
// RUN: toy-opt %t.mlir --toy-to-llvm -o %t.act
// RUN: toy-opt %s --toy-to-llvm -o %t.toy
// RUN: diff %t.act %t.toy
// RUN: toy-opt %t.mlir --toy-to-llvm="round-once=true" -o %t.act
// RUN: toy-opt %s --toy-to-llvm="round-once=true" -o %t.toy
// RUN: diff %t.act %t.toy
// RUN: toy-opt %t.mlir --toy-to-llvm="reproducible=true accuracy=fast" -o %t.act
// RUN: toy-opt %s --toy-to-llvm="reproducible=true accuracy=fast" -o %t.toy
// RUN: diff %t.act %t.toy
// RUN: toy-opt %t.mlir --act-lower-to-nvvm-pipeline=format=none -o %t.act
// RUN: toy-opt %s --act-lower-to-nvvm-pipeline=format=none -o %t.toy
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
