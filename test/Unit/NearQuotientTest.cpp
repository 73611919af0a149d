// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Quotients that are nearly rounded, from any reciprocal that is off by one
// place at most: no input of 16 or 8 bits has another result.

#include "act-mlir/Numerics/Division.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Single.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir::act::numerics;

namespace {

/// A float whose divisions are by reciprocals.
struct Approximate {
  float v = 0;

  Approximate(double v = 0) : v(static_cast<float>(v)) {}
  operator float() const { return v; }
};
using Number = HostNumber<Approximate>;

/// Places from the rounded reciprocal to the one that is taken.
int places;
/// Reciprocals that were taken, and those among them that are one place or less
/// off, as a device's are.
uint64_t taken, allowed;

Number nearQuotient(Number a, Number d) {
  float reciprocal = 1 / d.v;
  for (int i = 0; i < std::abs(places); ++i)
    reciprocal = std::nextafter(reciprocal, places < 0 ? 0.0f : HUGE_VALF);
  // Devices flush subnormal numbers.
  if (std::fabs(reciprocal) < 0x1p-126f)
    reciprocal = std::copysign(0.0f, reciprocal);
  // In places of the reciprocal, which is exact in f64 but for 2^-53.
  double off = (reciprocal - 1.0 / double(d.v)) /
               std::ldexp(1.0, std::ilogb(1.0 / double(d.v)) - 23);
  ++taken;
  if (std::fabs(off) > 1)
    return {a.v / d.v};
  ++allowed;
  return nearQuotient(a, d, Number{reciprocal});
}

template <bool paired>
double kernel(Function function, Type type, const double *p, double x) {
  Number arg{Approximate(x)};
  return SingleKernels<Number, paired>(arg, type).evaluate(function, p, &arg).v;
}

TEST(NearQuotient, NoResultOfSixteenBitsTells) {
  taken = allowed = 0;
  for (unsigned f = 0; f < kNumFunctions; ++f) {
    Function function = static_cast<Function>(f);
    if (numOperands(function) != 1)
      continue;
    for (Type type : {Type::F16, Type::BF16, Type::F8E4M3FN, Type::F8E5M2})
      for (Kernel which : {Kernel::Plain, Kernel::Paired}) {
        const double *p = defaultParameters(function);
        if (!exists(function, which, type, p))
          continue;
        for (places = -1; places <= 1; ++places)
          for (uint64_t bits = 0; bits < uint64_t(1) << format(type).width;
               ++bits) {
            double x = decode(bits, type);
            double expected =
                roundTo(evaluate(function, which, type, p, &x), type);
            double y = roundTo(which == Kernel::Plain
                                   ? kernel<false>(function, type, p, x)
                                   : kernel<true>(function, type, p, x),
                               type);
            ASSERT_TRUE(expected != expected
                            ? y != y
                            : y == expected &&
                                  std::signbit(y) == std::signbit(expected))
                << name(function) << " " << format(type).name << " of " << x
                << " is " << y << " instead of " << expected << ", " << places
                << " places";
          }
      }
  }
  // The test has tried what it says.
  EXPECT_GT(allowed, uint64_t(1) << 20);
  EXPECT_GT(allowed, taken / 2);
}

} // namespace
