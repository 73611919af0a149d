// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Checks that run for every function, on all cores.

#ifndef ACT_TEST_UNIT_FOREACH_H
#define ACT_TEST_UNIT_FOREACH_H

#include "act-mlir/Numerics/Functions.h"
#include <atomic>
#include <gtest/gtest.h>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mlir::act::numerics::test {

/// The check returns what is wrong with a function, or an empty string; the
/// test fails with every such text.
template <class Check>
void forEach(const std::vector<Function> &functions, Check check) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  auto work = [&] {
    for (size_t i = next++; i < functions.size(); i = next++) {
      std::string wrong = check(functions[i]);
      std::lock_guard<std::mutex> lock(mutex);
      EXPECT_EQ(wrong, "");
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i)
    threads.emplace_back(work);
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace mlir::act::numerics::test

#endif // ACT_TEST_UNIT_FOREACH_H
