// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a kernel costs, by a number type that counts, and its fingerprint.

#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Numerics/Single.h"
#include "act-mlir/Numerics/Wide.h"

using namespace mlir::act::numerics;

namespace {

struct Counts {
  /// Operations, and what they take of a CPU's ports, in halves.
  unsigned operations = 0, halves = 0;
  /// A hash of the constants, in whatever order a compiler takes them.
  uint64_t constants = 0;
};

/// Each number knows nothing but where the operations are counted.
struct Counter {
  using Mask = Counter;
  using Exponent = Counter;
  static constexpr bool kWide = false;
  Counts *counts;

  Counter step(unsigned operations = 1, unsigned halves = 2) const {
    counts->operations += operations;
    counts->halves += operations * halves;
    return *this;
  }
  /// A division keeps its port for as long as eight other operations.
  Counter slow() const { return step(1, 16); }
  /// A comparison and a choice are one where they make a bound.
  Counter half() const { return step(1, 1); }
  /// Of which NaN and the signs of zero make several.
  Counter bound() const { return step(1, 6); }

  Counter constant(double value) const {
    uint64_t bits = HostF64::bits(value);
    bits = (bits ^ bits >> 32) * 0x9e3779b97f4a7c15;
    counts->constants += bits ^ bits >> 29;
    return *this;
  }
  Counter constant(double high, double low) const {
    return constant(high).constant(low);
  }
  Counter operator-() const { return *this; } // part of a multiply-add
  Counter operator+(Counter) const { return step(); }
  Counter operator-(Counter) const { return step(); }
  Counter operator*(Counter) const { return step(); }
  Counter operator/(Counter) const { return slow(); }
  Mask operator>(Counter) const { return half(); }
  Mask operator<(Counter) const { return half(); }
  Mask operator>=(Counter) const { return half(); }
  Mask operator<=(Counter) const { return half(); }
  Mask operator==(Counter) const { return half(); }
  Exponent nearest(double factor) const { return constant(factor).step(); }
  Counter integral(Exponent) const { return step(); }
  Exponent none() const { return *this; }
  Exponent negated(Exponent) const { return *this; }
  Exponent twice(Exponent) const { return step(); }
  Counter power(Exponent) const { return step(2); }
  Counter inversePower(Exponent) const { return step(2); }
  std::pair<Counter, Exponent> split() const { return {step(5), *this}; }
  Counter exponentField() const { return step(); }
  Counter reciprocalSeed() const { return step(); }
  std::tuple<Counter, Counter, Counter> parts() const {
    return {step(4), step(), step(2)};
  }
  Counter towardsOdd(Counter) const { return step(6); }
};
Counter fma(Counter x, Counter, Counter) { return x.step(); }
Counter sqrt(Counter x) { return x.slow(); }
Counter abs(Counter x) { return x.step(); }
Counter copysign(Counter x, Counter) { return x.step(); }
Counter select(Counter, Counter x, Counter) { return x.half(); }
Counter max(Counter x, Counter) { return x.bound(); }
Counter min(Counter x, Counter) { return x.bound(); }

Counts count(Function function, Type type, Kernel kernel) {
  Counts counts;
  Counter args[3] = {{&counts}, {&counts}, {&counts}};
  const double *p = defaultParameters(function);
  if (kernel == Kernel::Plain) {
    SingleKernels<Counter, false>(args[0], type).evaluate(function, p, args);
  } else if (kernel == Kernel::Paired) {
    SingleKernels<Counter, true>(args[0], type).evaluate(function, p, args);
  } else if (kernel != Kernel::Wide) {
    bool breakTies = kernel == Kernel::Core && breaksTies(type);
    Kernels<Counter>(args[0], breakTies).evaluate(function, p, args);
  } else {
    DoubleDouble<Counter> y = evaluateWide(function, p, args);
    if (type != Type::F64)
      roundToOdd(y);
  }
  return counts;
}

} // namespace

unsigned mlir::act::numerics::countOperations(Function function, Type type,
                                              Kernel kernel) {
  return count(function, type, kernel).operations;
}

unsigned mlir::act::numerics::cost(const Measurement &m) {
  unsigned halves = count(m.function, m.type, m.kernel).halves;
  if (isSingle(m.kernel))
    return halves;
  // f32 halves become two vectors and one again; shorter results take steps on
  // the bits besides.
  return 2 * halves + (m.type == Type::F64 ? 0 : m.type == Type::F32 ? 8 : 28);
}

uint64_t mlir::act::numerics::fingerprint(Function function, Type type,
                                          Kernel kernel) {
  // FNV-1a over the constants, since few results tell a coefficient's last bit,
  // and unrounded results.
  uint64_t hash = 0xcbf29ce484222325, random = 1;
  auto add = [&](uint64_t bits) {
    for (int i = 0; i < 8; ++i, bits >>= 8)
      hash = (hash ^ (bits & 0xff)) * 0x100000001b3;
  };
  Counts counts = count(function, type, kernel);
  add(counts.operations);
  add(counts.constants);
  const double *p = defaultParameters(function);
  bool gradient = isGradient(function);
  for (int i = 0; i < 400; ++i) {
    random = random * 6364136223846793005 + 1442695040888963407;
    // Every exponent, and in every second step the range where things happen.
    double x = i & 1 ? (double(random >> 40) - 0x1p23) * 0x1p-19
                     : decode(random >> (64 - format(type).width), type);
    x = roundTo(x, type);
    double operands[3] = {gradient ? 1.5 : x, gradient ? x : 0.75, 0.75};
    double y = evaluate(function, kernel, type, p, operands);
    add(y != y ? 0 : HostF64::bits(y));
  }
  return hash;
}
