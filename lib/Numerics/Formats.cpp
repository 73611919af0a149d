// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Formats.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir::act::numerics;

const Format &mlir::act::numerics::format(Type type) {
  static const Format formats[kNumTypes] = {
      {"f64", 64, 53, -1022, 0x1.fffffffffffffp1023, false},
      {"f32", 32, 24, -126, 0x1.fffffep127, false},
      {"f16", 16, 11, -14, 65504, false},
      {"bf16", 16, 8, -126, 0x1.fep127, false},
      {"f8E4M3FN", 8, 4, -6, 448, true},
      {"f8E5M2", 8, 3, -14, 57344, false}};
  return formats[static_cast<unsigned>(type)];
}

double mlir::act::numerics::roundTo(double x, Type type) {
  const Format &f = format(type);
  if (type == Type::F64 || x == 0 || x != x)
    return x;
  if (std::isinf(x))
    return f.saturates ? std::copysign(f.largest, x) : x;
  int place = std::max(std::ilogb(x), f.minExponent) - (f.precision - 1);
  // Exact but for the rounding to an integer: f64 has room above and below.
  double y = std::ldexp(std::nearbyint(std::ldexp(x, -place)), place);
  if (std::fabs(y) > f.largest)
    y = std::copysign(
        f.saturates ? f.largest : std::numeric_limits<double>::infinity(), x);
  return std::copysign(y, x);
}

double mlir::act::numerics::decode(uint64_t bits, Type type) {
  const Format &f = format(type);
  if (type == Type::F64) {
    double x;
    std::memcpy(&x, &bits, 8);
    return x;
  }
  if (type == Type::F32) {
    float x;
    std::memcpy(&x, &bits, 4);
    return x == x ? x : std::numeric_limits<double>::quiet_NaN();
  }
  int fraction = f.precision - 1, exponents = f.width - 1 - fraction;
  uint64_t mantissa = bits & ((uint64_t(1) << fraction) - 1);
  uint64_t exponent = (bits >> fraction) & ((uint64_t(1) << exponents) - 1);
  double sign = (bits >> (f.width - 1)) & 1 ? -1.0 : 1.0;
  uint64_t top = (uint64_t(1) << exponents) - 1;
  if (type == Type::F8E4M3FN) {
    // No infinity, and one NaN for each sign.
    if (exponent == top && mantissa == 7)
      return std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == top) {
    return mantissa ? std::numeric_limits<double>::quiet_NaN()
                    : sign * std::numeric_limits<double>::infinity();
  }
  if (exponent == 0)
    return sign * std::ldexp(double(mantissa), f.minExponent - fraction);
  return sign * std::ldexp(double(mantissa + (uint64_t(1) << fraction)),
                           int(exponent) - 1 + f.minExponent - fraction);
}
