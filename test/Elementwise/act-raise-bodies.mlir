// RUN: act-opt %s -act-raise | FileCheck %s

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>

// Behind a bias that is broadcast, in a body; one conversion stays.
// CHECK-LABEL: @behind_a_bias(
// CHECK: arith.extf
// CHECK-NEXT: %[[SUM:.+]] = arith.addf
// CHECK-NEXT: %[[Y:.+]] = act.silu %[[SUM]] : f32
// CHECK-NEXT: arith.truncf %[[Y]]
func.func @behind_a_bias(%x: tensor<?x8xbf16>, %b: tensor<8xf32>,
                         %out: tensor<?x8xbf16>) -> tensor<?x8xbf16> {
  %one = arith.constant 1.0 : f32
  %r = linalg.generic {indexing_maps = [#all, #row, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<?x8xbf16>, tensor<8xf32>)
      outs(%out : tensor<?x8xbf16>) {
  ^bb0(%a: bf16, %c: f32, %o: bf16):
    %0 = arith.extf %a : bf16 to f32
    %1 = arith.addf %0, %c : f32
    %2 = arith.negf %1 : f32
    %3 = math.exp %2 : f32
    %4 = arith.addf %3, %one : f32
    %5 = arith.divf %1, %4 : f32
    %6 = arith.truncf %5 : f32 to bf16
    linalg.yield %6 : bf16
  } -> tensor<?x8xbf16>
  return %r : tensor<?x8xbf16>
}

// From a body through an operation on tensors into another body.
// CHECK-LABEL: @across_bodies(
// CHECK-SAME: %[[X:[^ ]+]]: tensor<4x8xf32>
// CHECK-NEXT: %[[Y:.+]] = act.silu %[[X]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[Y]]
func.func @across_bodies(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#all, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.negf %a : f32
    linalg.yield %v : f32
  } -> tensor<4x8xf32>
  %1 = math.exp %0 : tensor<4x8xf32>
  %2 = linalg.generic {indexing_maps = [#all, #all, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %1 : tensor<4x8xf32>, tensor<4x8xf32>)
      outs(%e : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %v = arith.addf %b, %one : f32
    %w = arith.divf %a, %v : f32
    linalg.yield %w : f32
  } -> tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// Computed in f32 between two conversions: one operation on bf16.
// CHECK-LABEL: @conversions(
// CHECK-NEXT: act.silu %{{.+}} : tensor<8xbf16>
// CHECK-NEXT: return
func.func @conversions(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  %one = arith.constant dense<1.0> : tensor<8xf32>
  %0 = arith.extf %x : tensor<8xbf16> to tensor<8xf32>
  %1 = arith.negf %0 : tensor<8xf32>
  %2 = math.exp %1 : tensor<8xf32>
  %3 = arith.addf %2, %one : tensor<8xf32>
  %4 = arith.divf %0, %3 : tensor<8xf32>
  %5 = arith.truncf %4 : tensor<8xf32> to tensor<8xbf16>
  return %5 : tensor<8xbf16>
}

// A gate: the product with another value follows the activation.
// CHECK-LABEL: @gate(
// CHECK-NEXT: %[[G:.+]] = act.silu
// CHECK-NEXT: arith.mulf %[[G]]
func.func @gate(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %s = act.sigmoid %x : tensor<8xf32>
  %0 = arith.mulf %x, %s : tensor<8xf32>
  %1 = arith.mulf %0, %y : tensor<8xf32>
  return %1 : tensor<8xf32>
}

// What all operations say is said of the one.
// CHECK-LABEL: @attributes(
// CHECK-NEXT: act.silu %{{.+}} {accuracy = #act.accuracy<fast>, fastmath = #arith.fastmath<nnan>}
func.func @attributes(%x: tensor<8xf32>) -> tensor<8xf32> {
  %s = act.sigmoid %x {accuracy = #act.accuracy<fast>,
                       fastmath = #arith.fastmath<nnan>} : tensor<8xf32>
  %0 = arith.mulf %x, %s fastmath<nnan, ninf> : tensor<8xf32>
  return %0 : tensor<8xf32>
}
