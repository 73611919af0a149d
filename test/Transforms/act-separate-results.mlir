// RUN: act-opt %s -act-separate-results | FileCheck %s

// CHECK-LABEL: @twice
// CHECK: %[[COPY:.+]] = bufferization.alloc_tensor() copy(%[[X:.+]]) : tensor<?xf32>
// CHECK: return %[[X]], %[[COPY]], %{{.+}} :
func.func @twice(%x: tensor<?xf32>, %y: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  return %x, %x, %y : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}
