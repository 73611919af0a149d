// RUN: act-opt %s -act-separate-buffers | FileCheck %s

// CHECK-LABEL: @twice
// CHECK: %[[COPY:.+]] = bufferization.alloc_tensor() copy(%[[X:.+]]) : tensor<?xf32>
// CHECK: return %[[X]], %[[COPY]], %{{.+}} :
func.func @twice(%x: tensor<?xf32>, %y: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  return %x, %x, %y : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// CHECK-LABEL: @padded_twice
// CHECK: %[[A:.+]] = linalg.fill
// CHECK: %[[B:.+]] = linalg.fill
// CHECK: tensor.insert_slice %{{.+}} into %[[B]]
// CHECK: tensor.insert_slice %{{.+}} into %[[A]]
func.func @padded_twice(%x: tensor<2xf32>, %y: tensor<2xf32>, %n: index) -> (tensor<?xf32>, tensor<?xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %0 = tensor.insert_slice %x into %f[1] [2] [1] : tensor<2xf32> into tensor<?xf32>
  %1 = tensor.insert_slice %y into %f[1] [2] [1] : tensor<2xf32> into tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// CHECK-LABEL: @padded_once
// CHECK-COUNT-1: linalg.fill
// CHECK-NOT: linalg.fill
func.func @padded_once(%x: tensor<2xf32>) -> tensor<4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %0 = tensor.insert_slice %x into %f[1] [2] [1] : tensor<2xf32> into tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @kernels
// CHECK: %[[A:.+]] = tensor.empty
// CHECK: %[[B:.+]] = tensor.empty
// CHECK-NOT: tensor.empty
// CHECK: act.kernel {{.*}} outs(%[[B]] :
// CHECK: act.kernel {{.*}} outs(%[[A]] :
func.func @kernels(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = act.kernel ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %o: tensor<4xf32>):
    %r = act.relu %a : tensor<4xf32>
    act.yield %r : tensor<4xf32>
  } -> tensor<4xf32>
  %1 = act.kernel ins(%0 : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %o: tensor<4xf32>):
    %r = act.relu %a : tensor<4xf32>
    act.yield %r : tensor<4xf32>
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
