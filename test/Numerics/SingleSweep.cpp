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

namespace {

using Vector = Lanes::Vector;
using LaneSet = uint8_t;

LaneSet lanes(Lanes::Mask mask) {
  using Flags = bool __attribute__((ext_vector_type(kLanes)));
  return __builtin_bit_cast(LaneSet, __builtin_convertvector(mask, Flags));
}

/// Calls `visit` with each lane of the set.
template <class Visit>
void forEach(LaneSet set, Visit visit) {
  for (unsigned rest = set; rest; rest &= rest - 1)
    visit(__builtin_ctz(rest));
}

/// The same as a vector's, whose unusual lanes are taken one by one.
Vector distances(Vector y, Vector exact) {
  Lanes::Bits exponent = Lanes::bits(exact) >> 52 & 0x7ff;
  exponent = __builtin_elementwise_max(exponent, Lanes::Bits(1023 - 126));
  Vector scale = Lanes::fromBits((2 * 1023 + 23 - exponent) << 52).v;
  Vector size = __builtin_elementwise_abs(y);
  Vector error = __builtin_elementwise_abs(y - exact) * scale;
  Lanes::Mask usual = (__builtin_elementwise_abs(exact) < 0x1p128) &
                      (size < 0x1p128) & (size > 0);
  forEach(LaneSet(~lanes(usual)), [&](int lane) {
    error[lane] = distance(float(y[lane]), exact[lane]);
  });
  return error;
}

/// `now` behind the last lane of `before`.
Vector delayed(Vector before, Vector now) {
  return __builtin_shufflevector(before, now, 7, 8, 9, 10, 11, 12, 13, 14);
}

/// What a kernel's results are compared with.
struct Expected {
  Function function;
  const double *p;
  const Lanes *operands;
  Vector exact, before, x, other;
  /// Lanes with an input, and those with a neighbour before them.
  LaneSet inputs, neighbours;

  bool isRounded(double y, int lane) const {
    double v[3];
    for (unsigned k = 0; k < 3; ++k)
      v[k] = operands[k].v[lane];
    return float(y) == rounded(function, p, exact[lane], v);
  }
};

/// `before`: the results of the lanes before.
void compare(Vector y, Vector before, const Expected &expected,
             Result &result) {
  Vector error = distances(y, expected.exact);
  auto count = [&](Lanes::Mask mask) {
    return __builtin_popcount(lanes(mask) & expected.inputs);
  };
  result.inputs += __builtin_popcount(expected.inputs);
  result.above1 += count(error > 1);
  result.above4 += count(error > 4);
  result.misrounded += count(error >= 0.51);
  forEach(lanes((error > 0.49) & (error < 0.51)) & expected.inputs,
          [&](int lane) {
            result.misrounded += !expected.isRounded(y[lane], lane);
          });
  forEach(lanes((error >= result.ulps) & (error > 0)) & expected.inputs,
          [&](int lane) {
            result.offer(error[lane], expected.x[lane], expected.other[lane]);
          });
  Vector slopes = (expected.exact - expected.before) * (y - before);
  result.unordered +=
      __builtin_popcount(lanes(slopes < 0) & expected.neighbours);
}

} // namespace

void mlir::act::numerics::sweepSingle(Function function, const Block &block,
                                      Results &results) {
  constexpr Kernel kKernels[] = {Kernel::Plain, Kernel::Paired};
  const double *p = defaultParameters(function);
  unsigned main = isGradient(function) ? 1 : 0;
  Vector lastX = NAN, lastExact = NAN, lastY[2] = {NAN, NAN};
  for (uint64_t i = 0; i < block.count; i += kSingleLanes) {
    uint32_t patterns[kSingleLanes];
    float others[kSingleLanes];
    for (int lane = 0; lane < kSingleLanes; ++lane) {
      patterns[lane] = uint32_t(block.pattern(i + lane, Type::F32));
      others[lane] = float(block.others.at(patterns[lane], Type::F32));
    }
    SingleLanes args[3];
    for (unsigned k = 0; k < 3; ++k)
      std::memcpy(&args[k], k == main ? static_cast<void *>(patterns) : others,
                  sizeof others);
    SingleLanes y[] = {
        SingleKernels<SingleLanes, false>(args[0]).evaluate(function, p, args),
        SingleKernels<SingleLanes, true>(args[0]).evaluate(function, p, args)};
    for (int half = 0; half < kSingleLanes; half += kLanes) {
      auto widened = [half](SingleLanes narrow) {
        Lanes wide;
        for (int lane = 0; lane < kLanes; ++lane)
          wide.v[lane] = narrow.v[half + lane];
        return wide;
      };
      Lanes wide[3];
      std::transform(args, args + 3, wide, widened);
      Vector exact = Kernels<Lanes>(wide[0]).evaluate(function, p, wide).v;
      Vector x = wide[main].v;
      uint64_t left = block.count - std::min(i + half, block.count);
      LaneSet inputs = left < kLanes ? (1u << left) - 1 : 0xff;
      Lanes::Mask sameSign =
          (Lanes::bits(x) ^ Lanes::bits(delayed(lastX, x))) >= 0;
      bool ordered = block.others.kind == Others::One;
      Expected expected = {function,
                           p,
                           wide,
                           exact,
                           delayed(lastExact, exact),
                           x,
                           wide[1 - main].v,
                           inputs,
                           LaneSet(ordered ? lanes(sameSign) & inputs : 0)};
      for (unsigned k = 0; k < 2; ++k) {
        Vector now = widened(y[k]).v;
        compare(now, delayed(lastY[k], now), expected,
                results[unsigned(kKernels[k])]);
        lastY[k] = now;
      }
      lastX = x;
      lastExact = exact;
    }
  }
}
