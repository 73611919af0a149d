// RUN: act-opt %s -act-raise -remark-format=emitRemark -remark-policy=all \
// RUN:   -remarks-filter=act-raise 2>&1 | FileCheck %s

// CHECK: act.silu in place of 4 operations{{.*}}-inf gives -0 instead of nan
func.func @silu(%x: tensor<8xf32>) -> tensor<8xf32> {
  %one = arith.constant dense<1.0> : tensor<8xf32>
  %0 = arith.negf %x : tensor<8xf32>
  %1 = math.exp %0 : tensor<8xf32>
  %2 = arith.addf %1, %one : tensor<8xf32>
  %3 = arith.divf %x, %2 : tensor<8xf32>
  return %3 : tensor<8xf32>
}

// CHECK: act.relu in place of 2 operations{{.*}}nan gives nan instead of 0
func.func @relu(%x: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %0 = arith.cmpf ogt, %x, %z : tensor<8xf32>
  %1 = arith.select %0, %x, %z : tensor<8xi1>, tensor<8xf32>
  return %1 : tensor<8xf32>
}

// CHECK: act.softplus in place of 4 operations{{.*}}at most 1e-10 relative difference, at 20
func.func @softplus(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = arith.constant dense<20.0> : tensor<8xf32>
  %0 = math.exp %x : tensor<8xf32>
  %1 = math.log1p %0 : tensor<8xf32>
  %2 = arith.cmpf ogt, %x, %t : tensor<8xf32>
  %3 = arith.select %2, %x, %1 : tensor<8xi1>, tensor<8xf32>
  return %3 : tensor<8xf32>
}
