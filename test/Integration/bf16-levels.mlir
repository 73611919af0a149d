// A level without bf16 vectors serves bf16 as well.
// RUN: act-compile %s -o %t.so --march=x86-64-v4,x86-64-v3
// RUN: act-run %t.so --selftest --input='7xbf16=linspace(-3,3)' | FileCheck %s
// CHECK: self test passed
// CHECK: result 0: 7xbf16=[-0.004059, -0.04541, -0.1582, 0, 0.8398, 1.953, 3]
func.func @f(%x: tensor<?xbf16>) -> tensor<?xbf16> {
  %y = act.gelu %x : tensor<?xbf16>
  return %y : tensor<?xbf16>
}
