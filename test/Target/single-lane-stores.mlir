// A masked store of one lane is a scalar store: LLVM 22 would store four bytes
// of the truncated number.
// RUN: act-compile %s --emit=llvm-ir --march=x86-64-v4 | FileCheck %s
// CHECK-LABEL: define hidden void @{{.*}}_run(
// CHECK-NOT: llvm.masked.store
// CHECK: store i8
// CHECK-NOT: llvm.masked.store
// CHECK-LABEL: define hidden void @{{.*}}_shapes(
func.func @f(%x: tensor<?x17xi8>) -> tensor<?x17xi8> {
  %y = act.clamp %x {max = 5 : i8, min = -3 : i8} : tensor<?x17xi8>
  return %y : tensor<?x17xi8>
}
