// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a sweep finds out about a kernel.

#ifndef ACT_TEST_NUMERICS_RESULT_H
#define ACT_TEST_NUMERICS_RESULT_H

#include "act-mlir/Numerics/Registry.h"
#include <cstdint>

namespace mlir::act::numerics {

struct Result {
  double ulps = 0, worst = 0;
  uint64_t inputs = 0, misrounded = 0, above1 = 0, above4 = 0, unordered = 0;

  void add(double error, double x) {
    ++inputs;
    above1 += error > 1;
    above4 += !(error <= 4);
    if (!(error <= ulps)) {
      ulps = error;
      worst = x;
    }
  }
  void merge(const Result &o) {
    if (!(o.ulps <= ulps)) {
      ulps = o.ulps;
      worst = o.worst;
    }
    inputs += o.inputs;
    misrounded += o.misrounded;
    above1 += o.above1;
    above4 += o.above4;
    unordered += o.unordered;
  }
};

using Results = Result[kNumKernels];

/// Numbers of every exponent, the same in each run.
double otherOperand(uint64_t i, Type type);

/// The kernels in f32 on the f32 patterns first, first + step, ..., against the
/// f64 core before its rounding, which is correct to 2^-11 ULP and more.
/// Gradients have dy = 1, or each a dy of its own.
void sweepSingle(Function function, uint64_t first, uint64_t step,
                 uint64_t count, bool others, Results &results);

/// What the comparison with the core leaves open, in ULP.
constexpr double kCoreMargin = 0x1p-11;

} // namespace mlir::act::numerics

#endif // ACT_TEST_NUMERICS_RESULT_H
