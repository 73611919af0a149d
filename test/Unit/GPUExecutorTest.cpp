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
      "block 1: waits at a barrier that not all threads of the block reach");
  EXPECT_EQ(takeGPUExecutorError(), "");
}

TEST(GPUExecutor, ReportsShuffleThatSomeLanesMiss) {
  auto ends = [](void *, int64_t thread, int64_t, void *) {
    if (thread % 32 < 16)
      act_gpu_shuffle(0, 0, Idx);
  };
  act_gpu_launch(ends, nullptr, 1, 64, 0, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 0: waits at a shuffle that not all lanes of the warp reach");
  auto differs = [](void *, int64_t thread, int64_t, void *) {
    act_gpu_shuffle(0, thread % 2 ? 1 : 2, Xor);
  };
  act_gpu_launch(differs, nullptr, 1, 32, 0, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 0: waits at lanes of a warp at different shuffles");
}

void touch(void *shared, int64_t byte, bool writes) {
  act_gpu_touch(reinterpret_cast<intptr_t>(shared) + byte, 4, writes);
}

TEST(GPUExecutor, BarriersOrderSharedMemory) {
  auto thread = [](void *, int64_t thread, int64_t, void *shared) {
    touch(shared, 4 * thread, true);
    touch(shared, 4 * thread, false); // its own
    act_gpu_barrier();
    touch(shared, 4 * (63 - thread), false);
    touch(shared, 0, false); // all of them
    act_gpu_barrier();
    touch(shared, 4 * (63 - thread), true);
  };
  act_gpu_launch(thread, nullptr, 2, 64, 256, 1);
  EXPECT_EQ(takeGPUExecutorError(), "");
}

TEST(GPUExecutor, ReportsRaces) {
  auto readsEarly = [](void *, int64_t thread, int64_t, void *shared) {
    touch(shared, 4 * thread, true);
    touch(shared, 0, false);
  };
  act_gpu_launch(readsEarly, nullptr, 1, 64, 256, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 0: thread 1 reads byte 0 of shared memory, which another "
            "thread wrote since the last barrier");
  auto writesEarly = [](void *, int64_t thread, int64_t block, void *shared) {
    touch(shared, 8, false);
    if (block == 1 && thread == 3)
      touch(shared, 8, true);
  };
  act_gpu_launch(writesEarly, nullptr, 2, 64, 256, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 1: thread 3 writes byte 8 of shared memory, which another "
            "thread read since the last barrier");
}

TEST(GPUExecutor, ReportsPositionsOutside) {
  auto shared = [](void *, int64_t, int64_t, void *shared) {
    touch(shared, 254, true);
  };
  act_gpu_launch(shared, nullptr, 1, 64, 256, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 0: thread 0 uses byte 257 of 256 bytes of shared memory");
  auto alone = [](void *, int64_t thread, int64_t, void *) {
    if (thread == 40)
      act_gpu_outside(40, 40);
  };
  for (int32_t synchronizes : {0, 1}) {
    act_gpu_launch(alone, nullptr, 1, 64, 0, synchronizes);
    EXPECT_NE(takeGPUExecutorError().find(
                  "a thread's position 40 is outside an extent of 40"),
              std::string::npos);
  }
}

} // namespace
