// RUN: act-opt %s --act-pack-weights --split-input-file | FileCheck %s

// Columns side by side in panels of 16, zeros behind the third.
// CHECK-DAG: #[[$PANELS:.+]] = affine_map<(d0, d1, d2) -> (d1 floordiv 16, d2, d1 mod 16)>
// CHECK-LABEL: func @matmul
func.func @matmul(%x: tensor<?x2xf32>, %e: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // CHECK: arith.constant dense_resource<packed> : tensor<1x2x16xf32>
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  // CHECK: act.kernel ins(%{{.+}}, %{{.+}} : tensor<?x2xf32>, tensor<1x2x16xf32>)
  %y = act.kernel ins(%x, %w : tensor<?x2xf32>, tensor<2x3xf32>) outs(%e : tensor<?x3xf32>) {
  ^bb0(%a: tensor<?x2xf32>, %b: tensor<2x3xf32>, %o: tensor<?x3xf32>):
    // CHECK: linalg.generic {indexing_maps = [#{{.+}}, #[[$PANELS]], #{{.+}}]
    %m = linalg.matmul ins(%a, %b : tensor<?x2xf32>, tensor<2x3xf32>) outs(%o : tensor<?x3xf32>) -> tensor<?x3xf32>
    act.yield %m : tensor<?x3xf32>
  } -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
// CHECK: packed: "0x40000000
// CHECK-SAME: 0000803F0000004000004040{{0+}}804

// -----

// A filter's channels of output are the columns.
// CHECK-DAG: #[[$PANELS:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d1 floordiv 16, d4, d5, d6, d1 mod 16)>
// CHECK-LABEL: func @conv
func.func @conv(%x: tensor<1x1x4x4xf32>, %e: tensor<1x8x3x4xf32>) -> tensor<1x8x3x4xf32> {
  %w = arith.constant dense<"0x0000803F0000004000004040000080400000A0400000C0400000E040000000410000104100002041000030410000404100005041000060410000704100008041"> : tensor<8x1x2x1xf32>
  // CHECK: tensor<1x1x2x1x16xf32>
  %y = act.kernel ins(%x, %w : tensor<1x1x4x4xf32>, tensor<8x1x2x1xf32>) outs(%e : tensor<1x8x3x4xf32>) {
  ^bb0(%a: tensor<1x1x4x4xf32>, %b: tensor<8x1x2x1xf32>, %o: tensor<1x8x3x4xf32>):
    // CHECK: #[[$PANELS]]
    %m = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x1x4x4xf32>, tensor<8x1x2x1xf32>) outs(%o : tensor<1x8x3x4xf32>) -> tensor<1x8x3x4xf32>
    act.yield %m : tensor<1x8x3x4xf32>
  } -> tensor<1x8x3x4xf32>
  return %y : tensor<1x8x3x4xf32>
}

// -----

// A second reader wants the constant as it is: one copy.
// CHECK-LABEL: func @other_reader
func.func @other_reader(%x: tensor<2x2xf32>, %e: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  // CHECK: dense<{{.*}}> : tensor<2x2xf32>
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  // CHECK: linalg.matmul
  %y = act.kernel ins(%x, %w : tensor<2x2xf32>, tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) {
  ^bb0(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>, %o: tensor<2x2xf32>):
    %m = linalg.matmul ins(%a, %b : tensor<2x2xf32>, tensor<2x2xf32>) outs(%o : tensor<2x2xf32>) -> tensor<2x2xf32>
    act.yield %m : tensor<2x2xf32>
  } -> tensor<2x2xf32>
  return %y, %w : tensor<2x2xf32>, tensor<2x2xf32>
}

// -----

// Vectors run along the other operand's memory.
// CHECK-LABEL: func @left
func.func @left(%x: tensor<2x40xf32>, %e: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  // CHECK: linalg.matmul
  %y = act.kernel ins(%w, %x : tensor<3x2xf32>, tensor<2x40xf32>) outs(%e : tensor<3x40xf32>) {
  ^bb0(%a: tensor<3x2xf32>, %b: tensor<2x40xf32>, %o: tensor<3x40xf32>):
    %m = linalg.matmul ins(%a, %b : tensor<3x2xf32>, tensor<2x40xf32>) outs(%o : tensor<3x40xf32>) -> tensor<3x40xf32>
    act.yield %m : tensor<3x40xf32>
  } -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}
