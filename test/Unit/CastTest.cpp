// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Conversions and arithmetic of the narrow types in compiled code: one rounding
// each, to nearest and ties to even.

#include "Compiled.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir::act::numerics;
using namespace mlir::act::numerics::test;

static std::string tensor(Type type) {
  return std::string("tensor<?x") + format(type).name + ">";
}

/// Neighbours of ties, ends of the ranges, and numbers of every exponent.
static Column hardNumbers(Type from, Type to) {
  Column column = randomColumn(from, 3, 20000);
  for (const double x : allNumbers(to).numbers) {
    double place = std::ldexp(1.0, std::max(std::ilogb(x == 0 ? 0x1p-200 : x),
                                            format(to).minExponent) -
                                       format(to).precision);
    for (double y : {x, x + place, x - place})
      for (double z : {y, y * (1 + 0x1p-22), y * (1 - 0x1p-22),
                       y * (1 + 0x1p-51), y * (1 - 0x1p-51)})
        column.numbers.push_back(roundTo(z, from));
  }
  return column;
}

static void checkCast(Type from, Type to) {
  SCOPED_TRACE(std::string(format(from).name) + " to " + format(to).name);
  bool up = format(from).width < format(to).width;
  std::string program =
      "func.func @main(%x: " + tensor(from) + ") -> " + tensor(to) +
      " {\n  %y = arith." + (up ? "extf" : "truncf") + " %x : " + tensor(from) +
      " to " + tensor(to) + "\n  return %y : " + tensor(to) + "\n}\n";
  Column input =
      format(from).width <= 16 ? allNumbers(from) : hardNumbers(from, to);
  Column output{to, {}};
  ASSERT_EQ(run(program, "precise", {input}, output), "");
  for (size_t i = 0; i < input.numbers.size(); ++i)
    ASSERT_TRUE(same(output.numbers[i], roundTo(input.numbers[i], to)))
        << input.numbers[i] << " gives " << output.numbers[i];
}

TEST(Casts, ToNarrowTypes) {
  for (Type from : {Type::F64, Type::F32, Type::F16, Type::BF16})
    for (Type to : {Type::F16, Type::BF16, Type::F8E4M3FN, Type::F8E5M2})
      if (format(from).width > format(to).width)
        checkCast(from, to);
}

TEST(Casts, FromNarrowTypes) {
  for (Type from : {Type::F8E4M3FN, Type::F8E5M2, Type::BF16, Type::F16})
    for (Type to : {Type::F64, Type::F32, Type::F16, Type::BF16})
      if (format(from).width < format(to).width)
        checkCast(from, to);
}

static void checkBinary(Type type, const char *op,
                        double (*exact)(double, double)) {
  SCOPED_TRACE(std::string(op) + " on " + format(type).name);
  std::string t = tensor(type);
  std::string program = "func.func @main(%x: " + t + ", %y: " + t + ") -> " +
                        t + " {\n  %z = " + op + " %x, %y : " + t +
                        "\n  return %z : " + t + "\n}\n";
  std::vector<Column> inputs = {{type, {}}, {type, {}}};
  if (format(type).width == 8) {
    Column all = allNumbers(type);
    for (double x : all.numbers)
      for (double y : all.numbers) {
        inputs[0].numbers.push_back(x);
        inputs[1].numbers.push_back(y);
      }
  } else {
    inputs = {randomColumn(type, 1, 50000), randomColumn(type, 2, 50000)};
  }
  Column output{type, {}};
  ASSERT_EQ(run(program, "precise", inputs, output), "");
  for (size_t i = 0; i < output.numbers.size(); ++i) {
    double x = inputs[0].numbers[i], y = inputs[1].numbers[i];
    ASSERT_TRUE(same(output.numbers[i], roundTo(exact(x, y), type)))
        << x << ", " << y << " give " << output.numbers[i];
  }
}

// f64 holds sums and products of these numbers, or is so much longer that two
// roundings are as good as one.
TEST(Casts, ArithmeticOfNarrowTypes) {
  for (Type type : {Type::F8E4M3FN, Type::F8E5M2, Type::BF16}) {
    checkBinary(type, "arith.addf", [](double x, double y) { return x + y; });
    checkBinary(type, "arith.mulf", [](double x, double y) { return x * y; });
    checkBinary(type, "arith.divf", [](double x, double y) { return x / y; });
    checkBinary(type, "arith.maximumf", [](double x, double y) {
      return x != x || y != y ? NAN
             : x == y         ? (std::signbit(x) ? y : x)
             : x > y          ? x
                              : y;
    });
  }
}
