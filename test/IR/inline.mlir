// A function of activations is inlined where it is called, constants with it.
// RUN: act-opt %s -inline | FileCheck %s
// RUN: act-run %s --input='2x2xf32=[-1, 0, 1, 2]' | FileCheck %s --check-prefix=VALUE

func.func private @layer(%x: tensor<?x2xf32>, %w: tensor<2x2xf32>) -> tensor<?x2xf32> {
  %a = act.relu %x : tensor<?x2xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %m = linalg.matmul ins(%a, %w : tensor<?x2xf32>, tensor<2x2xf32>)
      outs(%i : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %m : tensor<?x2xf32>
}

// CHECK-LABEL: func.func @main(
// CHECK-NOT: call
// CHECK: act.relu
// CHECK-NOT: call
// CHECK: return
// VALUE: result 0: 2x2xf32=[0, 0, 7, 10]
func.func @main(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %y = call @layer(%x, %w) : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
