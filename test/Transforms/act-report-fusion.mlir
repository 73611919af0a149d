// RUN: act-opt %s -act-fuse -act-report-fusion --remark-policy=all --remarks-filter=act-fuse -o /dev/null 2>&1 | FileCheck %s

// CHECK-DAG: [Passed] map | Category:act-fuse | Function=head | {{.*}}"act.relu, act.gelu"
// CHECK-DAG: [Passed] rows | Category:act-fuse | Function=head | {{.*}}act.softmax
// CHECK-DAG: [Missed] recompute | Category:act-fuse | Function=head | {{.*}}act.softmax and act.gelu at act-report-fusion.mlir:[[# @LINE + 3]]
func.func @head(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = act.relu %x : tensor<2x4xf32>
  %1 = act.gelu %0 : tensor<2x4xf32>
  %2 = act.softmax %1 dimension(1) : tensor<2x4xf32>
  return %2 : tensor<2x4xf32>
}
