// RUN: act-opt %s -act-attach-nvvm-target=chip=sm_90 | FileCheck %s
// RUN: not act-opt %s -act-attach-nvvm-target=chip=sm_9x 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not act-opt %s -act-attach-nvvm-target=chip=znver4 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not act-opt %s -act-attach-nvvm-target=chip=sm_61 2>&1 | FileCheck %s --check-prefix=OLD

// CHECK: gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_90">]
// UNKNOWN: act-attach-nvvm-target.mlir{{.+}}: error: unknown GPU 'sm_9x', expected a chip of LLVM's NVPTX target such as sm_80 or sm_90
// CPU: error: unknown GPU 'znver4'
// OLD: error: GPU 'sm_61' is older than sm_70, the oldest that there is code for
gpu.module @kernels {
}
