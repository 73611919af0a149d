// RUN: toy-opt %s --toy-lower | FileCheck %s

// CHECK-LABEL: func @classify
func.func @classify(%x: tensor<?x4xf32>, %w: tensor<4x3xf32>, %b: tensor<3xf32>) -> tensor<?x3xf32> {
  // CHECK: %[[PRODUCT:.+]] = linalg.matmul
  // CHECK: %[[BIAS:.+]] = linalg.broadcast ins(%{{.+}} : tensor<3xf32>) outs(%{{.+}} : tensor<?x3xf32>) dimensions = [0]
  // CHECK: %[[SUM:.+]] = arith.addf %[[PRODUCT]], %[[BIAS]]
  %h = toy.dense %x, %w, %b : (tensor<?x4xf32>, tensor<4x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  // CHECK: %[[H:.+]] = toy.flick %[[SUM]]
  %a = toy.flick %h : tensor<?x3xf32>
  // CHECK: act.softmax %[[H]] dimension(1)
  %y = toy.normalize %a : tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
