// RUN: act-run %s -e halves --input='2x4xf32=[1, 2, 0, 0, 3, 4, inf, -inf]' | FileCheck %s --check-prefix=HALVES
// RUN: act-run %s -e halves --input='5x74xf32=random(1)' --expect-ulp=0.51
// RUN: act-run %s -e clamped --input='1x4xf32=[100, 100, -1, -100]' | FileCheck %s --check-prefix=CLAMPED
// RUN: act-run %s -e clamped --input='5x74xf32=random(1)' --expect-ulp=0.51
// RUN: act-run %s -e two --input='5x37xbf16=random(1)' --input='5x37xbf16=random(2)' --expect-ulp=0.51
// RUN: act-run %s -e halves_grad --input='5x37xf32=random(1)' --input='5x74xf32=random(2)' --expect-ulp=0.51
// RUN: act-run %s -e halves_grad --input='1x1xf32=[4]' --input='1x2xf32=[3, 0]' | FileCheck %s --check-prefix=GRAD
// RUN: act-run %s -e clamped_grad --input='3x7x17xf32=random(1)' --input='3x14x17xf32=random(2)' --expect-ulp=0.51
// RUN: act-run %s -e clamped_grad --input='1x3x1xf32=[1, 1, 1]' --input='1x6x1xf32=[0, 7, 8, 8, 0, -8]' | FileCheck %s --check-prefix=CUT
// RUN: act-run %s -e last_grad --input='2x37xf32=random(1)' --input='2x74xf32=random(2)' --expect-ulp=0.51

// HALVES: 2x2xf32=[0.5, 1, 3, 0]
func.func @halves(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.glu %x dimension(1) {activation = #act.fn<sigmoid>, gate = second}
      : tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// silu(7) (7 + 1), silu(-1) (-7 + 1) with the steeper sigmoid.
// CLAMPED: 1x2xf32=[55.99{{[0-9]*}}, 0.925{{[0-9]*}}]
func.func @clamped(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.glu %x dimension(1)
      {activation = #act.fn<silu, beta = 1.702>, layout = interleaved,
       gate = first, limit = 7.0, offset = 1.0}
      : tensor<?x?xf32> -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func @two(%a: tensor<?x?xbf16>, %b: tensor<?x?xbf16>) -> tensor<?x?xbf16> {
  %y = act.glu %a, %b {activation = #act.fn<gelu, approximate = tanh>}
      : tensor<?x?xbf16>, tensor<?x?xbf16> -> tensor<?x?xbf16>
  return %y : tensor<?x?xbf16>
}

// The value's part is dy / 2, the gate's dy value / 4.
// GRAD: 1x2xf32=[2, 3]
func.func @halves_grad(%dy: tensor<?x?xf32>, %x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %dx = act.glu_grad %dy, %x dimension(1) {activation = #act.fn<sigmoid>, gate = second}
      : tensor<?x?xf32>, tensor<?x?xf32>
  return %dx : tensor<?x?xf32>
}

// What the limit cuts has no gradient; at the limit it has all of it.
// CUT: 1x6x1xf32=[4, 0, 0, 0, -3, 0]
func.func @clamped_grad(%dy: tensor<?x?x?xf32>, %x: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %dx = act.glu_grad %dy, %x dimension(1)
      {activation = #act.fn<silu>, layout = interleaved, gate = first,
       limit = 7.0, offset = 1.0}
      : tensor<?x?x?xf32>, tensor<?x?x?xf32>
  return %dx : tensor<?x?x?xf32>
}

func.func @last_grad(%dy: tensor<2x37xf32>, %x: tensor<2x74xf32>) -> tensor<2x74xf32> {
  %dx = act.glu_grad %dy, %x dimension(1)
      {activation = #act.fn<silu>, layout = interleaved, gate = second}
      : tensor<2x37xf32>, tensor<2x74xf32>
  return %dx : tensor<2x74xf32>
}
