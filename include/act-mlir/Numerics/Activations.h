// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The values of the activations; a part of Kernels.h.

#ifndef ACT_MLIR_NUMERICS_ACTIVATIONS_H
#define ACT_MLIR_NUMERICS_ACTIVATIONS_H

namespace mlir::act::numerics {

template <class N>
N Kernels<N>::activation(Function function, const double *p, const N *args) {
  using F = Function;
  N x = args[0], zero = c(0), one = c(1);
  switch (function) {
  case F::Elu: {
    N m = copysign(expm1(clampTo(x, -80, 0)).number, x);
    return select(x > zero, x, times(p[0], m));
  }
  case F::Selu: {
    N m = copysign(expm1(clampTo(x, -80, 0)).number, x);
    N y = select(x > zero, x, times(p[0], m));
    if constexpr (kWide)
      return y.timesSafely(p[1]);
    return c(p[1]) * y;
  }
  case F::Celu: {
    N t = over(bounded(x, kFar * std::fabs(p[0])), p[0]);
    Scaled m = expm1(clampTo(t, -80, kFar));
    m.number = copysign(m.number, t);
    N y = finish(times(c(p[0]), m));
    if constexpr (kWide) // x / alpha may be subnormal
      y = select(abs(x) < c(0x1p-300), x, y);
    return select(x > zero, x, y);
  }
  case F::Sigmoid: {
    Logistic l = logistic(clampTo(x, -kFar, kNear));
    return finish({l.s.number / l.denominator, l.s.n});
  }
  case F::LogSigmoid: {
    Exponential e = exponential(-min(abs(x), c(kFar)));
    N y = finish(times(-log1pRatio(e.value), e.scaled));
    return min(x, c(-0.0)) + y;
  }
  case F::Softplus: {
    N t = abs(times(p[0], bounded(x, kFar / p[0])));
    Exponential e = exponential(-min(t, c(kFar)));
    N y = finish(times(over(log1pRatio(e.value), p[0]), e.scaled));
    return max(x, zero) + y;
  }
  case F::Tanh:
    return copysign(tanhCore(x), x);
  case F::SoftCap: {
    N t = tanhCore(over(bounded(x, kFar * p[0]), p[0]));
    // The limit may be a tie, which finite inputs stay below.
    if (kWide || breakTies)
      t = select(abs(x) < c(kInfinity),
                 fma(t, c(kWide ? -0x1p-100 : -0x1p-50), t), t);
    N y = times(p[0], copysign(t, x));
    if constexpr (kWide) // x / limit may be subnormal
      y = select(abs(x) < c(0x1p-60 * p[0]), x, y);
    return y;
  }
  case F::TanhShrink: {
    // Near zero x - tanh x cancels: there it is x^3 P(x^2).
    N z = x * x;
    N small = x * z * poly(kTanhShrink, kTanhShrinkWide, min(z, c(0.36)));
    N large = tieAway(x - tanhCore(x));
    return select(abs(x) < c(0.6), copysign(small, x), large);
  }
  case F::Gelu: {
    constexpr double far = kWide ? 40 : 15;
    N y = max(x, c(-far));
    N u = min(abs(y), c(far));
    Exponential tail = upperTail(u, c(-0.5) * u * u);
    Scaled phi = choose(x >= zero, unscaled(one - tail.value), tail.scaled);
    return finish({tieUp(y * phi.number), phi.n});
  }
  case F::GeluTanh: {
    // x sigmoid(2 u): 2 sqrt(2 / pi) x (1 + 0.044715 x^2).
    constexpr double far = kWide ? 23 : 12;
    N y = max(x, c(-far));
    N t = min(y, c(10));
    N cubic = fma(c(kGeluTanhCubic) * t, t, one);
    N u = c(kGeluTanhSlope) * t * cubic;
    Logistic l = logistic(u);
    return finish({tieUp(y * (l.s.number / l.denominator)), l.s.n});
  }
  case F::Silu: {
    if (p[0] == 0)
      return c(0.5) * x;
    double far = kFar / p[0];
    N y = p[0] > 0 ? max(x, c(-far)) : min(x, c(-far));
    N t = times(p[0], bounded(y, std::fabs(far)));
    Logistic l = logistic(min(t, c(kNear)));
    N product = y * (l.s.number / l.denominator);
    return finish({p[0] > 0 ? tieUp(product) : product, l.s.n});
  }
  case F::HardSwish: {
    N y = max(x, c(-3));
    N s = min(y + c(3), c(6));
    if constexpr (kWide)
      return select(x >= c(3), x, sixth(y * s));
    // Elsewhere ties are real ones.
    N product = y * sixth(s);
    return breakTies ? select(abs(y) < c(0x1p-60), tieUp(product), product)
                     : product;
  }
  case F::Mish: {
    // tanh(log1p e) = e (e + 2) / (e (e + 2) + 2)
    Exponential e = exponential(clampTo(x, -kFar, kNear));
    N a = e.value + c(2);
    Scaled n = times(a / fma(e.value, a, c(2)), e.scaled);
    return finish(times(max(x, c(-kFar)), n));
  }
  case F::Squareplus: {
    if (p[0] == 0)
      return max(x, zero);
    // For x < 0, (b / 2) / (sqrt + |x|) does not cancel.
    N a = kWide ? min(abs(x), c(0x1p500)) : abs(x);
    N sum = a + sqrt(fma(a, a, c(p[0])));
    N y = select(x < zero, c(0.5 * p[0]) / sum, c(0.5) * sum);
    if constexpr (kWide) {
      // Beyond it x^2 is out of range, and b is nothing beside it.
      N far = select(x < zero, c(0.25 * p[0]) / abs(x), x);
      return select(abs(x) > c(0x1p500), far, y);
    }
    return y;
  }
  default:
    return piecewise(function, p, args);
  }
}

/// Functions of + - * / and comparisons alone.
template <class N>
N Kernels<N>::piecewise(Function function, const double *p, const N *args) {
  using F = Function;
  N x = args[0], zero = c(0), one = c(1);
  switch (function) {
  case F::Relu:
    return max(x, zero);
  case F::LeakyRelu:
    return select(x > zero, x, product(p[0], x));
  case F::Prelu:
    return select(x > zero, x, args[1] * x);
  case F::Clamp:
    return clampTo(x, p[0], p[1]);
  case F::Threshold:
    return select(x <= c(p[0]), c(p[1]), x);
  case F::ReluSquared: {
    N r = max(x, zero);
    return r * r;
  }
  case F::HardSigmoid:
    // The f64 number nearest to 1/6 stands for 1/6.
    if (p[0] == 1.0 / 6.0 && p[1] == 0.5)
      return sixth(clampTo(x + c(3), 0, 6));
    return clampTo(fma(c(p[0]), x, c(p[1])), 0, 1);
  case F::Softsign: {
    N y = clampTo(x, -0x1p100, 0x1p100);
    return y / (one + abs(y));
  }
  case F::HardShrink:
    return select(abs(x) <= c(p[0]), zero, x);
  case F::SoftShrink: {
    N y = select(x > zero, x - c(p[1]), x + c(p[1]));
    return select(abs(x) <= c(p[0]), zero, y);
  }
  case F::SparsePlus: {
    N t = max(x + one, zero);
    return select(x >= one, x, c(0.25) * t * t);
  }
  case F::SparseSigmoid:
    return clampTo(fma(c(0.5), x, c(0.5)), 0, 1);
  default:
    return zero;
  }
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_ACTIVATIONS_H
