// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Sixteen numbers at once, as the kernels' number types: the same bits as
// HostF64 and HostF32, many times as fast. Needs clang's vector types.

#ifndef ACT_TEST_NUMERICS_LANES_H
#define ACT_TEST_NUMERICS_LANES_H

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace mlir::act::numerics {

constexpr int kLanes = 16;

template <class T>
struct Lanes {
  static constexpr bool kDouble = std::is_same_v<T, double>;
  using Int = std::conditional_t<kDouble, int64_t, int32_t>;
  using Vector = T __attribute__((ext_vector_type(kLanes)));
  using Bits = Int __attribute__((ext_vector_type(kLanes)));
  using Unsigned =
      std::make_unsigned_t<Int> __attribute__((ext_vector_type(kLanes)));
  using Mask = Bits;
  using Exponent = Lanes;
  static constexpr bool kWide = false;
  static constexpr int kFraction = kDouble ? 52 : 23;
  static constexpr Int kBias = kDouble ? 1023 : 127;
  static constexpr Int kRootOfHalf =
      Int(kDouble ? 0x3fe6a09e667f3bcd : 0x3f3504f3);
  static constexpr double kIntegerBase = 1.5 * double(Int(1) << kFraction);

  Vector v;

  static Bits bits(Vector x) { return __builtin_bit_cast(Bits, x); }
  static Lanes fromBits(Bits x) { return {__builtin_bit_cast(Vector, x)}; }
  static Bits left(Bits x) { return Bits(Unsigned(x) << kFraction); }

  Lanes constant(double value) const { return {Vector(T(value))}; }
  Lanes constant(double value, double) const { return constant(value); }
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
    return {__builtin_elementwise_fma(v, Vector(T(factor)),
                                      Vector(T(kIntegerBase)))};
  }
  Lanes integral(Exponent n) const { return {n.v - T(kIntegerBase)}; }
  Exponent none() const { return constant(kIntegerBase); }
  Exponent negated(Exponent n) const { return {T(2 * kIntegerBase) - n.v}; }
  Exponent twice(Exponent n) const { return {2 * n.v - T(kIntegerBase)}; }
  Lanes power(Exponent n) const { return fromBits(left(bits(n.v) + kBias)); }
  Lanes inversePower(Exponent n) const {
    return fromBits(left(kBias - bits(n.v)));
  }
  std::pair<Lanes, Exponent> split() const {
    Bits x = bits(v), n = (x - kRootOfHalf) >> kFraction;
    return {fromBits(x - left(n)), fromBits(bits(none().v) + n)};
  }
  Lanes exponentField() const { return fromBits(left(bits(v))); }
  Lanes reciprocalSeed() const { return fromBits(0x7ef34000 - bits(v)); }
  std::tuple<Lanes, Lanes, Lanes> parts() const {
    Bits x = bits(v);
    Bits n = (x - kRootOfHalf) >> kFraction, exponent = left(n);
    Bits inverse =
        __builtin_elementwise_max(left(Bits(kBias)) - exponent, Bits(0));
    return {fromBits(x - exponent),
            {__builtin_convertvector(n, Vector)},
            fromBits(inverse)};
  }
  Lanes towardsOdd(Lanes rest) const {
    Mask exact = (rest.v == 0) | (rest.v != rest.v) | (v - v != 0);
    Bits x = bits(v), inwards = (x ^ bits(rest.v)) >> (8 * sizeof(T) - 1);
    return {exact ? v : fromBits((x + inwards) | 1).v};
  }
};

using Doubles = Lanes<double>;
using Singles = Lanes<float>;

template <class T>
Lanes<T> fma(Lanes<T> a, Lanes<T> b, Lanes<T> c) {
  return {__builtin_elementwise_fma(a.v, b.v, c.v)};
}
template <class T>
Lanes<T> sqrt(Lanes<T> a) {
  return {__builtin_elementwise_sqrt(a.v)};
}
template <class T>
Lanes<T> abs(Lanes<T> a) {
  return {__builtin_elementwise_abs(a.v)};
}
template <class T>
Lanes<T> copysign(Lanes<T> a, Lanes<T> b) {
  return {__builtin_elementwise_copysign(a.v, b.v)};
}
template <class Bits, class T>
Lanes<T> select(Bits mask, Lanes<T> a, Lanes<T> b) {
  return {mask ? a.v : b.v};
}
/// IEEE 754 maximum and minimum: NaN passes, +0 is greater than -0.
template <class T>
Lanes<T> max(Lanes<T> a, Lanes<T> b) {
  return {__builtin_elementwise_maximum(a.v, b.v)};
}
template <class T>
Lanes<T> min(Lanes<T> a, Lanes<T> b) {
  return {__builtin_elementwise_minimum(a.v, b.v)};
}

} // namespace mlir::act::numerics

#endif // ACT_TEST_NUMERICS_LANES_H
