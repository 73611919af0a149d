// RUN: act-opt %s -act-outline-parallel -split-input-file -verify-diagnostics | FileCheck %s

// CHECK: llvm.func @act_parallel_run(i64, !llvm.ptr, !llvm.ptr)
// CHECK-LABEL: func.func @f(
// CHECK: %[[CONTEXT:.*]] = llvm.alloca
// CHECK-NOT: scf.parallel
// CHECK: llvm.call @act_parallel_run(%{{.*}}, %{{.*}}, %[[CONTEXT]])
// CHECK-LABEL: func.func private @f_body(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %{{.*}}: i64)
// CHECK: %[[C:.*]] = arith.constant 1.0
// CHECK: memref.store %[[C]]
func.func @f(%m: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %one, %m[%i] : memref<?xf32>
    scf.reduce
  }
  return
}

// -----

func.func @two(%m: memref<?x?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  // expected-error @+1 {{must be one loop from 0 in steps of 1, without reductions}}
  scf.parallel (%i, %j) = (%c0, %c0) to (%n, %n) step (%c1, %c1) {
    memref.store %one, %m[%i, %j] : memref<?x?xf32>
    scf.reduce
  }
  return
}
