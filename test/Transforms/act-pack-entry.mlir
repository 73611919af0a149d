// RUN: act-opt %s -act-pack-entry | FileCheck %s

// CHECK-LABEL: llvm.func @act_sum(
// CHECK-SAME: %[[ARGUMENTS:.+]]: !llvm.ptr)
// CHECK: %[[AT0:.+]] = llvm.getelementptr %[[ARGUMENTS]][0]
// CHECK: %[[X:.+]] = llvm.load %[[AT0]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[AT1:.+]] = llvm.getelementptr %[[ARGUMENTS]][1]
// CHECK: %[[AT_N:.+]] = llvm.load %[[AT1]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[N:.+]] = llvm.load %[[AT_N]] : !llvm.ptr -> i64
// CHECK: %[[SUM:.+]] = llvm.call @_mlir_ciface_sum(%[[X]], %[[N]])
// CHECK: %[[AT2:.+]] = llvm.getelementptr %[[ARGUMENTS]][2]
// CHECK: %[[RESULT:.+]] = llvm.load %[[AT2]] : !llvm.ptr -> !llvm.ptr
// CHECK: llvm.store %[[SUM]], %[[RESULT]]
// CHECK: llvm.return
llvm.func @_mlir_ciface_sum(!llvm.ptr, i64) -> f32

// CHECK-LABEL: llvm.func @act_nothing(
// CHECK: llvm.call @_mlir_ciface_nothing()
// CHECK-NOT: llvm.store
// CHECK: llvm.return
llvm.func @_mlir_ciface_nothing()

// A function without a C interface gets no wrapper.
// CHECK-NOT: @act_inner
llvm.func @inner(i64)
