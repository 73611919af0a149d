// RUN: act-opt %s -act-raise | FileCheck %s

// Functions of exponentials.

// CHECK-LABEL: @silu_div(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.silu %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @silu_div(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%d) : tensor<?xf32>
  %ones = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %0 = arith.negf %x : tensor<?xf32>
  %1 = math.exp %0 : tensor<?xf32>
  %2 = arith.addf %1, %ones : tensor<?xf32>
  %3 = arith.divf %x, %2 : tensor<?xf32>
  return %3 : tensor<?xf32>
}

// CHECK-LABEL: @mish(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.mish %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @mish(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = math.exp %x : tensor<8xf32>
  %1 = math.log1p %0 : tensor<8xf32>
  %2 = math.tanh %1 : tensor<8xf32>
  %3 = arith.mulf %2, %x : tensor<8xf32>
  return %3 : tensor<8xf32>
}

// CHECK-LABEL: @softplus_torch(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.softplus %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @softplus_torch(%x: tensor<8xf32>) -> tensor<8xf32> {
  %t = arith.constant dense<20.0> : tensor<8xf32>
  %0 = math.exp %x : tensor<8xf32>
  %1 = math.log1p %0 : tensor<8xf32>
  %2 = arith.cmpf ogt, %x, %t : tensor<8xf32>
  %3 = arith.select %2, %x, %1 : tensor<8xi1>, tensor<8xf32>
  return %3 : tensor<8xf32>
}

// CHECK-LABEL: @elu(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.elu %[[X]] {alpha = 0.30000001192092896}
// CHECK-NEXT: return %[[Y]]
func.func @elu(%x: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %o = arith.constant dense<1.0> : tensor<8xf32>
  %a = arith.constant dense<0.3> : tensor<8xf32>
  %0 = math.exp %x : tensor<8xf32>
  %1 = arith.subf %0, %o : tensor<8xf32>
  %2 = arith.mulf %1, %a : tensor<8xf32>
  %3 = arith.cmpf ogt, %x, %z : tensor<8xf32>
  %4 = arith.select %3, %x, %2 : tensor<8xi1>, tensor<8xf32>
  return %4 : tensor<8xf32>
}

// CHECK-LABEL: @celu(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.celu %[[X]] {alpha = 5.000000e-01}
// CHECK-NEXT: return %[[Y]]
func.func @celu(%x: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %a = arith.constant dense<0.5> : tensor<8xf32>
  %0 = arith.divf %x, %a : tensor<8xf32>
  %1 = math.expm1 %0 : tensor<8xf32>
  %2 = arith.mulf %1, %a : tensor<8xf32>
  %3 = arith.minimumf %2, %z : tensor<8xf32>
  %4 = arith.maximumf %x, %z : tensor<8xf32>
  %5 = arith.addf %4, %3 : tensor<8xf32>
  return %5 : tensor<8xf32>
}

// CHECK-LABEL: @selu(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.selu %[[X]] {alpha = 1.6732631921768188, scale = 1.0507010221481323}
// CHECK-NEXT: return %[[Y]]
func.func @selu(%x: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %a = arith.constant dense<1.67326324> : tensor<8xf32>
  %s = arith.constant dense<1.05070098> : tensor<8xf32>
  %0 = math.expm1 %x : tensor<8xf32>
  %1 = arith.mulf %0, %a : tensor<8xf32>
  %2 = arith.cmpf ogt, %x, %z : tensor<8xf32>
  %3 = arith.select %2, %x, %1 : tensor<8xi1>, tensor<8xf32>
  %4 = arith.mulf %3, %s : tensor<8xf32>
  return %4 : tensor<8xf32>
}

// CHECK-LABEL: @log_sigmoid(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.log_sigmoid %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @log_sigmoid(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = arith.negf %x : tensor<8xf32>
  %1 = math.exp %0 : tensor<8xf32>
  %2 = math.log1p %1 : tensor<8xf32>
  %3 = arith.negf %2 : tensor<8xf32>
  return %3 : tensor<8xf32>
}

// CHECK-LABEL: @log_sigmoid_jax(
// CHECK-SAME: %[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = act.log_sigmoid %[[X]] :
// CHECK-NEXT: return %[[Y]]
func.func @log_sigmoid_jax(%x: tensor<8xf32>) -> tensor<8xf32> {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %n = arith.negf %x : tensor<8xf32>
  %m = arith.maximumf %n, %z : tensor<8xf32>
  %a = math.absf %n : tensor<8xf32>
  %b = arith.negf %a : tensor<8xf32>
  %1 = math.exp %b : tensor<8xf32>
  %2 = math.log1p %1 : tensor<8xf32>
  %3 = arith.addf %m, %2 : tensor<8xf32>
  %4 = arith.negf %3 : tensor<8xf32>
  return %4 : tensor<8xf32>
}
