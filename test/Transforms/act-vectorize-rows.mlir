// RUN: act-opt %s -split-input-file -act-fuse -act-bufferize -act-tile -act-vectorize -canonicalize -cse | FileCheck %s

// What the sum of a row reads and its result reads again stays in the result's
// memory, where it has that type.
// CHECK-LABEL: func.func @kept(
// CHECK-SAME: %[[X:.+]]: memref<?x128xf32>, %[[Y:.+]]: memref<?x128xf32>, %{{.+}}: memref<?xi8>, %{{.+}}: memref<?xi8>)
// CHECK: arith.maximumf
// CHECK: scf.for %[[I:.+]] = %c0 to %c128 step %c64
// CHECK: vector.load %[[X]][%[[R:.+]], %[[I]]]
// CHECK: %[[EXP:.+]] = math.exp
// CHECK: %[[E:.+]] = math.fma %[[EXP]]
// CHECK: vector.store %[[E]], %[[Y]][%[[R]], %[[I]]]
// CHECK: scf.for
// CHECK-NOT: math.exp
// CHECK: %[[KEPT:.+]] = vector.load %[[Y]]
// CHECK: arith.mulf %[[KEPT]]
// CHECK: vector.store {{.+}}, %[[Y]]
func.func @kept(%x: tensor<?x128xf32>) -> tensor<?x128xf32> {
  %y = act.softmax %x dimension(1) {accuracy = #act.accuracy<fast>} : tensor<?x128xf32>
  return %y : tensor<?x128xf32>
}

// -----

// Of a shorter type it does not stay there; the sum is in f64.
// CHECK-LABEL: func.func @again(
// CHECK: math.exp
// CHECK: arith.extf {{.+}} : vector<16xf32> to vector<16xf64>
// CHECK: arith.addf {{.+}} : vector<16xf64>
// CHECK-NOT: vector.store
// CHECK: scf.for
// CHECK: math.exp
// CHECK: vector.store
func.func @again(%x: tensor<?x128xbf16>) -> tensor<?x128xbf16> {
  %y = act.softmax %x dimension(1) : tensor<?x128xbf16>
  return %y : tensor<?x128xbf16>
}

// -----

// Sums of floats are in f64; their start joins at last, then they are rounded.
// CHECK-LABEL: func.func @sum(
// CHECK: %[[X:.+]] = vector.load
// CHECK: %[[WIDE:.+]] = arith.extf %[[X]] : vector<16xf32> to vector<16xf64>
// CHECK: arith.addf %{{.+}}, %[[WIDE]] : vector<16xf64>
// CHECK: %[[START:.+]] = arith.extf %{{.+}} : f32 to f64
// CHECK: %[[TOTAL:.+]] = arith.addf %{{.+}}, %[[START]] : f64
// CHECK: arith.truncf %[[TOTAL]] : f64 to f32
func.func @sum(%x: tensor<128xf32>, %start: tensor<f32>) -> tensor<f32> {
  %r = linalg.reduce {arith.addf} ins(%x : tensor<128xf32>) outs(%start : tensor<f32>) dimensions = [0]
  return %r : tensor<f32>
}
