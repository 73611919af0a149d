// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The registry: complete, as good as the modes promise, and not older than the
// kernels it speaks of.

#include "act-mlir/Numerics/Registry.h"
#include "Inputs.h"
#include <gtest/gtest.h>

using namespace mlir::act::numerics;
using namespace mlir::act::numerics::test;

static constexpr Type kTypes[] = {Type::F64,  Type::F32,      Type::F16,
                                  Type::BF16, Type::F8E4M3FN, Type::F8E5M2};

// When this fails, a kernel has changed: run scripts/sweep.
TEST(Registry, MeasurementsAreOfTheseKernels) {
  for (Function function : allFunctions())
    for (Type type : kTypes)
      for (unsigned k = 0; k < kNumKernels; ++k) {
        Kernel kernel = static_cast<Kernel>(k);
        const Measurement *m = measurement(function, type, kernel);
        SCOPED_TRACE(std::string(name(function)) + " " + format(type).name +
                     " " + name(kernel));
        EXPECT_EQ(m != nullptr,
                  exists(function, kernel, type, defaultParameters(function)));
        if (!m)
          continue;
        EXPECT_EQ(m->operations, countOperations(function, type, kernel));
        EXPECT_EQ(m->fingerprint, fingerprint(function, type, kernel));
      }
}

TEST(Registry, EveryModeIsMet) {
  for (Function function : allFunctions())
    for (Type type : kTypes) {
      SCOPED_TRACE(std::string(name(function)) + " " + format(type).name);
      bool one = numOperands(function) == 1, narrow = format(type).width < 32;
      if (type == Type::F64) {
        EXPECT_TRUE(cheapest(function, type, 2));
        continue;
      }
      EXPECT_TRUE(cheapest(function, type, one ? kCorrectlyRounded : 0.51));
      if (!narrow) {
        EXPECT_LE(cheapest(function, type, 0.51)->kernel, Kernel::Core);
        EXPECT_LE(cost(*cheapest(function, type, 4)),
                  cost(*cheapest(function, type, 1)));
      }
    }
}

TEST(Registry, NativeKernelsHaveOneRounding) {
  for (Function function : allFunctions())
    for (Type type : {Type::F32, Type::F16, Type::BF16}) {
      const Measurement *m = measurement(function, type, Kernel::Native);
      EXPECT_EQ(m != nullptr,
                hasNative(function, type, defaultParameters(function)))
          << name(function);
      if (m) {
        EXPECT_EQ(m->misrounded, 0u) << name(function);
        EXPECT_EQ(cheapest(function, type, kCorrectlyRounded), m);
      }
    }
  double representable = 0.25, other = 0.1;
  EXPECT_TRUE(hasNative(Function::LeakyRelu, Type::F32, &representable));
  EXPECT_FALSE(hasNative(Function::LeakyRelu, Type::F32, &other));
}

TEST(Registry, FewerStepsWhereLessIsAsked) {
  for (Function function : {Function::Sigmoid, Function::Silu, Function::Tanh,
                            Function::Gelu, Function::GeluTanh, Function::Mish,
                            Function::Softplus, Function::LogSigmoid}) {
    SCOPED_TRACE(name(function));
    EXPECT_EQ(cheapest(function, Type::F32, 4)->kernel, Kernel::Plain);
    EXPECT_EQ(cheapest(function, Type::F32, 1)->kernel, Kernel::Paired);
    EXPECT_EQ(cheapest(function, Type::F32, 0.51)->kernel, Kernel::Core);
  }
  EXPECT_EQ(cheapest(Function::GeluGrad, Type::F32, 4)->kernel, Kernel::Plain);
  EXPECT_EQ(cheapest(Function::GeluGrad, Type::F32, 1)->kernel, Kernel::Paired);
  EXPECT_EQ(cheapest(Function::SiluGrad, Type::F32, 4)->kernel, Kernel::Plain);
  EXPECT_EQ(cheapest(Function::SiluGrad, Type::F32, 1)->kernel, Kernel::Core);
  // A slope out of their range has no kernel in f32.
  double far = 1e10;
  EXPECT_EQ(cheapest(Function::Silu, Type::F32, 4, &far)->kernel, Kernel::Core);
}

TEST(Registry, NothingIsBetterThanTheBest) {
  EXPECT_EQ(cheapest(Function::Gelu, Type::F32, 0.4), nullptr);
  EXPECT_EQ(best(Function::Gelu, Type::F32).kernel, Kernel::Wide);
  EXPECT_EQ(best(Function::Relu, Type::F32).kernel, Kernel::Native);
}
