// RUN: act-opt %s --pass-pipeline='builtin.module(func.func(act-channels-last))' --split-input-file | FileCheck %s

// The image between two convolutions moves, with its padding. What comes from
// outside and what goes there stays, and so do the loops.
// CHECK-DAG: #[[$READ:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d2 + d5, d3 + d6, d4)>
// CHECK-DAG: #[[$WRITE:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d2, d3, d1)>
// CHECK-LABEL: func @padded
func.func @padded(%x: tensor<1x8x2x3xf32>) -> tensor<1x8x4x5xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense_resource<filters> : tensor<8x8x1x1xf32>
  %e = tensor.empty() : tensor<1x8x2x3xf32>
  %f = tensor.empty() : tensor<1x8x4x5xf32>
  // CHECK: %[[Y:.+]] = act.kernel ins(%{{.+}}, %{{.+}} : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%{{.+}} : tensor<1x2x3x8xf32>)
  %y = act.kernel ins(%x, %w : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%e : tensor<1x8x2x3xf32>) {
  ^bb0(%a: tensor<1x8x2x3xf32>, %b: tensor<8x8x1x1xf32>, %o: tensor<1x8x2x3xf32>):
    // CHECK: linalg.generic {indexing_maps = [#{{.+}}, #{{.+}}, #[[$WRITE]]]
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%o : tensor<1x8x2x3xf32>) -> tensor<1x8x2x3xf32>
    act.yield %c : tensor<1x8x2x3xf32>
  } -> tensor<1x8x2x3xf32>
  // CHECK: %[[FILL:.+]] = linalg.fill {{.+}} outs(%{{.+}} : tensor<1x4x5x8xf32>)
  // CHECK: %[[P:.+]] = tensor.insert_slice %[[Y]] into %[[FILL]][0, 1, 1, 0] [1, 2, 3, 8] [1, 1, 1, 1]
  %g = linalg.fill ins(%zero : f32) outs(%f : tensor<1x8x4x5xf32>) -> tensor<1x8x4x5xf32>
  %p = tensor.insert_slice %y into %g[0, 0, 1, 1] [1, 8, 2, 3] [1, 1, 1, 1] : tensor<1x8x2x3xf32> into tensor<1x8x4x5xf32>
  // CHECK: act.kernel ins(%[[P]], %{{.+}} : tensor<1x4x5x8xf32>, tensor<8x8x1x1xf32>) outs(%{{.+}} : tensor<1x8x4x5xf32>)
  %z = act.kernel ins(%p, %w : tensor<1x8x4x5xf32>, tensor<8x8x1x1xf32>) outs(%f : tensor<1x8x4x5xf32>) {
  ^bb0(%a: tensor<1x8x4x5xf32>, %b: tensor<8x8x1x1xf32>, %o: tensor<1x8x4x5xf32>):
    // CHECK: linalg.generic {indexing_maps = [#[[$READ]], #{{.+}}, #{{.+}}]
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x8x4x5xf32>, tensor<8x8x1x1xf32>) outs(%o : tensor<1x8x4x5xf32>) -> tensor<1x8x4x5xf32>
    act.yield %c : tensor<1x8x4x5xf32>
  } -> tensor<1x8x4x5xf32>
  return %z : tensor<1x8x4x5xf32>
}

{-#
  dialect_resources: {
    builtin: {
      filters: "0x040000000000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F"
    }
  }
#-}

// -----

// An image that is returned stays, though a convolution makes it.
// CHECK-LABEL: func @returned
func.func @returned(%x: tensor<1x8x2x3xf32>) -> tensor<1x8x2x3xf32> {
  %w = arith.constant dense_resource<filters> : tensor<8x8x1x1xf32>
  %e = tensor.empty() : tensor<1x8x2x3xf32>
  // CHECK-NOT: tensor<1x2x3x8xf32>
  %y = act.kernel ins(%x, %w : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%e : tensor<1x8x2x3xf32>) {
  ^bb0(%a: tensor<1x8x2x3xf32>, %b: tensor<8x8x1x1xf32>, %o: tensor<1x8x2x3xf32>):
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%o : tensor<1x8x2x3xf32>) -> tensor<1x8x2x3xf32>
    act.yield %c : tensor<1x8x2x3xf32>
  } -> tensor<1x8x2x3xf32>
  return %y : tensor<1x8x2x3xf32>
}

{-#
  dialect_resources: {
    builtin: {
      filters: "0x040000000000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F"
    }
  }
#-}

// -----

// A maximum over windows moves with what it reads, and is copied back for who
// needs it as it was.
// CHECK-DAG: #[[$WINDOW:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d2 + d4, d3 + d5, d1)>
// CHECK-DAG: #[[$LAST:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3, d1)>
// CHECK-DAG: #[[$FIRST:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-LABEL: func @pool
func.func @pool(%x: tensor<?x8x4x5xf32>) -> (tensor<?x8x2x3xf32>, tensor<?x8x2x3xf32>) {
  %c0 = arith.constant 0 : index
  %w = arith.constant dense_resource<filters> : tensor<8x8x1x1xf32>
  %n = tensor.dim %x, %c0 : tensor<?x8x4x5xf32>
  %e = tensor.empty(%n) : tensor<?x8x4x5xf32>
  %f = tensor.empty(%n) : tensor<?x8x2x3xf32>
  // CHECK: %[[Y:.+]] = act.kernel {{.+}} outs(%{{.+}} : tensor<?x4x5x8xf32>)
  %y = act.kernel ins(%x, %w : tensor<?x8x4x5xf32>, tensor<8x8x1x1xf32>) outs(%e : tensor<?x8x4x5xf32>) {
  ^bb0(%a: tensor<?x8x4x5xf32>, %b: tensor<8x8x1x1xf32>, %o: tensor<?x8x4x5xf32>):
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<?x8x4x5xf32>, tensor<8x8x1x1xf32>) outs(%o : tensor<?x8x4x5xf32>) -> tensor<?x8x4x5xf32>
    act.yield %c : tensor<?x8x4x5xf32>
  } -> tensor<?x8x4x5xf32>
  // CHECK: %[[M:.+]] = act.kernel ins(%[[Y]] : tensor<?x4x5x8xf32>) outs(%{{.+}} : tensor<?x2x3x8xf32>)
  // CHECK: linalg.generic {indexing_maps = [#[[$WINDOW]], #{{.+}}, #{{.+}}]
  // CHECK: %[[BACK:.+]] = act.kernel ins(%[[M]] : tensor<?x2x3x8xf32>) outs(%{{.+}} : tensor<?x8x2x3xf32>)
  // CHECK: linalg.generic {indexing_maps = [#[[$LAST]], #[[$FIRST]]]
  %m = act.kernel ins(%y : tensor<?x8x4x5xf32>) outs(%f : tensor<?x8x2x3xf32>) {
  ^bb0(%a: tensor<?x8x4x5xf32>, %o: tensor<?x8x2x3xf32>):
    %k = tensor.empty() : tensor<3x3xf32>
    %c = linalg.pooling_nchw_max ins(%a, %k : tensor<?x8x4x5xf32>, tensor<3x3xf32>) outs(%o : tensor<?x8x2x3xf32>) -> tensor<?x8x2x3xf32>
    act.yield %c : tensor<?x8x2x3xf32>
  } -> tensor<?x8x2x3xf32>
  // CHECK: act.kernel ins(%[[M]], %{{.+}} : tensor<?x2x3x8xf32>, tensor<8x8x1x1xf32>) outs(%{{.+}} : tensor<?x8x2x3xf32>)
  %z = act.kernel ins(%m, %w : tensor<?x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%f : tensor<?x8x2x3xf32>) {
  ^bb0(%a: tensor<?x8x2x3xf32>, %b: tensor<8x8x1x1xf32>, %o: tensor<?x8x2x3xf32>):
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<?x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%o : tensor<?x8x2x3xf32>) -> tensor<?x8x2x3xf32>
    act.yield %c : tensor<?x8x2x3xf32>
  } -> tensor<?x8x2x3xf32>
  // CHECK: return %[[BACK]], %
  return %m, %z : tensor<?x8x2x3xf32>, tensor<?x8x2x3xf32>
}

{-#
  dialect_resources: {
    builtin: {
      filters: "0x040000000000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F"
    }
  }
#-}

// -----

// Sums of rows depend on what lies side by side: they read an image as it was.
// CHECK-LABEL: func @rows
func.func @rows(%x: tensor<1x8x2x3xf32>) -> tensor<1x8xf32> {
  %w = arith.constant dense_resource<filters> : tensor<8x8x1x1xf32>
  %e = tensor.empty() : tensor<1x8x2x3xf32>
  %f = tensor.empty() : tensor<1x8xf32>
  // CHECK-NOT: tensor<1x2x3x8xf32>
  %y = act.kernel ins(%x, %w : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%e : tensor<1x8x2x3xf32>) {
  ^bb0(%a: tensor<1x8x2x3xf32>, %b: tensor<8x8x1x1xf32>, %o: tensor<1x8x2x3xf32>):
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%o : tensor<1x8x2x3xf32>) -> tensor<1x8x2x3xf32>
    act.yield %c : tensor<1x8x2x3xf32>
  } -> tensor<1x8x2x3xf32>
  %s = act.kernel ins(%y : tensor<1x8x2x3xf32>) outs(%f : tensor<1x8xf32>) {
  ^bb0(%a: tensor<1x8x2x3xf32>, %o: tensor<1x8xf32>):
    %c = linalg.reduce {arith.addf} ins(%a : tensor<1x8x2x3xf32>) outs(%o : tensor<1x8xf32>) dimensions = [2, 3]
    act.yield %c : tensor<1x8xf32>
  } -> tensor<1x8xf32>
  return %s : tensor<1x8xf32>
}

{-#
  dialect_resources: {
    builtin: {
      filters: "0x040000000000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F"
    }
  }
#-}

// -----

// Filters that are no constants are not packed, nor do their images move.
// CHECK-LABEL: func @argument
func.func @argument(%x: tensor<1x8x2x3xf32>, %w: tensor<8x8x1x1xf32>) -> tensor<1x8x2x3xf32> {
  %e = tensor.empty() : tensor<1x8x2x3xf32>
  // CHECK-NOT: tensor<1x2x3x8xf32>
  %y = act.kernel ins(%x, %w : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%e : tensor<1x8x2x3xf32>) {
  ^bb0(%a: tensor<1x8x2x3xf32>, %b: tensor<8x8x1x1xf32>, %o: tensor<1x8x2x3xf32>):
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%o : tensor<1x8x2x3xf32>) -> tensor<1x8x2x3xf32>
    act.yield %c : tensor<1x8x2x3xf32>
  } -> tensor<1x8x2x3xf32>
  %z = act.kernel ins(%y, %w : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%e : tensor<1x8x2x3xf32>) {
  ^bb0(%a: tensor<1x8x2x3xf32>, %b: tensor<8x8x1x1xf32>, %o: tensor<1x8x2x3xf32>):
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x8x2x3xf32>, tensor<8x8x1x1xf32>) outs(%o : tensor<1x8x2x3xf32>) -> tensor<1x8x2x3xf32>
    act.yield %c : tensor<1x8x2x3xf32>
  } -> tensor<1x8x2x3xf32>
  return %z : tensor<1x8x2x3xf32>
}

// -----

// Pixels of 1024 bytes are one line more apart where that costs nothing.
// CHECK-LABEL: func @gap
func.func @gap(%x: tensor<1x8x2x3xf32>) -> tensor<1x8x4x5xf32> {
  %zero = arith.constant 0.0 : f32
  %v = arith.constant dense_resource<first> : tensor<256x8x1x1xf32>
  %w = arith.constant dense_resource<second> : tensor<8x256x1x1xf32>
  %e = tensor.empty() : tensor<1x256x2x3xf32>
  %f = tensor.empty() : tensor<1x256x4x5xf32>
  %d = tensor.empty() : tensor<1x8x4x5xf32>
  // CHECK: %[[Y:.+]] = act.kernel {{.+}} outs(%{{.+}} : tensor<1x2x3x256xf32>)
  %y = act.kernel ins(%x, %v : tensor<1x8x2x3xf32>, tensor<256x8x1x1xf32>) outs(%e : tensor<1x256x2x3xf32>) {
  ^bb0(%a: tensor<1x8x2x3xf32>, %b: tensor<256x8x1x1xf32>, %o: tensor<1x256x2x3xf32>):
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x8x2x3xf32>, tensor<256x8x1x1xf32>) outs(%o : tensor<1x256x2x3xf32>) -> tensor<1x256x2x3xf32>
    act.yield %c : tensor<1x256x2x3xf32>
  } -> tensor<1x256x2x3xf32>
  // CHECK: %[[P:.+]] = tensor.insert_slice %[[Y]] into %{{.+}}[0, 1, 1, 0] [1, 2, 3, 256] [1, 1, 1, 1] : {{.+}} into tensor<1x4x5x272xf32>
  // CHECK: %[[S:.+]] = tensor.extract_slice %[[P]][0, 0, 0, 0] [1, 4, 5, 256] [1, 1, 1, 1]
  // CHECK: act.kernel ins(%[[S]], %{{.+}} : tensor<1x4x5x256xf32>, tensor<8x256x1x1xf32>)
  %g = linalg.fill ins(%zero : f32) outs(%f : tensor<1x256x4x5xf32>) -> tensor<1x256x4x5xf32>
  %p = tensor.insert_slice %y into %g[0, 0, 1, 1] [1, 256, 2, 3] [1, 1, 1, 1] : tensor<1x256x2x3xf32> into tensor<1x256x4x5xf32>
  %z = act.kernel ins(%p, %w : tensor<1x256x4x5xf32>, tensor<8x256x1x1xf32>) outs(%d : tensor<1x8x4x5xf32>) {
  ^bb0(%a: tensor<1x256x4x5xf32>, %b: tensor<8x256x1x1xf32>, %o: tensor<1x8x4x5xf32>):
    %c = linalg.conv_2d_nchw_fchw ins(%a, %b : tensor<1x256x4x5xf32>, tensor<8x256x1x1xf32>) outs(%o : tensor<1x8x4x5xf32>) -> tensor<1x8x4x5xf32>
    act.yield %c : tensor<1x8x4x5xf32>
  } -> tensor<1x8x4x5xf32>
  return %z : tensor<1x8x4x5xf32>
}
