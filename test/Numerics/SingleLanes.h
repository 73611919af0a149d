// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Sixteen f32 numbers at once, as the number type of the kernels in f32: the
// same bits as HostF32, many times as fast. Needs clang's vector types.

#ifndef ACT_TEST_NUMERICS_SINGLELANES_H
#define ACT_TEST_NUMERICS_SINGLELANES_H

#include <cstdint>
#include <tuple>

namespace mlir::act::numerics {

constexpr int kSingleLanes = 16;

struct SingleLanes {
  using Vector = float __attribute__((ext_vector_type(kSingleLanes)));
  using Bits = int32_t __attribute__((ext_vector_type(kSingleLanes)));
  using Unsigned = uint32_t __attribute__((ext_vector_type(kSingleLanes)));
  using Mask = Bits;

  Vector v;

  static Bits bits(Vector x) { return __builtin_bit_cast(Bits, x); }
  static SingleLanes fromBits(Bits x) {
    return {__builtin_bit_cast(Vector, x)};
  }
  static Bits left(Bits x) { return Bits(Unsigned(x) << 23); }

  SingleLanes constant(double value) const {
    return {Vector(static_cast<float>(value))};
  }
  SingleLanes operator-() const { return {-v}; }
  SingleLanes operator+(SingleLanes o) const { return {v + o.v}; }
  SingleLanes operator-(SingleLanes o) const { return {v - o.v}; }
  SingleLanes operator*(SingleLanes o) const { return {v * o.v}; }
  SingleLanes operator/(SingleLanes o) const { return {v / o.v}; }
  Mask operator>(SingleLanes o) const { return v > o.v; }
  Mask operator<(SingleLanes o) const { return v < o.v; }
  Mask operator>=(SingleLanes o) const { return v >= o.v; }
  Mask operator<=(SingleLanes o) const { return v <= o.v; }
  Mask operator==(SingleLanes o) const { return v == o.v; }

  SingleLanes exponentField() const { return fromBits(left(bits(v))); }
  SingleLanes reciprocalSeed() const { return fromBits(0x7ef34000 - bits(v)); }
  std::tuple<SingleLanes, SingleLanes, SingleLanes> parts() const {
    Bits x = bits(v);
    Bits n = (x - 0x3f3504f3) >> 23, exponent = left(n);
    Bits inverse = __builtin_elementwise_max(0x3f800000 - exponent, Bits(0));
    return {fromBits(x - exponent),
            {__builtin_convertvector(n, Vector)},
            fromBits(inverse)};
  }
};

inline SingleLanes fma(SingleLanes a, SingleLanes b, SingleLanes c) {
  return {__builtin_elementwise_fma(a.v, b.v, c.v)};
}
inline SingleLanes sqrt(SingleLanes a) {
  return {__builtin_elementwise_sqrt(a.v)};
}
inline SingleLanes abs(SingleLanes a) {
  return {__builtin_elementwise_abs(a.v)};
}
inline SingleLanes copysign(SingleLanes a, SingleLanes b) {
  return {__builtin_elementwise_copysign(a.v, b.v)};
}
inline SingleLanes select(SingleLanes::Mask mask, SingleLanes a,
                          SingleLanes b) {
  return {mask ? a.v : b.v};
}

} // namespace mlir::act::numerics

#endif // ACT_TEST_NUMERICS_SINGLELANES_H
