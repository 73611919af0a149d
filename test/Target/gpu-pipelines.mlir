// RUN: act-opt %s -act-lower-to-nvvm-pipeline=chip=sm_90 | FileCheck %s --check-prefix=PTX
// RUN: act-opt %s -act-lower-to-nvvm-pipeline='chip=sm_90 format=none' | FileCheck %s --check-prefix=NVVM
// RUN: act-opt %s -act-lower-to-gpu-executor-pipeline | FileCheck %s --check-prefix=HOST
// RUN: not act-opt %s -act-lower-to-nvvm-pipeline=accuracy=0.01 2>&1 | FileCheck %s --check-prefix=ACCURACY

// The host launches what the binary holds.
// PTX: gpu.binary @act_kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90">
// PTX-SAME: .visible .entry main_kernel_0
// PTX: func.func @main(
// PTX: gpu.launch_func @act_kernels::@main_kernel_0

// Bare pointers.
// NVVM: gpu.module @act_kernels [#nvvm.target<O = 3, chip = "sm_90">]
// NVVM: llvm.func @main_kernel_0(%{{.+}}: !llvm.ptr, %{{.+}}: !llvm.ptr, %{{.+}}: i64, %{{.+}}: i64, %{{.+}}: i64)
// NVVM-SAME: nvvm.kernel, nvvm.maxntid = array<i32: 256, 1, 1>
// NVVM: llvm.load %{{.+}} {alignment = 16 : i64} : !llvm.ptr -> vector<4xf32>

// HOST-NOT: gpu.
// HOST: llvm.call @act_gpu_launch
// HOST: llvm.func @main_kernel_0_thread
// HOST-NOT: gpu.

// ACCURACY: error: accuracy of 0.01 ULP cannot be met
func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = act.silu %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}
