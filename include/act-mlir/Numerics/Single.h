// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Kernels that compute in f32, for twice the lanes that f64 has, over an
// abstract number type: IEEE operations, fused multiply-add and steps on the
// bits, without a table or a branch.
//
// A plain kernel rounds at each step; its error is a few ULP. A paired one
// keeps the rest of the sums that matter as a second number, and corrects
// quotients by their exact residual; its error stays below 1 ULP.
//
// Besides what Kernels.h asks of it, a number type has
//
//   x.exponentField()   its bits, 23 places to the left: 2^n for the number
//                       1.5 * 2^23 + 127 + n, n in [-126, 127]
//   x.reciprocalSeed()  0x7ef34000 minus its bits: about 1 / x for normal x > 0
//   x.parts()           {m, n, p}: x = m 2^n, m in [sqrt(1/2), sqrt(2)), for
//                       normal x > 0; p is 2^-n, or 0 for n >= 127
//
// Bounds are comparisons and choices whose operands stand so that NaN passes,
// and so that x86 does both in one instruction.

#ifndef ACT_MLIR_NUMERICS_SINGLE_H
#define ACT_MLIR_NUMERICS_SINGLE_H

#include "act-mlir/Numerics/Formats.h"
#include "act-mlir/Numerics/Functions.h"
#include "act-mlir/Numerics/Polynomial.h"
#include "act-mlir/Numerics/SingleCoefficients.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace mlir::act::numerics {

/// a / d where a quotient that is nearly rounded does as well: a number type
/// may have a cheaper one. The quotient is 0 or far from the ends of the range,
/// or exact, and d in [2^-100, 2^100].
template <class N>
N nearQuotient(N a, N d) {
  return a / d;
}

template <class N, bool paired>
class SingleKernels {
public:
  using Mask = typename N::Mask;

  /// For results of this type.
  explicit SingleKernels(N like, Type type = Type::F32)
      : like(like), type(type) {}

  /// f(x), or dy f'(x).
  N evaluate(Function function, const double *p, const N *args);

  /// The same before inputs of 16 bits whose results are too close to a tie get
  /// theirs from a table.
  N value(Function function, const double *p, const N *args);

private:
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

  /// An unevaluated sum.
  struct Pair {
    N high, low;
  };
  /// y = n ln 2 + r, with 2^(n + bias).
  struct Reduced {
    N r, power;
  };

  N c(double value) { return like.constant(value); }
  /// x, at least or at most the bound; NaN stays.
  N atLeast(N x, double bound) { return select(c(bound) > x, c(bound), x); }
  N atMost(N x, double bound) { return select(c(bound) < x, c(bound), x); }

  template <int size>
  N poly(const double (&coefficients)[size], N x) {
    return polynomial(coefficients, x);
  }

  /// The same of degree 4, whose terms with even and odd powers are summed
  /// apart: half as many steps after each other, and fewer errors for large x.
  N polyByParity(const double (&p)[5], N x, N square) {
    N even = fma(square, fma(square, c(p[4]), c(p[2])), c(p[0]));
    return fma(x, fma(square, c(p[3]), c(p[1])), even);
  }

  /// The same, with pairs of terms at a time: half as many steps after each
  /// other.
  template <int size>
  N polyByPairs(const double (&p)[size], N x, N square) {
    auto pair = [&](int i) {
      return i + 1 < size ? fma(x, c(p[i + 1]), c(p[i])) : c(p[i]);
    };
    int last = (size - 1) / 2 * 2;
    N y = pair(last);
    for (int i = last - 2; i >= 0; i -= 2)
      y = fma(square, y, pair(i));
    return y;
  }

  /// The same of degree 5, with what the first sum lost: its first term, of
  /// which f32 need not have all, is a multiple of 2^-16.
  Pair polyPair(const double (&p)[6], N x, N square) {
    N even = fma(square, c(p[4]), c(p[2]));
    N odd = fma(square, fma(square, c(p[5]), c(p[3])), c(p[1]));
    double first = std::ldexp(std::floor(std::ldexp(p[0], 16)), -16);
    Pair y = ordered(c(first), fma(x, odd, square * even));
    if (p[0] != first)
      y.low = y.low + c(p[0] - first);
    return y;
  }

  /// a + b for |a| >= |b|.
  Pair ordered(N a, N b) {
    N sum = a + b;
    return {sum, b - (sum - a)};
  }
  /// a + b for positive numbers.
  Pair sumOfPositive(N a, N b) {
    return ordered(select(a > b, a, b), select(a < b, a, b));
  }
  Pair product(N a, N b) {
    N high = a * b;
    return {high, fma(a, b, -high)};
  }
  Pair product(Pair a, Pair b) {
    Pair y = product(a.high, b.high);
    return {y.high, fma(a.high, b.low, fma(a.low, b.high, y.low))};
  }
  /// a - b for positive numbers.
  Pair difference(double a, N b) {
    Mask less = b < c(a);
    return ordered(select(less, c(a), -b), select(less, -b, c(a)));
  }
  /// p x, for a p that f32 need not have.
  Pair product(double p, N x) {
    double high = static_cast<float>(p), low = p - high;
    N y = c(high) * x;
    N rest = fma(c(high), x, -y);
    return {y, low == 0 ? rest : fma(c(low), x, rest)};
  }

  /// p x, rounded once but for 2^-48 of it.
  N scaled(double p, N x) {
    double high = static_cast<float>(p), low = p - high;
    return low == 0 ? c(high) * x : fma(c(high), x, c(low) * x);
  }

  N scaled(double p, Pair x) {
    double high = static_cast<float>(p), low = p - high;
    return fma(c(high), x.high, fma(c(high), x.low, c(low) * x.high));
  }

  /// Results of 16 bits do not tell: tests try all inputs.
  N over(N a, N d) { return type == Type::F32 ? a / d : nearQuotient(a, d); }
  N roughReciprocal(N d);
  N quotient(N numerator, N denominator);
  N quotient(N numerator, Pair denominator, bool mayBeNear = true);
  Pair quotientPair(N numerator, N denominator);
  Pair quotientPair(Pair numerator, Pair denominator);

  Reduced reduce(N y, double bias);
  /// The same, with what r lost.
  Reduced reduce(N y, double bias, N &rest);
  Reduced reduceNegated(N y, double bias);
  N expOf(N r);
  Pair expPair(N r);
  Pair onePlus(N power, N r);
  Pair logisticDenominator(N r, N power);

  /// e^-a = power (1 + t), power = s^2.
  struct Decay {
    N t, s, power;
  };
  Decay decay(N a);
  /// Two powers of two.
  struct Scale {
    N first, second;
  };
  struct Far {
    N r, rest;
    Scale scale;
  };
  Far reduceFar(Pair y);
  N productWith(N dy, Pair factor, Scale scale);
  N mirrored(N dy, N x, Pair left, Scale scale, N power);
  N siluGrad(N dy, N x);
  N shortSiluGrad(N dy, N x);
  N geluGrad(N dy, N x);
  N gradient(Function function, const double *p, N dy, N x);

  N exp(N x);
  Pair expm1Negative(N x);
  N expm1(N x);
  N sigmoid(N x);
  N silu(N x, double beta);
  N geluTanh(N x);
  N shortGelu(N x);
  N gelu(N x);
  N mish(N x);
  N softplus(N x);
  N tanh(N x);
  N erf(N x);
  N log(N x);
  N log1p(N x);

  N line(double p, N x);
  N sixth(Pair x);
  Pair plus3(N x);
  N hardSwish(N x);
  N pieces(Function function, const double *p, const N *args);

  /// For f(x) = x/2 + c x^2, c > 0: halves of bf16's subnormal numbers are
  /// ties, which the second term breaks upwards, but too little for f32 to
  /// tell. It tells where the factor that x/2 has is that of a number further
  /// from zero. Normal numbers up to there have halves in bf16, which are their
  /// results.
  N offZero(N x, double bound) {
    return type == Type::BF16 ? copysign(sizeOffZero(abs(x), bound), x) : x;
  }
  N sizeOffZero(N size, double bound) {
    return type == Type::BF16 ? atLeast(size, bound) : size;
  }

  N like;
  Type type;
};

/// A 16-bit input for which a kernel comes out on the wrong side of a tie, or
/// on it, and the correctly rounded result.
struct SingleException {
  Function function;
  Type type;
  bool paired;
  float input, result;
};

inline constexpr SingleException kSingleExceptions[] = {
#define ACT_EXCEPTION(function, type, paired, input, result)                   \
  {Function::function, Type::type, paired, input, result},
#include "act-mlir/Numerics/SingleExceptions.inc"
#undef ACT_EXCEPTION
    {Function::Relu, Type::F64, false, 0, 0}};

//===----------------------------------------------------------------------===//
// What the functions share
//===----------------------------------------------------------------------===//

/// 1 / d to 2^-14.9, for d in [2^-100, 2^100].
template <class N, bool paired>
N SingleKernels<N, paired>::roughReciprocal(N d) {
  // The seed is off by 6% at most; the quadratic in d times the seed is the one
  // that comes closest to its reciprocal.
  N seed = d.reciprocalSeed();
  N e = fma(-d, seed, c(kReciprocalSum));
  return seed * fma(e, e, c(kReciprocalRest));
}

/// The quotient, rounded once but for 2^-29 of it: a zero keeps its sign since
/// the residual is negated.
template <class N, bool paired>
N SingleKernels<N, paired>::quotient(N a, N d) {
  N y = roughReciprocal(d), q = a * y;
  return fma(-fma(q, d, -a), y, q);
}
/// The same of sums, by a division.
template <class N, bool paired>
N SingleKernels<N, paired>::quotient(N a, Pair d, bool mayBeNear) {
  if constexpr (!paired)
    return mayBeNear ? over(a, d.high) : a / d.high;
  N y = c(1) / (d.high + d.low), q = a * y;
  return fma(-fma(q, d.low, fma(q, d.high, -a)), y, q);
}

/// The quotient as a sum, with an error of 2^-29.
template <class N, bool paired>
auto SingleKernels<N, paired>::quotientPair(N a, N d) -> Pair {
  N y = roughReciprocal(d), q = a * y;
  return {q, -fma(q, d, -a) * y};
}
template <class N, bool paired>
auto SingleKernels<N, paired>::quotientPair(Pair a, Pair d) -> Pair {
  N y = roughReciprocal(d.high), q = a.high * y;
  N rest = fma(q, d.high, -a.high) - a.low;
  return {q, -fma(q, d.low, rest) * y};
}

template <class N, bool paired>
auto SingleKernels<N, paired>::reduce(N y, double bias) -> Reduced {
  double base = kSingleBase + 127 + bias;
  N t = fma(y, c(kSingleLog2E), c(base));
  N n = t - c(base);
  N r = fma(n, c(-kSingleLn2[0]), y);
  return {fma(n, c(-kSingleLn2[1]), r), t.exponentField()};
}
template <class N, bool paired>
auto SingleKernels<N, paired>::reduce(N y, double bias, N &rest) -> Reduced {
  double base = kSingleBase + 127 + bias;
  N t = fma(y, c(kSingleLog2E), c(base));
  N n = t - c(base);
  N exact = fma(n, c(-kSingleLn2[0]), y);
  N r = fma(n, c(-kSingleLn2[1]), exact);
  rest = fma(n, c(-kSingleLn2[1]), exact - r);
  return {r, t.exponentField()};
}
/// The same with -r: what e^-y needs.
template <class N, bool paired>
auto SingleKernels<N, paired>::reduceNegated(N y, double bias) -> Reduced {
  double base = kSingleBase + 127 + bias;
  N t = fma(y, c(kSingleLog2E), c(base));
  N n = t - c(base);
  N r = fma(n, c(kSingleLn2[0]), -y);
  return {fma(n, c(kSingleLn2[1]), r), t.exponentField()};
}

/// e^r for |r| <= ln 2 / 2.
template <class N, bool paired>
N SingleKernels<N, paired>::expOf(N r) {
  return poly(kSingleExp, r);
}
/// The same as a sum whose second part is up to r^2 / 2.
template <class N, bool paired>
auto SingleKernels<N, paired>::expPair(N r) -> Pair {
  Pair sum = ordered(c(1), r);
  return {sum.high, fma(r * r, poly(kSingleExpRest, r), sum.low)};
}
/// 1 + 2^n + r for power = 2^(n + 64), n <= 25 or so large that 1 is nothing
/// beside it.
template <class N, bool paired>
auto SingleKernels<N, paired>::onePlus(N power, N r) -> Pair {
  N unit = power * c(0x1p-64), sum = unit + c(1), rest = unit - (sum - c(1));
  N all = sum + r;
  return {all, rest + (r - (all - sum))};
}
/// 2^n + e^r, the denominator of sigmoid(n ln 2 - r).
template <class N, bool paired>
auto SingleKernels<N, paired>::logisticDenominator(N r, N power) -> Pair {
  if constexpr (!paired)
    return {fma(power, c(0x1p-64), expOf(r)), c(0)};
  Pair sum = onePlus(power, r);
  N square = r * r, rest = polyByPairs(kSingleExpRest, r, square);
  return {sum.high, fma(square, rest, sum.low)};
}

template <class N, bool paired>
N SingleKernels<N, paired>::evaluate(Function function, const double *p,
                                     const N *args) {
  N y = value(function, p, args);
  const double *defaults = defaultParameters(function);
  if (type == Type::F32 ||
      !std::equal(p, p + numParameters(function), defaults))
    return y;
  for (const SingleException &e : kSingleExceptions)
    if (e.function == function && e.type == type && e.paired == paired)
      y = select(args[0] == c(e.input), c(e.result), y);
  return y;
}

} // namespace mlir::act::numerics

#include "act-mlir/Numerics/SingleActivations.h"
#include "act-mlir/Numerics/SingleGradients.h"
#include "act-mlir/Numerics/SingleMath.h"
#include "act-mlir/Numerics/SinglePieces.h"

#endif // ACT_MLIR_NUMERICS_SINGLE_H
