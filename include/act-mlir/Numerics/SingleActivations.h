// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The values of the activations; a part of Single.h.

#ifndef ACT_MLIR_NUMERICS_SINGLEACTIVATIONS_H
#define ACT_MLIR_NUMERICS_SINGLEACTIVATIONS_H

namespace mlir::act::numerics {

/// 2^n / (2^n + e^r), so that neither end overflows.
template <class N, bool paired>
N SingleKernels<N, paired>::sigmoid(N x) {
  N z = atMost(atLeast(x, -104), 32);
  auto [r, power] = reduceNegated(z, 64);
  Pair d = logisticDenominator(r, power, 0x1p-64);
  N q = like;
  if constexpr (paired) {
    N y = roughReciprocal(d.high + d.low);
    N rest = fma(-d.low, y, fma(-d.high, y, c(1)));
    q = fma(rest, y, y);
  } else {
    q = reciprocal(d.high);
  }
  return q * power * c(0x1p-64);
}

/// x sigmoid(beta x).
template <class N, bool paired>
N SingleKernels<N, paired>::silu(N x, double beta) {
  if (beta < 0)
    return -silu(-x, -beta);
  // From here on the result is x.
  double far = 18 / beta;
  N z = atMost(atLeast(x, -120 / beta), far);
  Pair t = {z, c(0)};
  if (beta != 1)
    t = product(beta, z);
  auto [r, power] = reduceNegated(t.high, 64);
  if (beta != 1)
    r = r - t.low;
  Pair d = logisticDenominator(r, power, 0x1p-64);
  N q = like;
  if constexpr (paired) {
    q = quotient(z, d);
  } else {
    q = quotient(z, d.high);
  }
  N y = tieUp(q * power, x, 64) * c(0x1p-64);
  return keepSign(x, select(x < c(far), y, x));
}

/// x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)), with the argument as a pair
/// and in units of ln 2.
template <class N, bool paired>
N SingleKernels<N, paired>::geluTanh(N x) {
  N z = atMost(atLeast(x, -11), 6);
  // The first constant's part is so short that what is left of the sum beside
  // it is exact.
  Pair square = product(z, z);
  N v =
      fma(square.high, c(kSingleGeluTanhCubic[0]), c(kSingleGeluTanhSlope[0]));
  N rest =
      fma(square.high, c(kSingleGeluTanhCubic[1]), c(kSingleGeluTanhSlope[1]));
  rest = fma(square.low, c(kSingleGeluTanhCubic[0]), rest);
  rest = rest + fma(square.high, c(kSingleGeluTanhCubic[0]),
                    -(v - c(kSingleGeluTanhSlope[0])));
  Pair y = product(z, v);
  y.low = fma(z, rest, y.low);
  double base = kSingleBase + 127 + 64;
  N t = y.high + c(base);
  N n = t - c(base);
  N r = (n - y.high) - y.low;
  N power = t.exponentField();
  N q = like;
  if constexpr (paired) {
    // 2^r with r ln 2 as a pair
    Pair s = product(c(kSingleLn2Nearest), r);
    Pair e = ordered(c(1), s.high);
    e.low = e.low + fma(r * r, poly(kSingleExp2Rest, r), s.low);
    Pair sum = sumOfPositive(power * c(0x1p-64), e.high);
    Pair d = {sum.high, sum.low + e.low};
    q = quotient(z, d);
  } else {
    q = quotient(z, fma(power, c(0x1p-64), poly(kSingleExp2, r)));
  }
  N product = tieUp(q * power, x, 64) * c(0x1p-64);
  return keepSign(x, select(x < c(6), product, x));
}

/// gelu for bf16, whose squares are exact, with an error of 2^-20.
template <class N, bool paired>
N SingleKernels<N, paired>::shortGelu(N x) {
  N u = atMost(abs(x), 15), square = u * u;
  double base = kSingleBase + 127 + 64;
  N t = fma(square, c(-0.5 * kSingleLog2E), c(base)), n = t - c(base);
  N r = fma(n, c(-2 * kSingleLn2[0]), -square);
  r = fma(n, c(-2 * kSingleLn2[1]), r);
  N v = u * t.exponentField() * poly(kSingleShortTailTop, u);
  N bottom = polyByParity(kSingleShortTailBottom, u, square);
  N y = fma(v, r * poly(kSingleShortExpm1Half, r), v) / bottom;
  y = fma(tieUp(-y, x, 64), c(0x1p-64), atLeast(x, 0));
  return keepSign(x, y);
}

/// max(x, 0) - |x| Phi(-|x|), with Phi(-u) = e^(-u^2/2) / (2 + u L(u)). L grows
/// from 1.6 to 2.4: it is a constant less a quotient P / Q that is small, and
/// so is what its errors do to the sum.
template <class N, bool paired>
N SingleKernels<N, paired>::gelu(N x) {
  N u = atMost(abs(x), 15), square = u * u;
  N less = polyByParity(kSingleTailTop, u, square) /
           polyByParity(kSingleTailBottom, u, square);
  N d = fma(u, c(kSingleTailSlope) - less, c(2)), y = like;
  // -u^2 = 2 n ln 2 + r
  double base = kSingleBase + 127 + 64;
  if constexpr (paired) {
    // n such that e^(r/2) - 1 is in [-1/4, 1/2], where f32 has most digits.
    N shifted = fma(-u, u, c(-kSingleTailShift));
    N t = fma(shifted, c(0.5 * kSingleLog2E), c(base));
    N n = t - c(base), exact = fma(n, c(-2 * kSingleLn2[0]), -square);
    N rest = fma(n, c(-2 * kSingleLn2[1]), -fma(u, u, -square));
    // The quotient w = v / d with what it lost, as a part of the exponent.
    N v = u * t.exponentField(), w = v / d;
    N lost = fma(-u, less, fma(u, c(kSingleTailSlope), c(2) - d));
    N residual = fma(-w, lost, fma(-w, d, v));
    N inverse = v.reciprocalSeed();
    inverse = inverse * fma(-v, inverse, c(2));
    rest = fma(residual * inverse, c(2), rest);
    N r = exact + rest;
    N twice = exact + fma(r * r, poly(kSingleTailExp, r), rest);
    y = fma(c(0.5) * w, twice, w);
  } else {
    N t = fma(square, c(-0.5 * kSingleLog2E), c(base));
    N n = t - c(base), r = fma(-u, u, n * c(-2 * kSingleLn2[0]));
    r = fma(n, c(-2 * kSingleLn2[1]), r);
    N v = u * t.exponentField();
    y = fma(v, r * poly(kSingleExpm1Half, r), v) / d;
  }
  y = fma(tieUp(-y, x, 64), c(0x1p-64), atLeast(x, 0));
  return keepSign(x, y);
}

/// x n / (n + 2), n = e (e + 2), e = exp x.
template <class N, bool paired>
N SingleKernels<N, paired>::mish(N x) {
  N z = atMost(atLeast(x, -110), 10);
  auto [r, power] = reduce(z, 64);
  if constexpr (paired) {
    Pair m = expPair(r);
    m = ordered(m.high, m.low);
    N unit = c(0x1p-64) * power;
    Pair e = {m.high * unit, m.low * unit};
    // e + 2, e (e + 2) / 2^n
    Pair a = sumOfPositive(e.high, c(2));
    a.low = a.low + e.low;
    Pair n = product(m.high, a.high);
    n.low = fma(m.high, a.low, fma(m.low, a.high, n.low));
    Pair d = sumOfPositive(n.high * unit, c(2));
    d.low = fma(n.low, unit, d.low);
    Pair top = product(z, n.high);
    top.low = fma(z, n.low, top.low);
    return select(x < c(10), quotient(top, d) * power * c(0x1p-64), x);
  }
  // e^x = 2^n (1 + s), and e^x by which the quotient is multiplied is not
  // rounded before.
  N s = fma(r * r, poly(kSingleExpRest, r), r), unit = power * c(0x1p-64);
  N e = fma(unit, s, unit), a = e + c(2);
  N q = quotient(z * a, fma(e, a, c(2)));
  return select(x < c(10), fma(q, s, q) * power * c(0x1p-64), x);
}

template <class N, bool paired>
N SingleKernels<N, paired>::softplus(N x) {
  N a = -atMost(abs(x), 104);
  auto [r, power] = reduce(a, 64);
  N top = atLeast(x, 0);
  if constexpr (paired) {
    Pair m = expPair(r);
    m = ordered(m.high, m.low);
    N unit = power * c(0x1p-64);
    Pair e = {m.high * unit, m.low * unit};
    // 1 + e = 2 (1 + f) or 1 + f
    Mask upper = e.high > c(0.5);
    N f = select(upper, fma(e.high, c(0.5), c(-0.5)), e.high);
    N low = select(upper, c(0.5) * e.low, e.low);
    // log(1 + f) = f - f^2 / 2 + ...
    N square = f * f;
    N near = fma(c(-0.5), square, f);
    N rest = fma(c(-0.5), square, f - near);
    rest = fma(f * square, poly(kSingleLog1pCubic, f), rest);
    rest = rest + fma(-f, low, low);
    rest = rest + select(upper, c(kSingleLn2[1]), c(0));
    Pair sum = ordered(select(upper, c(kSingleLn2[0]), c(0)), near);
    Pair all = sumOfPositive(top, sum.high);
    N y = all.high + (all.low + (sum.low + rest));
    return select(x < c(0x1p30), y, x);
  }
  N e = poly(kSingleExpLong, r) * power * c(0x1p-64);
  return fma(e, poly(kSingleLog1p, e), top);
}

/// With e^2x = 2^n (1 + s): m / (m + 2), m = 2^n s + (2^n - 1).
template <class N, bool paired>
N SingleKernels<N, paired>::tanh(N x) {
  N a = atMost(abs(x), 9.25);
  if constexpr (paired) {
    // 1 - 2 / (e^2a + 1), and near zero a polynomial in a^2.
    double base = kSingleBase + 127;
    N t = fma(a, c(2 * kSingleLog2E), c(base));
    N n = t - c(base);
    N r = fma(n, c(-kSingleLn2[0]), a + a);
    r = fma(n, c(-kSingleLn2[1]), r);
    N d = fma(t.exponentField(), poly(kSingleExpLong, r), c(1));
    N large = fma(reciprocal(d), c(-2), c(1));
    N z = a * a;
    N small = fma(a * z, poly(kSingleTanhRest, z), a);
    return copysign(select(a < c(1), small, large), x);
  }
  double base = kSingleBase + 127;
  N t = fma(a, c(2 * kSingleLog2E), c(base));
  N n = t - c(base);
  N r = fma(n, c(-kSingleLn2Nearest), a + a);
  N s = fma(r * r, poly(kSingleExpRest, r), r);
  N power = t.exponentField();
  N m = fma(power, s, power - c(1));
  N d = fma(power, s, power + c(1));
  return copysign(quotient(m, d), x);
}

template <class N, bool paired>
N SingleKernels<N, paired>::value(Function function, const double *p,
                                  const N *args) {
  using F = Function;
  N x = args[0];
  if (isGradient(function))
    return gradient(function, p, x, args[1]);
  switch (function) {
  case F::Sigmoid:
    return sigmoid(x);
  case F::Silu:
    return silu(x, p[0]);
  case F::GeluTanh:
    return geluTanh(x);
  case F::Gelu:
    return type == Type::BF16 && !paired ? shortGelu(x) : gelu(x);
  case F::Mish:
    return mish(x);
  case F::Softplus:
    return softplus(x);
  case F::LogSigmoid:
    return -softplus(-x);
  case F::Tanh:
    return tanh(x);
  case F::Elu:
  case F::Celu: {
    Pair m = expm1Negative(atLeast(atMost(x, 0), -18));
    N y = like;
    if constexpr (paired)
      y = p[0] == 1 ? m.high + m.low : scaled(p[0], m);
    else
      y = p[0] == 1 ? m.high : c(p[0]) * m.high;
    return select(x < c(0), y, x);
  }
  case F::Selu: {
    Pair m = expm1Negative(atLeast(atMost(x, 0), -18));
    double below = p[0] * p[1];
    if constexpr (paired)
      return select(x < c(0), scaled(below, m), fma(c(p[1] - 1), x, x));
    return select(x < c(0), c(below) * m.high, c(p[1]) * x);
  }
  case F::Exp:
    return exp(x);
  case F::Expm1:
    return expm1(x);
  case F::Log:
    return log(x);
  case F::Log1p:
    return log1p(x);
  case F::Erf:
    return erf(x);
  default:
    return pieces(function, p, args);
  }
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_SINGLEACTIVATIONS_H
