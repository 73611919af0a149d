// REQUIRES: ptxas
// Machine code of GPUs, with what ptxas says of it; elementwise kernels have no
// local memory.

// DEFINE: %{arch} =
// DEFINE: %{type} =
// DEFINE: %{cubin} = sed 's/f32/%{type}/g' %s > %t.mlir && act-compile %t.mlir --emit=cubin --offload-arch=%{arch} -o %t.cubin 2>&1 | FileCheck %s && FileCheck %s --check-prefix=ELF < %t.cubin
// REDEFINE: %{type} = f32
// REDEFINE: %{arch} = sm_80
// RUN: %{cubin}
// REDEFINE: %{arch} = sm_90
// RUN: %{cubin}
// REDEFINE: %{arch} = sm_100
// RUN: %{cubin}
// REDEFINE: %{arch} = sm_120
// RUN: %{cubin}
// REDEFINE: %{type} = bf16
// RUN: %{cubin}
// REDEFINE: %{type} = f16
// RUN: %{cubin}

// CHECK: remark: kernel 'main_kernel_0' on sm_{{[0-9]+}}: {{[1-9][0-9]*}} registers, 0 bytes of stack, 0 bytes spilled
// CHECK-NOT: warning
// ELF: ELF

// Several chips in one file.
// RUN: act-compile %s --emit=fatbin --offload-arch=sm_80,sm_90 -o %t.fatbin 2>&1 | FileCheck %s --check-prefix=FAT
// FAT: on sm_80:
// FAT: on sm_90:
// RUN: test -s %t.fatbin

// Without NVIDIA's programs.
// RUN: env PATH=%t.none CUDA_HOME=%t.none %act_build/bin/act-compile %s --emit=cubin -o %t.no.cubin > %t.log 2>&1 ; FileCheck %s --input-file=%t.log --check-prefix=NONE
// NONE: error: ptxas is not in PATH, nor in $CUDA_HOME/bin: it comes with NVIDIA's CUDA toolkit; --emit=ptx needs none
// RUN: not act-compile %s --emit=cubin --offload-arch=sm_80,sm_90 -o %t.cubin 2>&1 | FileCheck %s --check-prefix=SEVERAL
// SEVERAL: error: this --emit takes one GPU in --offload-arch; --emit=fatbin takes several

func.func @main(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %0 = act.gelu %x : tensor<?xf32>
  %1 = act.silu_grad %y, %0 : tensor<?xf32>
  %2 = act.mish %1 : tensor<?xf32>
  return %2 : tensor<?xf32>
}
