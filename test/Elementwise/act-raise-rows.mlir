// RUN: act-opt %s -act-raise -split-input-file | FileCheck %s

// CHECK-LABEL: @named(
// CHECK-NEXT: act.softmax %{{.+}} dimension(1) : tensor<4x?xf32>
// CHECK-NEXT: return
func.func @named(%x: tensor<4x?xf32>, %o: tensor<4x?xf32>) -> tensor<4x?xf32> {
  %0 = linalg.softmax dimension(1) ins(%x : tensor<4x?xf32>)
      outs(%o : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %0 : tensor<4x?xf32>
}

// -----

// CHECK-LABEL: @tosa(
// CHECK-DAG: act.sigmoid
// CHECK-DAG: act.tanh
// CHECK-DAG: math.erf
// CHECK-DAG: act.clamp %{{.+}} {max = 6.000000e+00, min = -1.000000e+00} : tensor<4xf32>
// CHECK-DAG: act.clamp %{{.+}} {max = 6 : i8, min = -1 : i8} : tensor<4xi8>
// CHECK-NOT: tosa
func.func @tosa(%x: tensor<4xf32>, %y: tensor<4xi8>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>,
        tensor<4xi8>) {
  %0 = tosa.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = tosa.tanh %x : (tensor<4xf32>) -> tensor<4xf32>
  %2 = tosa.erf %x : (tensor<4xf32>) -> tensor<4xf32>
  %3 = tosa.clamp %x {min_val = -1.0 : f32, max_val = 6.0 : f32}
      : (tensor<4xf32>) -> tensor<4xf32>
  %4 = tosa.clamp %y {min_val = -1 : i8, max_val = 6 : i8}
      : (tensor<4xi8>) -> tensor<4xi8>
  return %0, %1, %2, %3, %4 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>,
      tensor<4xf32>, tensor<4xi8>
}

// -----

#all = affine_map<(i, j) -> (i, j)>
#kept = affine_map<(i, j) -> (i)>
#first = affine_map<(i, j) -> (i, 0)>

// Reductions that keep their dimension, and a broadcast of extent 1.
// CHECK-LABEL: @reductions(
// CHECK-SAME: %[[X:[^ ]+]]: tensor<4x8xf32>
// CHECK-NEXT: %[[Y:.+]] = act.softmax %[[X]] dimension(1)
// CHECK-NEXT: %[[Z:.+]] = act.log_softmax %[[X]] dimension(1)
// CHECK-NEXT: return %[[Y]], %[[Z]]
func.func @reductions(%x: tensor<4x8xf32>)
    -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %lowest = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %r = tensor.empty() : tensor<4xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %low = linalg.fill ins(%lowest : f32) outs(%r : tensor<4xf32>) -> tensor<4xf32>
  %none = linalg.fill ins(%zero : f32) outs(%r : tensor<4xf32>) -> tensor<4xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<4x8xf32>)
      outs(%low : tensor<4xf32>) dimensions = [1]
  %b = linalg.broadcast ins(%m : tensor<4xf32>) outs(%e : tensor<4x8xf32>)
      dimensions = [1]
  %d = arith.subf %x, %b : tensor<4x8xf32>
  %p = math.exp %d : tensor<4x8xf32>
  %s = linalg.generic {indexing_maps = [#all, #kept],
                       iterator_types = ["parallel", "reduction"]}
      ins(%p : tensor<4x8xf32>) outs(%none : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.addf %a, %o : f32
    linalg.yield %v : f32
  } -> tensor<4xf32>
  %k = tensor.expand_shape %s [[0, 1]] output_shape [4, 1]
      : tensor<4xf32> into tensor<4x1xf32>
  %q = linalg.generic {indexing_maps = [#all, #first, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%p, %k : tensor<4x8xf32>, tensor<4x1xf32>)
      outs(%e : tensor<4x8xf32>) {
  ^bb0(%a: f32, %t: f32, %o: f32):
    %v = arith.divf %a, %t : f32
    linalg.yield %v : f32
  } -> tensor<4x8xf32>
  %log = math.log %s : tensor<4xf32>
  %l = linalg.broadcast ins(%log : tensor<4xf32>) outs(%e : tensor<4x8xf32>)
      dimensions = [1]
  %z = arith.subf %d, %l : tensor<4x8xf32>
  return %q, %z : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

#all = affine_map<(i, j) -> (i, j)>
#kept = affine_map<(i, j) -> (i)>

// The sum is one of other exponentials.
// CHECK-LABEL: @another_sum(
// CHECK-NOT: act.softmax
func.func @another_sum(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>)
    -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %r = tensor.empty() : tensor<4xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %none = linalg.fill ins(%zero : f32) outs(%r : tensor<4xf32>) -> tensor<4xf32>
  %p = math.exp %x : tensor<4x8xf32>
  %w = math.exp %y : tensor<4x8xf32>
  %s = linalg.reduce { arith.addf } ins(%w : tensor<4x8xf32>)
      outs(%none : tensor<4xf32>) dimensions = [1]
  %b = linalg.broadcast ins(%s : tensor<4xf32>) outs(%e : tensor<4x8xf32>)
      dimensions = [1]
  %q = arith.divf %p, %b : tensor<4x8xf32>
  return %q : tensor<4x8xf32>
}
