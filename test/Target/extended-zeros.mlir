// Two operations compare the same number, extended from a shorter type, with
// zero: -0 stays what it is.
// RUN: act-run %s --no-raise --input='40xf8E5M2=0' --print-limit=1 | FileCheck %s
// RUN: act-run %s --no-raise --input='40xf8E5M2=0' --print-limit=1 --march=x86-64-v3 | FileCheck %s

// CHECK: result 0: {{.*}}[-0,
// CHECK: result 1: {{.*}}[-0,
func.func @main(%x: tensor<?xf8E5M2>) -> (tensor<?xf8E5M2>, tensor<?xf8E5M2>) {
  %n = arith.negf %x : tensor<?xf8E5M2>
  %e = act.elu %n : tensor<?xf8E5M2>
  %g = act.gelu %n : tensor<?xf8E5M2>
  return %e, %g : tensor<?xf8E5M2>, tensor<?xf8E5M2>
}
