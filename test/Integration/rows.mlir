// RUN: act-run %s -e softmax --input='5x77xf32=random(3)' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e softmax --input='3x64xf32=random(3)' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e softmax --input='3x1xf32=random(3)' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e softmax --input='3x0xf32=0' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e softmax --input='1x262144xf32=linspace(-90,90)' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e softmax --input='1x262144xf32=linspace(-90,90)' --accuracy=fast --expect-ulp=4 | FileCheck %s
// RUN: act-run %s -e softmax --input='5x77xf32=linspace(-90,90)' --accuracy=highest --expect-ulp=0.51 | FileCheck %s
// RUN: act-run %s -e softmax --input='2x3xf32=[3e38, -3e38, 3e38, -inf, 0, -1e-45]' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e softmax --input='2x2xf32=[100, 0, -100, -203.25]' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e softmax --input='64x4096xf32=random(6)' --accuracy=fast --expect-ulp=4 | FileCheck %s
// RUN: act-run %s -e middle --input='2x9x17xf32=random(3)' --expect-ulp=2 | FileCheck %s
// RUN: act-run %s -e log --input='5x77xf16=random(3)' --expect-ulp=0.51 | FileCheck %s
// RUN: act-run %s -e softmax --input='3x2xf32=[nan, 1, inf, 1, -inf, -inf]' | FileCheck %s --check-prefix=SPECIAL

// CHECK: result 0: at most {{.*}} ULP from the reference
// SPECIAL: result 0: 3x2xf32=[nan, nan, nan, nan, nan, nan]
func.func @softmax(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = act.softmax %x dimension(1) : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

func.func @middle(%x: tensor<2x?x17xf32>) -> tensor<2x?x17xf32> {
  %y = act.softmax %x dimension(1) : tensor<2x?x17xf32>
  return %y : tensor<2x?x17xf32>
}

func.func @log(%x: tensor<?x?xf16>) -> tensor<?x?xf16> {
  %y = act.log_softmax %x dimension(1) : tensor<?x?xf16>
  return %y : tensor<?x?xf16>
}
