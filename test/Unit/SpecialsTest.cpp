// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Infinities, signs of zero, NaN, kinks, and what functions are as a whole:
// odd, monotone, between bounds. All kernels alike.

#include "ForEach.h"
#include "Inputs.h"
#include "act-mlir/Numerics/Host.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir::act::numerics;
using namespace mlir::act::numerics::test;
using F = Function;

static constexpr double inf = HUGE_VAL;

/// Every kernel there is for the type, rounded to it.
template <class Check>
static void eachKernel(Function function, Type type, const double *p,
                       const double *operands, Check check) {
  for (unsigned k = 0; k < kNumKernels; ++k) {
    Kernel kernel = static_cast<Kernel>(k);
    if (!exists(function, kernel, type, p))
      continue;
    SCOPED_TRACE(std::string(name(function)) + " " + format(type).name + " " +
                 name(kernel));
    check(roundTo(evaluate(function, kernel, type, p, operands), type));
  }
}

/// The same number, zeros of the same sign.
static void expectSame(double y, double expected) {
  EXPECT_TRUE(expected != expected
                  ? y != y
                  : y == expected && std::signbit(y) == std::signbit(expected))
      << y << " instead of " << expected;
}

struct Row {
  Function function;
  std::vector<double> parameters; // empty: the defaults
  double atLowest, atMinusZero, atZero, atHighest;
};

TEST(Specials, LimitsAndSignsOfZero) {
  const double ln2 = std::log(2.0), seluLow = -1.7580993408473766;
  const Row rows[] = {
      {F::Relu, {}, 0, 0, 0, inf},
      {F::LeakyRelu, {}, -inf, -0.0, 0, inf},
      {F::LeakyRelu, {0}, NAN, -0.0, 0, inf},
      {F::Clamp, {-2, 3}, -2, -0.0, 0, 3},
      {F::Clamp, {0, 6}, 0, 0, 0, 6},
      {F::Clamp, {-inf, inf}, -inf, -0.0, 0, inf},
      {F::Threshold, {-1, 7}, 7, -0.0, 0, inf},
      {F::ReluSquared, {}, 0, 0, 0, inf},
      {F::Elu, {}, -1, -0.0, 0, inf},
      {F::Elu, {2.5}, -2.5, -0.0, 0, inf},
      {F::Celu, {2}, -2, -0.0, 0, inf},
      {F::Celu, {-2}, -inf, -0.0, 0, inf},
      {F::Selu, {}, seluLow, -0.0, 0, inf},
      {F::Sigmoid, {}, 0, 0.5, 0.5, 1},
      {F::LogSigmoid, {}, -inf, -ln2, -ln2, -0.0},
      {F::HardSigmoid, {}, 0, 0.5, 0.5, 1},
      {F::Tanh, {}, -1, -0.0, 0, 1},
      {F::SoftCap, {}, -30, -0.0, 0, 30},
      {F::TanhShrink, {}, -inf, -0.0, 0, inf},
      {F::Gelu, {}, -0.0, -0.0, 0, inf},
      {F::GeluTanh, {}, -0.0, -0.0, 0, inf},
      {F::Silu, {}, -0.0, -0.0, 0, inf},
      {F::Silu, {-1}, -inf, -0.0, 0, 0},
      {F::Silu, {0}, -inf, -0.0, 0, inf},
      {F::HardSwish, {}, -0.0, -0.0, 0, inf},
      {F::Mish, {}, -0.0, -0.0, 0, inf},
      {F::Softplus, {}, 0, ln2, ln2, inf},
      {F::Softplus, {4}, 0, ln2 / 4, ln2 / 4, inf},
      {F::Squareplus, {}, 0, 1, 1, inf},
      {F::Squareplus, {0}, 0, 0, 0, inf},
      {F::Softsign, {}, -1, -0.0, 0, 1},
      {F::HardShrink, {}, -inf, 0, 0, inf},
      {F::SoftShrink, {}, -inf, 0, 0, inf},
      {F::SparsePlus, {}, 0, 0.25, 0.25, inf},
      {F::SparseSigmoid, {}, 0, 0.5, 0.5, 1},
      {F::Exp, {}, 0, 1, 1, inf},
      {F::Exp2, {}, 0, 1, 1, inf},
      {F::Expm1, {}, -1, -0.0, 0, inf},
      {F::Log, {}, NAN, -inf, -inf, inf},
      {F::Log2, {}, NAN, -inf, -inf, inf},
      {F::Log10, {}, NAN, -inf, -inf, inf},
      {F::Log1p, {}, NAN, -0.0, 0, inf},
      {F::Erf, {}, -1, -0.0, 0, 1},
      {F::Erfc, {}, 2, 1, 1, 0},
      {F::Sqrt, {}, NAN, -0.0, 0, inf},
      {F::Rsqrt, {}, NAN, -inf, inf, 0},
  };
  for (const Row &row : rows) {
    const double *p = row.parameters.empty() ? defaultParameters(row.function)
                                             : row.parameters.data();
    for (Type type : {Type::F32, Type::F16, Type::BF16}) {
      auto expect = [&](double x, double expected) {
        SCOPED_TRACE(x);
        eachKernel(row.function, type, p, &x,
                   [&](double y) { expectSame(y, roundTo(expected, type)); });
      };
      expect(-inf, row.atLowest);
      expect(-0.0, row.atMinusZero);
      expect(0.0, row.atZero);
      expect(inf, row.atHighest);
    }
    double ends[] = {-inf, inf}, expected[] = {row.atLowest, row.atHighest};
    for (unsigned i = 0; i < 2; ++i)
      if (std::isinf(expected[i]) || expected[i] == 0)
        expectSame(evaluate(row.function, p, &ends[i]), expected[i]);
  }
}

TEST(Specials, NaNStaysNaN) {
  for (Function function : allFunctions())
    for (Type type : {Type::F32, Type::BF16, Type::F8E4M3FN, Type::F64}) {
      Operands operands(function, NAN, 1);
      eachKernel(function, type, defaultParameters(function), operands.v,
                 [](double y) { EXPECT_TRUE(y != y); });
      if (!isGradient(function))
        continue;
      Operands other(function, 0.25, 1);
      other.v[0] = NAN; // dy
      eachKernel(function, type, defaultParameters(function), other.v,
                 [](double y) { EXPECT_TRUE(y != y); });
    }
}

struct Kink {
  Function function;
  std::vector<double> parameters;
  double x, derivative;
};

TEST(Specials, DerivativesAtKinks) {
  const Kink kinks[] = {{F::ReluGrad, {}, 0, 0},
                        {F::LeakyReluGrad, {}, 0, 0.01},
                        {F::EluGrad, {2}, 0, 2},
                        {F::CeluGrad, {2}, 0, 1},
                        {F::SeluGrad, {}, 0, 1.7580993408473766},
                        {F::ThresholdGrad, {0.5, 0}, 0.5, 0},
                        {F::HardSigmoidGrad, {}, 3, 0},
                        {F::HardSigmoidGrad, {}, -3, 0},
                        {F::HardSwishGrad, {}, -3, 0},
                        {F::HardSwishGrad, {}, 3, 1},
                        {F::HardShrinkGrad, {}, 0.5, 0},
                        {F::HardShrinkGrad, {}, -0.5, 0},
                        {F::SoftShrinkGrad, {}, 0.5, 0},
                        {F::SoftShrinkGrad, {}, -0.5, 0},
                        {F::ClampGrad, {-1, 1}, 1, 1},
                        {F::ClampGrad, {-1, 1}, -1, 1},
                        {F::ClampOpenGrad, {-1, 1}, 1, 0},
                        {F::ClampOpenGrad, {-1, 1}, -1, 0}};
  for (const Kink &kink : kinks) {
    const double *p = kink.parameters.empty() ? defaultParameters(kink.function)
                                              : kink.parameters.data();
    double operands[] = {1, kink.x};
    eachKernel(kink.function, Type::F32, p, operands, [&](double y) {
      expectSame(y, roundTo(kink.derivative, Type::F32));
    });
  }
}

// f' is zero at an infinity, and inf * 0 is NaN; at any finite x it is not.
TEST(Specials, InfiniteDy) {
  struct {
    Function function;
    double x, expected;
  } rows[] = {{F::SiluGrad, -inf, NAN},       {F::SiluGrad, -1e30, -inf},
              {F::SiluGrad, 1e30, inf},       {F::GeluGrad, -inf, NAN},
              {F::GeluGrad, -1e30, -inf},     {F::GeluTanhGrad, -inf, NAN},
              {F::GeluTanhGrad, -1e30, -inf}, {F::MishGrad, -inf, NAN},
              {F::MishGrad, -1e30, -inf},     {F::SigmoidGrad, inf, NAN},
              {F::SigmoidGrad, 1e30, inf},    {F::TanhGrad, -inf, NAN},
              {F::TanhGrad, -1e30, inf},      {F::EluGrad, -inf, NAN},
              {F::EluGrad, -1e30, inf},       {F::SoftplusGrad, -inf, NAN},
              {F::SoftplusGrad, -1e30, inf},  {F::LogSigmoidGrad, inf, NAN},
              {F::LogSigmoidGrad, 1e30, inf}, {F::ReluGrad, -1, NAN},
              {F::SoftsignGrad, inf, NAN},    {F::SquareplusGrad, -inf, NAN},
              {F::SquareplusGrad, inf, inf},  {F::HardSwishGrad, -4, NAN},
              {F::TanhShrinkGrad, 0, NAN},    {F::PreluSlopeGrad, 1, NAN}};
  for (auto &row : rows) {
    double operands[] = {inf, roundTo(row.x, Type::F32), 0.5};
    eachKernel(row.function, Type::F32, defaultParameters(row.function),
               operands, [&](double y) { expectSame(y, row.expected); });
  }
}

static double f32(Function function, double x) {
  return roundTo(evaluate(function, Kernel::Core, Type::F32,
                          defaultParameters(function), &x),
                 Type::F32);
}

TEST(Facts, OddFunctions) {
  std::vector<double> inputs = f32Inputs(1048583);
  for (Function function : {F::Tanh, F::TanhShrink, F::Softsign, F::HardShrink,
                            F::SoftShrink, F::Erf})
    for (double x : inputs)
      if (x != 0)
        ASSERT_EQ(f32(function, -x), -f32(function, x)) << name(function) << x;
}

TEST(Facts, MonotoneFunctions) {
  // Neighbours everywhere, so that every step of the rounded function shows.
  std::vector<Function> monotone = {
      F::Relu,     F::Sigmoid,    F::LogSigmoid,    F::Tanh,  F::TanhShrink,
      F::Softplus, F::Squareplus, F::Softsign,      F::Elu,   F::Celu,
      F::Selu,     F::SparsePlus, F::SparseSigmoid, F::Exp,   F::Exp2,
      F::Expm1,    F::Erf,        F::HardSigmoid,   F::Clamp, F::SoftShrink};
  forEach(monotone, [](Function function) -> std::string {
    for (uint32_t start = 0; start < 0x7f800000; start += 0x7f123) {
      for (uint32_t sign : {0u, 0x80000000u}) {
        double last = f32(function, decode(start | sign, Type::F32));
        for (uint32_t i = 1; i < 60; ++i) {
          double x = decode((start + i) | sign, Type::F32);
          double y = f32(function, x);
          if (sign ? y > last : y < last)
            return describe(function, &x, y, last, 0);
          last = y;
        }
      }
    }
    return "";
  });
}

/// What a shrink cuts off is 0, on either side.
TEST(Specials, Shrinks) {
  for (Function function : {F::HardShrink, F::SoftShrink})
    for (unsigned t = 0; t < kNumTypes; ++t)
      for (double x : {-0.5, -0.25, -0.0, 0.0, 0.25, 0.5})
        eachKernel(function, static_cast<Type>(t), defaultParameters(function),
                   &x, [](double y) { expectSame(y, 0.0); });
}

TEST(Facts, Bounds) {
  for (double x : f32Inputs(65537)) {
    ASSERT_LE(std::fabs(f32(F::Tanh, x)), 1);
    ASSERT_LE(std::fabs(f32(F::Erf, x)), 1);
    ASSERT_GE(f32(F::Sigmoid, x), 0);
    ASSERT_LE(f32(F::Sigmoid, x), 1);
    ASSERT_GE(f32(F::Gelu, x), -0.16998);
    ASSERT_GE(f32(F::GeluTanh, x), -0.17005);
    ASSERT_GE(f32(F::Silu, x), -0.27847);
    ASSERT_GE(f32(F::Mish, x), -0.30885);
    ASSERT_GE(f32(F::Softplus, x), std::fmax(x, 0));
  }
}
