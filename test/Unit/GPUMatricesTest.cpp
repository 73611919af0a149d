// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the executor does for tensor cores and for copies that nobody waits for,
// and what it says of code that uses what is not there yet.

#include "act-mlir/Target/GPUExecutor.h"
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

using mlir::act::takeGPUExecutorError;

namespace {

intptr_t addressOf(const void *memory) {
  return reinterpret_cast<intptr_t>(memory);
}

struct Load {
  int32_t count, transposed;
  std::vector<int32_t> registers = std::vector<int32_t>(4 * 32);
};

/// Row r of matrix m, at the address of lane 8 m + r, has 64 m + 8 r and on.
void loadOfLane(void *arguments, int64_t lane, int64_t, void *shared) {
  auto &load = *static_cast<Load *>(arguments);
  auto *row = static_cast<int16_t *>(shared) + 8 * lane;
  for (int i = 0; i < 8; ++i)
    row[i] = int16_t(8 * lane + i);
  act_gpu_load_matrices(addressOf(row), load.count, load.transposed,
                        &load.registers[4 * lane]);
}

TEST(GPUExecutor, LoadsMatrices) {
  for (int32_t count : {1, 2, 4})
    for (int32_t transposed : {0, 1}) {
      Load load{count, transposed};
      act_gpu_launch(loadOfLane, &load, 1, 32, 32 * 16, 1);
      ASSERT_EQ(takeGPUExecutorError(), "");
      for (int lane = 0; lane < 32; ++lane)
        for (int matrix = 0; matrix < count; ++matrix) {
          int row = lane / 4, column = lane % 4 * 2;
          int first = transposed ? 8 * column + row : 8 * row + column;
          int second = first + (transposed ? 8 : 1);
          EXPECT_EQ(load.registers[4 * lane + matrix],
                    (64 * matrix + second) << 16 | (64 * matrix + first));
        }
    }
}

/// A small whole number in bf16, which is the upper half of f32.
uint32_t bfloat(int value) {
  float wide = float(value);
  uint32_t bits;
  std::memcpy(&bits, &wide, 4);
  return bits >> 16;
}

int leftAt(int row, int step) { return row - 2 * step; }
int rightAt(int step, int column) { return 3 * column - step; }

/// The fragments of m16n8k16 as the PTX ISA has them: registers a0 to a3 for
/// rows g and g + 8, then steps 8 and on; b0 and b1 for steps; c0 to c3.
void productOfLane(void *arguments, int64_t lane, int64_t, void *) {
  int group = lane / 4, pair = lane % 4 * 2;
  int32_t left[4], right[2];
  for (int i = 0; i < 4; ++i) {
    int row = group + (i == 1 || i == 3 ? 8 : 0), step = pair + (i < 2 ? 0 : 8);
    left[i] = int32_t(bfloat(leftAt(row, step)) | bfloat(leftAt(row, step + 1))
                                                      << 16);
  }
  for (int i = 0; i < 2; ++i) {
    int step = pair + 8 * i;
    right[i] = bfloat(rightAt(step, group)) | bfloat(rightAt(step + 1, group))
                                                  << 16;
  }
  float sums[4] = {1, 2, 3, 4};
  act_gpu_multiply_matrices(left, right, sums, /*isBFloat=*/1);
  for (int i = 0; i < 4; ++i)
    static_cast<float *>(
        arguments)[8 * (group + (i < 2 ? 0 : 8)) + pair + i % 2] =
        sums[i] - float(i + 1);
}

TEST(GPUExecutor, MultipliesMatrices) {
  float products[16 * 8] = {};
  act_gpu_launch(productOfLane, products, 1, 32, 0, 1);
  EXPECT_EQ(takeGPUExecutorError(), "");
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 8; ++column) {
      int sum = 0;
      for (int step = 0; step < 16; ++step)
        sum += leftAt(row, step) * rightAt(step, column);
      EXPECT_EQ(products[8 * row + column], float(sum));
    }
}

TEST(GPUExecutor, ReportsLanesThatDoNotMultiply) {
  auto some = [](void *arguments, int64_t lane, int64_t block, void *shared) {
    if (lane < 31)
      productOfLane(arguments, lane, block, shared);
  };
  float products[16 * 8];
  act_gpu_launch(some, products, 1, 32, 0, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 0: waits at an operation on matrices that not all lanes of "
            "the warp reach");
  act_gpu_launch(productOfLane, products, 1, 16, 0, 1);
  EXPECT_EQ(takeGPUExecutorError(),
            "block 0: waits at an operation on matrices that has no 32 lanes");
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

struct alignas(16) Numbers {
  int32_t in[4] = {1, 2, 3, 4}, out[4] = {};
};

void start(void *shared, const Numbers &numbers, int64_t read = 16) {
  act_gpu_copy(addressOf(shared), addressOf(numbers.in), 16, read);
}

void readFirst(void *shared) {
  act_gpu_touch(addressOf(shared), 4, /*writes=*/0);
}

TEST(GPUExecutor, CopiesArriveWhenWaitedFor) {
  auto thread = [](void *arguments, int64_t thread, int64_t, void *shared) {
    auto &numbers = *static_cast<Numbers *>(arguments);
    if (thread == 0) {
      start(shared, numbers, /*read=*/8);
      act_gpu_group_copies();
      act_gpu_wait_for_copies(0);
    }
    act_gpu_barrier();
    readFirst(shared);
    if (thread == 1)
      std::memcpy(numbers.out, shared, 16);
  };
  Numbers numbers;
  act_gpu_launch(thread, &numbers, 1, 64, 16, 1);
  EXPECT_EQ(takeGPUExecutorError(), "");
  EXPECT_EQ(std::vector<int32_t>(numbers.out, numbers.out + 4),
            (std::vector<int32_t>{1, 2, 0, 0}));
}

/// What the executor says of two threads, the first of which copies.
std::string complaint(act_gpu_thread thread) {
  Numbers numbers;
  act_gpu_launch(thread, &numbers, 1, 2, 32, 1);
  return takeGPUExecutorError();
}

TEST(GPUExecutor, ReportsUseBeforeArrival) {
  std::string early = "block 0: thread 0 reads byte 0 of shared memory, which "
                      "a copy of thread 0 has not reached";
  // Never waited for; in no group; in a group that may still be on its way.
  EXPECT_EQ(complaint([](void *arguments, int64_t, int64_t, void *shared) {
              start(shared, *static_cast<Numbers *>(arguments));
              act_gpu_group_copies();
              readFirst(shared);
            }),
            early);
  EXPECT_EQ(complaint([](void *arguments, int64_t, int64_t, void *shared) {
              start(shared, *static_cast<Numbers *>(arguments));
              act_gpu_wait_for_copies(0);
              readFirst(shared);
            }),
            early);
  EXPECT_EQ(complaint([](void *arguments, int64_t, int64_t, void *shared) {
              start(shared, *static_cast<Numbers *>(arguments));
              act_gpu_group_copies();
              act_gpu_wait_for_copies(1);
              readFirst(shared);
            }),
            early);
  // A barrier alone is no wait, nor is a wait a barrier.
  EXPECT_EQ(
      complaint([](void *arguments, int64_t thread, int64_t, void *shared) {
        if (thread == 0) {
          start(shared, *static_cast<Numbers *>(arguments));
          act_gpu_group_copies();
        }
        act_gpu_barrier();
        if (thread == 1)
          readFirst(shared);
      }),
      "block 0: thread 1 reads byte 0 of shared memory, which a copy of "
      "thread 0 has not reached");
  EXPECT_EQ(
      complaint([](void *arguments, int64_t thread, int64_t, void *shared) {
        if (thread == 0) {
          start(shared, *static_cast<Numbers *>(arguments));
          act_gpu_group_copies();
          act_gpu_wait_for_copies(0);
        } else {
          readFirst(shared);
        }
      }),
      "block 0: thread 1 reads byte 0 of shared memory, which another "
      "thread wrote since the last barrier");
}

TEST(GPUExecutor, ReportsCopiesOverWhatIsUsed) {
  EXPECT_EQ(
      complaint([](void *arguments, int64_t thread, int64_t, void *shared) {
        if (thread == 0)
          readFirst(shared);
        else
          start(shared, *static_cast<Numbers *>(arguments));
      }),
      "block 0: thread 1 writes byte 0 of shared memory, which another "
      "thread read since the last barrier");
}

TEST(GPUExecutor, ReportsUnalignedCopies) {
  EXPECT_EQ(complaint([](void *arguments, int64_t, int64_t, void *shared) {
              start(static_cast<char *>(shared) + 8,
                    *static_cast<Numbers *>(arguments));
            }),
            "block 0: thread 0 copies 16 bytes that are not aligned to as "
            "many");
}

} // namespace
