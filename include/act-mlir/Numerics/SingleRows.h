// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The exponentials of a row in f32, relative to its maximum, over the number
// types of Single.h.
//
// e^x is computed of x itself: x - max would be rounded, and that costs up to
// |x - max| / 2 ULP of its exponential. The maximum gives the power of two by
// which all are shifted, which is exact. Only where the maximum is so large
// that x - max is exact for all elements that matter it is subtracted first.
//
// The results are scaled by 2^64, so that they and their products stay normal
// numbers until the row's own factor brings them back; elements less
// than the maximum by 132 or more are 0.

#ifndef ACT_MLIR_NUMERICS_SINGLEROWS_H
#define ACT_MLIR_NUMERICS_SINGLEROWS_H

#include "act-mlir/Numerics/Single.h"

namespace mlir::act::numerics {

template <class N>
class SingleRow {
public:
  explicit SingleRow(N like) : like(like) {}

  /// What the elements of a row share. Less `base`, and bounded by `least`,
  /// they are n ln 2 + r; `bias` turns n into an exponent. `unit` + `unitRest`
  /// is what makes the maximum's own exponential 2^64.
  struct Shift {
    N base, least, bias, unit, unitRest;
  };
  /// For the row's maximum, which may be infinite but not NaN.
  Shift shift(N max) {
    auto small = abs(max) < c(256);
    N offset = select(small, max, c(0));
    N m = fma(offset, c(kSingleLog2E), c(kSingleBase)) - c(kSingleBase);
    // Its exponent is 0 and its power of two, too.
    N least = (m - c(kScale + 127)) * c(kSingleLn2Nearest);
    N r = fma(m, c(-kSingleLn2[0]), offset);
    Sum e = exp(-r, m * c(kSingleLn2[1]));
    N unit = e.high + e.low;
    return {select(small, c(0), max), least, c(kSingleBase + 127 + kScale) - m,
            unit, e.low - (unit - e.high)};
  }

  /// The exponential and what it lost to its rounding; their sum is off by
  /// 2^-27 of it at most.
  struct Exponential {
    N value, lost;
  };
  Exponential exponential(N x, const Shift &row) {
    auto [exact, n, power] = reduce(x, row);
    Sum e = exp(exact, n * c(-kSingleLn2[1]));
    N rest = fma(e.low, row.unit, e.high * row.unitRest);
    N value = fma(e.high, row.unit, rest);
    N lost = fma(e.high, row.unit, -value) + rest;
    return {value * power, lost * power};
  }

  /// The same without the unit, off by 0.6 ULP; for results of 16 bits, by
  /// 2^-23.
  N roughExponential(N x, const Shift &row, bool narrow) {
    auto [exact, n, power] = reduce(x, row);
    N r = fma(n, c(-kSingleLn2[1]), exact);
    return (narrow ? polynomial(kSingleExp, r)
                   : polynomial(kSingleExpLong, r)) *
           power;
  }

  static constexpr int kScale = 64;

private:
  N c(double value) { return like.constant(value); }
  struct Reduced {
    N exact, n, power;
  };
  /// x = n ln 2 + r, where r is `exact` less n times the second part of ln 2.
  Reduced reduce(N x, const Shift &row) {
    N y = x - row.base;
    // The operands stand so that NaN passes.
    y = select(row.least > y, row.least, y);
    N t = fma(y, c(kSingleLog2E), row.bias);
    N n = t - row.bias;
    return {fma(n, c(-kSingleLn2[0]), y), n, t.exponentField()};
  }

  struct Sum {
    N high, low;
  };
  /// e^(exact + rest) for |exact| <= ln 2 / 2 and a small rest.
  Sum exp(N exact, N rest) {
    N high = exact + c(1);
    N low = (exact - (high - c(1))) + rest;
    N r = exact + rest;
    return {high, fma(r * r, polynomial(kSingleExpRestOfOne, r), low)};
  }

  N like;
};

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_SINGLEROWS_H
