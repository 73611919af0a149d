// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every function's kernel with an f64 core, over an abstract number type.
//
// The operands are exact f64 values of the inputs; the result is what is
// rounded once to f32, f16, bf16 or an 8-bit type. Methods: numerics of an f64
// core with a relative error below 2^-30, measured in docs/Accuracy.md.
//
// A number type `N` offers: constant(double) of the same shape as a given
// number, + - * /, fma, sqrt, abs, min and max (NaN passes), comparisons that
// give a mask, select, and `pow2(n)`: 2^n for an integral n in [-1022, 1023].

#ifndef ACT_MLIR_NUMERICS_KERNELS_H
#define ACT_MLIR_NUMERICS_KERNELS_H

#include "act-mlir/Numerics/Coefficients.h"
#include "act-mlir/Numerics/Functions.h"
#include <limits>

namespace mlir::act::numerics {

template <class N>
class Kernels {
public:
  using Mask = typename N::Mask;

  explicit Kernels(N like) : like(like) {}

  N evaluate(Function function, const double *p, const N *args);

private:
  N c(double value) { return like.constant(value); }
  static double inf() { return std::numeric_limits<double>::infinity(); }

  template <int size>
  N poly(const double (&coefficients)[size], N x) {
    N result = c(coefficients[size - 1]);
    for (int i = size - 2; i >= 0; --i)
      result = fma(result, x, c(coefficients[i]));
    return result;
  }

  N clampTo(N x, double low, double high) {
    return min(max(x, c(low)), c(high));
  }

  /// The integer nearest to x, for |x| < 2^50.
  N nearest(N x) {
    N magic = c(6755399441055744.0);
    return (x + magic) - magic;
  }

  /// y - n ln 2, and n; |y| <= 1400.
  N reduceExp(N y, N &n) {
    n = nearest(y * c(1.4426950408889634));
    N r = fma(n, c(-0.69314718055994528623), y);
    return fma(n, c(-2.3190468138462996e-17), r);
  }

  /// exp y, without overflow or underflow for |y| <= 700.
  N expCore(N y) {
    N n = c(0);
    N r = reduceExp(y, n);
    return poly(kExp, r) * n.pow2();
  }

  /// exp y - 1 without cancellation, |y| <= 700.
  N expm1Core(N y) {
    N n = c(0);
    N r = reduceExp(y, n);
    N q = r * poly(kExpm1, r);
    N scale = n.pow2();
    return fma(q, scale, scale - c(1));
  }

  /// log1p(e) for e in [0, 1].
  N log1pUnit(N e) { return e * poly(kLog1p, e); }

  N logCore(N x);
  N sigmoidCore(N y) { return c(1) / (c(1) + expCore(c(0) - y)); }
  N phi(N x);
  N upperTail(N u);
  N erfcCore(N x);

  /// x where x is NaN, else y.
  N keepNan(N x, N y) { return select(x == x, y, x); }
  /// dy * derivative with inf * 0 = NaN; finite elsewhere.
  N value(Function function, const double *p, const N *args);
  N gradient(Function function, const double *p, N dy, N x);

  N like;
};

template <class N>
N Kernels<N>::logCore(N x) {
  // x = 2^n m with m in [sqrt(1/2), sqrt(2)); log x = n ln 2 + 2 atanh(s).
  N n = c(0);
  N m = x.split(n);
  N s = (m - c(1)) / (m + c(1));
  N z = s * s;
  N tail = s * z * poly(kAtanh, z);
  N low = fma(n, c(2.3190468138462996e-17), tail);
  return fma(n, c(0.69314718055994528623), fma(c(2), s, low));
}

/// Phi(-u) = exp(-u^2 / 2) P(t), t = (u - 3) / (u + 3), for u in [0, 40]
/// (Shepherd and Laframboise 1981).
template <class N>
N Kernels<N>::upperTail(N u) {
  N t = (u - c(3)) / (u + c(3));
  return poly(kPhi, t) * expCore(c(-0.5) * u * u);
}

template <class N>
N Kernels<N>::phi(N x) {
  N u = min(abs(x), c(36));
  N tail = upperTail(u);
  return select(x >= c(0), c(1) - tail, tail);
}

template <class N>
N Kernels<N>::erfcCore(N x) {
  return c(2) * phi(c(-1.4142135623730951) * x);
}

template <class N>
N Kernels<N>::value(Function function, const double *p, const N *args) {
  using F = Function;
  N x = args[0], zero = c(0), one = c(1);
  switch (function) {
  case F::Relu:
    return max(x, zero);
  case F::LeakyRelu:
    return select(x > zero, x, c(p[0]) * x);
  case F::Prelu:
    return keepNan(x, select(x > zero, x, args[1] * x));
  case F::Clamp:
    return min(max(x, c(p[0])), c(p[1]));
  case F::Threshold:
    return select(x <= c(p[0]), c(p[1]), x);
  case F::ReluSquared: {
    N r = max(x, zero);
    return r * r;
  }
  case F::Elu: {
    N m = expm1Core(clampTo(x, -700, 0));
    N y = select(x == zero, x, m);
    return select(x > zero, x, keepNan(x, c(p[0]) * y));
  }
  case F::Celu: {
    N t = x / c(p[0]);
    N m = select(t == zero, t, expm1Core(clampTo(t, -700, 700)));
    N y = select(t > c(700), c(inf()), m);
    return select(x > zero, x, keepNan(x, c(p[0]) * y));
  }
  case F::Selu: {
    N m = expm1Core(clampTo(x, -700, 0));
    N y = c(p[0]) * select(x == zero, x, m);
    return c(p[1]) * select(x > zero, x, keepNan(x, y));
  }
  case F::Sigmoid:
    return keepNan(x, sigmoidCore(clampTo(x, -700, 700)));
  case F::LogSigmoid: {
    N a = min(abs(x), c(700));
    return keepNan(x, min(x, zero) - log1pUnit(expCore(zero - a)));
  }
  case F::HardSigmoid:
    return keepNan(x, clampTo(fma(c(p[0]), x, c(p[1])), 0, 1));
  case F::Tanh: {
    N m = expm1Core(c(2) * clampTo(x, -40, 40));
    return keepNan(x, select(x == zero, x, m / (m + c(2))));
  }
  case F::TanhShrink: {
    // Near zero x - tanh x cancels: x^3 R(x^2) there.
    N z = x * x;
    N small = x * z * poly(kTanhShrink, min(z, c(0.5)));
    N m = expm1Core(c(2) * clampTo(x, -40, 40));
    N large = x - m / (m + c(2));
    return keepNan(x, select(z < c(0.36), select(x == zero, x, small), large));
  }
  case F::Gelu: {
    N y = max(x, c(-36));
    return keepNan(x, y * phi(y));
  }
  case F::GeluTanh: {
    N y = max(x, c(-36));
    N t = min(y, c(36));
    N u = c(1.5957691216057307118) * t * fma(c(0.044715) * t, t, one);
    return keepNan(x, y * sigmoidCore(clampTo(u, -700, 700)));
  }
  case F::Silu: {
    if (p[0] == 0)
      return c(0.5) * x;
    // Beyond |beta x| = 700 the quotient is 0 or 1 in every type up to f32.
    N t = clampTo(c(p[0]) * x, -700, 700);
    N s = sigmoidCore(t);
    N y = p[0] > 0 ? max(x, c(-700 / p[0])) : min(x, c(-700 / p[0]));
    return keepNan(x, y * s);
  }
  case F::HardSwish: {
    N y = max(x, c(-3));
    N inside = y * (y + c(3)) / c(6);
    return keepNan(x, select(x <= c(-3), c(-0.0), select(x >= c(3), x, inside)));
  }
  case F::Mish: {
    N e = expCore(clampTo(x, -700, 40));
    N n = e * (e + c(2));
    return keepNan(x, max(x, c(-700)) * (n / (n + c(2))));
  }
  case F::Softplus: {
    N t = c(p[0]) * x;
    N a = min(abs(t), c(700));
    N y = log1pUnit(expCore(zero - a)) / c(p[0]);
    return keepNan(x, max(x, zero) + y);
  }
  case F::Squareplus: {
    // For x < 0, b / (sqrt - x) / 2 does not cancel.
    N r = sqrt(fma(x, x, c(p[0])));
    N negative = c(p[0]) / (r - x);
    N y = select(x > zero, x + r, select(r == c(inf()), zero, negative));
    return keepNan(x, c(0.5) * select(x == zero, r, y));
  }
  case F::Softsign:
    return keepNan(x, select(abs(x) == c(inf()), select(x > zero, one, c(-1)),
                             x / (one + abs(x))));
  case F::HardShrink:
    return select(abs(x) <= c(p[0]), zero, x);
  case F::SoftShrink: {
    N y = select(x > c(p[0]), x - c(p[1]), zero);
    return keepNan(x, select(x < c(-p[0]), x + c(p[1]), y));
  }
  case F::SparsePlus: {
    N t = x + one;
    N y = select(x >= one, x, c(0.25) * t * t);
    return keepNan(x, select(x <= c(-1), zero, y));
  }
  case F::SparseSigmoid:
    return keepNan(x, clampTo(fma(c(0.5), x, c(0.5)), 0, 1));
  case F::Exp: {
    N y = expCore(clampTo(x, -700, 700));
    y = select(x < c(-745), zero, y);
    return keepNan(x, select(x > c(710), c(inf()), y));
  }
  case F::Exp2: {
    N t = clampTo(x, -1000, 1000);
    N n = nearest(t);
    N y = poly(kExp, c(0.69314718055994530942) * (t - n)) * n.pow2();
    return keepNan(x, select(x > c(1000), c(inf()), y));
  }
  case F::Expm1: {
    N y = select(x == zero, x, expm1Core(clampTo(x, -700, 700)));
    return keepNan(x, select(x > c(710), c(inf()), y));
  }
  case F::Log:
  case F::Log2:
  case F::Log10: {
    double scale = function == F::Log    ? 1.0
                   : function == F::Log2 ? 1.4426950408889634074
                                         : 0.43429448190325182765;
    N y = logCore(max(x, c(1e-300))) * c(scale);
    y = select(x == zero, c(-inf()), select(x == c(inf()), x, y));
    return select(x < zero, c(std::numeric_limits<double>::quiet_NaN()),
                  keepNan(x, y));
  }
  case F::Log1p: {
    // The rounding error of 1 + x comes back as a first-order term.
    N u = one + x;
    N e = select(abs(x) < c(1), x - (u - one), one - (u - x));
    N safe = select(u > zero, u, one);
    N y = logCore(min(safe, c(1e300))) + e / safe;
    y = select(abs(x) < c(1e-9), x * (one - c(0.5) * x), y);
    y = select(x == c(-1), c(-inf()), select(x == c(inf()), x, y));
    return select(x < c(-1), c(std::numeric_limits<double>::quiet_NaN()),
                  keepNan(x, y));
  }
  case F::Erf: {
    N a = min(abs(x), c(20));
    N small = x * poly(kErf, min(x * x, c(1)));
    N tail = one - c(2) * upperTail(c(1.4142135623730951) * a);
    N large = select(x < zero, zero - tail, tail);
    return keepNan(x, select(a < c(1), select(x == zero, x, small), large));
  }
  case F::Erfc:
    return keepNan(x, erfcCore(clampTo(x, -25, 25)));
  case F::Sqrt:
    return sqrt(x);
  case F::Rsqrt:
    return one / sqrt(x);
  default:
    return zero;
  }
}

template <class N>
N Kernels<N>::gradient(Function function, const double *p, N dy, N x) {
  using F = Function;
  N zero = c(0), one = c(1);
  N nothing = c(0), factor = one;
  switch (function) {
  case F::ReluGrad:
    factor = select(x > zero, one, zero);
    break;
  case F::LeakyReluGrad:
    factor = select(x > zero, one, c(p[0]));
    break;
  case F::ClampGrad:
    factor = select(x < c(p[0]), zero, select(x > c(p[1]), zero, one));
    break;
  case F::ThresholdGrad:
    factor = select(x > c(p[0]), one, zero);
    break;
  case F::ReluSquaredGrad:
    factor = c(2) * max(x, zero);
    break;
  case F::EluGrad:
    factor = select(x > zero, one, c(p[0]) * expCore(clampTo(x, -700, 0)));
    break;
  case F::CeluGrad:
    factor = select(x >= zero, one, expCore(clampTo(x / c(p[0]), -700, 700)));
    break;
  case F::SeluGrad:
    factor = c(p[1]) *
             select(x > zero, one, c(p[0]) * expCore(clampTo(x, -700, 0)));
    break;
  case F::SigmoidGrad: {
    N e = expCore(zero - min(abs(x), c(350)));
    N d = one + e;
    factor = e / (d * d);
    break;
  }
  case F::LogSigmoidGrad:
    factor = sigmoidCore(clampTo(zero - x, -700, 700));
    break;
  case F::HardSigmoidGrad: {
    N t = fma(c(p[0]), x, c(p[1]));
    factor = select(t > zero, select(t < one, c(p[0]), zero), zero);
    // At the bounds themselves the derivative is zero, whatever t rounds to.
    factor = select(x == c(-p[1] / p[0]), zero,
                    select(x == c((1 - p[1]) / p[0]), zero, factor));
    break;
  }
  case F::TanhGrad: {
    N e = expCore(c(-2) * min(abs(x), c(300)));
    N d = one + e;
    factor = c(4) * e / (d * d);
    break;
  }
  case F::TanhShrinkGrad: {
    N m = expm1Core(c(2) * clampTo(x, -40, 40));
    N t = m / (m + c(2));
    factor = t * t;
    break;
  }
  case F::GeluGrad: {
    // Phi(x) + x phi(x); both carry exp(-x^2/2) on the left, where they cancel
    // to (P(t) - u / sqrt(2 pi)) exp(-u^2/2).
    N u = min(abs(x), c(36));
    N t = (u - c(3)) / (u + c(3));
    N e = expCore(c(-0.5) * u * u);
    N q = fma(u, c(-0.39894228040143267794), poly(kPhi, t));
    // The root near -0.7518 is where that difference cancels last.
    N left = q * e;
    factor = select(x >= zero, one - left, left);
    break;
  }
  case F::GeluTanhGrad: {
    N t = clampTo(x, -36, 36);
    N z = t * t;
    N u = c(1.5957691216057307118) * t * fma(c(0.044715), z, one);
    N du = c(1.5957691216057307118) * fma(c(3 * 0.044715), z, one);
    N e = expCore(zero - min(abs(u), c(340)));
    N d = one + e;
    N s = select(u > zero, one / d, e / d);
    N other = select(u > zero, e / d, one / d);
    factor = s * fma(t * du, other, one);
    break;
  }
  case F::SiluGrad: {
    N t = clampTo(c(p[0]) * x, -340, 340);
    N e = expCore(zero - abs(t));
    N d = one + e;
    N s = select(t > zero, one / d, e / d);
    N other = select(t > zero, e / d, one / d);
    factor = s * fma(t, other, one);
    break;
  }
  case F::HardSwishGrad:
    factor = select(x <= c(-3), zero,
                    select(x >= c(3), one, (c(2) * x + c(3)) / c(6)));
    break;
  case F::MishGrad: {
    // With e = exp x, w = 4(x+1) + 4 e^2 + e^3 + e (4x + 6), d = e^2 + 2e + 2:
    // the derivative is e w / d^2.
    N y = clampTo(x, -340, 40);
    N e = expCore(y);
    N w = c(4) * (y + one) + e * (c(4) * y + c(6) + e * (c(4) + e));
    N d = fma(e, e + c(2), c(2));
    factor = e * w / (d * d);
    break;
  }
  case F::SoftplusGrad:
    factor = sigmoidCore(clampTo(c(p[0]) * x, -700, 700));
    break;
  case F::SquareplusGrad: {
    N r = sqrt(fma(x, x, c(p[0])));
    N right = c(0.5) * (one + select(r == zero, zero, x / r));
    N left = c(0.5 * p[0]) / (r * (r - x));
    factor = select(x < zero, select(abs(x) > c(1e150), zero, left),
                    select(x == c(inf()), one, right));
    break;
  }
  case F::SoftsignGrad: {
    N d = one + abs(x);
    factor = one / (d * d);
    break;
  }
  case F::HardShrinkGrad:
  case F::SoftShrinkGrad:
    factor = select(abs(x) > c(p[0]), one, zero);
    break;
  case F::SparsePlusGrad:
    factor = clampTo(fma(c(0.5), x, c(0.5)), 0, 1);
    break;
  case F::SparseSigmoidGrad:
    factor = select(abs(x) < one, c(0.5), zero);
    break;
  default:
    return nothing;
  }
  return keepNan(x, dy * factor);
}

template <class N>
N Kernels<N>::evaluate(Function function, const double *p, const N *args) {
  if (function == Function::PreluGrad)
    return keepNan(args[1], select(args[1] > c(0), args[0], args[2] * args[0]));
  if (function == Function::PreluSlopeGrad)
    return keepNan(args[1],
                   select(args[1] > c(0), c(0) * args[0], args[1] * args[0]));
  if (function >= Function::ReluGrad)
    return gradient(function, p, args[0], args[1]);
  return value(function, p, args);
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_KERNELS_H
