// RUN: act-opt %s -pass-pipeline='builtin.module(gpu.module(convert-gpu-kernels-to-nvvm))' -verify-diagnostics

gpu.module @kernels {
  gpu.func @call(%p: memref<f32>) kernel {
    %x = memref.load %p[] : memref<f32>
    // expected-error @below {{the GPU target cannot call '__nv_expf'}}
    %0 = math.exp %x : f32
    memref.store %0, %p[] : memref<f32>
    gpu.return
  }
}
