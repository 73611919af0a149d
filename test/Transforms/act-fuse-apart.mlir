// RUN: act-opt %s -act-fuse | FileCheck %s
// RUN: act-opt %s -act-fuse=max-ops=2 | FileCheck %s --check-prefix=SIZE

#id = affine_map<(d0, d1) -> (d0, d1)>
#turned = affine_map<(d0, d1) -> (d1, d0)>
#zero = affine_map<(d0, d1) -> (d0, 0)>

// CHECK-LABEL: @layout
// CHECK-COUNT-2: act.kernel
// CHECK-SAME: reason = "layout"
func.func @layout(%x: tensor<4x4xf32>, %out: tensor<4x4xf32>)
    -> tensor<4x4xf32> {
  %0 = act.gelu %x : tensor<4x4xf32>
  %1 = linalg.generic {indexing_maps = [#turned, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%out : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

// CHECK-LABEL: @broadcast
// CHECK-COUNT-2: act.kernel
// CHECK-SAME: reason = "broadcast"
func.func @broadcast(%x: tensor<4x1xf32>, %out: tensor<4x4xf32>)
    -> tensor<4x4xf32> {
  %0 = act.gelu %x : tensor<4x1xf32>
  %1 = linalg.generic {indexing_maps = [#zero, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x1xf32>) outs(%out : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

// A table that the same kernel would make.
// CHECK-LABEL: @gather
// CHECK-COUNT-2: act.kernel
// CHECK-SAME: reason = "gather"
func.func @gather(%x: tensor<4xf32>, %i: tensor<4xi64>, %out: tensor<4xf32>)
    -> tensor<4xf32> {
  %table = act.gelu %x : tensor<4xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%i : tensor<4xi64>) outs(%out : tensor<4xf32>) {
  ^bb0(%a: i64, %o: f32):
    %p = arith.index_cast %a : i64 to index
    %v = tensor.extract %table[%p] : tensor<4xf32>
    linalg.yield %v : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: @one_row
// CHECK-COUNT-2: act.kernel
// CHECK-SAME: reason = "one-row"
func.func @one_row(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = act.softmax %x dimension(0) : tensor<?xf32>
  %1 = act.relu %0 : tensor<?xf32>
  return %1 : tensor<?xf32>
}

// A long row's sum computes for itself what costs less than to store it, also
// where others read it, and nothing else.
// CHECK-LABEL: @one_row_sum
// CHECK-SAME: %[[X:.+]]: tensor<65536xbf16>
// CHECK: act.kernel ins(%[[X]], {{.*}}outs(%{{.+}} : tensor<f32>)
// CHECK: arith.extf
// CHECK: act.kernel ins(%[[X]], %{{.+}} : tensor<65536xbf16>, tensor<f32>)
// CHECK: arith.extf
// CHECK-NOT: act.kernel
// CHECK-LABEL: @one_row_costly
// CHECK: act.kernel ins(%{{.+}} : tensor<65536xf32>) outs(%{{.+}} : tensor<65536xf32>)
// CHECK: act.gelu
// CHECK: act.kernel {{.*}}outs(%{{.+}} : tensor<f32>)
// CHECK-SAME: reason = "one-row"
func.func @one_row_sum(%x: tensor<65536xbf16>, %start: tensor<f32>) -> tensor<65536xf32> {
  %0 = arith.extf %x : tensor<65536xbf16> to tensor<65536xf32>
  %1 = linalg.reduce {arith.addf} ins(%0 : tensor<65536xf32>) outs(%start : tensor<f32>) dimensions = [0]
  %e = tensor.empty() : tensor<65536xf32>
  %2 = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%0, %1 : tensor<65536xf32>, tensor<f32>) outs(%e : tensor<65536xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %v = arith.mulf %a, %b : f32
    linalg.yield %v : f32
  } -> tensor<65536xf32>
  return %2 : tensor<65536xf32>
}
func.func @one_row_costly(%x: tensor<65536xf32>, %start: tensor<f32>) -> tensor<f32> {
  %0 = act.gelu %x : tensor<65536xf32>
  %1 = linalg.reduce {arith.addf} ins(%0 : tensor<65536xf32>) outs(%start : tensor<f32>) dimensions = [0]
  return %1 : tensor<f32>
}

// The softmax waits for the relu, and the sum for both: the sum joins the
// softmax and reads what the relu stored.
// CHECK-LABEL: @order
// CHECK-COUNT-2: act.kernel
// CHECK-SAME: reason = "order"
// CHECK-NOT: act.kernel
func.func @order(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %0 = act.gelu %x : tensor<2x8xf32>
  %1 = act.softmax %0 dimension(1) : tensor<2x8xf32>
  %2 = arith.addf %0, %1 : tensor<2x8xf32>
  return %2 : tensor<2x8xf32>
}

// CHECK-LABEL: @size
// CHECK-COUNT-1: act.kernel
// CHECK-NOT: act.kernel
// SIZE-LABEL: @size
// SIZE-COUNT-2: act.kernel
// SIZE-SAME: reason = "size"
func.func @size(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = act.relu %x : tensor<8xf32>
  %1 = act.relu %0 : tensor<8xf32>
  %2 = act.relu %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}
