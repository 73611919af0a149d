// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Gradients, dy f'(x); a part of Single.h. All of them contain e^-|x|, which
// may be out of range where the product with dy is not: its power of two is the
// square of a number that f32 has, and multiplies dy before the
// other factor and after it: where that is above 1 the power is below.

#ifndef ACT_MLIR_NUMERICS_SINGLEGRADIENTS_H
#define ACT_MLIR_NUMERICS_SINGLEGRADIENTS_H

namespace mlir::act::numerics {

/// e^-a = s^2 (1 + t) for a in [0, 200].
template <class N, bool paired>
auto SingleKernels<N, paired>::decay(N a) -> Decay {
  double base = kSingleBase + 127 + 32;
  N u = fma(a, c(-0.5 * kSingleLog2E), c(base));
  N n = u - c(base);
  N r = fma(n, c(-2 * kSingleLn2[0]), -a);
  r = fma(n, c(-2 * kSingleLn2[1]), r);
  // Down to 2^-144, which is a subnormal number, and exact.
  N s = u.exponentField() * c(0x1p-32);
  return {fma(r * r, poly(kSingleExpDouble, r), r), s, s * s};
}

/// y = n ln 2 + r + rest for y in [-200, 2], with the factors of 2^(n + 64).
template <class N, bool paired>
auto SingleKernels<N, paired>::reduceFar(Pair y) -> Far {
  N base = c(kSingleBase + 127 + 32);
  N t = fma(y.high, c(kSingleLog2E), base), n = t - base;
  N half = fma(y.high, c(0.5 * kSingleLog2E), base);
  N exact = fma(n, c(-kSingleLn2[0]), y.high);
  N low = fma(n, c(-kSingleLn2[1]), y.low), r = exact + low;
  Scale scale = {half.exponentField(), (t - (half - base)).exponentField()};
  return {r, low - (r - exact), scale};
}

/// dy times a sum times 2^-64 and the scale, whose factors are up to 2^32:
/// rounded once but for what the sum lost, and where the result is subnormal.
/// Numbers below 1 are larger in between, so that the second part's product is
/// normal.
template <class N, bool paired>
N SingleKernels<N, paired>::productWith(N dy, Pair factor, Scale scale) {
  Mask small = abs(dy) < c(1);
  N y = dy * select(small, c(1), c(0x1p-64)) * scale.first, size = abs(y);
  // A zero or infinity takes its sign from the first part alone.
  N low = select(size < c(kInfinity),
                 select(size > c(0), factor.low, factor.high), factor.high);
  return fma(y, factor.high, y * low) * scale.second *
         select(small, c(0x1p-64), c(1));
}

/// dy f'(x) where f'(-u) is `left` times 2^-64 and the scale, whose product is
/// `power`, f'(u) = 1 - f'(-u) for u > 0, and -0 is the limit.
template <class N, bool paired>
N SingleKernels<N, paired>::mirrored(N dy, N x, Pair left, Scale scale,
                                     N power) {
  Mask negative = x < c(0);
  scale.first = select(negative, scale.first, c(0x1p32));
  scale.first = select(x == c(-kInfinity), c(0), scale.first);
  scale.second = select(negative, scale.second, c(0x1p32));
  Pair right = ordered(c(1), -left.high * power);
  right.low = fma(-left.low, power, right.low);
  Pair factor = {select(negative, left.high, right.high),
                 select(negative, left.low, right.low)};
  return productWith(dy, factor, scale);
}

/// silu'(-a) = e (1 - a + e) / (1 + e)^2, with e = e^-a, and silu'(a) = 1 -
/// silu'(-a), for results of 16 bits, with an error of 2^-19. Where 1 - a + e
/// is zero, at z, e is z - 1: with e = 4 (z - 1) p (1 + t), p a power of two,
/// it is z - a + (z - 1) (4 p - 1 + 4 p t), of which nothing cancels for p =
/// 1/4. p is 1 at most.
template <class N, bool paired>
N SingleKernels<N, paired>::shortSiluGrad(N dy, N x) {
  constexpr double top = kSingleSiluGradTop;
  N a = atMost(abs(x), 200), one = c(1);
  N b = (c(-kSingleSiluGradRoot[0]) - a) - c(kSingleSiluGradRoot[1]);
  // z - a = 2 n ln 2 + r, s = 2^(n - 1)
  double base = kSingleBase + 127 + 31;
  N u = fma(b, c(0.5 * kSingleLog2E), c(base)), n = u - c(base);
  N r = fma(n, c(-2 * kSingleLn2Nearest), b), square = r * r;
  N t = fma(square, polyByPairs(kSingleShortExpDouble, r, square), r);
  N s = u.exponentField() * c(0x1p-32), p = s * s, unit = c(4 * top) * p;
  N v = fma(unit, t, (unit - c(top)) + b), e = fma(p, t, p);
  v = fma(v, t, v) / fma(e, fma(c(4 * top), e, c(2)), c(0.25 / top));
  Mask left = x < c(0);
  N scale = select(left, s, one);
  N factor = select(left, v, fma(-v, p, one));
  factor = select(x == c(-kInfinity), c(-0.0), factor);
  return dy * scale * factor * scale;
}

/// e (1 - a + e) / (1 + e)^2 for x = -a, (1 + e + a e) / (1 + e)^2 for x = a,
/// with e = e^-a; where the first crosses zero, a polynomial.
template <class N, bool paired>
N SingleKernels<N, paired>::siluGrad(N dy, N x) {
  if (type != Type::F32)
    return shortSiluGrad(dy, x);
  N a = atMost(abs(x), 200), one = c(1);
  auto [r, rest, scale] = reduceFar({-a, c(0)});
  N t = fma(r * r, poly(kSingleExpRest, r), r);
  N first = scale.first * c(0x1p-32), second = scale.second * c(0x1p-32);
  N power = first * second, e = fma(power, t, power);
  Mask left = x < c(0);
  N top = select(left, (one - a) + e, fma(a + one, e, one));
  // The quotient is not rounded before the product with 1 + t.
  auto [q, low] = quotientPair(top, fma(e, e + c(2), one));
  t = select(left, t, c(0));
  N factor = q + fma(q, t, fma(low, t, low));
  N d = (x - c(kSingleSiluGradRoot[0])) - c(kSingleSiluGradRoot[1]);
  Mask near = abs(d) < c(0.5);
  factor = select(near, d * poly(kSingleSiluGrad, d), factor);
  factor = select(x == c(-kInfinity), c(-0.0), factor);
  first = select(near, one, select(left, first, one));
  second = select(near, one, select(left, second, one));
  return dy * first * factor * second;
}

/// gelu'(-u) = e^(-u^2/2) (a - u) (c + P(u) / Q(u)), where a is its zero, and
/// gelu'(u) = 1 - gelu'(-u). c is 1/2, or in pairs what makes the quotient
/// small where u is large.
template <class N, bool paired>
N SingleKernels<N, paired>::geluGrad(N dy, N x) {
  N u = atMost(abs(x), 20), square = u * u;
  if constexpr (paired) {
    auto [r, rest, scale] =
        reduceFar({c(-0.5) * square, c(-0.5) * fma(u, u, -square)});
    Pair e = ordered(c(1), r);
    e.low = e.low + fma(r * r, poly(kSingleExpRestPaired, r), rest);
    Pair d = difference(kSingleGeluGradRoot[0], u);
    d = ordered(d.high, d.low + c(kSingleGeluGradRoot[1]));
    Pair q = quotientPair(polyPair(kSingleGeluGradTopPaired, u, square),
                          polyPair(kSingleGeluGradBottomPaired, u, square));
    Pair f = ordered(c(kSingleGeluGradMiddle), q.high);
    Pair v = product(d, {f.high, f.low + q.low});
    // All four terms: neither second part is small beside the first.
    Pair y = product(v.high, e.high);
    y.low = fma(v.high, e.low, fma(v.low, e.high + e.low, y.low));
    N power = scale.first * c(0x1p-64) * scale.second;
    return mirrored(dy, x, y, scale, power);
  }
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
  if (function == F::SiluGrad)
    return siluGrad(dy, x);
  N size = abs(x), one = c(1), zero = c(0);
  if (function == F::LogSigmoidGrad)
    x = -x;
  N a = function == F::TanhGrad ? c(2) * atMost(size, 100) : atMost(size, 200);
  auto [t, s, power] = decay(a);
  if (function == F::EluGrad) {
    N factor = select(x == c(-kInfinity), zero, one + t);
    return select(x > zero, dy, dy * s * factor * s);
  }
  N e = fma(power, t, power);
  if (function == F::TanhGrad || function == F::SigmoidGrad) {
    // e / (1 + e)^2, four times that for tanh, half of them before the last
    // factor and half in it, so that nothing leaves the range between.
    bool tanh = function == F::TanhGrad;
    N factor = quotient(c(tanh ? 2 : 1), fma(e, e + c(2), one));
    factor = select(size == c(kInfinity), zero, fma(factor, t, factor));
    return dy * s * factor * (tanh ? c(2) * s : s);
  }
  Mask left = x < zero;
  // sigmoid(x) is e / (1 + e) or 1 / (1 + e).
  N scale = select(left, s, one), factor = quotient(one, one + e);
  factor = select(left, fma(factor, t, factor), factor);
  factor = select(x == c(-kInfinity), zero, factor);
  return dy * scale * factor * scale;
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_SINGLEGRADIENTS_H
