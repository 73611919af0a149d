// RUN: act-opt %s -act-fuse | FileCheck %s

// CHECK-LABEL: @chain
// CHECK: act.kernel
// CHECK: act.gelu
// CHECK-NEXT: act.relu
// CHECK-NOT: act.kernel
func.func @chain(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = act.gelu %x : tensor<?xf32>
  %1 = act.relu %0 : tensor<?xf32>
  return %1 : tensor<?xf32>
}

// A softmax stands between the two: joining them would make a cycle.
// CHECK-LABEL: @no_fuse_across_a_row
// CHECK-COUNT-3: act.kernel
func.func @no_fuse_across_a_row(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = act.gelu %x : tensor<8xf32>
  %1 = act.softmax %0 dimension(0) : tensor<8xf32>
  %2 = arith.addf %0, %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}
