// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The kernels' wide number type: an unevaluated sum of two f64 numbers, the
// second at most half a unit in the last place of the first (Dekker 1971,
// Joldes, Muller and Popescu 2017). A product or sum that overflows is NaN.

#ifndef ACT_MLIR_NUMERICS_DOUBLEDOUBLE_H
#define ACT_MLIR_NUMERICS_DOUBLEDOUBLE_H

#include "act-mlir/Numerics/Coefficients.h"
#include <utility>

namespace mlir::act::numerics {

/// 1.5 * 2^52: an integer added to it is in the low bits of the sum.
inline constexpr double kIntegerBase = 6755399441055744.0;

/// x 2^n for any n of f64's exponents and twice that, rounded once.
template <class N>
N scaleFar(N x, N n) {
  // Four steps in one direction, of which only the last one can round a result
  // that is not zero or infinity.
  N whole = min(max(x.integral(n), x.constant(-4000)), x.constant(4000));
  N quarter = whole.nearest(0.25);
  N part = x.integral(quarter);
  N last = fma(x.constant(-3), part, whole) + x.constant(kIntegerBase);
  N power = x.power(quarter);
  return x * power * power * power * x.power(last);
}

template <class N>
struct DoubleDouble {
  using Mask = typename N::Mask;
  using Exponent = N;
  static constexpr bool kWide = true;

  N high, low;

  DoubleDouble(N high, N low) : high(high), low(low) {}
  explicit DoubleDouble(N x) : high(x), low(x.constant(0)) {}

  /// The exact sum of two numbers, |a| >= |b| or a = 0.
  static DoubleDouble ordered(N a, N b) {
    N s = a + b;
    return {s, b - (s - a)};
  }
  static DoubleDouble sum(N a, N b) {
    N s = a + b;
    N t = s - a;
    return {s, (a - (s - t)) + (b - t)};
  }

  DoubleDouble constant(double value) const {
    return {high.constant(value), high.constant(0)};
  }
  DoubleDouble constant(double value, double rest) const {
    return {high.constant(value), high.constant(rest)};
  }

  DoubleDouble operator-() const { return {-high, -low}; }
  DoubleDouble operator+(const DoubleDouble &o) const {
    DoubleDouble s = sum(high, o.high), t = sum(low, o.low);
    s = ordered(s.high, s.low + t.high);
    return ordered(s.high, s.low + t.low);
  }
  DoubleDouble operator-(const DoubleDouble &o) const { return *this + -o; }
  DoubleDouble operator*(const DoubleDouble &o) const {
    N p = high * o.high;
    N e = fma(high, o.high, -p);
    return ordered(p, fma(high, o.low, fma(low, o.high, e)));
  }
  DoubleDouble operator/(const DoubleDouble &o) const {
    N q = high / o.high;
    DoubleDouble rest = *this - o * DoubleDouble(q);
    return ordered(q, rest.high / o.high);
  }

  /// x c that is infinite, not NaN, where it overflows.
  DoubleDouble timesSafely(double c) const {
    DoubleDouble y = *this * constant(c);
    N infinite = high * high.constant(c);
    return select(infinite - infinite == high.constant(0), y,
                  DoubleDouble(infinite));
  }

  // The first part decides, since operands are constants or compared where a
  // last bit does not matter.
  Mask operator>(const DoubleDouble &o) const { return high > o.high; }
  Mask operator<(const DoubleDouble &o) const { return high < o.high; }
  Mask operator>=(const DoubleDouble &o) const { return high >= o.high; }
  Mask operator<=(const DoubleDouble &o) const { return high <= o.high; }
  Mask operator==(const DoubleDouble &o) const { return high == o.high; }

  /// Horner's rule: in f64 for the terms that are f64, then in pairs.
  template <int size, int pairs>
  DoubleDouble polynomial(const WidePolynomial<size, pairs> &p) const {
    N rest = high.constant(p.high[size - 1]);
    for (int i = size - 2; i >= pairs; --i)
      rest = fma(rest, high, high.constant(p.high[i]));
    DoubleDouble result(rest);
    for (int i = pairs - 1; i >= 0; --i)
      result = result * *this + constant(p.high[i], p.low[i]);
    return result;
  }

  Exponent nearest(double factor) const { return high.nearest(factor); }
  DoubleDouble integral(Exponent n) const {
    return DoubleDouble(high.integral(n));
  }
  Exponent none() const { return high.constant(kIntegerBase); }
  Exponent negated(Exponent n) const {
    return high.constant(2 * kIntegerBase) - n;
  }
  Exponent twice(Exponent n) const {
    return fma(high.constant(2), n, high.constant(-kIntegerBase));
  }

  /// 2^n, at least 2^-1000: beside 1 that is nothing.
  DoubleDouble power(Exponent n) const {
    N bounded = min(max(n, high.constant(kIntegerBase - 1000)),
                    high.constant(kIntegerBase + 1000));
    return DoubleDouble(high.power(bounded));
  }
  DoubleDouble inversePower(Exponent n) const { return power(negated(n)); }
  DoubleDouble scale(Exponent n) const {
    return {scaleFar(high, n), scaleFar(low, n)};
  }

  std::pair<DoubleDouble, Exponent> split() const {
    // Subnormal numbers become normal first.
    N up = high.constant(0x1p100);
    Mask tiny = high < high.constant(0x1p-900);
    auto [m, n] = select(tiny, high * up, high).split();
    N rest = select(tiny, low * up, low);
    // The second part takes the same power of two, in two steps.
    N half = high.integral(n).nearest(-0.5);
    N other =
        high.constant(kIntegerBase) - high.integral(n) - high.integral(half);
    rest = rest * high.power(half) * high.power(other);
    n = select(tiny, n - high.constant(100), n);
    return {DoubleDouble(m, rest), n};
  }
};

template <class N>
DoubleDouble<N> fma(const DoubleDouble<N> &a, const DoubleDouble<N> &b,
                    const DoubleDouble<N> &c) {
  return a * b + c;
}
template <class N, class Mask>
DoubleDouble<N> select(Mask mask, const DoubleDouble<N> &a,
                       const DoubleDouble<N> &b) {
  return {select(mask, a.high, b.high), select(mask, a.low, b.low)};
}
template <class N>
DoubleDouble<N> max(const DoubleDouble<N> &a, const DoubleDouble<N> &b) {
  return select(a.high < b.high, b, a);
}
template <class N>
DoubleDouble<N> min(const DoubleDouble<N> &a, const DoubleDouble<N> &b) {
  return select(a.high > b.high, b, a);
}
template <class N>
DoubleDouble<N> abs(const DoubleDouble<N> &a) {
  return {abs(a.high), select(a.high < a.high.constant(0), -a.low, a.low)};
}
template <class N>
DoubleDouble<N> copysign(const DoubleDouble<N> &a, const DoubleDouble<N> &b) {
  N high = copysign(a.high, b.high);
  return {high, select(high == a.high, a.low, -a.low)};
}
template <class N>
DoubleDouble<N> sqrt(const DoubleDouble<N> &a) {
  N s = sqrt(a.high), zero = s.constant(0);
  DoubleDouble<N> rest = a - DoubleDouble<N>(s) * DoubleDouble<N>(s);
  N low = rest.high / (s + s);
  return DoubleDouble<N>::ordered(s, select(s > zero, low, zero));
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_DOUBLEDOUBLE_H
