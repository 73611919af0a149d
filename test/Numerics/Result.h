// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a sweep finds out about a kernel.

#ifndef ACT_TEST_NUMERICS_RESULT_H
#define ACT_TEST_NUMERICS_RESULT_H

#include "act-mlir/Numerics/Registry.h"
#include <cmath>
#include <cstdint>
#include <tuple>

namespace mlir::act::numerics {

struct Result {
  /// The largest error, the input that has it, and the other operand there.
  double ulps = 0, worst = 0, worstOther = 1;
  uint64_t inputs = 0, misrounded = 0, above1 = 0, above4 = 0, unordered = 0;

  void add(double error, double x, double other) {
    ++inputs;
    above1 += error > 1;
    above4 += !(error <= 4);
    offer(error, x, other);
  }
  void merge(const Result &o) {
    offer(o.ulps, o.worst, o.worstOther);
    inputs += o.inputs;
    misrounded += o.misrounded;
    above1 += o.above1;
    above4 += o.above4;
    unordered += o.unordered;
  }

  /// The largest error stays, of equal ones that at the smallest input,
  /// whatever the order.
  void offer(double error, double x, double other) {
    if (error < ulps || error == 0)
      return;
    auto key = [](double x, double other) {
      return std::make_tuple(std::fabs(x), std::signbit(x), std::fabs(other),
                             std::signbit(other));
    };
    if (error == ulps && key(x, other) >= key(worst, worstOther))
      return;
    ulps = error;
    worst = x;
    worstOther = other;
  }
};

using Results = Result[kNumKernels];

/// The operands beside the main one: all 1, or a number for each pattern of the
/// main one, or one number for all.
struct Others {
  enum Kind { One, Each, Fixed } kind = One;
  /// Makes those of each pattern other ones; the pattern that is fixed.
  uint64_t value = 0;

  double at(uint64_t pattern, Type type) const;
};

/// Inputs first, first + step, ... of a type's patterns, modulo their number.
struct Block {
  uint64_t first, step, count;
  Others others;
};

/// The kernels in f32 of more than one operation alone, or all others alone.
enum class Sweep { All, Single, Double };

inline bool isPartOf(Sweep sweep, Kernel kernel) {
  bool single = kernel == Kernel::Plain || kernel == Kernel::Paired;
  return sweep == Sweep::All || single == (sweep == Sweep::Single);
}

/// Holds kernels against the one on pairs before its rounding, Sweep::Single of
/// f32 against the f64 core before its. Where that leaves open what the exact
/// value is rounded to, the pair decides, and MPFR where the pair is no farther
/// from a tie than kPairError.
void sweepBlock(Function function, Type type, Sweep sweep, const Block &block,
                Results &results);

/// The largest relative errors of the pair, with much to spare, and the core.
constexpr double kPairError = 0x1p-50, kCoreError = 0x1p-34;

/// What the comparison with the core leaves open, in ULP.
constexpr double kCoreMargin = 0x1p-11;

/// The kernels for f64 against MPFR at one input.
void sweepF64(Function function, double x, double other, Results &results);

} // namespace mlir::act::numerics

#endif // ACT_TEST_NUMERICS_RESULT_H
