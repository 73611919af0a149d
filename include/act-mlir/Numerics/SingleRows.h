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
  /// they are n ln 2 + r; `bias` turns n into an exponent.
  struct Shift {
    N base, least, bias;
  };
  /// For the row's maximum, which may be infinite but not NaN.
  Shift shift(N max) {
    auto [small, offset, m] = top(max);
    // Its exponent is 0 and its power of two, too.
    N least = (m - c(kScale + 127)) * c(kSingleLn2Nearest);
    return {select(small, c(0), max), least, c(kSingleBase + 127 + kScale) - m};
  }

  /// A number of a few 2^-25 by which all exponents of a row are moved, so that
  /// f32 has the maximum's own exponential: a row with one large element gives
  /// exactly 1.
  N nudge(N max) {
    auto [small, offset, m] = top(max);
    N exact = fma(m, c(-kSingleLn2[0]), offset);
    N low = expRest(exact, m * c(-kSingleLn2[1]));
    N nearest = (exact + low) + c(1);
    N lost = (exact - (nearest - c(1))) + low;
    // Relative to the exponential, whose reciprocal need not be good.
    return -lost * fma(fma(exact, c(0.5), c(-1)), exact, c(1));
  }

  /// e^-r for the maximum, which is 2^-64 times its exponential: a sum of two.
  std::pair<N, N> unit(N max) {
    auto [small, offset, m] = top(max);
    N exact = fma(m, c(kSingleLn2[0]), -offset);
    N low = expRest(exact, m * c(kSingleLn2[1]));
    N high = exact + c(1);
    low = (exact - (high - c(1))) + low;
    N unit = high + low;
    return {unit, low - (unit - high)};
  }

  /// `value`, off by 0.6 ULP, is power * (1 + exact + low) in f32; that sum is
  /// off by 2^-25.8 of it at most.
  struct Exponential {
    N value, power, exact, low;
  };
  Exponential exponential(N x, const Shift &row, N nudge) {
    auto [exact, n, power] = reduce(x, row);
    N low = expRest(exact, fma(n, c(-kSingleLn2[1]), nudge));
    return {fma(exact + low, power, power), power, exact, low};
  }
  /// What a number next to the exponential lacks of it.
  static N lacks(N number, N power, N exact, N low) {
    return fma(low, power, fma(exact, power, power - number));
  }

  /// The same without that, off by 0.6 ULP; for results of 16 bits, by 2^-23.
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

  /// The maximum, or 0 where it is large, and the n of it.
  struct Top {
    typename N::Mask small;
    N offset, n;
  };
  Top top(N max) {
    auto small = abs(max) < c(256);
    N offset = select(small, max, c(0));
    return {small, offset,
            fma(offset, c(kSingleLog2E), c(kSingleBase)) - c(kSingleBase)};
  }

  /// e^(exact + rest) - 1 - exact for |exact| <= ln 2 / 2 and a small rest.
  N expRest(N exact, N rest) {
    N r = exact + rest;
    return fma(r * r, polynomial<2>(kSingleExpLong, r), rest);
  }

  N like;
};

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_SINGLEROWS_H
