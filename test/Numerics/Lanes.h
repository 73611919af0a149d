// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Eight f64 numbers at once, as the kernels' number type: the same bits as
// HostF64, many times as fast. Needs clang's vector types.

#ifndef ACT_TEST_NUMERICS_LANES_H
#define ACT_TEST_NUMERICS_LANES_H

#include <cstdint>
#include <cstring>
#include <utility>

namespace mlir::act::numerics {

constexpr int kLanes = 8;

struct Lanes {
  using Vector = double __attribute__((ext_vector_type(kLanes)));
  using Bits = int64_t __attribute__((ext_vector_type(kLanes)));
  using Mask = Bits;
  using Exponent = Lanes;
  static constexpr bool kWide = false;
  static constexpr double kIntegerBase = 6755399441055744.0;

  Vector v;

  static Bits bits(Vector x) { return __builtin_bit_cast(Bits, x); }
  static Lanes fromBits(Bits x) { return {__builtin_bit_cast(Vector, x)}; }

  Lanes constant(double value) const { return {Vector(value)}; }
  Lanes constant(double value, double) const { return {Vector(value)}; }
  Lanes operator-() const { return {-v}; }
  Lanes operator+(Lanes o) const { return {v + o.v}; }
  Lanes operator-(Lanes o) const { return {v - o.v}; }
  Lanes operator*(Lanes o) const { return {v * o.v}; }
  Lanes operator/(Lanes o) const { return {v / o.v}; }
  Mask operator>(Lanes o) const { return v > o.v; }
  Mask operator<(Lanes o) const { return v < o.v; }
  Mask operator>=(Lanes o) const { return v >= o.v; }
  Mask operator<=(Lanes o) const { return v <= o.v; }
  Mask operator==(Lanes o) const { return v == o.v; }

  Exponent nearest(double factor) const {
    return {__builtin_elementwise_fma(v, Vector(factor), Vector(kIntegerBase))};
  }
  Lanes integral(Exponent n) const { return {n.v - kIntegerBase}; }
  Exponent none() const { return {Vector(kIntegerBase)}; }
  Exponent negated(Exponent n) const { return {2 * kIntegerBase - n.v}; }
  Exponent twice(Exponent n) const { return {2 * n.v - kIntegerBase}; }
  Lanes power(Exponent n) const { return fromBits((bits(n.v) + 1023) << 52); }
  Lanes inversePower(Exponent n) const {
    return fromBits((1023 - bits(n.v)) << 52);
  }
  std::pair<Lanes, Exponent> split() const {
    Bits x = bits(v);
    Bits n = (x - 0x3fe6a09e667f3bcd) >> 52;
    return {fromBits(x - (n << 52)), fromBits(bits(Vector(kIntegerBase)) + n)};
  }
};

inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  return {__builtin_elementwise_fma(a.v, b.v, c.v)};
}
inline Lanes sqrt(Lanes a) { return {__builtin_elementwise_sqrt(a.v)}; }
inline Lanes abs(Lanes a) { return {__builtin_elementwise_abs(a.v)}; }
inline Lanes copysign(Lanes a, Lanes b) {
  return {__builtin_elementwise_copysign(a.v, b.v)};
}
inline Lanes select(Lanes::Mask mask, Lanes a, Lanes b) {
  return {mask ? a.v : b.v};
}
/// IEEE 754 maximum and minimum: NaN passes, +0 is greater than -0.
inline Lanes max(Lanes a, Lanes b) {
  Lanes sum{a.v + b.v},
      equal = Lanes::fromBits(Lanes::bits(a.v) & Lanes::bits(b.v));
  Lanes y = select(a > b, a, select(a < b, b, sum));
  return select(a == b, equal, y);
}
inline Lanes min(Lanes a, Lanes b) {
  Lanes sum{a.v + b.v},
      equal = Lanes::fromBits(Lanes::bits(a.v) | Lanes::bits(b.v));
  Lanes y = select(a < b, a, select(a > b, b, sum));
  return select(a == b, equal, y);
}

} // namespace mlir::act::numerics

#endif // ACT_TEST_NUMERICS_LANES_H
