// RUN: act-opt %s -split-input-file -act-fuse -act-bufferize -act-tile -act-vectorize -canonicalize -cse | FileCheck %s

// What the sum of a row reads and its result reads again stays in the result's
// memory, where it has that type.
// CHECK-LABEL: func.func @kept(
// CHECK-SAME: %[[X:.+]]: memref<?x128xf32>, %[[Y:.+]]: memref<?x128xf32>, %{{.+}}: memref<?xi8>, %{{.+}}: memref<?xi8>)
// CHECK: arith.cmpf ogt
// CHECK: scf.for %[[I:.+]] = %c0 to %c128 step %c64
// CHECK: vector.load %[[X]][%[[R:.+]], %[[I]]]
// CHECK: %[[POWER:.+]] = arith.bitcast {{.+}} : vector<16xi32> to vector<16xf32>
// CHECK: %[[E:.+]] = arith.mulf %{{.+}}, %[[POWER]]
// CHECK: vector.store %[[E]], %[[Y]][%[[R]], %[[I]]]
// CHECK: arith.divf
// CHECK: scf.for
// CHECK-NOT: arith.bitcast
// CHECK: %[[KEPT:.+]] = vector.load %[[Y]]
// CHECK: arith.mulf %[[KEPT]]
// CHECK: vector.store {{.+}}, %[[Y]]
func.func @kept(%x: tensor<?x128xf32>) -> tensor<?x128xf32> {
  %y = act.softmax %x dimension(1) {accuracy = #act.accuracy<fast>} : tensor<?x128xf32>
  return %y : tensor<?x128xf32>
}

// -----

// Of another type it stays in a buffer, where the row's length is known.
// CHECK-LABEL: func.func @buffer(
// CHECK: %[[BUFFER:.+]] = memref.alloca() {alignment = 64 : i64} : memref<128xf32>
// CHECK: arith.shli
// CHECK: vector.store %{{.+}}, %[[BUFFER]]
// CHECK: arith.divf
// CHECK: scf.for
// CHECK-NOT: arith.shli
// CHECK: vector.load %[[BUFFER]]
// CHECK: vector.store
func.func @buffer(%x: tensor<?x100xbf16>) -> tensor<?x100xbf16> {
  %y = act.softmax %x dimension(1) : tensor<?x100xbf16>
  return %y : tensor<?x100xbf16>
}

// -----

// Else it is computed again.
// CHECK-LABEL: func.func @again(
// CHECK-NOT: memref.alloca
// CHECK: arith.shli
// CHECK: arith.extf {{.+}} : vector<16xf32> to vector<16xf64>
// CHECK: arith.addf {{.+}} : vector<16xf64>
// CHECK-NOT: vector.store
// CHECK: scf.for
// CHECK: arith.shli
// CHECK: vector.store
func.func @again(%x: tensor<?x?xbf16>) -> tensor<?x?xbf16> {
  %y = act.softmax %x dimension(1) : tensor<?x?xbf16>
  return %y : tensor<?x?xbf16>
}

// -----

// Several sums share one loop; one of numbers whose rounding does not show stays
// in f32.
// CHECK-LABEL: func.func @shared(
// CHECK: scf.for {{.+}} -> (vector<16xf64>, vector<16xf32>, vector<16xf64>, vector<16xf32>, vector<16xf64>, vector<16xf32>, vector<16xf64>, vector<16xf32>)
// CHECK: arith.addf {{.+}} : vector<16xf64>
// CHECK: arith.addf {{.+}} {act.narrow_sum} : vector<16xf32>
func.func @shared(%x: tensor<4x128xf32>) -> tensor<4x128xf32> {
  %y = act.log_softmax %x dimension(1) : tensor<4x128xf32>
  return %y : tensor<4x128xf32>
}

// -----

// A sum within 2 ULP has runs of eight, each part of the lanes by itself, from
// 2 times a scale on; what the growth lacks is summed beside.
// CHECK-LABEL: func.func @rest(
// CHECK-DAG: %[[START:.+]] = arith.constant dense<3.68934881E+19> : vector<16xf32>
// CHECK-DAG: %[[NOTHING:.+]] = arith.constant dense<-0.000000e+00> : vector<16xf32>
// CHECK: %[[TOTALS:.+]]:2 = scf.for %{{.+}} = %c0 to %c512 step %c64 iter_args(%[[SUM:.+]] = %[[START]], %[[REST:.+]] = %[[NOTHING]])
// CHECK: %[[NEXT:.+]] = arith.addf %{{.+}}, %[[SUM]] {{.*}}: vector<16xf32>
// CHECK: %[[GROWTH:.+]] = arith.subf %[[NEXT]], %[[SUM]] : vector<16xf32>
// CHECK: arith.subf %{{.+}}, %[[GROWTH]] : vector<16xf32>
// CHECK: %[[MORE:.+]] = arith.addf %{{.+}}, %[[REST]] {{.*}}: vector<16xf32>
// CHECK: scf.yield %[[NEXT]], %[[MORE]]
// CHECK: loop_annotation
// CHECK: %[[WHOLE:.+]] = arith.subf %[[TOTALS]]#0, %[[START]]
// CHECK: arith.extf %[[WHOLE]] : vector<16xf32> to vector<16xf64>
// CHECK: arith.extf %[[TOTALS]]#1 : vector<16xf32> to vector<16xf64>
func.func @rest(%x: tensor<4x640xf32>) -> tensor<4x640xf32> {
  %y = act.softmax %x dimension(1) : tensor<4x640xf32>
  return %y : tensor<4x640xf32>
}

// -----

// While exponentials are computed the next row is fetched, but for the last;
// not one that would not stay near, and not where little is computed.
// CHECK-LABEL: func.func @fetch(
// CHECK-SAME: %[[X:.+]]: memref<4x640xf32>, %{{.+}}: memref<4x640xf32>, %{{.+}}: memref<?xi8>, %{{.+}}: memref<?xi8>)
// CHECK: %[[NEXT:.+]] = arith.addi %[[ROW:.+]], %c1 : index
// CHECK: %[[AT:.+]] = arith.minui %[[NEXT]], %c3
// CHECK: memref.prefetch %[[X]][%[[AT]], %{{.+}}], read, locality<3>, data
func.func @fetch(%x: tensor<4x640xf32>) -> tensor<4x640xf32> {
  %y = act.softmax %x dimension(1) : tensor<4x640xf32>
  return %y : tensor<4x640xf32>
}

// -----

// CHECK-LABEL: func.func @far(
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @far(%x: tensor<4x65536xf32>) -> tensor<4x65536xf32> {
  %y = act.softmax %x dimension(1) : tensor<4x65536xf32>
  return %y : tensor<4x65536xf32>
}

// -----

// CHECK-LABEL: func.func @little(
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @little(%x: tensor<4x640xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.reduce {arith.addf} ins(%x : tensor<4x640xf32>) outs(%e : tensor<4xf32>) dimensions = [1]
  return %r : tensor<4xf32>
}

// -----

// Parts of a row's tail that do not exist cost nothing where its length is
// known.
// CHECK-LABEL: func.func @tail(
// CHECK: vector.load
// CHECK: vector.constant_mask [4] : vector<16xi1>
// CHECK: vector.maskedload
// CHECK-NOT: vector.maskedload
// CHECK: return
func.func @tail(%x: tensor<20xf32>, %start: tensor<f32>) -> tensor<f32> {
  %r = linalg.reduce {arith.addf} ins(%x : tensor<20xf32>) outs(%start : tensor<f32>) dimensions = [0]
  return %r : tensor<f32>
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

// -----

// Where the result has 16 bits, four elements of a lane are added in f32
// before they join the lane's sum in f64.
// CHECK-LABEL: func.func @runs(
// CHECK: scf.for %[[FROM:.+]] = %c0 to %c512 step %c256 iter_args({{.*}}) -> (vector<16xf64>, vector<16xf64>, vector<16xf64>, vector<16xf64>)
// CHECK: %[[END:.+]] = arith.addi %[[FROM]], %c256
// CHECK: %[[SUM:.+]] = scf.for %{{.+}} = %[[FROM]] to %[[END]] step %c64 iter_args({{.*}}) -> (vector<16xf32>)
// CHECK: arith.addf {{.+}} : vector<16xf32>
// CHECK: %[[WIDE:.+]] = arith.extf %[[SUM]] : vector<16xf32> to vector<16xf64>
// CHECK: arith.addf %{{.+}}, %[[WIDE]] : vector<16xf64>
// CHECK-COUNT-3: scf.for %{{.+}} = %[[FROM]] to %[[END]] step %c64
// CHECK-COUNT-4: scf.for {{.+}} step %c64 {{.+}} -> (vector<16xf32>)
func.func @runs(%x: tensor<4x640xbf16>) -> tensor<4x640xbf16> {
  %y = act.softmax %x dimension(1) : tensor<4x640xbf16>
  return %y : tensor<4x640xbf16>
}
