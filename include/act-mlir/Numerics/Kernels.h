// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every function's kernel, over an abstract number type.
//
// With a plain f64 number (the "core") the operands are exact f64 values of the
// inputs, and the result, correct to about 2^-35, is rounded once to f32, f16,
// bf16 or an 8-bit type. With a pair of f64 (DoubleDouble.h) the result is
// correct to about 2^-64: what f64 data needs, and f32 where every bit counts.
//
// A number type `N` offers constant(double) and constant(high, low) of the
// shape of a given number, + - * /, unary -, fma, sqrt, abs, copysign, min and
// max with a constant as second operand (NaN passes), comparisons that give a
// mask, select, and integers n in the form of the f64 number 1.5 * 2^52 + n,
// whose low bits are n's, as `Exponent`:
//
//   x.nearest(c)                      the integer nearest to c x
//   x.integral(n)                     n as a number
//   x.none()                          the integer 0
//   x.negated(n)                      -n
//   x.power(n), x.inversePower(n)     2^n, 2^-n; 0 for an exponent of -1023,
//                                     infinity for 1024, nothing beyond
//   x.split()                         {m, n}: x = m 2^n, m in [sqrt(1/2),
//                                     sqrt(2)), for positive x
//
// Wide numbers (N::kWide) need the ends of f64's range, where e^x alone is out
// of it: their powers of two stay apart until the result is scaled.

#ifndef ACT_MLIR_NUMERICS_KERNELS_H
#define ACT_MLIR_NUMERICS_KERNELS_H

#include "act-mlir/Numerics/Coefficients.h"
#include "act-mlir/Numerics/Functions.h"
#include "act-mlir/Numerics/Polynomial.h"
#include <cmath>
#include <limits>

namespace mlir::act::numerics {

template <class N>
class Kernels {
public:
  using Mask = typename N::Mask;
  using Exponent = typename N::Exponent;

  /// Results of 16 and 8 bits are correctly rounded only where ties that the
  /// core itself makes are broken, which f32 and f64 need not pay for.
  explicit Kernels(N like, bool breakTies = false)
      : like(like), breakTies(breakTies) {}

  /// `number` 2^n for wide numbers; for others the power is in `number`.
  struct Scaled {
    N number;
    Exponent n;
  };

  /// f(x), or dy f'(x); wide numbers go through evaluateWide().
  N evaluate(Function function, const double *p, const N *args);

  /// f(x) for a function that is no gradient.
  N value(Function function, const double *p, const N *args);

  /// f'(x) for a gradient.
  Scaled derivative(Function function, const double *p, N x);

private:
  static constexpr bool kWide = N::kWide;
  /// e^-kFar is far below the smallest number, kNear's far below 1's last bit.
  static constexpr double kFar = kWide ? 1500 : 700;
  static constexpr double kNear = kWide ? 80 : 60;
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

  /// e^y, and the same with its power of two apart where that is needed.
  struct Exponential {
    N value;
    Scaled scaled;
  };
  /// sigmoid(t) = s.number / denominator, 1 - sigmoid(t) = other / denominator.
  struct Logistic {
    Scaled s;
    N other, denominator;
  };

  N c(double value) { return like.constant(value); }
  N c(Constant x) { return like.constant(x.high, x.low); }

  template <int size>
  N poly(const double (&coefficients)[size], N x) {
    return polynomial(coefficients, x);
  }
  template <int size, int wideSize, int pairs>
  N poly(const double (&core)[size],
         const WidePolynomial<wideSize, pairs> &wide, N x) {
    if constexpr (kWide)
      return x.polynomial(wide);
    else
      return poly(core, x);
  }

  N clampTo(N x, double low, double high) {
    return min(max(x, c(low)), c(high));
  }
  /// p x and x / p, for the usual p = 1 without a step.
  N times(double p, N x) { return p == 1 ? x : c(p) * x; }
  N over(N x, double p) { return p == 1 ? x : x / c(p); }

  /// x, kept from leaving the range when it is multiplied or divided.
  N bounded(N x, double bound) { return kWide ? clampTo(x, -bound, bound) : x; }

  /// x / 6; exact quotients stay exact in pairs.
  N sixth(N x) { return kWide ? x / c(6) : x * c(kSixth); }

  Scaled unscaled(N x) { return {x, like.none()}; }
  Scaled choose(Mask mask, Scaled a, Scaled b) {
    return {select(mask, a.number, b.number), select(mask, a.n, b.n)};
  }
  Scaled times(N x, Scaled y) { return {x * y.number, y.n}; }
  N finish(Scaled y) {
    if constexpr (kWide)
      return y.number.scale(y.n);
    else
      return y.number;
  }

  /// For f(x) = x/2 + c x^2, c > 0, at 0: halves of odd subnormal numbers are
  /// ties, which the second term breaks upwards.
  N tieUp(N y) {
    return breakTies ? copysign(fma(abs(y), c(0x1p-50), y), y) : y;
  }
  /// p x; a result of at most 13 bits is the exact product rounded once.
  N product(double p, N x) {
    if (!breakTies || p == 0)
      return c(p) * x;
    N finite = clampTo(x, -0x1p200, 0x1p200), y = c(p) * finite;
    return copysign(fma(fma(c(p), finite, -y), c(0x1p13), y), y);
  }
  /// Ties that are broken away from zero.
  N tieAway(N y) { return breakTies ? fma(y, c(0x1p-50), y) : y; }

  Exponential exponential(N y);
  Scaled expm1(N y);
  Logistic logistic(N t);
  N log1pRatio(N e);
  N logarithm(N m);
  Exponential upperTail(N u, N y);
  N tanhCore(N x);
  Scaled giveWay(Mask vanishes, double zero, Scaled factor);
  template <int size, int wideSize, int pairs>
  Scaled nearRoot(Scaled factor, const double (&root)[3],
                  const double (&core)[size],
                  const WidePolynomial<wideSize, pairs> &wide, double p, N x);

  N activation(Function function, const double *p, const N *args);
  N piecewise(Function function, const double *p, const N *args);
  N mathFunction(Function function, N x);
  N piecewiseDerivative(Function function, const double *p, N x);

  N like;
  bool breakTies;
};

//===----------------------------------------------------------------------===//
// What the functions share
//===----------------------------------------------------------------------===//

/// y = n ln 2 + r; e^y = 2^n e^r.
template <class N>
auto Kernels<N>::exponential(N y) -> Exponential {
  Exponent n = y.nearest(kLog2E.high);
  N r = fma(like.integral(n), c(-kLn2), y);
  N mantissa = fma(r, poly(kExp, kExpWide, r), c(1));
  N value = mantissa * like.power(n);
  return {value, {kWide ? mantissa : value, n}};
}

/// e^y - 1 for y in [-80, kFar]; the sign of y = 0 is lost.
template <class N>
auto Kernels<N>::expm1(N y) -> Scaled {
  N t = kWide ? min(y, c(50)) : y;
  Exponent n = t.nearest(kLog2E.high);
  N r = fma(like.integral(n), c(-kLn2), t);
  N q = r * poly(kExp, kExpWide, r);
  N power = like.power(n);
  N result = fma(q, power, power - c(1));
  if constexpr (kWide)
    return choose(y > c(50), exponential(y).scaled, unscaled(result));
  return unscaled(result);
}

/// With e^-t = 2^-n m: sigmoid(t) = 2^n / (2^n + m), for t in [-kFar, kNear].
template <class N>
auto Kernels<N>::logistic(N t) -> Logistic {
  N y = -t;
  Exponent n = y.nearest(kLog2E.high);
  N r = fma(like.integral(n), c(-kLn2), y);
  N m = fma(r, poly(kExp, kExpWide, r), c(1));
  N power = like.inversePower(n);
  return {{kWide ? c(1) : power, like.negated(n)}, m, power + m};
}

/// log1p(e) / e for e in [0, 1].
template <class N>
N Kernels<N>::log1pRatio(N e) {
  if constexpr (kWide) {
    auto [m, n] = (c(1) + e).split();
    N log = fma(like.integral(n), c(kLn2), logarithm(m));
    return log / e;
  } else {
    return poly(kLog1p, e);
  }
}

/// log m for m in [sqrt(1/2), sqrt(2)).
template <class N>
N Kernels<N>::logarithm(N m) {
  N f = m - c(1);
  if constexpr (kWide) {
    // 2 atanh s
    N s = f / (c(2) + f);
    N z = s * s;
    return s * fma(z, z.polynomial(kAtanhWide), c(2));
  } else {
    return f * poly(kLog, f);
  }
}

/// Phi(-u) = exp(-u^2 / 2) P((u - k) / (u + k)), after Shepherd and Laframboise
/// (1981), for u in [0, 15], wide [0, 56]; y is -u^2 / 2.
template <class N>
auto Kernels<N>::upperTail(N u, N y) -> Exponential {
  constexpr double k = kWide ? 5 : 3.5;
  N factor = poly(kTail, kTailWide, (u - c(k)) / (u + c(k)));
  Exponential e = exponential(y);
  return {factor * e.value, times(factor, e.scaled)};
}

/// tanh with the sign of x = 0 lost.
template <class N>
N Kernels<N>::tanhCore(N x) {
  N m = expm1(times(2, clampTo(x, -24, 24))).number;
  return m / (m + c(2));
}

template <class N>
N Kernels<N>::value(Function function, const double *p, const N *args) {
  if (function >= Function::Exp)
    return mathFunction(function, args[0]);
  return activation(function, p, args);
}

template <class N>
N Kernels<N>::evaluate(Function function, const double *p, const N *args) {
  static_assert(!kWide, "wide numbers need evaluateWide");
  N zero = c(0);
  if (function == Function::PreluGrad)
    return select(args[1] == args[1],
                  select(args[1] > zero, args[0], args[2] * args[0]), args[1]);
  if (function == Function::PreluSlopeGrad)
    return args[0] * min(args[1], zero);
  if (function == Function::ReluSquaredGrad)
    return c(2) * (args[0] * max(args[1], zero));
  if (isGradient(function))
    return args[0] * derivative(function, p, args[1]).number;
  return value(function, p, args);
}

} // namespace mlir::act::numerics

#include "act-mlir/Numerics/Activations.h"
#include "act-mlir/Numerics/Gradients.h"
#include "act-mlir/Numerics/MathFunctions.h"

#endif // ACT_MLIR_NUMERICS_KERNELS_H
