// RUN: act-opt %s -convert-gpu-launches-to-calls -split-input-file -verify-diagnostics | FileCheck %s

// CHECK: module attributes {act.gpu_kernels = ["second", "first"]}
module attributes {gpu.container_module} {
  // CHECK: llvm.func @act_cuda_launch(i64, i64, i64, !llvm.ptr)
  // CHECK-NOT: gpu.module
  gpu.module @kernels {
    gpu.func @first(%x: memref<f32>, %n: index) kernel { gpu.return }
    gpu.func @second(%x: memref<f32>, %n: index) kernel { gpu.return }
  }
  // CHECK-LABEL: func.func @launches(
  // CHECK-SAME: %[[X:.*]]: memref<f32>, %[[N:.*]]: index)
  func.func @launches(%x: memref<f32>, %n: index) {
    %c1 = arith.constant 1 : index
    %c256 = arith.constant 256 : index
    // Space for the parameters is not in the loop.
    // CHECK-COUNT-4: llvm.alloca
    // CHECK: scf.for
    scf.for %i = %c1 to %n step %c1 {
      // CHECK: %[[ADDRESS:.*]] = memref.extract_aligned_pointer_as_index %[[X]]
      // CHECK: %[[BITS:.*]] = arith.index_cast %[[ADDRESS]] : index to i64
      // CHECK: %[[SIZE:.*]] = arith.index_cast %[[N]] : index to i64
      // CHECK: llvm.store %[[BITS]]
      // CHECK: llvm.store %[[SIZE]]
      // CHECK: %[[NUMBER:.*]] = llvm.mlir.constant(0 : i64)
      // CHECK: llvm.call @act_cuda_launch(%[[NUMBER]], %{{.*}}, %{{.*}}, %{{.*}})
      gpu.launch_func @kernels::@second blocks in (%n, %c1, %c1) threads in (%c256, %c1, %c1) args(%x : memref<f32>, %n : index)
    }
    // CHECK: %[[NUMBER:.*]] = llvm.mlir.constant(1 : i64)
    // CHECK: llvm.call @act_cuda_launch(%[[NUMBER]]
    gpu.launch_func @kernels::@first blocks in (%n, %c1, %c1) threads in (%c256, %c1, %c1) args(%x : memref<f32>, %n : index)
    // CHECK-NOT: gpu.launch_func
    return
  }
}

// -----


func.func @none(%x: memref<4xf32>, %i: index) -> f32 {
  // expected-error @below {{reads or writes a tensor on the host, which has no access to a device's memory}}
  %v = memref.load %x[%i] : memref<4xf32>
  return %v : f32
}
