// RUN: act-opt %s --pass-pipeline='builtin.module(func.func(act-pack-operands))' --split-input-file | FileCheck %s

// Elements of a column are side by side, those of a row are not.
// CHECK-DAG: #[[$PANELS:.+]] = affine_map<(d0, d1, d2) -> (d1 floordiv 32, d2, d1 mod 32)>
// CHECK-DAG: #[[$READ:.+]] = affine_map<(d0, d1, d2) -> (d0 * 32 + d2, d1)>
// CHECK-LABEL: func @turned
func.func @turned(%x: tensor<2x8xf32>, %w: tensor<64x8xf32>, %e: tensor<2x64xf32>) -> tensor<2x64xf32> {
  // CHECK: %[[E:.+]] = tensor.empty() : tensor<2x8x32xf32>
  // CHECK: %[[P:.+]] = act.kernel ins(%{{.+}} : tensor<64x8xf32>) outs(%[[E]] : tensor<2x8x32xf32>)
  // CHECK: linalg.generic {indexing_maps = [#[[$READ]], #{{.+}}]
  // CHECK: act.kernel ins(%{{.+}}, %[[P]] : tensor<2x8xf32>, tensor<2x8x32xf32>)
  // CHECK: linalg.generic {indexing_maps = [#{{.+}}, #[[$PANELS]], #{{.+}}]
  %y = act.kernel ins(%x, %w : tensor<2x8xf32>, tensor<64x8xf32>) outs(%e : tensor<2x64xf32>) {
  ^bb0(%a: tensor<2x8xf32>, %b: tensor<64x8xf32>, %o: tensor<2x64xf32>):
    %m = linalg.matmul
        indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%a, %b : tensor<2x8xf32>, tensor<64x8xf32>) outs(%o : tensor<2x64xf32>) -> tensor<2x64xf32>
    act.yield %m : tensor<2x64xf32>
  } -> tensor<2x64xf32>
  return %y : tensor<2x64xf32>
}

// -----

// Columns behind the last one repeat it.
// CHECK-LABEL: func @many_rows
func.func @many_rows(%x: tensor<16x?xf32>, %w: tensor<?x100xf32>, %e: tensor<16x100xf32>) -> tensor<16x100xf32> {
  // CHECK: tensor.empty(%{{.+}}) : tensor<4x?x32xf32>
  // CHECK: arith.minsi
  // CHECK: tensor.extract
  // CHECK: act.kernel ins(%{{.+}}, %{{.+}} : tensor<16x?xf32>, tensor<4x?x32xf32>)
  %y = act.kernel ins(%x, %w : tensor<16x?xf32>, tensor<?x100xf32>) outs(%e : tensor<16x100xf32>) {
  ^bb0(%a: tensor<16x?xf32>, %b: tensor<?x100xf32>, %o: tensor<16x100xf32>):
    %m = linalg.matmul ins(%a, %b : tensor<16x?xf32>, tensor<?x100xf32>) outs(%o : tensor<16x100xf32>) -> tensor<16x100xf32>
    act.yield %m : tensor<16x100xf32>
  } -> tensor<16x100xf32>
  return %y : tensor<16x100xf32>
}

// -----

// For few rows a copy costs more than it gains.
// CHECK-LABEL: func @few_rows
// CHECK-NOT: act.kernel {{.*}}outs(%{{.+}} : tensor<4x
// CHECK: linalg.matmul
func.func @few_rows(%x: tensor<15x256xf32>, %w: tensor<256x100xf32>, %e: tensor<15x100xf32>) -> tensor<15x100xf32> {
  %y = act.kernel ins(%x, %w : tensor<15x256xf32>, tensor<256x100xf32>) outs(%e : tensor<15x100xf32>) {
  ^bb0(%a: tensor<15x256xf32>, %b: tensor<256x100xf32>, %o: tensor<15x100xf32>):
    %m = linalg.matmul ins(%a, %b : tensor<15x256xf32>, tensor<256x100xf32>) outs(%o : tensor<15x100xf32>) -> tensor<15x100xf32>
    act.yield %m : tensor<15x100xf32>
  } -> tensor<15x100xf32>
  return %y : tensor<15x100xf32>
}
