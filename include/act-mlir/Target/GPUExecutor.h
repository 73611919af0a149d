// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Runs GPU kernels on the CPU, one fiber a thread, with barriers, shuffles and
// shared memory: what the code of `convert-gpu-kernels-to-host` calls.

#ifndef ACT_MLIR_TARGET_GPUEXECUTOR_H
#define ACT_MLIR_TARGET_GPUEXECUTOR_H

#include <cstdint>
#include <string>

extern "C" {

/// What one thread of a launch does.
typedef void (*act_gpu_thread)(void *arguments, int64_t thread, int64_t block,
                               void *shared);

/// Runs all threads of all blocks. Threads that do not synchronize run one
/// after the other, without fibers.
void act_gpu_launch(act_gpu_thread thread, void *arguments, int64_t blocks,
                    int64_t threads, int64_t sharedBytes, int32_t synchronizes);

/// Waits for all threads of the block.
void act_gpu_barrier(void);

/// The value of another thread of the warp; `mode` is `gpu.shuffle`'s: 0 xor,
/// 1 down, 2 up, 3 idx.
int32_t act_gpu_shuffle(int32_t value, int32_t lane, int32_t mode);

/// A thread is about to use a position that memory does not have: it ends here,
/// and the launch fails.
void act_gpu_outside(int64_t position, int64_t extent);

/// A thread is about to read or write bytes of shared memory. If another thread
/// of the block has used them since the last barrier, and one of the two
/// writes, the launch fails.
void act_gpu_touch(int64_t address, int64_t bytes, int32_t writes);

/// `ldmatrix`: each lane of the warp has the address of a row of 16 bytes in
/// shared memory, and gets `count` registers.
void act_gpu_load_matrices(int64_t row, int32_t count, int32_t transposed,
                           int32_t *registers);

/// `mma` of 16 x 8 x 16 elements: 4 registers of the left operand, 2 of the
/// right one, 4 sums in f32, which the product is added to.
void act_gpu_multiply_matrices(const int32_t *left, const int32_t *right,
                               float *sums, int32_t isBFloat);

/// `cp.async`: starts to copy to shared memory; behind `read` bytes of the
/// source there are zeros. Nothing is there before the thread waits for it, and
/// whoever uses these bytes until then makes the launch fail.
void act_gpu_copy(int64_t to, int64_t from, int64_t bytes, int64_t read);
/// The thread's copies since the last one become a group.
void act_gpu_group_copies(void);
/// Waits for all groups of the thread but the last `pending` ones.
void act_gpu_wait_for_copies(int32_t pending);

/// `rcp.approx.ftz.f32`: devices may differ in the last place, so the result is
/// one of the numbers that are at most one place off, by the bits of x.
float act_gpu_reciprocal(float x);
}

namespace mlir::act {

/// What went wrong in launches of this thread since the last call; empty if
/// nothing did. A launch that fails leaves its results incomplete.
std::string takeGPUExecutorError();

} // namespace mlir::act

#endif // ACT_MLIR_TARGET_GPUEXECUTOR_H
