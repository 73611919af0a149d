// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The executor's own promises: what threads see of each other, and what it
// says of code that would hang on a device.

#include "act-mlir/Target/GPUExecutor.h"
#include <gtest/gtest.h>
#include <vector>

using mlir::act::takeGPUExecutorError;

namespace {

enum { Xor, Down, Up, Idx };

TEST(GPUExecutor, RunsEveryThreadOfEveryBlock) {
  std::vector<int> seen(3 * 70);
  auto thread = [](void *arguments, int64_t thread, int64_t block, void *) {
    ++(*static_cast<std::vector<int> *>(arguments))[block * 70 + thread];
  };
  act_gpu_launch(thread, &seen, 3, 70, 0, /*synchronizes=*/0);
  act_gpu_launch(thread, &seen, 3, 70, 0, /*synchronizes=*/1);
  EXPECT_EQ(seen, std::vector<int>(3 * 70, 2));
  EXPECT_EQ(takeGPUExecutorError(), "");
}

TEST(GPUExecutor, BarrierMakesStoresVisible) {
  std::vector<int32_t> sums(2 * 64);
  auto thread = [](void *arguments, int64_t thread, int64_t block,
                   void *shared) {
    auto *memory = static_cast<int32_t *>(shared);
    memory[thread] = int32_t(thread + block);
    act_gpu_barrier();
    int32_t sum = 0;
    for (int i = 0; i < 64; ++i)
      sum += memory[i];
    static_cast<int32_t *>(arguments)[block * 64 + thread] = sum;
  };
  act_gpu_launch(thread, sums.data(), 2, 64, 64 * sizeof(int32_t), 1);
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(sums[i], 63 * 32);
    EXPECT_EQ(sums[64 + i], 63 * 32 + 64);
  }
}

/// What each of two warps gets from one shuffle of the threads' numbers.
template <int lane, int mode>
std::vector<int32_t> shuffled() {
  std::vector<int32_t> result(64);
  auto thread = [](void *arguments, int64_t thread, int64_t, void *) {
    static_cast<int32_t *>(arguments)[thread] =
        act_gpu_shuffle(int32_t(thread), lane, mode);
  };
  act_gpu_launch(thread, result.data(), 1, 64, 0, 1);
  return result;
}

TEST(GPUExecutor, ShufflesStayInTheirWarp) {
  std::vector<int32_t> exclusive = shuffled<16, Xor>();
  std::vector<int32_t> down = shuffled<3, Down>(), up = shuffled<3, Up>();
  std::vector<int32_t> first = shuffled<0, Idx>();
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(exclusive[i], i ^ 16);
    EXPECT_EQ(down[i], i % 32 + 3 < 32 ? i + 3 : i);
    EXPECT_EQ(up[i], i % 32 >= 3 ? i - 3 : i);
    EXPECT_EQ(first[i], i / 32 * 32);
  }
}

TEST(GPUExecutor, UnwrittenSharedMemoryIsNotZero) {
  int32_t value = 0;
  auto thread = [](void *arguments, int64_t, int64_t, void *shared) {
    *static_cast<int32_t *>(arguments) = *static_cast<int32_t *>(shared);
  };
  act_gpu_launch(thread, &value, 1, 1, sizeof(int32_t), 1);
  EXPECT_NE(value, 0);
}

TEST(GPUExecutor, ReportsBarrierThatSomeThreadsMiss) {
  auto thread = [](void *, int64_t thread, int64_t block, void *) {
    if (block == 0 || thread < 63)
      act_gpu_barrier();
  };
  act_gpu_launch(thread, nullptr, 3, 64, 0, 1);
  EXPECT_EQ(
      takeGPUExecutorError(),
      "block 1 waits at a barrier that not all threads of the block reach");
  EXPECT_EQ(takeGPUExecutorError(), "");
}

TEST(GPUExecutor, ReportsShuffleThatSomeLanesMiss) {
  auto ends = [](void *, int64_t thread, int64_t, void *) {
    if (thread % 32 < 16)
      act_gpu_shuffle(0, 0, Idx);
  };
  act_gpu_launch(ends, nullptr, 1, 64, 0, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 0 waits at a shuffle that not all lanes of the warp reach");
  auto differs = [](void *, int64_t thread, int64_t, void *) {
    act_gpu_shuffle(0, thread % 2 ? 1 : 2, Xor);
  };
  act_gpu_launch(differs, nullptr, 1, 32, 0, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 0 waits at lanes of a warp at different shuffles");
}

} // namespace
