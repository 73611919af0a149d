// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The values of the activations; a part of Single.h.

#ifndef ACT_MLIR_NUMERICS_SINGLEACTIVATIONS_H
#define ACT_MLIR_NUMERICS_SINGLEACTIVATIONS_H

namespace mlir::act::numerics {

/// 2^n / (2^n + e^r), so that neither end overflows.
template <class N, bool paired>
N SingleKernels<N, paired>::sigmoid(N x) {
  N z = atMost(atLeast(x, -104), 17.5);
  auto [r, power] = reduceNegated(z, 64);
  return quotient(power, logisticDenominator(r, power)) * c(0x1p-64);
}

/// x sigmoid(beta x).
template <class N, bool paired>
N SingleKernels<N, paired>::silu(N x, double beta) {
  if (beta < 0)
    return -silu(-x, -beta);
  // From here on the result is x.
  double far = 17.5 / beta;
  N z = atMost(atLeast(x, -120 / beta), far);
  N u = offZero(z, 0x1p-13 / beta);
  Pair t = {u, c(0)};
  if (beta != 1)
    t = product(beta, u);
  auto [r, power] = reduceNegated(t.high, 64);
  if (beta != 1)
    r = r - t.low;
  N y = quotient(z * power, logisticDenominator(r, power), beta == 1);
  y = y * c(0x1p-64);
  return select(x < c(far), y, x);
}

/// x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)), with the argument as a pair
/// and in units of ln 2.
template <class N, bool paired>
N SingleKernels<N, paired>::geluTanh(N x) {
  N z = atMost(atLeast(x, -11), 6), u = offZero(z, 0x1p-13);
  // The first constant's part is so short that what is left of the sum beside
  // it is exact.
  Pair square = product(u, u);
  N v =
      fma(square.high, c(kSingleGeluTanhCubic[0]), c(kSingleGeluTanhSlope[0]));
  N rest =
      fma(square.high, c(kSingleGeluTanhCubic[1]), c(kSingleGeluTanhSlope[1]));
  rest = fma(square.low, c(kSingleGeluTanhCubic[0]), rest);
  rest = rest + fma(square.high, c(kSingleGeluTanhCubic[0]),
                    -(v - c(kSingleGeluTanhSlope[0])));
  Pair y = product(u, v);
  y.low = fma(u, rest, y.low);
  double base = kSingleBase + 127 + 64;
  N t = y.high + c(base);
  N n = t - c(base);
  N r = (n - y.high) - y.low;
  N power = t.exponentField();
  Pair d = {like, c(0)};
  if constexpr (paired) {
    // 2^r with r ln 2 as a pair
    Pair s = product(c(kSingleLn2Nearest), r);
    d = onePlus(power, s.high);
    N square = r * r, e = polyByPairs(kSingleExp2Rest, r, square);
    d.low = d.low + fma(square, e, s.low);
  } else {
    d.high = fma(power, c(0x1p-64), poly(kSingleExp2, r));
  }
  // f16's smallest number is a tie, and a rounded quotient breaks it.
  N product = quotient(z * power, d, type != Type::F16) * c(0x1p-64);
  return select(x < c(6), product, x);
}

/// gelu for bf16, whose squares are exact, with an error of 2^-20.
template <class N, bool paired>
N SingleKernels<N, paired>::shortGelu(N x) {
  N size = atMost(abs(x), 15), u = sizeOffZero(size, 0x1p-13), square = u * u;
  double base = kSingleBase + 127 + 64;
  N t = fma(square, c(-0.5 * kSingleLog2E), c(base)), n = t - c(base);
  N r = fma(n, c(-2 * kSingleLn2[0]), -square);
  r = fma(n, c(-2 * kSingleLn2[1]), r);
  N v = size * t.exponentField() * poly(kSingleShortTailTop, u);
  N bottom = polyByPairs(kSingleShortTailBottom, u, square);
  N y = over(fma(v, r * poly(kSingleShortExpm1Half, r), v), bottom);
  return fma(-y, c(0x1p-64), atLeast(x, 0));
}

/// max(x, 0) - |x| Phi(-|x|), with Phi(-u) = e^(-u^2/2) / (2 + u L(u)). L grows
/// from 1.6 to 2.4: it is a constant less a quotient P / Q that is small, and
/// so is what its errors do to the sum.
template <class N, bool paired>
N SingleKernels<N, paired>::gelu(N x) {
  N size = atMost(abs(x), 15), u = sizeOffZero(size, 0x1p-13), square = u * u;
  N less = over(polyByPairs(kSingleTailTop, u, square),
                polyByPairs(kSingleTailBottom, u, square));
  N d = fma(u, c(kSingleTailSlope) - less, c(2)), y = like;
  // -u^2 = 2 n ln 2 + r
  double base = kSingleBase + 127 + 64;
  if constexpr (paired) {
    // n such that e^(r/2) - 1 is in [-1/4, 1/2], where f32 has most digits.
    N t =
        fma(square + c(kSingleTailShift), c(-0.5 * kSingleLog2E), c(base - 1));
    N n = t - c(base - 1), exact = fma(n, c(-2 * kSingleLn2[0]), -square);
    N rest = fma(n, c(-2 * kSingleLn2[1]), -fma(u, u, -square));
    // Half the quotient w = v / d with what it lost, as a part of the exponent.
    N half = size * t.exponentField(), part = half / d, w = part + part;
    N lost = fma(-u, less, fma(u, c(kSingleTailSlope), c(2) - d));
    N residual = fma(-w, lost, fma(-w, d, half + half));
    // That is so little that six percent of it do not matter.
    rest = fma(residual, half.reciprocalSeed(), rest);
    N r = exact + rest, power = r * r;
    N twice = exact + fma(power, polyByPairs(kSingleTailExp, r, power), rest);
    y = fma(part, twice, w);
  } else {
    N t = fma(square, c(-0.5 * kSingleLog2E), c(base));
    N n = t - c(base), r = fma(-u, u, n * c(-2 * kSingleLn2[0]));
    r = fma(n, c(-2 * kSingleLn2[1]), r);
    N v = size * t.exponentField();
    y = over(fma(v, r * poly(kSingleExpm1Half, r), v), d);
  }
  return fma(-y, c(0x1p-64), atLeast(x, 0));
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
    // e + 2, whose rest is exact for any e < 2^24, and e (e + 2) / 2^n
    Pair a = {e.high + c(2), like};
    a.low = (e.high - (a.high - c(2))) + e.low;
    Pair n = product(m.high, a.high);
    n.low = fma(m.high, a.low, fma(m.low, a.high, n.low));
    Pair top = product(z, n.high);
    top.low = fma(z, n.low, top.low);
    // The larger part of n + 2 cancels first. A zero keeps its sign since the
    // residual is negated.
    N d = n.high * unit, inverse = c(1) / (d + c(2)), q = top.high * inverse;
    N rest = fma(q, atMost(d, 2), fma(q, atLeast(d, 2), -top.high));
    rest = fma(q, n.low * unit, rest - top.low);
    N y = fma(-rest, inverse, q) * power * c(0x1p-64);
    return select(x < c(10), y, x);
  }
  // e^x = 2^n (1 + s), and e^x by which the quotient is multiplied is not
  // rounded before.
  N square = r * r, s = fma(square, polyByPairs(kSingleExpRest, r, square), r);
  N unit = power * c(0x1p-64), e = fma(unit, s, unit), a = e + c(2);
  N q = over(z * a, fma(e, a, c(2)));
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

/// With e^2a = (1 + s) / v: (1 - v + s) / (1 + v + s), all of it halved. In
/// pairs 1 - 2 / (e^2a + 1), and near zero a - a^3 / Q(a^2).
template <class N, bool paired>
N SingleKernels<N, paired>::tanh(N x) {
  N a = atMost(abs(x), 9.25);
  if constexpr (paired) {
    double base = kSingleBase + 127;
    N t = fma(a, c(2 * kSingleLog2E), c(base)), n = t - c(base);
    N r = fma(n, c(-kSingleLn2Nearest), a + a);
    N e = fma(t.exponentField(), polyByPairs(kSingleExpLong, r, r * r), c(1));
    N z = a * a;
    Mask small = a < c(1);
    N less =
        select(small, z, c(2)) / select(small, poly(kSingleTanhBottom, z), e);
    N limit = select(small, a, c(1));
    return copysign(fma(-limit, less, limit), x);
  }
  double base = kSingleBase + 126;
  N t = fma(a, c(-2 * kSingleLog2E), c(base)), n = t - c(base);
  N r = fma(n, c(kSingleLn2Nearest / 2), a), square = r * r;
  N s = fma(square, polyByPairs(kSingleExpm1Twice, r, square), r);
  N v = t.exponentField();
  return copysign(over((c(0.5) - v) + s, (c(0.5) + v) + s), x);
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
