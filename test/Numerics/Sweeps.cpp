// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The inner loops of a sweep, in vectors: fast enough for all f32 inputs.

#include "../Unit/Inputs.h"
#include "../Unit/Reference.h"
#include "Lanes.h"
#include "Result.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Numerics/Single.h"
#include "act-mlir/Numerics/Wide.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using namespace mlir::act::numerics;

/// Numbers of every exponent, the same in each run, in the upper bits.
template <class Bits>
static Bits scrambled(Bits pattern, uint64_t round) {
  Bits bits = (pattern + (round << 32) + 1) * 0x9e3779b97f4a7c15;
  bits ^= bits >> 29;
  return bits * 0xbf58476d1ce4e5b9;
}

double Others::at(uint64_t pattern, Type type) const {
  if (kind == One)
    return 1;
  if (kind == Fixed)
    return decode(value, type);
  int rest = 64 - format(type).width;
  double x = decode(scrambled(pattern, value) >> rest, type);
  return std::isfinite(x) ? x : 1.0;
}

/// Whether a value's own error, `relative` to it, leaves open what it is
/// rounded to.
static bool isOpen(double value, double relative, Type type) {
  double margin = std::fabs(value) * relative;
  return roundTo(value - margin, type) != roundTo(value + margin, type);
}

/// The exact value rounded once: the pair's, or MPFR's where the pair is so
/// close to a tie that its own error could decide.
static double correctlyRounded(Function function, Type type,
                               const double *operands) {
  const double *p = defaultParameters(function);
  double y = evaluate(function, Kernel::Wide, type, p, operands);
  if (!isOpen(y, kPairError, type))
    return roundTo(y, type);
  return test::roundTo(test::reference(function, p, operands), format(type));
}

namespace {

using Vector = Doubles::Vector;
using Mask = Doubles::Mask;
using LaneSet = uint16_t;

LaneSet lanes(Mask mask) {
  using Flags = bool __attribute__((ext_vector_type(kLanes)));
  return __builtin_bit_cast(LaneSet, __builtin_convertvector(mask, Flags));
}

/// Calls `visit` with each lane of the set.
template <class Visit>
void forEach(LaneSet set, Visit visit) {
  for (unsigned rest = set; rest; rest &= rest - 1)
    visit(__builtin_ctz(rest));
}

/// `now` behind the last lane of `before`.
Vector delayed(Vector before, Vector now) {
  return __builtin_shufflevector(before, now, 15, 16, 17, 18, 19, 20, 21, 22,
                                 23, 24, 25, 26, 27, 28, 29, 30);
}

/// A type's numbers in vectors.
class Rounding {
public:
  explicit Rounding(Type type)
      : f(format(type)), direct(type == Type::F32),
        limit(f.saturates ? f.largest : HUGE_VAL),
        end(std::ldexp(1.0, std::ilogb(f.largest) + 1)) {}

  /// As roundTo().
  Vector round(Vector x) const {
    if (direct)
      return __builtin_convertvector(
          __builtin_convertvector(x, Singles::Vector), Vector);
    Doubles::Bits place = lastPlace(x);
    Vector y = __builtin_elementwise_roundeven(x * power(-place));
    y *= power(place);
    return __builtin_elementwise_abs(y) > f.largest
               ? __builtin_elementwise_copysign(Vector(limit), y)
               : y;
  }

  /// The last place of a number, as a power of two.
  Doubles::Bits lastPlace(Vector x) const {
    Doubles::Bits exponent = (Doubles::bits(x) >> 52 & 0x7ff) - 1023;
    return __builtin_elementwise_max(exponent, Doubles::Bits(f.minExponent)) -
           (f.precision - 1);
  }
  static Vector power(Doubles::Bits n) {
    return Doubles::fromBits((n + 1023) << 52).v;
  }

  const Format &f;
  bool direct;
  /// What stands for numbers out of range, and the first one.
  double limit, end;
};

/// What kernels' results are compared with, and where.
struct Expected {
  Vector high, low, before, rounded, x, other;
  /// Lanes with an input, and those with a neighbour before them.
  LaneSet inputs, neighbours;
  /// The number that infinity counts as; the result that is right where the
  /// exact value is out of range, else NaN; 1 / last place.
  Vector end, saturated, scale;

  Expected(const Rounding &rounding, Vector high, Vector low)
      : high(high), low(low), end(rounding.end) {
    Mask beyond = __builtin_elementwise_abs(high) >=
                  std::min(rounding.limit, rounding.end);
    saturated =
        beyond ? __builtin_elementwise_copysign(Vector(rounding.limit), high)
               : Vector(NAN);
    scale = rounding.power(-rounding.lastPlace(high));
  }

  /// |y - (high + low)| in units of the last place. Infinity counts as the
  /// first number out of range; a zero has the sign of what it stands for.
  Vector distance(Vector y) const {
    Vector number = __builtin_elementwise_abs(y) == HUGE_VAL
                        ? __builtin_elementwise_copysign(end, y)
                        : y;
    Vector error = __builtin_elementwise_abs((number - high) - low) * scale;
    error = y == saturated ? Vector(0) : error;
    Mask wrong = ((y == 0) & ((Doubles::bits(y) ^ Doubles::bits(high)) < 0)) |
                 (error != error);
    return ((y != y) & (high != high)) ? Vector(0)
           : wrong                     ? Vector(HUGE_VAL)
                                       : error;
  }

  /// `lastY` and `y` are results of the lanes before and of these.
  void compare(Vector lastY, Vector y, Result &result) const {
    auto count = [&](Mask mask) {
      return __builtin_popcount(lanes(mask) & inputs);
    };
    result.misrounded += count((Doubles::bits(y) != Doubles::bits(rounded)) &
                               ((y == y) | (rounded == rounded)));
    result.unordered += __builtin_popcount(
        lanes((high - before) * (y - delayed(lastY, y)) < 0) & neighbours);
    Vector error = distance(y);
    if (!lanes((error >= std::min(result.ulps, 1.0)) & (error > 0)))
      return;
    result.above1 += count(error > 1);
    result.above4 += count(error > 4);
    // Errors may grow from input to input.
    double most = __builtin_reduce_max(error);
    if (most >= result.ulps)
      forEach(lanes(error == most),
              [&](int lane) { result.offer(most, x[lane], other[lane]); });
  }
};

/// The kernels of a function and a type on a vector of operands.
class Evaluation {
public:
  Evaluation(Function function, Type type, Sweep sweep)
      : function(function), type(type),
        single(sweep == Sweep::Single && type == Type::F32),
        main(isGradient(function) ? 1 : 0), p(defaultParameters(function)),
        limits(function, p), rounding(type) {
    for (unsigned k = 0; k < kNumKernels; ++k) {
      Kernel kernel = static_cast<Kernel>(k);
      if (isPartOf(sweep, kernel) && exists(function, kernel, type, p))
        kernels.push_back(kernel);
    }
  }

  void run(const Block &block, Results &results);

private:
  Vector decoded(Doubles::Unsigned patterns);
  void read(const Block &block, uint64_t i);
  DoubleDouble<Doubles> exact();
  Vector correct(Vector high, Vector low);
  Vector resultOf(Kernel kernel, Vector high, Vector low);

  Function function;
  Type type;
  /// The core is the reference.
  bool single;
  /// The operand that is x.
  unsigned main;
  const double *p;
  Limits limits;
  Rounding rounding;
  std::vector<Kernel> kernels;
  Doubles args[3];
  Singles singles[3];
};

} // namespace

Vector Evaluation::decoded(Doubles::Unsigned patterns) {
  if (type == Type::F32)
    return __builtin_convertvector(
        Singles::fromBits(__builtin_convertvector(patterns, Singles::Bits)).v,
        Vector);
  double x[kLanes];
  for (int lane = 0; lane < kLanes; ++lane)
    x[lane] = decode(patterns[lane], type);
  Vector result;
  std::memcpy(&result, x, sizeof x);
  return result;
}

/// The operands from input `i` of the block on.
void Evaluation::read(const Block &block, uint64_t i) {
  int rest = 64 - format(type).width;
  Doubles::Unsigned patterns;
  for (int lane = 0; lane < kLanes; ++lane)
    patterns[lane] = block.first + (i + lane) * block.step;
  patterns = patterns << rest >> rest;
  Vector x = decoded(patterns), other = 1;
  if (block.others.kind == Others::Fixed)
    other = decode(block.others.value, type);
  if (block.others.kind == Others::Each) {
    other = decoded(scrambled(patterns, block.others.value) >> rest);
    other = other - other == 0 ? other : Vector(1);
  }
  for (unsigned k = 0; k < 3; ++k) {
    args[k].v = k == main ? x : other;
    singles[k].v = __builtin_convertvector(args[k].v, Singles::Vector);
  }
}

/// The core's value or the pair's.
DoubleDouble<Doubles> Evaluation::exact() {
  if (single)
    return DoubleDouble<Doubles>(
        Kernels<Doubles>(args[0]).evaluate(function, p, args));
  auto y = evaluateWide(function, p, args, limits);
  y.low.v = y.low.v == y.low.v ? y.low.v : Vector(0);
  return y;
}

Vector Evaluation::correct(Vector high, Vector low) {
  Vector y = rounding.round(Doubles{high}.towardsOdd({low}).v);
  Vector margin =
      __builtin_elementwise_abs(high) * (single ? kCoreError : kPairError);
  Vector finite = high - high + (args[0].v - args[0].v);
  if (numOperands(function) > 1)
    finite += args[1].v - args[1].v;
  Mask open = rounding.round(high - margin) != rounding.round(high + margin);
  forEach(lanes(open & (finite == 0)), [&](int lane) {
    double v[3];
    for (unsigned k = 0; k < 3; ++k)
      v[k] = args[k].v[lane];
    y[lane] = correctlyRounded(function, type, v);
  });
  return y;
}

Vector Evaluation::resultOf(Kernel kernel, Vector high, Vector low) {
  auto widened = [](Singles y) { return __builtin_convertvector(y.v, Vector); };
  switch (kernel) {
  case Kernel::Native:
    return widened(Kernels<Singles>(singles[0]).evaluate(function, p, singles));
  case Kernel::Plain:
    return widened(SingleKernels<Singles, false>(singles[0], type)
                       .evaluate(function, p, singles));
  case Kernel::Paired:
    return widened(SingleKernels<Singles, true>(singles[0], type)
                       .evaluate(function, p, singles));
  case Kernel::Core:
    return Kernels<Doubles>(args[0], breaksTies(type))
        .evaluate(function, p, args)
        .v;
  case Kernel::Wide:
    break;
  }
  return Doubles{high}.towardsOdd({low}).v;
}

void Evaluation::run(const Block &block, Results &results) {
  Vector lastX = NAN, lastHigh = NAN, lastY[kNumKernels];
  std::fill_n(lastY, kNumKernels, Vector(NAN));
  for (uint64_t i = 0; i < block.count; i += kLanes) {
    read(block, i);
    DoubleDouble<Doubles> pair = exact();
    Vector x = args[main].v, high = pair.high.v, low = pair.low.v;
    uint64_t left = block.count - i;
    LaneSet inputs = left < kLanes ? (1u << left) - 1 : 0xffff;
    Mask sameSign = (Doubles::bits(x) ^ Doubles::bits(delayed(lastX, x))) >= 0;
    bool ordered = block.others.kind == Others::One;
    Expected expected(rounding, high, low);
    expected.before = delayed(lastHigh, high);
    expected.rounded = correct(high, low);
    expected.x = x;
    expected.other = args[1 - main].v;
    expected.inputs = inputs;
    expected.neighbours = ordered ? lanes(sameSign) & inputs : 0;
    for (Kernel kernel : kernels) {
      unsigned k = static_cast<unsigned>(kernel);
      Vector y = rounding.round(resultOf(kernel, high, low));
      expected.compare(lastY[k], y, results[k]);
      lastY[k] = y;
    }
    lastX = x;
    lastHigh = high;
  }
  for (Kernel kernel : kernels)
    results[static_cast<unsigned>(kernel)].inputs += block.count;
}

void mlir::act::numerics::sweepBlock(Function function, Type type, Sweep sweep,
                                     const Block &block, Results &results) {
  Evaluation(function, type, sweep).run(block, results);
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
