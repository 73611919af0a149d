// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The inner loop of a sweep of the kernels in f32, fast enough for all inputs.

#include "Lanes.h"
#include "Result.h"
#include "SingleLanes.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Numerics/Single.h"
#include "act-mlir/Numerics/Wide.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace mlir::act::numerics;

/// |y - exact| in units of f32's last place; infinity counts as 2^128.
static double distance(float y, double exact) {
  if (exact != exact || y != y)
    return exact != exact && y != y ? 0 : HUGE_VAL;
  if (std::fabs(exact) >= 0x1p128)
    return y == std::copysign(HUGE_VAL, exact) ? 0 : HUGE_VAL;
  // A zero, or what is rounded to one, has its sign.
  if (y == 0 && std::signbit(y) != std::signbit(exact))
    return HUGE_VAL;
  int exponent = int(HostF64::bits(exact) >> 52 & 0x7ff) - 1023;
  uint64_t scale = uint64_t(1023 + 23 - std::max(exponent, -126)) << 52;
  double number = std::isinf(y) ? std::copysign(0x1p128, double(y)) : y;
  return std::fabs(number - exact) * HostF64::fromBits(scale).v;
}

/// The core's result rounded, or that of pairs where the core is too close to a
/// tie.
static float rounded(Function function, const double *p, double exact,
                     const double *operands) {
  double margin = std::fabs(exact) * 0x1p-34;
  float below = static_cast<float>(exact - margin),
        above = static_cast<float>(exact + margin);
  if (below == above || exact != exact)
    return above;
  return static_cast<float>(
      evaluate(function, Kernel::Wide, Type::F32, p, operands));
}

void mlir::act::numerics::sweepSingle(Function function, const Block &block,
                                      Results &results) {
  constexpr Kernel kKernels[] = {Kernel::Plain, Kernel::Paired};
  const double *p = defaultParameters(function);
  unsigned main = isGradient(function) ? 1 : 0;
  float lastY[2] = {NAN, NAN};
  double lastExact = NAN, lastX = NAN;
  for (uint64_t i = 0; i < block.count; i += kSingleLanes) {
    SingleLanes args[3] = {};
    for (int lane = 0; lane < kSingleLanes; ++lane) {
      uint64_t pattern = block.pattern(i + lane, Type::F32);
      float x = HostF32::fromBits(uint32_t(pattern)).v;
      float other = block.others.at(pattern, Type::F32);
      for (unsigned k = 0; k < 3; ++k)
        args[k].v[lane] = k == main ? x : other;
    }
    SingleLanes y[] = {
        SingleKernels<SingleLanes, false>(args[0]).evaluate(function, p, args),
        SingleKernels<SingleLanes, true>(args[0]).evaluate(function, p, args)};
    for (int half = 0; half < kSingleLanes; half += kLanes) {
      Lanes wide[3];
      for (unsigned k = 0; k < 3; ++k)
        for (int lane = 0; lane < kLanes; ++lane)
          wide[k].v[lane] = args[k].v[half + lane];
      Lanes exact = Kernels<Lanes>(wide[0]).evaluate(function, p, wide);
      for (int lane = 0; lane < kLanes && i + half + lane < block.count;
           ++lane) {
        double x = wide[main].v[lane], other = wide[1 - main].v[lane];
        double e = exact.v[lane];
        bool neighbours = block.others.kind == Others::One &&
                          std::signbit(x) == std::signbit(lastX);
        for (unsigned k = 0; k < 2; ++k) {
          Result &result = results[unsigned(kKernels[k])];
          float z = y[k].v[half + lane];
          double error = distance(z, e);
          bool wrong = error > 0.49;
          if (wrong && error < 0.51) {
            double operands[] = {wide[0].v[lane], wide[1].v[lane],
                                 wide[2].v[lane]};
            wrong = z != rounded(function, p, e, operands);
          }
          result.misrounded += wrong;
          result.add(error, x, other);
          if (neighbours && (e - lastExact) * (z - lastY[k]) < 0)
            ++result.unordered;
          lastY[k] = z;
        }
        lastExact = e;
        lastX = x;
      }
    }
  }
}
