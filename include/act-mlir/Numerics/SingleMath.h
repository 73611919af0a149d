// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The functions of the math dialect; a part of Single.h.

#ifndef ACT_MLIR_NUMERICS_SINGLEMATH_H
#define ACT_MLIR_NUMERICS_SINGLEMATH_H

namespace mlir::act::numerics {

template <class N, bool paired>
N SingleKernels<N, paired>::exp(N x) {
  N z = atMost(atLeast(x, -104), 89);
  if constexpr (!paired) {
    // y = 2 n ln 2 + r; the result's power of two in two equal steps.
    double base = kSingleBase + 127;
    N t = fma(z, c(0.5 * kSingleLog2E), c(base));
    N n = t - c(base);
    N r = fma(n, c(-2 * kSingleLn2[0]), z);
    r = fma(n, c(-2 * kSingleLn2[1]), r);
    N power = t.exponentField();
    return poly(kSingleExpHalf, r) * power * power;
  } else {
    // The power of two in two steps, of which the first is that of e^(x/2).
    double base = kSingleBase + 127;
    N t = fma(z, c(kSingleLog2E), c(base));
    N n = t - c(base);
    N h = fma(z, c(0.5 * kSingleLog2E), c(base));
    N r = fma(n, c(-kSingleLn2[0]), z);
    r = fma(n, c(-kSingleLn2[1]), r);
    Pair e = expPair(r);
    N other = (t - (h - c(base)));
    return (e.high + e.low) * h.exponentField() * other.exponentField();
  }
}

/// e^x - 1 for x in [-18, 0], as a sum.
template <class N, bool paired>
auto SingleKernels<N, paired>::expm1Negative(N x) -> Pair {
  if constexpr (!paired) {
    auto [r, power] = reduce(x, 0);
    N s = fma(r * r, poly(kSingleExpRest, r), r);
    return {fma(power, s, power - c(1)), c(0)};
  } else {
    N lost = like;
    auto [r, power] = reduce(x, 0, lost);
    N below = power - c(1);
    N y = fma(power, r, below);
    N e = fma(power, r, below - y);
    N w = fma(r * r, poly(kSingleExpRestPaired, r), lost);
    return {y, fma(power, w, e)};
  }
}

template <class N, bool paired>
N SingleKernels<N, paired>::expm1(N x) {
  // Half of it, since 2^128 is out of range.
  N z = atMost(atLeast(x, -18), 89);
  N y = like;
  if constexpr (!paired) {
    auto [r, power] = reduce(z, -1);
    N s = fma(r * r, poly(kSingleExpRest, r), r);
    y = fma(power, s, power - c(0.5));
    y = y + y;
  } else {
    N lost = like;
    auto [r, power] = reduce(z, -1, lost);
    N below = power - c(0.5);
    y = fma(power, r, below);
    N e = fma(power, r, below - y) + ((power - below) - c(0.5));
    N w = fma(r * r, poly(kSingleExpRestPaired, r), lost);
    y = y + fma(power, w, e);
    y = y + y;
    y = select(abs(x) < c(0x1p-30), x, y);
  }
  return copysign(y, x);
}

template <class N, bool paired>
N SingleKernels<N, paired>::log(N x) {
  Mask tiny = x < c(0x1p-126);
  auto [m, n, unused] = select(tiny, x * c(0x1p25), x).parts();
  n = n + select(tiny, c(-25), c(0));
  N f = m - c(1);
  N y = like;
  if constexpr (paired) {
    N rest = f * f * poly(kSingleLogRestPaired, f);
    // n ln 2, whose first part is exact, is nothing or larger than f.
    N top = n * c(kSingleLn2[0]);
    Pair sum = ordered(top, f);
    y = sum.high + (sum.low + fma(n, c(kSingleLn2[1]), rest));
  } else {
    y = fma(n, c(kSingleLn2Nearest), fma(f * f, poly(kSingleLogRest, f), f));
  }
  y = select(x < c(kInfinity), y, x);
  return select(x > c(0), y, select(x == c(0), c(-kInfinity), c(kNaN)));
}

template <class N, bool paired>
N SingleKernels<N, paired>::log1p(N x) {
  // What the sum 1 + x lost, beside the mantissa.
  N u = c(1) + x;
  N lost = x - (u - c(1));
  auto [m, n, inverse] = u.parts();
  N low = lost * inverse, f = m - c(1), y = like;
  if constexpr (paired) {
    N rest = f * f * poly(kSingleLogRestPaired, f);
    // log(1 + f + low) = log(1 + f) + low / (1 + f)
    low = fma(low * f, f - c(1), low);
    N top = n * c(kSingleLn2[0]);
    Pair sum = ordered(top, f);
    N far = sum.high + (sum.low + (low + fma(n, c(kSingleLn2[1]), rest)));
    N near = x + x * x * poly(kSingleLogRestPaired, x);
    y = select(n == c(0), near, far);
  } else {
    f = f + low;
    y = fma(n, c(kSingleLn2Nearest), f + f * f * poly(kSingleLogRest, f));
  }
  y = select(x < c(kInfinity), copysign(y, x), x);
  return select(x > c(-1), y, select(x == c(-1), c(-kInfinity), c(kNaN)));
}

template <class N, bool paired>
N SingleKernels<N, paired>::erf(N x) {
  N a = atMost(abs(x), 4);
  N z = a * a;
  N small = fma(a, poly(kSingleErfRest, z), a);
  double base = kSingleBase + 127;
  N slope = polynomial<1>(kSingleErfcLog, a);
  N y = fma(a, slope, c(kSingleErfcLog[0]));
  N t = fma(y, c(kSingleLog2E), c(base));
  N n = t - c(base);
  N r = fma(n, c(-kSingleLn2Nearest), y);
  if constexpr (paired)
    r = r + (fma(a, slope, -y) + c(kSingleErfcLog[0]));
  N e = paired ? poly(kSingleExpLong, r) : expOf(r);
  N large = fma(-t.exponentField(), e, c(1));
  return copysign(select(a < c(0.9375), small, large), x);
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_SINGLEMATH_H
