// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Exponentials of rows in f32. In units of 2^-24, which is a result's last
// place where it is smallest, a softmax is off by what an element's value is
// off, less what the sum of all is off, and by half a unit for its rounding.

#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/SingleRows.h"
#include <gtest/gtest.h>

using namespace mlir::act::numerics;
using Number = HostNumber<float>;
using Row = SingleRow<Number>;

static const float kMaxima[] = {0, 0.3f, -0.33f, 11.3f, 88, 200, -250.5f};

/// An exponential, its value and the sum that it is made of, divided by what
/// the row's nudged maximum says it is; 1 less than these in units of 2^-24.
struct Errors {
  double value, sum;
};
static Errors errors(float x, float max) {
  Number top{max}, y{x};
  Row row(top);
  Number nudge = row.nudge(top);
  auto [value, power, exact, low] = row.exponential(y, row.shift(top), nudge);
  double m = std::nearbyint(max / std::log(2.0));
  double wanted =
      std::exp(double(x) + double(nudge.v)) * std::ldexp(1, Row::kScale - m);
  double sum = power.v * (1 + double(exact.v) + double(low.v));
  return {(value.v / wanted - 1) * 0x1p24, (sum / wanted - 1) * 0x1p24};
}

TEST(Rows, ASoftmaxIsWithinTwoUlps) {
  for (float max : kMaxima) {
    double high = 0, low = 0, sumHigh = 0, sumLow = 0;
    for (double x = max; x > max - 87; x -= 1.7e-5) {
      Errors found = errors(float(x), max);
      high = std::max(high, found.value);
      low = std::min(low, found.value);
      sumHigh = std::max(sumHigh, found.sum);
      sumLow = std::min(sumLow, found.sum);
    }
    EXPECT_LT(std::max(high - sumLow, sumHigh - low), 1.5) << max;
    EXPECT_GT(high, 1) << "too few numbers to tell";
  }
}

// What is left of the maximum's own exponential is too little to take it from 1
// in a row that it dominates.
TEST(Rows, TheMaximumIsItsOwnExponential) {
  for (float x = -255; x < 255; x += 0.037f) {
    Number top{x};
    Row row(top);
    auto [value, power, exact, low] =
        row.exponential(top, row.shift(top), row.nudge(top));
    float lacks = Row::lacks(value, power, exact, low).v;
    EXPECT_LT(std::abs(lacks / value.v), 0x1.2p-26) << x;
  }
}

// A sum that is at least 2^65 grows by multiples of 2^42.
TEST(Rows, TheRestIsWhatTheGrowthLacks) {
  Number top{3};
  Row row(top);
  for (float x = 3; x > -20; x -= 0.037f) {
    auto [value, power, exact, low] =
        row.exponential(Number{x}, row.shift(top), row.nudge(top));
    Number growth = (Number{0x1p65f} + value) - Number{0x1p65f};
    double rest = Row::lacks(growth, power, exact, low).v;
    double sum = power.v * (1 + double(exact.v) + double(low.v));
    EXPECT_LE(std::abs(rest), 0x1.8p41) << x;
    EXPECT_LE(std::abs(growth.v + rest - sum), 0x1p-24 * std::abs(rest)) << x;
  }
}
