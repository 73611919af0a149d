// RUN: act-run %s -e slice --input='2x8xf32=linspace(0,15)' | FileCheck %s --check-prefix=SLICE
// RUN: act-run %s -e concat --input='2x2xf32=linspace(0,3)' --input='2x1xf32=linspace(8,9)' | FileCheck %s --check-prefix=CONCAT
// RUN: act-run %s -e pad --input='2x2xf32=linspace(1,4)' | FileCheck %s --check-prefix=PAD
// RUN: act-run %s -e gather --input='9x2xf32=linspace(0,17)' --input='2xi64=[8, 3]' | FileCheck %s --check-prefix=GATHER

// Parts of tensors, put together and taken apart: no call of MLIR's runtime
// library is left.

// SLICE: result 0: 2x3xf32=[2, 4, 6, 10, 12, 14]
func.func @slice(%x: tensor<?x8xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %s = tensor.extract_slice %x[0, 2] [%n, 3] [1, 2]
      : tensor<?x8xf32> to tensor<?x3xf32>
  return %s : tensor<?x3xf32>
}

// CONCAT: result 0: 2x3xf32=[0, 1, 8, 2, 3, 9]
func.func @concat(%x: tensor<2x2xf32>, %y: tensor<2x1xf32>) -> tensor<2x3xf32> {
  %0 = tensor.concat dim(1) %x, %y
      : (tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// PAD: result 0: 2x4xf32=[7, 1, 2, 7, 7, 3, 4, 7]
func.func @pad(%x: tensor<?x2xf32>) -> tensor<?x4xf32> {
  %filler = arith.constant 7.0 : f32
  %p = tensor.pad %x low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %filler : f32
  } : tensor<?x2xf32> to tensor<?x4xf32>
  return %p : tensor<?x4xf32>
}

// GATHER: result 0: 2x2xf32=[16, 17, 6, 7]
func.func @gather(%x: tensor<9x2xf32>, %at: tensor<?xi64>) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %at, %c0 : tensor<?xi64>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0)>,
                       affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%at : tensor<?xi64>) outs(%e : tensor<?x2xf32>) {
  ^bb0(%a: i64, %o: f32):
    %i = arith.index_cast %a : i64 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %x[%i, %j] : tensor<9x2xf32>
    linalg.yield %v : f32
  } -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}

// RUN: act-run %s -e corner --input='3x3xf32=1' | FileCheck %s --check-prefix=CORNER
// Constants of a body that stand outside of it, as canonicalization leaves them.
// CORNER: result 0: 3x3xf32=[1, 1, 0, 1, 1, 0, 1, 1, 0]
func.func @corner(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x3xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>,
                       affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x3xf32>) outs(%e : tensor<3x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %j = linalg.index 1 : index
    %before = arith.cmpi sle, %j, %c1 : index
    %first = tensor.extract %x[%c1, %c1] : tensor<3x3xf32>
    %v = arith.select %before, %first, %zero : f32
    linalg.yield %v : f32
  } -> tensor<3x3xf32>
  return %r : tensor<3x3xf32>
}

// RUN: act-run %s -e twice --input='2x3xf32=linspace(0,5)' | FileCheck %s --check-prefix=TWICE
// TWICE: result 0: 2x3xf32=[0, 2, 4, 6, 8, 10]
// TWICE: result 1: 2x3xf32=[0, 2, 4, 6, 8, 10]
func.func @twice(%x: tensor<?x?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %flat = tensor.collapse_shape %x [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  %y = arith.addf %flat, %flat : tensor<?xf32>
  %z = tensor.expand_shape %y [[0, 1]] output_shape [%m, %n]
      : tensor<?xf32> into tensor<?x?xf32>
  return %z, %z : tensor<?x?xf32>, tensor<?x?xf32>
}
