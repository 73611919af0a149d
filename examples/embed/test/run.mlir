// A program of the dialect as one of act, which act-run compiles and runs.
// RUN: toy-opt %s --toy-lower --toy-flick-to-act | act-run - --input='2xf32=[0, 1]' | FileCheck %s
// CHECK: result 0: 2xf32=[0, 0.8457

func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = toy.flick %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
