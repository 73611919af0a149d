// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Compiled code against the same kernel on the host, bit for bit: every
// function in every type, vectors and tails.

#include "Compiled.h"
#include "ForEach.h"
#include "Inputs.h"
#include "act-mlir/Numerics/Host.h"
#include <cmath>

using namespace mlir::act::numerics;
using namespace mlir::act::numerics::test;

static std::string program(Function function, Type type) {
  std::string tensor = std::string("tensor<?x") + format(type).name + ">";
  std::string arguments;
  for (unsigned i = 0; i < numOperands(function); ++i)
    arguments += (i ? ", %" : "%") + std::to_string(i) + ": " + tensor;
  return "func.func @main(" + arguments + ") -> " + tensor +
         " {\n  %y = " + operation(function) + " : " + tensor +
         "\n  return %y : " + tensor + "\n}\n";
}

static std::string check(Function function, Type type, double bound,
                         const char *accuracy) {
  if (operation(function).empty())
    return "";
  // 1003 is no multiple of any vector's lanes.
  std::vector<Column> inputs;
  for (unsigned k = 0; k < numOperands(function); ++k)
    inputs.push_back(randomColumn(type, 7 + k, 1003));
  Column output{type, {}};
  std::string wrong = run(program(function, type), accuracy, inputs, output);
  if (!wrong.empty())
    return wrong;
  Kernel kernel = kernelOf(function, type, bound);
  for (size_t i = 0; i < output.numbers.size(); ++i) {
    double x[3] = {};
    for (unsigned k = 0; k < inputs.size(); ++k)
      x[k] = inputs[k].numbers[i];
    double expected = roundTo(
        evaluate(function, kernel, type, defaultParameters(function), x), type);
    if (!same(output.numbers[i], expected))
      return describe(function, x, output.numbers[i], expected, NAN) + " " +
             format(type).name + " element " + std::to_string(i);
  }
  return "";
}

static void sameBits(Type type, double bound,
                     const char *accuracy = "precise") {
  forEach(allFunctions(), [&](Function function) {
    return check(function, type, bound, accuracy);
  });
}

TEST(Emitted, F32) { sameBits(Type::F32, 1); }
TEST(Emitted, FastF32) { sameBits(Type::F32, 4, "fast"); }
TEST(Emitted, F64) { sameBits(Type::F64, 2); }
TEST(Emitted, F16) { sameBits(Type::F16, 0.51); }
TEST(Emitted, BF16) { sameBits(Type::BF16, 0.51); }
TEST(Emitted, F8E4M3FN) { sameBits(Type::F8E4M3FN, 0.51); }
TEST(Emitted, F8E5M2) { sameBits(Type::F8E5M2, 0.51); }

// Correctly rounded f32 comes from pairs.
TEST(Emitted, HighestF32) {
  for (Function function : {Function::Gelu, Function::Silu, Function::Log1p,
                            Function::HardSwish, Function::Elu}) {
    std::string wrong =
        check(function, Type::F32, kCorrectlyRounded, "highest");
    EXPECT_EQ(wrong, "");
  }
}
