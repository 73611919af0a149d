// RUN: act-opt %s -pass-pipeline='builtin.module(gpu.module(convert-gpu-kernels-to-nvvm))' -verify-diagnostics | FileCheck %s

// CHECK-LABEL: gpu.module @kernels
gpu.module @kernels {
  // One pointer for a memref of rank 0; instructions, no calls.
  // CHECK: llvm.func @math(%{{.+}}: !llvm.ptr, %{{.+}}: vector<4xf64>) attributes {{.*}}nvvm.kernel
  // CHECK: llvm.intr.fma
  // CHECK: llvm.intr.fabs
  // CHECK: llvm.intr.copysign
  // CHECK: llvm.intr.sqrt
  // CHECK: llvm.intr.floor
  // CHECK-NOT: llvm.call
  gpu.func @math(%p: memref<f64>, %v: vector<4xf64>) kernel {
    %x = memref.load %p[] : memref<f64>
    %0 = math.fma %x, %x, %x : f64
    %1 = math.absf %0 : f64
    %2 = math.copysign %1, %x : f64
    %3 = math.sqrt %2 : f64
    %4 = math.floor %3 : f64
    memref.store %4, %p[] : memref<f64>
    gpu.return
  }
}
