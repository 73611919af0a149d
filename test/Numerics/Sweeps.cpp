// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The inner loops of a sweep of all kernels.

#include "../Unit/Inputs.h"
#include "../Unit/Reference.h"
#include "Lanes.h"
#include "Result.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Numerics/Wide.h"
#include <algorithm>
#include <cmath>

using namespace mlir::act::numerics;

double Others::at(uint64_t pattern, Type type) const {
  if (kind == One)
    return 1;
  if (kind == Fixed)
    return decode(value, type);
  // Numbers of every exponent, the same in each run.
  uint64_t bits = (pattern + (value << 32) + 1) * 0x9e3779b97f4a7c15;
  bits ^= bits >> 29;
  bits *= 0xbf58476d1ce4e5b9;
  double x = decode(bits >> (64 - format(type).width), type);
  return std::isfinite(x) ? x : 1.0;
}

uint64_t Block::pattern(uint64_t i, Type type) const {
  uint64_t bits = first + std::min(i, count - 1) * step;
  return bits & (~uint64_t(0) >> (64 - format(type).width));
}

namespace {

/// |y - (high + low)| in units of the type's last place.
double distance(double y, double high, double low, Type type) {
  const Format &f = format(type);
  if (y == high && low == 0)
    return 0;
  if (f.saturates && std::fabs(high) >= f.largest)
    return y == std::copysign(f.largest, high) ? 0 : INFINITY;
  if (std::isinf(high) || std::isinf(y)) {
    // Beyond the largest number infinity is the neighbour.
    double end = std::ldexp(1.0, std::ilogb(f.largest) + 1);
    if (std::signbit(y) != std::signbit(high))
      return INFINITY;
    y = std::copysign(std::fmin(std::fabs(y), end), y);
    if (std::fabs(high) >= end)
      return std::fabs(y) == end ? 0 : INFINITY;
  }
  int exponent =
      high == 0 ? f.minExponent : std::max(std::ilogb(high), f.minExponent);
  return std::fabs((y - high) - low) *
         std::ldexp(1.0, f.precision - 1 - exponent);
}

double toOdd(double high, double low) {
  return HostF64{high}.towardsOdd({low}).v;
}

/// The exact value rounded once: the pair's, or MPFR's where the pair is so
/// close to a tie that its own error could decide.
double correctlyRounded(Function function, Type type, const double *operands,
                        double high, double low) {
  double margin = std::fabs(high) * 0x1p-50;
  double below = roundTo(high - margin, type),
         above = roundTo(high + margin, type);
  double x = operands[isGradient(function) ? 1 : 0];
  if (below == above || std::isinf(high) || std::isinf(x) ||
      std::isinf(operands[0]))
    return roundTo(toOdd(high, low), type);
  test::Real exact =
      test::reference(function, defaultParameters(function), operands);
  return test::roundTo(exact, format(type));
}

} // namespace

void mlir::act::numerics::sweepAll(Function function, Type type,
                                   const Block &block, Results &results) {
  const double *p = defaultParameters(function);
  bool gradient = isGradient(function);
  unsigned main = gradient ? 1 : 0;
  double lastY[kNumKernels] = {NAN, NAN, NAN, NAN, NAN}, lastExact = NAN,
         lastX = NAN;
  for (uint64_t i = 0; i < block.count; i += kLanes) {
    Lanes args[3] = {};
    for (int lane = 0; lane < kLanes; ++lane) {
      uint64_t pattern = block.pattern(i + lane, type);
      double x = decode(pattern, type), other = block.others.at(pattern, type);
      for (unsigned k = 0; k < 3; ++k)
        args[k].v[lane] = k == main ? x : other;
    }
    Lanes core =
        Kernels<Lanes>(args[0], breaksTies(type)).evaluate(function, p, args);
    DoubleDouble<Lanes> exact = evaluateWide(function, p, args);
    for (int lane = 0; lane < kLanes && i + lane < block.count; ++lane) {
      double x = args[main].v[lane], other = args[1 - main].v[lane];
      double high = exact.high.v[lane], low = exact.low.v[lane];
      if (low != low)
        low = 0;
      double v[] = {args[0].v[lane], args[1].v[lane], args[2].v[lane]};
      double best = correctlyRounded(function, type, v, high, low);
      for (unsigned k = 0; k < kNumKernels; ++k) {
        Kernel kernel = static_cast<Kernel>(k);
        if (!exists(function, kernel, type, p))
          continue;
        double y = kernel == Kernel::Core ? core.v[lane]
                   : kernel == Kernel::Wide
                       ? toOdd(high, low)
                       : evaluate(function, kernel, type, p, v);
        y = roundTo(y, type);
        if (high != high || y != y) {
          // NaN for NaN.
          results[k].add(high != high && y != y ? 0 : INFINITY, x, other);
          continue;
        }
        results[k].misrounded +=
            y != best || std::signbit(y) != std::signbit(best);
        results[k].add(distance(y, high, low, type), x, other);
        bool neighbours = block.others.kind == Others::One &&
                          std::signbit(x) == std::signbit(lastX);
        if (neighbours && (high - lastExact) * (y - lastY[k]) < 0)
          ++results[k].unordered;
        lastY[k] = y;
      }
      lastExact = high;
      lastX = x;
    }
  }
}

void mlir::act::numerics::sweepF64(Function function, double x, double other,
                                   Results &results) {
  if (!test::inDomain(function, x))
    return;
  const double *p = defaultParameters(function);
  test::Operands operands(function, x, other);
  test::Real exact = test::reference(function, p, operands.v);
  double rounded = test::roundTo(exact, format(Type::F64));
  for (Kernel kernel : {Kernel::Core, Kernel::Wide}) {
    double y = evaluate(function, kernel, Type::F64, p, operands.v);
    Result &result = results[unsigned(kernel)];
    result.misrounded += y != rounded;
    double error =
        y != y ? INFINITY : test::ulpError(y, exact, format(Type::F64));
    result.add(error, x, other);
  }
}
