// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Inputs.h"
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

using namespace mlir::act::numerics;
using namespace mlir::act::numerics::test;

std::string test::operation(Function function,
                            const std::vector<std::string> &operands) {
  std::string mnemonic = name(function), attributes;
  if (function == Function::ClampOpenGrad)
    return "";
  if (function == Function::GeluTanh || function == Function::GeluTanhGrad) {
    mnemonic = function == Function::GeluTanh ? "gelu" : "gelu_grad";
    attributes = " {approximate = tanh}";
  } else if (function == Function::Clamp || function == Function::ClampGrad) {
    attributes = " {min = -1.0, max = 1.0}";
  } else if (function == Function::Threshold ||
             function == Function::ThresholdGrad) {
    attributes = " {theta = 0.0, value = 0.0}";
  }
  bool math = function >= Function::Exp && function <= Function::Rsqrt;
  std::string text = (math ? "math." : "act.") + mnemonic;
  for (unsigned i = 0; i < numOperands(function); ++i)
    text += (i ? ", " : " ") + operands[i];
  return text + attributes;
}

Kernel test::kernelOf(Function function, Type type, double bound) {
  if (function == Function::Sqrt)
    return Kernel::Core;
  if (format(type).width < 32 && numOperands(function) == 1)
    bound = kCorrectlyRounded;
  return cheapest(function, type, bound)->kernel;
}

std::vector<Function> test::allFunctions() {
  std::vector<Function> all;
  for (unsigned i = 0; i < kNumFunctions; ++i)
    all.push_back(static_cast<Function>(i));
  return all;
}

std::vector<Function> test::values() {
  std::vector<Function> some;
  for (Function function : allFunctions())
    if (!isGradient(function))
      some.push_back(function);
  return some;
}

std::vector<Function> test::gradients() {
  std::vector<Function> some;
  for (Function function : allFunctions())
    if (isGradient(function))
      some.push_back(function);
  return some;
}

bool test::inDomain(Function function, double x) {
  switch (function) {
  case Function::Log:
  case Function::Log2:
  case Function::Log10:
  case Function::Rsqrt:
    return x > 0;
  case Function::Sqrt:
    return x >= 0;
  case Function::Log1p:
    return x > -1;
  default:
    return true;
  }
}

Operands::Operands(Function function, double x, double other)
    : v{x, other, other} {
  if (isGradient(function)) {
    v[0] = other;
    v[1] = x;
  }
}

static const double kSpecial[] = {
    0.0,    0.01,   0.25,   0.353,  0.5,    0.6,      0.7071,  0.7518,
    0.7525, 1.0,    1.192,  1.278,  1.4142, 2.0,      3.0,     4.0,
    6.0,    8.6643, 9.0109, 10.05,  13.0,   14.17,    16.6355, 24.0,
    26.54,  37.52,  38.47,  40.0,   44.0,   60.0,     80.0,    87.336,
    88.722, 102.97, 103.97, 104.0,  126.0,  127.0,    128.0,   149.0,
    150.0,  340.0,  700.0,  709.08, 709.78, 745.13,   1022.0,  1024.0,
    1074.0, 1075.0, 1500.0, 0x1p23, 0x1p24, 16777217, 0x1p53,  0x1p64};

std::vector<double> test::specialNumbers() {
  return {std::begin(kSpecial), std::end(kSpecial)};
}

std::vector<double> test::f32Inputs(uint64_t stride) {
  std::vector<double> inputs;
  auto add = [&](uint32_t bits) {
    double x = decode(bits, Type::F32);
    if (std::isfinite(x))
      inputs.push_back(x);
  };
  auto around = [&](double x) {
    float f = static_cast<float>(x);
    uint32_t bits;
    std::memcpy(&bits, &f, 4);
    for (int d = -6; d <= 6; ++d) {
      add(bits + d);
      add((bits + d) ^ 0x80000000u);
    }
  };
  for (uint64_t bits = 0; bits < (uint64_t(1) << 32); bits += stride)
    add(static_cast<uint32_t>(bits));
  for (double x : kSpecial)
    around(x);
  for (double x : {0x1p-149, 0x1p-126, 0x1p-60, 0x1p-24, 0x1.fffffep127})
    around(x);
  return inputs;
}

std::vector<double> test::f64Inputs(unsigned perExponent) {
  std::vector<double> inputs;
  std::mt19937_64 random(1);
  auto add = [&](uint64_t bits) {
    double x = decode(bits, Type::F64);
    if (std::isfinite(x))
      inputs.push_back(x);
  };
  for (uint64_t exponent = 0; exponent < 2047; ++exponent) {
    // Most functions change between 2^-30 and 2^12.
    unsigned count =
        exponent > 993 && exponent < 1036 ? 8 * perExponent : perExponent;
    for (unsigned i = 0; i < count; ++i)
      add((random() & 0x800fffffffffffffull) | exponent << 52);
  }
  auto around = [&](double x) {
    uint64_t bits;
    std::memcpy(&bits, &x, 8);
    for (int d = -3; d <= 3; ++d) {
      add(bits + d);
      add((bits + d) ^ 0x8000000000000000ull);
    }
  };
  for (double x : kSpecial)
    around(x);
  for (double x : {0x1p-1074, 0x1p-1022, 0x1p-511, 0x1p-53, 0x1p511,
                   0x1.fffffffffffffp1023})
    around(x);
  return inputs;
}

std::string test::describe(Function function, const double *operands,
                           double result, double expected, double ulps) {
  std::string text = name(function);
  char buffer[100];
  for (unsigned i = 0; i < numOperands(function); ++i) {
    std::snprintf(buffer, sizeof buffer, "%s%a", i ? ", " : "(", operands[i]);
    text += buffer;
  }
  std::snprintf(buffer, sizeof buffer, ") = %a, %g ULP off %a", result, ulps,
                expected);
  return text + buffer;
}
