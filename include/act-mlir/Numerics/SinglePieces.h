// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Activations made of pieces of polynomials, and a quotient; a part of
// Single.h. All that is exact in f32 for 16-bit inputs stays so, and where a
// result is next to a tie, what breaks it is made large enough for f32.

#ifndef ACT_MLIR_NUMERICS_SINGLEPIECES_H
#define ACT_MLIR_NUMERICS_SINGLEPIECES_H

namespace mlir::act::numerics {

/// p x for negative x and a p that f32 need not have.
template <class N, bool paired>
N SingleKernels<N, paired>::line(double p, N x) {
  float nearest = static_cast<float>(p);
  if (nearest == p)
    return c(p) * x;
  if (type == Type::F32) {
    // The parts have one sign, so that neither -0 nor infinity meets its
    // opposite.
    double high = std::fabs(nearest) > std::fabs(p)
                      ? std::nextafter(nearest, 0.0f)
                      : nearest;
    return fma(c(high), x, c(p - high) * x);
  }
  // The f64 number next to a short decimal is mostly above it, and so is the
  // product where the decimal's is a tie: by so much that f32 tells.
  double above = p * (1 + 0x1p-24);
  float factor = static_cast<float>(above);
  if (std::fabs(factor) < std::fabs(above))
    factor = std::nextafter(factor, std::copysign(kInfinity, p));
  if (type != Type::BF16)
    return c(factor) * x;
  // bf16's subnormal numbers are f32's, which need more to tell.
  return select(x > c(-0x1p-124), c(p * (1 + 0x1p-13)), c(factor)) * x;
}

/// A sixth of the sum; f32's nearest number to 1/6 is above it, by so little
/// that multiples of 6 give what they should.
template <class N, bool paired>
N SingleKernels<N, paired>::sixth(Pair x) {
  N y = x.high * c(1.0 / 6);
  if constexpr (!paired)
    return y;
  N rest = fma(y, c(-6), x.high) + x.low;
  return fma(rest, c(1.0 / 6), y);
}

/// x + 3 for x in [-3, 3].
template <class N, bool paired>
auto SingleKernels<N, paired>::plus3(N x) -> Pair {
  N sum = x + c(3);
  return {sum, paired ? x - (sum - c(3)) : c(0)};
}

template <class N, bool paired>
N SingleKernels<N, paired>::hardSwish(N x) {
  N z = atMost(atLeast(x, -3), 3), y = like;
  if (paired || type == Type::F32) {
    Pair sum = plus3(z);
    N high = z * sum.high, low = c(0);
    if constexpr (paired)
      low = fma(z, sum.low, fma(z, sum.high, -high));
    y = sixth({high, low});
  } else {
    // x^2 + 3 x loses nothing where it cancels.
    N square = fma(z, offZero(z, 0x1p-13), c(3) * z);
    y = fma(square, c(1.0 / 6), c(type == Type::F16 ? 0x1p-49 : 0));
  }
  return select(x < c(3), copysign(y, x), x);
}

template <class N, bool paired>
N SingleKernels<N, paired>::pieces(Function function, const double *p,
                                   const N *args) {
  using F = Function;
  N x = args[0];
  switch (function) {
  case F::LeakyRelu: {
    N below = line(p[0], x);
    // The larger of both, where that takes one operation less.
    Mask above = p[0] > 0 && p[0] < 1 ? below < x : x > c(0);
    return select(above, x, below);
  }
  case F::Prelu:
    return select(x > c(0), x, args[1] * x);
  case F::ReluSquared: {
    N r = atLeast(x, 0);
    return r * r;
  }
  case F::HardSwish:
    return hardSwish(x);
  case F::HardSigmoid:
    if (p[0] == 1.0 / 6 && p[1] == 0.5)
      return sixth(plus3(atMost(atLeast(x, -3), 3)));
    return atMost(atLeast(fma(c(p[0]), x, c(p[1])), 0), 1);
  case F::Softsign: {
    N z = atMost(atLeast(x, -0x1p60), 0x1p60), size = abs(z);
    if constexpr (paired)
      return quotient(z, sumOfPositive(size, c(1)));
    else
      return z / (size + c(1));
  }
  case F::SoftShrink: {
    N y = select(x > c(0), x - c(p[1]), x + c(p[1]));
    return select(abs(x) <= c(p[0]), c(0), y);
  }
  default:
    return x;
  }
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_SINGLEPIECES_H
