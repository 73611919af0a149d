// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Gradients, dy f'(x); a part of Single.h. All of them contain e^-|x|, which
// may be out of range where the product with dy is not: its power of two is the
// square of a number that f32 has, and multiplies dy before the
// other factor and after it: where that is above 1 the power is below.

#ifndef ACT_MLIR_NUMERICS_SINGLEGRADIENTS_H
#define ACT_MLIR_NUMERICS_SINGLEGRADIENTS_H

namespace mlir::act::numerics {

/// e^-a = m s^2 for a in [0, 200].
template <class N, bool paired>
auto SingleKernels<N, paired>::decay(N a) -> Decay {
  double base = kSingleBase + 127 + 32;
  N t = fma(a, c(-0.5 * kSingleLog2E), c(base));
  N n = t - c(base);
  N r = fma(n, c(-2 * kSingleLn2[0]), -a);
  r = fma(n, c(-2 * kSingleLn2[1]), r);
  // Down to 2^-144, which is a subnormal number, and exact.
  return {poly(kSingleExpHalf, r), t.exponentField() * c(0x1p-32)};
}

/// gelu'(-u) = e^(-u^2/2) (a - u) (1/2 + P(u) / Q(u)), where a is its zero, and
/// gelu'(u) = 1 - gelu'(-u).
template <class N, bool paired>
N SingleKernels<N, paired>::geluGrad(N dy, N x) {
  N u = atMost(abs(x), 20), square = u * u;
  // -u^2 = 4 n ln 2 + r, s = 2^n
  double base = kSingleBase + 127 + 32;
  N t = fma(square, c(-0.25 * kSingleLog2E), c(base)), n = t - c(base);
  N r = fma(n, c(-4 * kSingleLn2Nearest), -square);
  r = r + fma(n, c(-4 * kSingleLn2Lost), -fma(u, u, -square));
  N s = t.exponentField() * c(0x1p-32);
  N quotient = polyByParity(kSingleGeluGradTop, u, square) /
               polyByParity(kSingleGeluGradBottom, u, square);
  N d = (c(kSingleGeluGradRoot[0]) - u) + c(kSingleGeluGradRoot[1]);
  N v = fma(d, quotient, c(0.5) * d);
  v = fma(v, fma(r * r, poly(kSingleExpDoubleRest, r), c(0.5) * r), v);
  Mask left = x < c(0);
  N scale = select(left, s, c(1));
  N factor = select(left, v, fma(-v * s, s, c(1)));
  factor = select(x == c(-kInfinity), c(-0.0), factor);
  return dy * scale * factor * scale;
}

template <class N, bool paired>
N SingleKernels<N, paired>::gradient(Function function, const double *p, N dy,
                                     N x) {
  using F = Function;
  if (function == F::GeluGrad)
    return geluGrad(dy, x);
  N size = abs(x), one = c(1), zero = c(0);
  if (function == F::LogSigmoidGrad)
    x = -x;
  if (function == F::TanhGrad) {
    auto [m, s] = decay(c(2) * atMost(size, 100));
    N e = m * s * s;
    N factor = quotient(m, fma(e, e + c(2), one));
    factor = select(size == c(kInfinity), zero, factor);
    return dy * s * factor * (c(4) * s);
  }
  N a = atMost(size, 200);
  auto [m, s] = decay(a);
  if (function == F::EluGrad) {
    N factor = select(x == c(-kInfinity), zero, p[0] == 1 ? m : c(p[0]) * m);
    return select(x > zero, dy, dy * s * factor * s);
  }
  N e = m * s * s;
  if (function == F::SigmoidGrad) {
    N factor = quotient(m, fma(e, e + c(2), one));
    factor = select(size == c(kInfinity), zero, factor);
    return dy * s * factor * s;
  }
  Mask left = x < zero;
  N scale = select(left, s, one), factor = like;
  double limit = 0;
  if (function == F::SiluGrad) {
    // e (1 - a + e) / (1 + e)^2 on the left, (1 + e + a e) / (1 + e)^2 on the
    // right; where the first crosses zero, a polynomial.
    N top = select(left, m * ((one - a) + e), fma(a + one, e, one));
    factor = quotient(top, fma(e, e + c(2), one));
    N d = (x - c(kSingleSiluGradRoot[0])) - c(kSingleSiluGradRoot[1]);
    Mask near = abs(d) < c(0.5);
    factor = select(near, d * poly(kSingleSiluGrad, d), factor);
    scale = select(near, one, scale);
    limit = -0.0;
  } else {
    // sigmoid(x) is e / (1 + e) or 1 / (1 + e).
    factor = quotient(select(left, m, one), one + e);
  }
  factor = select(x == c(-kInfinity), c(limit), factor);
  return dy * scale * factor * scale;
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_SINGLEGRADIENTS_H
