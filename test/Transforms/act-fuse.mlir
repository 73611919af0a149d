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

// What a body reads from outside becomes an operand of the kernel.
// CHECK-LABEL: @captured(
// CHECK-SAME: %[[TABLE:[^ ]+]]: tensor<100xf32>
// CHECK: act.kernel ins(%{{.+}}, %[[TABLE]] : {{.*}}tensor<100xf32>)
// CHECK-NEXT: ^bb0({{.*}}%[[INSIDE:[^ ]+]]: tensor<100xf32>
// CHECK: tensor.extract %[[INSIDE]]
func.func @captured(%table: tensor<100xf32>, %i: tensor<?xi64>,
                    %out: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%i : tensor<?xi64>) outs(%out : tensor<?xf32>) {
  ^bb0(%a: i64, %o: f32):
    %p = arith.index_cast %a : i64 to index
    %v = tensor.extract %table[%p] : tensor<100xf32>
    linalg.yield %v : f32
  } -> tensor<?xf32>
  return %r : tensor<?xf32>
}
