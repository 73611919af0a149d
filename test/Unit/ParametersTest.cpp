// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Kernels with parameters other than the defaults: f32 within 0.51 ULP, f64
// within 2 ULP. Parameters are exact f64 numbers, in magnitude 0 or between
// 2^-60 and 2^60.

#include "ForEach.h"
#include "Inputs.h"
#include "Reference.h"
#include "act-mlir/Numerics/Host.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir::act::numerics;
using namespace mlir::act::numerics::test;
using F = Function;

static std::vector<std::vector<double>> grid(Function function) {
  switch (function) {
  case F::LeakyRelu:
  case F::LeakyReluGrad:
    return {{0}, {0.5}, {-3.7}, {0x1p-60}, {1e18}};
  case F::Clamp:
  case F::ClampGrad:
  case F::ClampOpenGrad:
    return {{0, 6}, {-0.1, 0.1}, {-HUGE_VAL, 1e-3}, {2, 2}};
  case F::Threshold:
  case F::ThresholdGrad:
    return {{0.1, -7}, {-1e-3, 0.1}};
  case F::Elu:
  case F::EluGrad:
    return {{0}, {0.5}, {-2}, {1.1e10}, {0x1.8p-60}, {0.3}, {1000}};
  case F::Celu:
  case F::CeluGrad:
    return {{0.5}, {-2}, {1e-3}, {0.1}, {3e6}};
  case F::Selu:
  case F::SeluGrad:
    return {{1.67326319217681884765625, 1.05070102214813232421875}, {-1, 0.1}};
  case F::HardSigmoid:
  case F::HardSigmoidGrad:
    return {{0.2, 0.5}, {1, 0}, {-0.3, 0.7}};
  case F::Silu:
  case F::SiluGrad:
    return {{0}, {1.702}, {-1.5}, {1e-6}, {0.1}, {1e10}, {1e-3}, {1000}};
  case F::Softplus:
  case F::SoftplusGrad:
    return {{2}, {0.1}, {1e-6}, {1e6}};
  case F::Squareplus:
  case F::SquareplusGrad:
    return {{0}, {1}, {1e-10}, {1e10}};
  case F::HardShrink:
  case F::HardShrinkGrad:
    return {{0}, {0.1}, {1e5}};
  case F::SoftShrink:
  case F::SoftShrinkGrad:
    return {{0.1, 0.1}, {0.5, 0}, {0, 0}};
  case F::SoftCap:
  case F::SoftCapGrad:
    return {{1}, {50}, {0.1}, {3e6}};
  default:
    return {};
  }
}

TEST(Parameters, EveryFunctionThatHasThemIsHere) {
  for (Function function : allFunctions()) {
    EXPECT_EQ(grid(function).empty(), numParameters(function) == 0);
    for (const std::vector<double> &p : grid(function))
      EXPECT_EQ(p.size(), numParameters(function));
  }
}

static std::string check(Function function, const std::vector<double> &inputs,
                         double dy, Type type, double limit,
                         Kernel kernel = Kernel::Core) {
  for (const std::vector<double> &p : grid(function)) {
    if (!exists(function, kernel, type, p.data()))
      continue;
    for (double x : inputs) {
      Operands operands(function, x, dy);
      Real exact = reference(function, p.data(), operands.v);
      double y =
          type == Type::F64
              ? evaluate(function, p.data(), operands.v)
              : roundTo(evaluate(function, kernel, type, p.data(), operands.v),
                        type);
      double ulps = ulpError(y, exact, format(type));
      if (!(ulps <= limit))
        return describe(function, operands.v, y, exact.toDouble(), ulps) +
               " with " + std::to_string(p[0]);
    }
  }
  return "";
}

TEST(Parameters, F32) {
  std::vector<double> inputs = f32Inputs(2097143);
  for (double dy : {1.0, 0x1.8p-100})
    forEach(allFunctions(), [&](Function function) {
      return check(function, inputs, dy, Type::F32, 0.51);
    });
}

TEST(Parameters, KernelsInF32) {
  std::vector<double> inputs = f32Inputs(2097143);
  forEach(allFunctions(), [&](Function function) {
    std::string plain = check(function, inputs, 1, Type::F32, 4, Kernel::Plain);
    return plain + check(function, inputs, 1, Type::F32, 1, Kernel::Paired);
  });
}

TEST(Parameters, F64) {
  std::vector<double> inputs = f64Inputs(1);
  for (double dy : {1.0, -0x1.23456789abcdep-700})
    forEach(allFunctions(), [&](Function function) {
      return check(function, inputs, dy, Type::F64, 2);
    });
}

// The core alone misses ties of some parameters; the compiler finds that by
// trying all inputs.
TEST(Parameters, SixteenBitsAreTried) {
  double minus = -1, third = 1.0 / 3;
  EXPECT_TRUE(agreeOnAllInputs(F::LeakyRelu, Kernel::Core, Type::BF16, &third));
  EXPECT_FALSE(agreeOnAllInputs(F::Silu, Kernel::Core, Type::BF16, &minus));
}
