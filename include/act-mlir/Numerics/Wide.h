// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A kernel on pairs of f64, with the values that pairs cannot carry put in: the
// limits at the infinities, signs of zero, NaN, and products with dy.

#ifndef ACT_MLIR_NUMERICS_WIDE_H
#define ACT_MLIR_NUMERICS_WIDE_H

#include "act-mlir/Numerics/DoubleDouble.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include <cmath>

namespace mlir::act::numerics {

/// dy f 2^n, rounded once, for any finite dy, whose exponent joins the other.
template <class N>
DoubleDouble<N> widenedProduct(N dy,
                               typename Kernels<DoubleDouble<N>>::Scaled f) {
  using Wide = DoubleDouble<N>;
  N zero = dy.constant(0);
  N size = abs(dy);
  auto [m, n] = Wide(size).split();
  Wide product = m * f.number;
  product = product.scale(n + (f.n - dy.constant(kIntegerBase)));
  product = select(dy < zero, -product, product);
  // Zero, infinity and NaN have no exponent.
  Wide special(dy * f.number.high);
  return select(
      size > zero,
      select(size < dy.constant(std::numeric_limits<double>::infinity()),
             product, special),
      special);
}

/// What f, or f' for a gradient, is where pairs cannot say: that of the core,
/// whose zeros and infinities are those of f32.
struct Limits {
  double lowest, highest, below, above; // at -inf, inf, -0, 0

  Limits(Function function, const double *p)
      : lowest(at(function, p, -HUGE_VAL)), highest(at(function, p, HUGE_VAL)),
        below(at(function, p, -0.0)), above(at(function, p, 0.0)) {}

private:
  static double at(Function function, const double *p, double x) {
    HostF64 operands[] = {{isGradient(function) ? 1.0 : x}, {x}, {x}};
    double y = Kernels<HostF64>(operands[0]).evaluate(function, p, operands).v;
    return std::fabs(y) < 1e-46  ? std::copysign(0.0, y)
           : std::fabs(y) > 1e46 ? std::copysign(HUGE_VAL, y)
                                 : y;
  }
};

/// f(x) or dy f'(x) as a pair: the first part is rounded to nearest.
template <class N>
DoubleDouble<N> evaluateWide(Function function, const double *p, const N *args,
                             const Limits &limits) {
  using Wide = DoubleDouble<N>;
  bool gradient = isGradient(function);
  N x = args[gradient ? 1 : 0], zero = x.constant(0);
  Wide wideX(x);
  Kernels<Wide> kernels(wideX);
  if (numOperands(function) > (gradient ? 2u : 1u)) {
    // prelu and its gradients: one product at most.
    N y = Kernels<N>(x).evaluate(function, p, args);
    return Wide(y);
  }

  N atLowest = x.constant(limits.lowest),
    atHighest = x.constant(limits.highest);
  N lowest = x.constant(-HUGE_VAL), highest = x.constant(HUGE_VAL);
  auto replaced = [&](Wide y, N low, N high) {
    y = select(x == lowest, Wide(low), select(x == highest, Wide(high), y));
    return select(x == x, y, Wide(x));
  };
  if (gradient) {
    Wide y = widenedProduct(args[0], kernels.derivative(function, p, wideX));
    return replaced(y, args[0] * atLowest, args[0] * atHighest);
  }
  Wide y = kernels.value(function, p, &wideX);
  // Sums of pairs lose the sign of zero: it is that of the limit beyond, and at
  // zero itself the core's.
  N sign = select(x < zero, atLowest, atHighest);
  sign = select(x == zero, x, sign);
  if (std::signbit(limits.below) == std::signbit(limits.above))
    sign = select(x == zero, x.constant(limits.above), sign);
  // Those of a shrink are no limits but 0.
  if (function == Function::HardShrink || function == Function::SoftShrink)
    sign = zero;
  y.high = select(y.high == zero, copysign(y.high, sign), y.high);
  return replaced(y, atLowest, atHighest);
}

template <class N>
DoubleDouble<N> evaluateWide(Function function, const double *p,
                             const N *args) {
  return evaluateWide(function, p, args, Limits(function, p));
}

/// The pair as one f64 whose last bit is odd where it is not exact: rounded to
/// nearest from there to any shorter type, the pair has been rounded once.
template <class N>
N roundToOdd(DoubleDouble<N> x) {
  return x.high.towardsOdd(x.low);
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_WIDE_H
