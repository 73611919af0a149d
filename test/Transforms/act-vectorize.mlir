// RUN: act-opt %s -act-vectorize -canonicalize | FileCheck %s

#map = affine_map<(d0) -> (d0)>

// Whole vectors in a loop, then one masked step for the tail.
// CHECK-LABEL: @width(
// CHECK: scf.for %[[I:.+]] = %{{.+}} to %[[WHOLE:.+]] step %c8
// CHECK: vector.load %{{.+}}[%[[I]]] : memref<?xf32>, vector<8xf32>
// CHECK: act.relu %{{.+}} : vector<8xf32>
// CHECK: vector.store
// CHECK: scf.if
// CHECK: %[[MASK:.+]] = vector.create_mask
// CHECK: vector.maskedload %{{.+}}[%[[WHOLE]]], %[[MASK]]
// CHECK: act.relu %{{.+}} : vector<8xf32>
// CHECK: vector.maskedstore %{{.+}}[%[[WHOLE]]], %[[MASK]]
// CHECK-NOT: act.kernel
func.func @width(%x: memref<?xf32>, %y: memref<?xf32>) {
  act.kernel ins(%x : memref<?xf32>) outs(%y : memref<?xf32>)
      attributes {vector_width = 8 : index} {
  ^bb0(%a: tensor<?xf32>, %o: tensor<?xf32>):
    %g = linalg.generic {indexing_maps = [#map, #map],
                         iterator_types = ["parallel"]}
        ins(%a : tensor<?xf32>) outs(%o : tensor<?xf32>) {
    ^bb1(%e: f32, %unused: f32):
      %r = act.relu %e : f32
      linalg.yield %r : f32
    } -> tensor<?xf32>
    act.yield %g : tensor<?xf32>
  }
  return
}
