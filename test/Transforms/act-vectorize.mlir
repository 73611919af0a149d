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

#first = affine_map<(d0) -> (d0, 0)>

// Elements before dimensions of extent 1 are side by side.
// CHECK-LABEL: @ones(
// CHECK: %[[FLAT:.+]] = memref.collapse_shape %{{.+}} {{\[\[}}0, 1]] : memref<16x1xf32> into memref<16xf32>
// CHECK: vector.load %[[FLAT]]
// CHECK-NOT: memref.load
func.func @ones(%x: memref<16x1xf32>, %y: memref<16xf32>) {
  act.kernel ins(%x : memref<16x1xf32>) outs(%y : memref<16xf32>)
      attributes {vector_width = 8 : index} {
  ^bb0(%a: tensor<16x1xf32>, %o: tensor<16xf32>):
    %g = linalg.generic {indexing_maps = [#first, #map],
                         iterator_types = ["parallel"]}
        ins(%a : tensor<16x1xf32>) outs(%o : tensor<16xf32>) {
    ^bb1(%e: f32, %unused: f32):
      linalg.yield %e : f32
    } -> tensor<16xf32>
    act.yield %g : tensor<16xf32>
  }
  return
}

// CHECK-LABEL: @twos(
// CHECK-NOT: memref.collapse_shape
// CHECK-COUNT-8: memref.load
func.func @twos(%x: memref<16x2xf32>, %y: memref<16xf32>) {
  act.kernel ins(%x : memref<16x2xf32>) outs(%y : memref<16xf32>)
      attributes {vector_width = 8 : index} {
  ^bb0(%a: tensor<16x2xf32>, %o: tensor<16xf32>):
    %g = linalg.generic {indexing_maps = [#first, #map],
                         iterator_types = ["parallel"]}
        ins(%a : tensor<16x2xf32>) outs(%o : tensor<16xf32>) {
    ^bb1(%e: f32, %unused: f32):
      linalg.yield %e : f32
    } -> tensor<16xf32>
    act.yield %g : tensor<16xf32>
  }
  return
}
