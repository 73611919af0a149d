// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Reference.h"
#include <algorithm>
#include <cmath>

using namespace mlir::act::numerics;
using namespace mlir::act::numerics::test;

#define ACT_BINARY(op, call)                                                   \
  static Real operator op(const Real &a, const Real &b) {                      \
    Real r;                                                                    \
    call(r.v, a.v, b.v, MPFR_RNDN);                                            \
    return r;                                                                  \
  }
ACT_BINARY(+, mpfr_add)
ACT_BINARY(-, mpfr_sub)
ACT_BINARY(*, mpfr_mul)
ACT_BINARY(/, mpfr_div)
#undef ACT_BINARY
#define ACT_UNARY(name, call)                                                  \
  static Real name(const Real &a) {                                            \
    Real r;                                                                    \
    call(r.v, a.v, MPFR_RNDN);                                                 \
    return r;                                                                  \
  }
ACT_UNARY(operator-, mpfr_neg)
ACT_UNARY(exp2Of, mpfr_exp2)
ACT_UNARY(logOf, mpfr_log)
ACT_UNARY(log2Of, mpfr_log2)
ACT_UNARY(log10Of, mpfr_log10)
ACT_UNARY(log1pOf, mpfr_log1p)
ACT_UNARY(tanhOf, mpfr_tanh)
ACT_UNARY(erfOf, mpfr_erf)
ACT_UNARY(sqrtOf, mpfr_sqrt)
ACT_UNARY(rsqrtOf, mpfr_rec_sqrt)
ACT_UNARY(absOf, mpfr_abs)
#undef ACT_UNARY
static bool operator<(const Real &a, const Real &b) {
  return mpfr_less_p(a.v, b.v);
}
static bool operator<=(const Real &a, const Real &b) { return !(b < a); }

/// Exponents so large that only a result's sign is left are cut, which keeps
/// that sign.
static Real bounded(const Real &x) {
  return x < Real(-1e6) ? Real(-1e6) : Real(1e6) < x ? Real(1e6) : x;
}
static Real expOf(const Real &x) {
  Real r;
  mpfr_exp(r.v, bounded(x).v, MPFR_RNDN);
  return r;
}
static Real expm1Of(const Real &x) {
  Real r;
  mpfr_expm1(r.v, bounded(x).v, MPFR_RNDN);
  return r;
}
static Real erfcOf(const Real &x) {
  Real y = Real(1e3) < x ? Real(1e3) : x, r;
  mpfr_erfc(r.v, y.v, MPFR_RNDN);
  return r;
}
static Real pi() {
  Real r;
  mpfr_const_pi(r.v, MPFR_RNDN);
  return r;
}

static Real sigmoid(const Real &x) { return Real(1) / (Real(1) + expOf(-x)); }
static Real log1pExp(const Real &x) {
  return x < Real(0) ? log1pOf(expOf(x)) : x + log1pOf(expOf(-x));
}
static Real normal(const Real &x) {
  return erfcOf(-x / sqrtOf(Real(2))) / Real(2);
}
static Real density(const Real &x) {
  return expOf(-(x * x) / Real(2)) / sqrtOf(Real(2) * pi());
}
static Real geluExponent(const Real &x) {
  return Real(2) * sqrtOf(Real(2) / pi()) *
         (x + Real::decimal("0.044715") * x * x * x);
}
static Real clamped(const Real &x, double low, double high) {
  return x < Real(low) ? Real(low) : Real(high) < x ? Real(high) : x;
}
static Real hardSigmoidLine(const double *p, const Real &x) {
  if (p[0] == 1.0 / 6.0 && p[1] == 0.5)
    return x / Real(6) + Real(0.5);
  return Real(p[0]) * x + Real(p[1]);
}
static Real tanhShrink(const Real &x) {
  // Where tanh is rounded to 1, the side it is on still decides a tie.
  if (Real(42) < absOf(x))
    return x < Real(0) ? x + Real(1) - Real(0x1p-120)
                       : x - Real(1) + Real(0x1p-120);
  if (absOf(x) < Real(0x1p-50)) // the next term is x^2 2/5 smaller
    return x * x * x / Real(3) * (Real(1) - Real(2) * x * x / Real(5));
  return x - tanhOf(x);
}

static Real value(Function function, const double *p, const double *operands) {
  using F = Function;
  double x0 = operands[0];
  Real x(x0);
  switch (function) {
  case F::Relu:
    return x0 > 0 ? x : Real(0);
  case F::LeakyRelu:
    return x0 > 0 ? x : Real(p[0]) * x;
  case F::Prelu:
    return x0 > 0 ? x : Real(operands[1]) * x;
  case F::Clamp:
    return clamped(x, p[0], p[1]);
  case F::Threshold:
    return x0 <= p[0] ? Real(p[1]) : x;
  case F::ReluSquared:
    return x0 > 0 ? x * x : Real(0);
  case F::Elu:
    return x0 > 0 ? x : Real(p[0]) * expm1Of(x);
  case F::Celu:
    return x0 > 0 ? x : Real(p[0]) * expm1Of(x / Real(p[0]));
  case F::Selu:
    return Real(p[1]) * (x0 > 0 ? x : Real(p[0]) * expm1Of(x));
  case F::Sigmoid:
    return sigmoid(x);
  case F::LogSigmoid:
    return -log1pExp(-x);
  case F::HardSigmoid:
    return clamped(hardSigmoidLine(p, x), 0, 1);
  case F::Tanh:
    return tanhOf(x);
  case F::TanhShrink:
    return tanhShrink(x);
  case F::SoftCap:
    // Finite inputs stay below the limit, by more than the precision here.
    return Real(p[0]) *
           tanhOf(std::isinf(x0) ? x : clamped(x / Real(p[0]), -50, 50));
  case F::Gelu:
    return x * normal(x);
  case F::GeluTanh:
    return x * sigmoid(geluExponent(x));
  case F::Silu:
    return x * sigmoid(Real(p[0]) * x);
  case F::HardSwish:
    return x * clamped(x / Real(6) + Real(0.5), 0, 1);
  case F::Mish:
    return x * tanhOf(log1pExp(x));
  case F::Softplus:
    return log1pExp(Real(p[0]) * x) / Real(p[0]);
  case F::Squareplus: {
    Real r = sqrtOf(x * x + Real(p[0]));
    return x0 < 0 ? Real(p[0]) / Real(2) / (r - x) : (x + r) / Real(2);
  }
  case F::Softsign:
    return x / (Real(1) + absOf(x));
  case F::HardShrink:
    return absOf(x) <= Real(p[0]) ? Real(0) : x;
  case F::SoftShrink:
    return absOf(x) <= Real(p[0]) ? Real(0) : x + Real(x0 > 0 ? -p[1] : p[1]);
  case F::SparsePlus: {
    Real t = x + Real(1);
    return x0 <= -1 ? Real(0) : x0 >= 1 ? x : t * t / Real(4);
  }
  case F::SparseSigmoid:
    return clamped((x + Real(1)) / Real(2), 0, 1);
  case F::Exp:
    return expOf(x);
  case F::Exp2:
    return exp2Of(bounded(x));
  case F::Expm1:
    return expm1Of(x);
  case F::Log:
    return logOf(x);
  case F::Log2:
    return log2Of(x);
  case F::Log10:
    return log10Of(x);
  case F::Log1p:
    return log1pOf(x);
  case F::Erf:
    return erfOf(x);
  case F::Erfc:
    return erfcOf(x);
  case F::Sqrt:
    return sqrtOf(x);
  case F::Rsqrt:
    return rsqrtOf(x);
  default:
    return Real(NAN);
  }
}

/// e^-|x| / (1 + e^-|x|)^2 = s (1 - s)
static Real bell(const Real &x) {
  Real e = expOf(-absOf(x)), d = Real(1) + e;
  return e / (d * d);
}

static Real derivative(Function function, const double *p, double x0) {
  using F = Function;
  Real x(x0), one(1), zero(0);
  switch (function) {
  case F::ReluGrad:
    return Real(x0 > 0);
  case F::LeakyReluGrad:
    return x0 > 0 ? one : Real(p[0]);
  case F::ClampGrad:
    return Real(x0 >= p[0] && x0 <= p[1]);
  case F::ClampOpenGrad:
    return Real(x0 > p[0] && x0 < p[1]);
  case F::ThresholdGrad:
    return Real(x0 > p[0]);
  case F::ReluSquaredGrad:
    return x0 > 0 ? Real(2) * x : zero;
  case F::EluGrad:
    return x0 > 0 ? one : Real(p[0]) * expOf(x);
  case F::CeluGrad:
    return x0 >= 0 ? one : expOf(x / Real(p[0]));
  case F::SeluGrad:
    return Real(p[1]) * (x0 > 0 ? one : Real(p[0]) * expOf(x));
  case F::SigmoidGrad:
    return bell(x);
  case F::LogSigmoidGrad:
    return sigmoid(-x);
  case F::HardSigmoidGrad: {
    Real t = hardSigmoidLine(p, x);
    if (!(zero < t && t < one))
      return zero;
    return p[0] == 1.0 / 6.0 && p[1] == 0.5 ? one / Real(6) : Real(p[0]);
  }
  case F::TanhGrad:
    return Real(4) * bell(Real(2) * x);
  case F::SoftCapGrad:
    return Real(4) * bell(Real(2) * x / Real(p[0]));
  case F::TanhShrinkGrad:
    return tanhOf(x) * tanhOf(x);
  case F::GeluGrad:
    return normal(x) + x * density(x);
  case F::GeluTanhGrad: {
    Real u = geluExponent(x);
    Real slope = Real(2) * sqrtOf(Real(2) / pi()) *
                 (one + Real::decimal("0.134145") * x * x);
    return sigmoid(u) * (one + x * slope * sigmoid(-u));
  }
  case F::SiluGrad: {
    Real t = Real(p[0]) * x;
    return sigmoid(t) * (one + t * sigmoid(-t));
  }
  case F::HardSwishGrad:
    return x0 <= -3 ? zero : x0 >= 3 ? one : x / Real(3) + Real(0.5);
  case F::MishGrad: {
    Real t = tanhOf(log1pExp(x));
    return t + x * (one - t * t) * sigmoid(x);
  }
  case F::SoftplusGrad:
    return sigmoid(Real(p[0]) * x);
  case F::SquareplusGrad: {
    if (p[0] == 0)
      return Real(x0 > 0 ? 1 : x0 < 0 ? 0 : 0.5);
    Real r = sqrtOf(x * x + Real(p[0]));
    Real left = Real(p[0]) / (Real(2) * r * (r + absOf(x)));
    return x0 < 0 ? left : one - left;
  }
  case F::SoftsignGrad: {
    Real d = one + absOf(x);
    return one / (d * d);
  }
  case F::HardShrinkGrad:
  case F::SoftShrinkGrad:
    return Real(std::fabs(x0) > p[0]);
  case F::SparsePlusGrad:
    return clamped((x + one) / Real(2), 0, 1);
  case F::SparseSigmoidGrad:
    return std::fabs(x0) < 1 ? Real(0.5) : zero;
  default:
    return Real(NAN);
  }
}

Real test::reference(Function function, const double *p,
                     const double *operands) {
  if (function == Function::PreluGrad)
    return operands[1] > 0 ? Real(operands[0])
                           : Real(operands[0]) * Real(operands[2]);
  if (function == Function::PreluSlopeGrad)
    return operands[1] > 0 ? Real(operands[0]) * Real(0)
                           : Real(operands[0]) * Real(operands[1]);
  if (isGradient(function))
    return Real(operands[0]) * derivative(function, p, operands[1]);
  return value(function, p, operands);
}

/// The exponent of the format's last place at x.
static long lastPlace(const Real &x, const Format &format) {
  long exponent = mpfr_regular_p(x.v) ? mpfr_get_exp(x.v) - 1 : -100000;
  return std::max<long>(exponent, format.minExponent) - (format.precision - 1);
}

double test::roundTo(const Real &x, const Format &format) {
  if (!mpfr_regular_p(x.v))
    return x.toDouble();
  long place = lastPlace(x, format);
  Real r;
  mpfr_mul_2si(r.v, x.v, -place, MPFR_RNDN);
  mpfr_rint(r.v, r.v, MPFR_RNDN);
  mpfr_mul_2si(r.v, r.v, place, MPFR_RNDN);
  mpfr_setsign(r.v, r.v, mpfr_signbit(x.v), MPFR_RNDN);
  double y = r.toDouble();
  if (std::fabs(y) > format.largest)
    y = std::copysign(format.saturates ? format.largest : INFINITY, y);
  return y;
}

double test::ulpError(double result, const Real &exact, const Format &format) {
  Real y(result);
  if (std::isinf(result)) {
    // 2^(largest exponent + 1)
    mpfr_set_d(y.v, std::copysign(1.0, result), MPFR_RNDN);
    mpfr_mul_2si(y.v, y.v, std::ilogb(format.largest) + 1, MPFR_RNDN);
    if (absOf(y) <= absOf(exact) && exact.isNegative() == y.isNegative())
      return 0;
  }
  Real d = absOf(y - exact);
  mpfr_mul_2si(d.v, d.v, -lastPlace(exact, format), MPFR_RNDN);
  return d.toDouble();
}
