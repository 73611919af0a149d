// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_CONVERSION_PASSES
#define ACT_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertActToGPU : Pass<"convert-act-to-gpu", "::mlir::ModuleOp"> {
  let summary = "turn kernels on memrefs into GPU kernels and their launches";
  let description = [{
    Each `act.kernel` becomes functions of the `gpu.module` @act_kernels, one
    for each shape of its outputs, and `gpu.launch_func` with a grid that
    depends on the shapes at run time; so does each copy of memory.

    Where every operand is contiguous and has the last dimension side by side or
    not at all, a thread takes 128 bits of each, as long as memory is aligned
    and elements are left, and those after take one element each; broadcast
    operands need rows of whole vectors for that. In tensors that fill 108
    blocks so, the threads of the first blocks load 64 bytes before they use
    any: four vectors of one operand, two of each of two.

    Rows that are reduced get 8 or 16 threads of a warp each, a warp, or a
    block of 256 or 512 threads, whose registers hold up to 32 elements a
    thread: up to 256, 512, 1,024, 8,192 or 16,384 elements, fewer of wide
    types or of long kernels. Memory is read once, and what several passes
    need is computed once. Longer rows, and those whose elements depend on the
    sum before them (a softmax of f32 at `precise`), are read by each pass, by
    a warp or a block of 64 threads. In every plan 64 lanes add their elements
    in order and are joined in the fixed tree of `act-vectorize`, so that the
    bits are the CPU's.

    Sums of products with at least 16 rows and columns are computed by tiles
    of 64 x 64 elements a block of 256 threads, 4 x 4 a thread, from slabs of
    both operands in shared memory; each sum is one chain in order, as on the
    CPU. All else has one thread for each element, with reductions in
    sequence.

    Tensor cores multiply operands in f16 or bf16 with sums in f32, where the
    last dimension of both runs along the sum or the result: tiles of 128 x 128
    elements a block, or of 64 x 64 where there are few of them, from slabs of
    32 steps that copies of 16 bytes bring while others are multiplied. The host
    sees whether memory is aligned for that; if not, a third kernel brings
    elements one by one. In which order tensor cores add is not documented, so
    the option `tensor-cores` leaves them out where bits must be the CPU's.
  }];
  let options = [
    Option<"tensorCores", "tensor-cores", "bool", /*default=*/"true",
           "multiply f16 and bf16 by tensor cores, which sm_80 and later have; "
           "off for the CPU's bits">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::gpu::GPUDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::nvgpu::NVGPUDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def ExpandGPUQuotients
    : Pass<"act-expand-gpu-quotients", "::mlir::gpu::GPUModuleOp"> {
  let summary = "divide by approximate reciprocals where results do not tell";
  let description = [{
    A rounded division of f32 is some 12 instructions on a GPU. Kernels mark
    those that need not be rounded for a result of 16 bits, which then are 4:

    ```mlir
    %q = arith.divf %a, %d {act.near} : f32
    ```

    becomes an approximate reciprocal of `%d` and two multiply-adds that correct
    its product with `%a` by the residual.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::vector::VectorDialect"];
}

def AttachNVVMTarget : Pass<"act-attach-nvvm-target", "::mlir::ModuleOp"> {
  let summary = "name the NVIDIA chip that kernels are compiled for";
  let description = [{
    Each `gpu.module` gets `#nvvm.target` for the chip, with the lowest PTX
    version that has it, so that old drivers load it. A chip that LLVM does not
    know is an error here: LLVM's own would abort the process.
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_80\"",
           "the chip: sm_80, sm_90, sm_100 ...">];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect"];
}

def ConvertGPUKernelsToNVVM
    : Pass<"convert-gpu-kernels-to-nvvm", "::mlir::gpu::GPUModuleOp"> {
  let summary = "convert the functions of a gpu.module to the NVVM dialect";
  let description = [{
    As upstream's `convert-gpu-to-nvvm`, with bare pointers, and without
    libdevice: what is left of `math` becomes instructions of the target, and
    whatever would be a call is an error.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def ConvertGPUKernelsToHost
    : Pass<"convert-gpu-kernels-to-host", "::mlir::ModuleOp"> {
  let summary = "make kernels functions of the host, for the executor";
  let description = [{
    A stand-in for a device: each `gpu.func` becomes a function that does what
    one thread does. Barriers, shuffles and launches become calls of the
    executor (`act_gpu_barrier`, `act_gpu_shuffle`, `act_gpu_launch`), which
    runs every thread of every block on the CPU. Every load and store is
    checked: one past an extent calls `act_gpu_outside`, and the executor is
    told of each access to workgroup memory (`act_gpu_touch`), so that it finds
    races between two barriers.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

def ConvertGPULaunchesToCalls
    : Pass<"convert-gpu-launches-to-calls", "::mlir::ModuleOp"> {
  let summary = "make launches calls of the runtime for a GPU's driver";
  let description = [{
    The host's part of a program whose kernels have become PTX:

    ```mlir
    gpu.launch_func @act_kernels::@f_kernel_0 blocks in (%n, %c1, %c1)
        threads in (%c256, %c1, %c1) args(%x : memref<f32>, %size : index)
    ```

    becomes stores of the parameters, addresses and 64-bit integers, to the
    stack, an array of pointers to them, and

    ```mlir
    llvm.call @act_cuda_launch(%zero, %blocks, %threads, %pointers)
        : (i64, i64, i64, !llvm.ptr) -> ()
    ```

    Kernels are numbered by their first launches; the module's attribute
    `act.gpu_kernels` has their names. What would read a tensor on the host is
    an error.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect"];
}

def KeepZeros : Pass<"act-keep-zeros"> {
  let summary = "keep LLVM from taking -0 for +0 where it chooses a zero";
  let description = [{
    LLVM 22 may compare the shorter number in `x < 0 ? 0 : x` of an extended x
    (InstCombine, select patterns with a cast), and then takes it for
    `x <= 0 ? 0 : x`, which has another zero for -0. An arithmetic fence between
    the extension and its uses hides that it is one:

    ```mlir
    %x = llvm.fpext %h : f16 to f32
    %c = llvm.fcmp "olt" %x, %zero : f32
    %y = llvm.select %c, %zero, %x : i1, f32
    ```

    becomes

    ```mlir
    %x = llvm.fpext %h : f16 to f32
    %f = llvm.call_intrinsic "llvm.arithmetic.fence"(%x) : (f32) -> f32
    %c = llvm.fcmp "olt" %f, %zero : f32
    %y = llvm.select %c, %zero, %f : i1, f32
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // ACT_CONVERSION_PASSES
