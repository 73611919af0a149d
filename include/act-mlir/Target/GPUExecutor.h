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
}

namespace mlir::act {

/// What went wrong in launches of this thread since the last call; empty if
/// nothing did. A launch that fails leaves its results incomplete.
std::string takeGPUExecutorError();

} // namespace mlir::act

#endif // ACT_MLIR_TARGET_GPUEXECUTOR_H
