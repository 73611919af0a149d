// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The derivatives of the activations; a part of Kernels.h.

#ifndef ACT_MLIR_NUMERICS_GRADIENTS_H
#define ACT_MLIR_NUMERICS_GRADIENTS_H

namespace mlir::act::numerics {

/// At an infinity a derivative that tends to zero is zero, so that inf * 0 is
/// NaN there and there alone: arguments are clamped, not the results.
template <class N>
auto Kernels<N>::giveWay(Mask vanishes, double zero, Scaled factor) -> Scaled {
  if constexpr (!kWide)
    factor.number = select(vanishes, c(zero), factor.number);
  return factor;
}

/// (p x - root) P(p x - root) within 1/8 of the root, where `factor` cancels.
template <class N>
template <int size, int wideSize, int pairs>
auto Kernels<N>::nearRoot(Scaled factor, const double (&root)[3],
                          const double (&core)[size],
                          const WidePolynomial<wideSize, pairs> &wide, double p,
                          N x) -> Scaled {
  N d = (p == 1 ? x - c(root[0]) : fma(c(p), x, c(-root[0]))) - c(root[1]);
  if constexpr (kWide)
    d = d - c(root[2]);
  N near = d * poly(core, wide, d);
  return choose(abs(d) < c(0.125), unscaled(near), factor);
}

template <class N>
auto Kernels<N>::derivative(Function function, const double *p, N x) -> Scaled {
  using F = Function;
  N zero = c(0), one = c(1);
  Mask lowest = x == c(-kInfinity);
  switch (function) {
  case F::EluGrad:
  case F::SeluGrad: {
    Exponential e = exponential(clampTo(x, -kFar, 0));
    Scaled left = giveWay(lowest, 0.0, times(c(p[0]), e.scaled));
    Scaled y = choose(x > zero, unscaled(one), left);
    return function == F::SeluGrad ? times(c(p[1]), y) : y;
  }
  case F::CeluGrad: {
    N t = over(bounded(x, kFar * std::fabs(p[0])), p[0]);
    Scaled left = exponential(clampTo(t, -kFar, kFar)).scaled;
    left = giveWay(t == c(-kInfinity), 0.0, left);
    return choose(x >= zero, unscaled(one), left);
  }
  case F::SigmoidGrad: {
    N a = abs(x);
    Exponential e = exponential(-min(a, c(kFar)));
    N d = one + e.value;
    Scaled y = {e.scaled.number / (d * d), e.scaled.n};
    return giveWay(a == c(kInfinity), 0.0, y);
  }
  case F::LogSigmoidGrad: {
    Logistic l = logistic(clampTo(-x, -kFar, kNear));
    Scaled y = {l.s.number / l.denominator, l.s.n};
    return giveWay(x == c(kInfinity), 0.0, y);
  }
  case F::SoftplusGrad: {
    N t = times(p[0], bounded(x, kFar / p[0]));
    Logistic l = logistic(clampTo(t, -kFar, kNear));
    Scaled y = {l.s.number / l.denominator, l.s.n};
    return giveWay(lowest, 0.0, y);
  }
  case F::SoftCapGrad:
  case F::TanhGrad: {
    N a = function == F::TanhGrad ? abs(x)
                                  : abs(over(bounded(x, kFar * p[0]), p[0]));
    Exponential e = exponential(c(-2) * min(a, c(kFar / 2)));
    N d = one + e.value;
    Scaled y = {c(4) * e.scaled.number / (d * d), e.scaled.n};
    return giveWay(a == c(kInfinity), 0.0, y);
  }
  case F::TanhShrinkGrad: {
    N t = tanhCore(x);
    if constexpr (kWide) {
      auto [m, n] = abs(t).split();
      Scaled y = {m * m, like.twice(n)};
      return choose(x == zero, unscaled(zero), y);
    }
    return unscaled(t * t);
  }
  case F::GeluGrad: {
    // Phi(x) + x phi(x): for x < 0, exp(-u^2/2) (P(t) - u / sqrt(2 pi)).
    constexpr double far = kWide ? 55 : 20, k = kWide ? 5 : 4;
    N u = min(abs(x), c(far));
    N phi = poly(kTailGrad, kTailWide, (u - c(k)) / (u + c(k)));
    N q = fma(u, c(-kDensity0), phi);
    Exponential e = exponential(c(-0.5) * u * u);
    Scaled left = giveWay(lowest, -0.0, times(q, e.scaled));
    Scaled y = choose(x >= zero, unscaled(one - q * e.value), left);
    return nearRoot(y, kGeluGradRoot, kGeluGrad, kGeluGradWide, 1, x);
  }
  case F::GeluTanhGrad: {
    // s (1 + x u' (1 - s)), s = sigmoid(u)
    constexpr double far = kWide ? 28 : 16;
    N t = clampTo(x, -far, 10);
    N z = t * t;
    N slope = c(kGeluTanhSlope) * t;
    N u = slope * fma(c(kGeluTanhCubic), z, one);
    N v = slope * fma(c(kGeluTanhCubic3), z, one);
    Logistic l = logistic(u);
    N factor = fma(v, l.other / l.denominator, one);
    Scaled y = {l.s.number / l.denominator * factor, l.s.n};
    return nearRoot(giveWay(lowest, -0.0, y), kGeluTanhGradRoot, kGeluTanhGrad,
                    kGeluTanhGradWide, 1, x);
  }
  case F::SiluGrad: {
    if (p[0] == 0)
      return unscaled(c(0.5));
    N t = times(p[0], bounded(x, kFar / std::fabs(p[0])));
    t = clampTo(t, -kFar, kNear);
    Logistic l = logistic(t);
    N factor = fma(t, l.other / l.denominator, one);
    Scaled y = {l.s.number / l.denominator * factor, l.s.n};
    y = giveWay(p[0] > 0 ? lowest : x == c(kInfinity), -0.0, y);
    return nearRoot(y, kSiluGradRoot, kSiluGrad, kSiluGradWide, p[0], x);
  }
  case F::MishGrad: {
    // With e = exp x, d = e^2 + 2 e + 2:
    // e (4 (x + 1) + e (4 x + 6 + e (4 + e))) / d^2.
    N t = clampTo(x, -kFar, 40);
    Exponential e = exponential(t);
    N inner = c(4) * t + c(6) + e.value * (c(4) + e.value);
    N w = fma(e.value, inner, c(4) * (t + one));
    N d = fma(e.value, e.value + c(2), c(2));
    Scaled y = giveWay(lowest, -0.0, times(w / (d * d), e.scaled));
    return nearRoot(y, kMishGradRoot, kMishGrad, kMishGradWide, 1, x);
  }
  case F::SquareplusGrad: {
    if (p[0] == 0)
      return unscaled(select(x > zero, one, select(x < zero, zero, c(0.5))));
    // For x < 0, (b / 2) / (r (r + |x|)); to the right 1 minus that.
    N a = kWide ? min(abs(x), c(0x1p500)) : abs(x);
    N r = sqrt(fma(a, a, c(p[0])));
    N left = c(0.5 * p[0]) / (r * (r + a));
    if constexpr (kWide) {
      auto [m, n] = abs(x).split();
      Scaled far = {c(0.25 * p[0]) / (m * m), like.negated(like.twice(n))};
      Scaled y = choose(abs(x) > c(0x1p500), far, unscaled(left));
      return choose(x < zero, y, unscaled(one - left));
    }
    return unscaled(select(x < zero, left, one - left));
  }
  case F::SoftsignGrad: {
    N d = one + abs(x);
    if constexpr (kWide) {
      auto [m, n] = d.split();
      return {one / (m * m), like.negated(like.twice(n))};
    }
    return unscaled(one / (d * d));
  }
  default:
    return unscaled(select(x == x, piecewiseDerivative(function, p, x), x));
  }
}

/// Derivatives of + - * / and comparisons alone; NaN may be lost.
template <class N>
N Kernels<N>::piecewiseDerivative(Function function, const double *p, N x) {
  using F = Function;
  N zero = c(0), one = c(1);
  switch (function) {
  case F::ReluGrad:
    return select(x > zero, one, zero);
  case F::LeakyReluGrad:
    return select(x > zero, one, c(p[0]));
  case F::ClampGrad:
    return select(x < c(p[0]), zero, select(x > c(p[1]), zero, one));
  case F::ClampOpenGrad:
    return select(x > c(p[0]), select(x < c(p[1]), one, zero), zero);
  case F::ThresholdGrad:
    return select(x > c(p[0]), one, zero);
  case F::ReluSquaredGrad:
    return c(2) * max(x, zero);
  case F::HardSigmoidGrad: {
    if (p[0] == 1.0 / 6.0 && p[1] == 0.5)
      return select(abs(x) < c(3), c(kSixth), zero);
    // Which side of 1 the line is on, without rounding it to 1.
    double high = p[1] - 1, low = (p[1] - (high + 1)) + ((high + 1) - high - 1);
    N above = fma(c(p[0]), x, c(p[1])), below = fma(c(p[0]), x, c(high));
    below = low == 0 ? below : below + c(low);
    return select(above > zero, select(below < zero, c(p[0]), zero), zero);
  }
  case F::HardSwishGrad: {
    N inside = sixth(fma(c(2), x, c(3)));
    return select(x <= c(-3), zero, select(x >= c(3), one, inside));
  }
  case F::HardShrinkGrad:
  case F::SoftShrinkGrad:
    return select(abs(x) > c(p[0]), one, zero);
  case F::SparsePlusGrad:
    return clampTo(fma(c(0.5), x, c(0.5)), 0, 1);
  case F::SparseSigmoidGrad:
    return select(abs(x) < one, c(0.5), zero);
  default:
    return zero;
  }
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_GRADIENTS_H
