// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Kernels against MPFR: f32 within 0.502 ULP at a strided set of inputs, 16-
// and 8-bit results of one input correctly rounded at all of them, f64 within
// 2 ULP at inputs of every exponent. The sweep (act-sweep) covers more inputs
// against the kernels on pairs, which this file vouches for.

#include "ForEach.h"
#include "Inputs.h"
#include "Reference.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Wide.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir::act::numerics;
using namespace mlir::act::numerics::test;

static double toDouble(const Real &x) { return x.toDouble(); }

/// The largest error over the inputs, or a description of the first one above
/// the limit.
template <class Evaluate>
static std::string check(Function function, const std::vector<double> &inputs,
                         double other, Type type, double limit,
                         Evaluate evaluate) {
  const double *p = defaultParameters(function);
  for (double x : inputs) {
    if (!inDomain(function, x))
      continue;
    Operands operands(function, x, other);
    double y = evaluate(function, p, operands.v);
    Real exact = reference(function, p, operands.v);
    double ulps = ulpError(y, exact, format(type));
    if (!(ulps <= limit))
      return describe(function, operands.v, y, toDouble(exact), ulps);
    if (y == 0 && !exact.isZero() && std::signbit(y) != exact.isNegative())
      return describe(function, operands.v, y, toDouble(exact), 0) +
             " (sign of zero)";
  }
  return "";
}

static double core(Function function, Type type, const double *p,
                   const double *v) {
  return roundTo(evaluate(function, Kernel::Core, type, p, v), type);
}
static double coreF32(Function function, const double *p, const double *v) {
  return core(function, Type::F32, p, v);
}
static double exactF64(Function function, const double *p, const double *v) {
  return evaluate(function, p, v);
}

TEST(AccuracyF32, Values) {
  std::vector<double> inputs = f32Inputs(65537);
  forEach(values(), [&](Function function) {
    return check(function, inputs, 0.3, Type::F32, 0.502, coreF32);
  });
}

// The kernels in f32: no worse than they were measured.
TEST(AccuracyF32, PlainAndPaired) {
  std::vector<double> inputs = f32Inputs(65537);
  for (Kernel kernel : {Kernel::Plain, Kernel::Paired})
    forEach(allFunctions(), [&](Function function) -> std::string {
      if (!exists(function, kernel, Type::F32, defaultParameters(function)))
        return "";
      const Measurement *m = measurement(function, Type::F32, kernel);
      if (!m)
        return std::string(name(function)) + " is not measured";
      return check(function, inputs, 1, Type::F32, m->ulps,
                   [&](Function f, const double *p, const double *v) {
                     return roundTo(evaluate(f, kernel, Type::F32, p, v),
                                    Type::F32);
                   });
    });
}

TEST(AccuracyF32, Gradients) {
  std::vector<double> inputs = f32Inputs(65537);
  forEach(gradients(), [&](Function function) {
    return check(function, inputs, 1, Type::F32, 0.502, coreF32);
  });
}

TEST(AccuracyF32, GradientsOfTinyAndHugeDy) {
  std::vector<double> inputs = f32Inputs(1048583);
  for (double dy :
       {0x1.8p-149, 0x1.234568p-120, -0x1.23456ap90, 0x1.fffffep127})
    forEach(gradients(), [&](Function function) {
      return check(function, inputs, roundTo(dy, Type::F32), Type::F32, 0.502,
                   coreF32);
    });
}

// The derivative alone is out of f32's range, the product is a normal number.
TEST(AccuracyF32, ExponentOfTheDerivativeStaysApart) {
  double operands[] = {roundTo(3e38, Type::F32), -180};
  double y = coreF32(Function::SiluGrad, defaultParameters(Function::SiluGrad),
                     operands);
  EXPECT_NEAR(y / -3.60552e-38, 1, 1e-5);
}

/// The error of a pair, relative to the exact value.
static double relativeError(const DoubleDouble<HostF64> &y, const Real &exact) {
  Real error(y.high.v);
  mpfr_add_d(error.v, error.v, y.low.v, MPFR_RNDN);
  mpfr_sub(error.v, error.v, exact.v, MPFR_RNDN);
  mpfr_div(error.v, error.v, exact.v, MPFR_RNDN);
  return std::fabs(toDouble(error));
}

// With the kernels on pairs every f32 result is correctly rounded. Sweeps leave
// to MPFR what is within 2^-50 of a tie: eight times what the pairs of softplus
// and log_sigmoid are off at x = -87, where e^x is the second number.
TEST(AccuracyF32, PairsAreCorrectlyRounded) {
  std::vector<double> inputs = f32Inputs(524309);
  forEach(allFunctions(), [&](Function function) -> std::string {
    using F = Function;
    const double *p = defaultParameters(function);
    bool sum = function == F::Softplus || function == F::LogSigmoid;
    double limit = sum ? 0x1p-53 : 0x1p-66;
    for (double x : inputs) {
      if (!inDomain(function, x))
        continue;
      Operands operands(function, x, 1);
      HostF64 args[] = {{operands.v[0]}, {operands.v[1]}, {operands.v[2]}};
      DoubleDouble<HostF64> pair = evaluateWide(function, p, args);
      double y = roundTo(roundToOdd(pair).v, Type::F32);
      Real exact = reference(function, p, operands.v);
      double expected = roundTo(exact, format(Type::F32));
      double size = std::fabs(toDouble(exact));
      bool inRange = size >= 0x1p-160 && size <= 0x1p130;
      if (y != expected || (inRange && relativeError(pair, exact) > limit))
        return describe(function, operands.v, y, expected,
                        ulpError(y, exact, format(Type::F32)));
    }
    return "";
  });
}

/// What MPFR gives, at less cost: away from ties the kernel on pairs, which is
/// held against MPFR above, decides as well.
static double expectedOf(Function function, Type type, const double *p,
                         const double *v) {
  double y = evaluate(function, Kernel::Wide, Type::F32, p, v);
  double low = roundTo(y * (1 - 0x1p-45), type);
  if (low != 0 && low == roundTo(y * (1 + 0x1p-45), type))
    return low;
  Real exact = reference(function, p, v);
  return roundTo(exact, format(type));
}

/// All patterns of a type; one rounding of the core's result.
static void correctlyRounded(Type type) {
  forEach(values(), [&](Function function) -> std::string {
    const double *p = defaultParameters(function);
    std::string first;
    unsigned wrong = 0;
    for (uint64_t bits = 0; bits < uint64_t(1) << format(type).width; ++bits) {
      double x = decode(bits, type);
      if (!std::isfinite(x) || !inDomain(function, x))
        continue;
      Operands operands(function, x, 0.3125);
      double y = core(function, type, p, operands.v);
      double expected = expectedOf(function, type, p, operands.v);
      if (y == expected)
        continue;
      if (!wrong++)
        first = describe(function, operands.v, y, expected, 0.5);
    }
    return wrong ? first + ", and " + std::to_string(wrong - 1) + " more" : "";
  });
}

TEST(CorrectlyRounded, F16) { correctlyRounded(Type::F16); }
TEST(CorrectlyRounded, BF16) { correctlyRounded(Type::BF16); }
TEST(CorrectlyRounded, F8E4M3FN) { correctlyRounded(Type::F8E4M3FN); }
TEST(CorrectlyRounded, F8E5M2) { correctlyRounded(Type::F8E5M2); }

/// All x of a 16-bit type with a few dy.
static void gradientsOf(Type type) {
  std::vector<double> inputs;
  for (uint64_t bits = 0; bits < 65536; bits += 7)
    if (double x = decode(bits, type); std::isfinite(x))
      inputs.push_back(x);
  for (double dy : {1.0, 0x1.8p-13, -0x1.2p15})
    forEach(gradients(), [&](Function function) {
      return check(function, inputs, dy, type, 0.51,
                   [&](Function f, const double *p, const double *v) {
                     return core(f, type, p, v);
                   });
    });
}

TEST(Accuracy16, GradientsF16) { gradientsOf(Type::F16); }
TEST(Accuracy16, GradientsBF16) { gradientsOf(Type::BF16); }

TEST(AccuracyF64, Values) {
  std::vector<double> inputs = f64Inputs(4);
  forEach(values(), [&](Function function) {
    return check(function, inputs, 0.3, Type::F64, 2, exactF64);
  });
}

TEST(AccuracyF64, Gradients) {
  std::vector<double> inputs = f64Inputs(2);
  for (double dy : {1.0, 0x1.23456789abcdep-1060, -0x1.23456789abcdep1010})
    forEach(gradients(), [&](Function function) {
      return check(function, inputs, dy, Type::F64, 2, exactF64);
    });
}
