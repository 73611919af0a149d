// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The functions of the math dialect; a part of Kernels.h.

#ifndef ACT_MLIR_NUMERICS_MATHFUNCTIONS_H
#define ACT_MLIR_NUMERICS_MATHFUNCTIONS_H

namespace mlir::act::numerics {

template <class N>
N Kernels<N>::mathFunction(Function function, N x) {
  using F = Function;
  N zero = c(0), one = c(1);
  switch (function) {
  case F::Exp:
    // At the core's ends the power of two is 0 and infinity.
    return finish(
        exponential(kWide ? clampTo(x, -kFar, kFar) : clampTo(x, -709, 710))
            .scaled);
  case F::Exp2: {
    N t = kWide ? clampTo(x, -kFar, kFar) : clampTo(x, -1023, 1024);
    Exponent n = t.nearest(1);
    N r = t - like.integral(n);
    if constexpr (kWide)
      return (exponential(r * c(kLn2)).value).scale(n);
    else
      return fma(r, poly(kExp2, r), one) * like.power(n);
  }
  case F::Expm1: {
    N y = finish(expm1(clampTo(x, -80, kWide ? kFar : 709)));
    return copysign(y, x);
  }
  case F::Log:
  case F::Log2:
  case F::Log10: {
    auto [m, n] = x.split();
    N whole = like.integral(n), y = zero;
    if (kWide || function == F::Log) {
      y = logarithm(m);
      if (function == F::Log)
        y = fma(whole, c(kLn2), y);
      else if (function == F::Log2)
        y = fma(y, c(kLog2E), whole);
      else
        y = c(kLog10E) * fma(whole, c(kLn2), y);
    } else {
      N f = m - one;
      y = function == F::Log2 ? fma(f, poly(kLog2, f), whole)
                              : fma(whole, c(kLog10Of2), f * poly(kLog10, f));
    }
    y = select(x == c(kInfinity), x, y);
    return select(x > zero, y, select(x == zero, c(-kInfinity), c(kNaN)));
  }
  case F::Log1p: {
    auto [m, n] = (one + x).split();
    N whole = like.integral(n), y = zero;
    if constexpr (kWide) {
      y = logarithm(m);
    } else {
      // Near zero 1 + x has lost bits of x.
      N f = select(whole == zero, x, m - one);
      y = f * poly(kLog, f);
    }
    y = fma(whole, c(kLn2), y);
    if constexpr (kWide)
      y = select(abs(x) < c(0x1p-200), x, y);
    y = select(x == c(kInfinity), x, copysign(y, x));
    return select(x > c(-1), y, select(x == c(-1), c(-kInfinity), c(kNaN)));
  }
  case F::Erf: {
    N a = abs(x);
    N small = x * poly(kErf, kErfWide, min(x * x, c(0.25)));
    N u = min(a, c(10));
    N tail = upperTail(c(kSqrt2) * u, -(u * u)).value;
    N large = copysign(one - c(2) * tail, x);
    return select(a < c(0.5), small, large);
  }
  case F::Erfc: {
    N a = min(abs(x), c(kWide ? 28 : 10.25));
    Exponential tail = upperTail(c(kSqrt2) * a, -(a * a));
    N left = c(2) - c(2) * tail.value;
    return select(x < zero, left, finish(times(c(2), tail.scaled)));
  }
  case F::Sqrt:
    return sqrt(x);
  case F::Rsqrt:
    if constexpr (kWide)
      return select(x == zero, copysign(c(kInfinity), x), one / sqrt(x));
    return one / sqrt(x);
  default:
    return zero;
  }
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_MATHFUNCTIONS_H
