// RUN: act-opt %s -split-input-file -act-fuse -act-bufferize -act-tile -act-vectorize -canonicalize -cse | FileCheck %s

// Rows of a known, small length: a lane for each of 16 rows, transposed when
// they are read and before they are stored; the tree of 64 lanes joins element
// i with i + 8, then i + 4. The last rows are read again where there are fewer.
// CHECK-LABEL: func.func @short(
// CHECK-SAME: %[[X:.+]]: memref<?x16xf32>, %[[Y:.+]]: memref<?x16xf32>, %{{.+}}: memref<?xi8>, %{{.+}}: memref<?xi8>)
// CHECK: scf.for %[[R:.+]] = %{{.+}} to %{{.+}} step %c16
// CHECK: vector.load %[[X]][%[[R]], %c0] : memref<?x16xf32>, vector<16xf32>
// CHECK-COUNT-64: vector.shuffle
// CHECK: %[[FIRST:.+]] = arith.select {{.+}} : vector<16xi1>, vector<16xf32>
// CHECK: %[[OTHER:.+]] = arith.select {{.+}} : vector<16xi1>, vector<16xf32>
// CHECK: arith.cmpf ogt, %[[OTHER]], %[[FIRST]] : vector<16xf32>
// CHECK-NOT: vector.extract
// CHECK: arith.divf {{.+}} : vector<16xf64>
// CHECK-COUNT-64: vector.shuffle
// CHECK-COUNT-16: vector.store {{.+}}, %[[Y]][%{{.+}}, %c0] : memref<?x16xf32>, vector<16xf32>
// CHECK: scf.if
// CHECK: arith.minsi
// CHECK: scf.if
// CHECK: vector.store {{.+}}, %[[Y]]
func.func @short(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %y = act.softmax %x dimension(1) {accuracy = #act.accuracy<fast>} : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// Parts of vectors; of 16 bits they are moved as words.
// CHECK-LABEL: func.func @parts(
// CHECK: vector.load {{.+}} : memref<32x5xbf16>, vector<5xbf16>
// CHECK: arith.extui {{.+}} : vector<16xi16> to vector<16xi32>
// CHECK: vector.shuffle {{.+}} : vector<16xi32>, vector<16xi32>
// CHECK: arith.trunci {{.+}} : vector<16xi32> to vector<16xi16>
// CHECK: vector.extract_strided_slice {{.+}} : vector<16xbf16> to vector<5xbf16>
// CHECK: vector.store {{.+}} : memref<32x5xbf16>, vector<5xbf16>
func.func @parts(%x: tensor<32x5xbf16>) -> tensor<32x5xbf16> {
  %y = act.softmax %x dimension(1) : tensor<32x5xbf16>
  return %y : tensor<32x5xbf16>
}

// -----

// One value for each row is a vector of the result.
// CHECK-LABEL: func.func @sums(
// CHECK: vector.shuffle
// CHECK-COUNT-3: arith.addf {{.+}} : vector<16xf64>
// CHECK: vector.store {{.+}} : memref<32xf32>, vector<16xf32>
func.func @sums(%x: tensor<32x3xf32>, %start: tensor<32xf32>) -> tensor<32xf32> {
  %r = linalg.reduce {arith.addf} ins(%x : tensor<32x3xf32>) outs(%start : tensor<32xf32>) dimensions = [1]
  return %r : tensor<32xf32>
}

// -----

// Longer rows, few rows and wide elements have their lanes along the row.
// CHECK-LABEL: func.func @long(
// CHECK-NOT: vector.shuffle
// CHECK: vector.extract
func.func @long(%x: tensor<?x33xf32>) -> tensor<?x33xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x33xf32>
  return %y : tensor<?x33xf32>
}

// -----

// CHECK-LABEL: func.func @few(
// CHECK-NOT: vector.shuffle
// CHECK: vector.extract
func.func @few(%x: tensor<3x16xf32>) -> tensor<3x16xf32> {
  %y = act.softmax %x dimension(1) : tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}

// -----

// CHECK-LABEL: func.func @wide(
// CHECK-NOT: vector.shuffle
// CHECK: vector.extract
func.func @wide(%x: tensor<?x16xf64>) -> tensor<?x16xf64> {
  %y = act.softmax %x dimension(1) : tensor<?x16xf64>
  return %y : tensor<?x16xf64>
}
