// bf16 in levels with and without AVX512-BF16: masked tails, and no call of
// what a compiler's runtime would have.
// RUN: act-compile %s -o %t.so --march=x86-64-v4,x86-64-v3
// RUN: act-run %t.so --selftest --input='7xbf16=linspace(-3,3)' | FileCheck %s
// CHECK: self test passed
// CHECK: result 0: 7xbf16=[-0.004059, -0.04541, -0.1582, 0, 0.8398, 1.953, 3]
// RUN: act-compile %s --emit=llvm-ir --march=x86-64-v4 | FileCheck %s --check-prefix=V4
// V4: call void @llvm.masked.store.v32i16
// V4-NOT: bfloat
// RUN: act-compile %s --emit=llvm-ir --march=x86-64-v3 | FileCheck %s --check-prefix=V3
// V3-NOT: @llvm.masked
func.func @f(%x: tensor<?xbf16>) -> tensor<?xbf16> {
  %y = act.gelu %x : tensor<?xbf16>
  return %y : tensor<?xbf16>
}
