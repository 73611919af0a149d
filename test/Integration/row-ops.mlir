// RUN: act-run %s -e hardmax --input='3x5xf32=[1, 5, 2, 5, 0, -inf, -inf, -inf, -inf, -inf, 0, nan, 1, 2, 3]' | FileCheck %s --check-prefix=HARDMAX
// RUN: act-run %s -e hardmax --input='3x130xf32=random(1)' --expect-ulp=0
// RUN: act-run %s -e logsumexp --input='5x3xf32=[0, 0, 0, -inf, -inf, -inf, 1, inf, 2, 0, -80, -90, nan, inf, 0]' | FileCheck %s --check-prefix=LSE
// RUN: act-run %s -e logsumexp --input='2x0xf32=0' | FileCheck %s --check-prefix=EMPTY
// RUN: act-run %s -e logsumexp --input='37x130xf32=random(2)' --expect-ulp=0.51
// RUN: act-run %s -e logsumexp_middle --input='3x70x17xbf16=random(2)' --expect-ulp=0.51
// RUN: act-run %s -e log_softmax --input='1x3xf32=[0, -80, -90]' | FileCheck %s --check-prefix=DIGITS
// RUN: act-run %s -e masked --input='2x2xf32=[-inf, -inf, nan, 0]' | FileCheck %s --check-prefix=MASKED
// RUN: sed s/f32/bf16/g %s > %t.bf16.mlir && act-run %t.bf16.mlir -e masked --input='2x2xbf16=[-inf, -inf, nan, 0]' | FileCheck %s --check-prefix=MASKED
// RUN: act-run %t.bf16.mlir -e masked --accuracy=highest --input='2x2xbf16=[-inf, -inf, nan, 0]' | FileCheck %s --check-prefix=MASKED
// RUN: act-run %s -e masked --accuracy=highest --input='2x2xf32=[-inf, -inf, nan, 0]' | FileCheck %s --check-prefix=MASKED
// RUN: act-run %s -e softmax_grad --input='3x70xf32=random(1)' --input='3x70xf32=random(2)' --expect-ulp=0.51
// RUN: act-run %s -e softmax_grad --input='1x2xf32=[1, 0]' --input='1x2xf32=[0.25, 0.75]' | FileCheck %s --check-prefix=GRAD
// RUN: act-run %s -e log_softmax_grad --input='3x70xf16=random(1)' --input='3x70xf16=linspace(-9,0)' --expect-ulp=0.51
// RUN: act-run %s -e log_softmax_grad --input='1x2xf16=[1, 3]' --input='1x2xf16=[0, -inf]' | FileCheck %s --check-prefix=LOGGRAD

// The first maximum gets the one; NaN takes its row.
// HARDMAX: 3x5xf32=[0, 1, 0, 0, 0, 1, 0, 0, 0, 0, nan, nan, nan, nan, nan]
func.func @hardmax(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.hardmax %x dimension(1) : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// LSE: 5xf32=[1.0986{{[0-9]*}}, -inf, inf, 1.8049{{[0-9]*}}E-35, nan]
// EMPTY: 2xf32=[-inf, -inf]
func.func @logsumexp(%x: tensor<?x?xf32>) -> tensor<?xf32> {
  %y = act.logsumexp %x dimension(1) : tensor<?x?xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @logsumexp_middle(%x: tensor<3x?x17xbf16>) -> tensor<3x17xbf16> {
  %y = act.logsumexp %x dimension(1) : tensor<3x?x17xbf16> -> tensor<3x17xbf16>
  return %y : tensor<3x17xbf16>
}

// DIGITS: 1x3xf32=[-1.8049{{[0-9]*}}E-35, -80, -90]
func.func @log_softmax(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.log_softmax %x dimension(1) : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// MASKED: 2x2x{{b?f(16|32)}}=[0, 0, nan, nan]
func.func @masked(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.softmax %x dimension(1) {masked_row = zero} : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// GRAD: 1x2xf32=[0.1875, -0.1875]
func.func @softmax_grad(%dy: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %dx = act.softmax_grad %dy, %y dimension(1) : tensor<?x?xf32>
  return %dx : tensor<?x?xf32>
}

// LOGGRAD: 1x2xf16=[-3, 3]
func.func @log_softmax_grad(%dy: tensor<?x?xf16>, %y: tensor<?x?xf16>) -> tensor<?x?xf16> {
  %dx = act.log_softmax_grad %dy, %y dimension(1) : tensor<?x?xf16>
  return %dx : tensor<?x?xf16>
}
