// A dialect that the compiler does not take is refused when it is read; act-opt,
// which has all of them, reads it.
// RUN: not act-compile %s -o %t.so 2>&1 | FileCheck %s
// RUN: not act-run %s --input=4xf32=1 2>&1 | FileCheck %s
// RUN: act-opt %s | FileCheck %s --check-prefix=READ
// CHECK: dialects.mlir:[[#@LINE+4]]:{{[0-9]+}}: error: Dialect `tosa' not found
// CHECK-NOT: error:
// READ: tosa.exp
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = tosa.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
