// Two steps of a sum of products of bf16 side by side, where both operands
// have them so.
// RUN: act-opt %s --act-pack-weights=bf16-pairs --split-input-file | FileCheck %s

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (k, n)>
#y = affine_map<(m, n, k) -> (m, n)>

// 1 is 3F80 and 2 is 4000: the columns in pairs, zeros behind the third row
// and the second column.
// CHECK-DAG: #[[$PAIRS:.+]] = affine_map<(d0, d1, d2) -> (d1 floordiv 16, d2 floordiv 2, d1 mod 16, d2 mod 2)>
// CHECK-LABEL: func @pairs
func.func @pairs(%x: tensor<?x3xbf16>, %e: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK: arith.constant dense_resource<packed> : tensor<1x2x16x2xbf16>
  %w = arith.constant dense<[[1.0, 2.0], [-1.0, -2.0], [1.0, 2.0]]> : tensor<3x2xbf16>
  // CHECK: act.kernel ins(%{{.+}}, %{{.+}} : tensor<?x3xbf16>, tensor<1x2x16x2xbf16>)
  %r = act.kernel ins(%x, %w : tensor<?x3xbf16>, tensor<3x2xbf16>) outs(%e : tensor<?x2xf32>) {
  ^bb0(%a: tensor<?x3xbf16>, %b: tensor<3x2xbf16>, %o: tensor<?x2xf32>):
    // CHECK: linalg.generic {indexing_maps = [#{{.+}}, #[[$PAIRS]], #{{.+}}]
    %m = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<?x3xbf16>, tensor<3x2xbf16>) outs(%o : tensor<?x2xf32>) {
    ^bb1(%s: bf16, %t: bf16, %u: f32):
      %0 = arith.extf %s : bf16 to f32
      %1 = arith.extf %t : bf16 to f32
      %2 = arith.mulf %0, %1 : f32
      %3 = arith.addf %u, %2 : f32
      linalg.yield %3 : f32
    } -> tensor<?x2xf32>
    act.yield %m : tensor<?x2xf32>
  } -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}
// CHECK: packed: "0x40000000
// CHECK-SAME: 803F80BF004000C0{{0+}}803F000000400000{{0+}}"

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (k, n)>
#y = affine_map<(m, n, k) -> (m, n)>

// The other operand is f32.
// CHECK-NOT: mod 2)
// CHECK-LABEL: func @other_type
func.func @other_type(%x: tensor<?x3xf32>, %e: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK: tensor<1x3x16xbf16>
  %w = arith.constant dense<[[1.0, 2.0], [-1.0, -2.0], [1.0, 2.0]]> : tensor<3x2xbf16>
  %r = act.kernel ins(%x, %w : tensor<?x3xf32>, tensor<3x2xbf16>) outs(%e : tensor<?x2xf32>) {
  ^bb0(%a: tensor<?x3xf32>, %b: tensor<3x2xbf16>, %o: tensor<?x2xf32>):
    %m = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<?x3xf32>, tensor<3x2xbf16>) outs(%o : tensor<?x2xf32>) {
    ^bb1(%s: f32, %t: bf16, %u: f32):
      %1 = arith.extf %t : bf16 to f32
      %2 = arith.mulf %s, %1 : f32
      %3 = arith.addf %u, %2 : f32
      linalg.yield %3 : f32
    } -> tensor<?x2xf32>
    act.yield %m : tensor<?x2xf32>
  } -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}

// -----

#t = affine_map<(m, n, k) -> (k, m)>
#w = affine_map<(m, n, k) -> (k, n)>
#y = affine_map<(m, n, k) -> (m, n)>

// Steps of the sum do not lie side by side in the other operand.
// CHECK-NOT: mod 2)
// CHECK-LABEL: func @across
func.func @across(%x: tensor<3x?xbf16>, %e: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK: tensor<1x3x16xbf16>
  %w = arith.constant dense<[[1.0, 2.0], [-1.0, -2.0], [1.0, 2.0]]> : tensor<3x2xbf16>
  %r = act.kernel ins(%x, %w : tensor<3x?xbf16>, tensor<3x2xbf16>) outs(%e : tensor<?x2xf32>) {
  ^bb0(%a: tensor<3x?xbf16>, %b: tensor<3x2xbf16>, %o: tensor<?x2xf32>):
    %m = linalg.generic {indexing_maps = [#t, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<3x?xbf16>, tensor<3x2xbf16>) outs(%o : tensor<?x2xf32>) {
    ^bb1(%s: bf16, %t: bf16, %u: f32):
      %0 = arith.extf %s : bf16 to f32
      %1 = arith.extf %t : bf16 to f32
      %2 = arith.mulf %0, %1 : f32
      %3 = arith.addf %u, %2 : f32
      linalg.yield %3 : f32
    } -> tensor<?x2xf32>
    act.yield %m : tensor<?x2xf32>
  } -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}
