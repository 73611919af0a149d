// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The kernels on the host: for folding, for the reference evaluation, and for
// tests. Compile with -ffp-contract=off.

#ifndef ACT_MLIR_NUMERICS_HOST_H
#define ACT_MLIR_NUMERICS_HOST_H

#include "act-mlir/Numerics/Registry.h"
#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <utility>

namespace mlir::act::numerics {

/// A number type that computes at once: f64 with exponents as Kernels.h has
/// them, f32 with the steps of Single.h.
template <class T>
struct HostNumber {
  using Mask = bool;
  using Exponent = HostNumber;
  static constexpr bool kWide = false;
  static constexpr double kIntegerBase = 6755399441055744.0; // 1.5 * 2^52
  T v = 0;

  static uint64_t bits(double x) {
    uint64_t result;
    std::memcpy(&result, &x, 8);
    return result;
  }
  static HostNumber fromBits(uint64_t bits) {
    double result;
    std::memcpy(&result, &bits, 8);
    return {T(result)};
  }

  HostNumber constant(double value) const { return {T(value)}; }
  HostNumber constant(double value, double) const { return {T(value)}; }
  HostNumber operator-() const { return {-v}; }
  HostNumber operator+(HostNumber o) const { return {v + o.v}; }
  HostNumber operator-(HostNumber o) const { return {v - o.v}; }
  HostNumber operator*(HostNumber o) const { return {v * o.v}; }
  HostNumber operator/(HostNumber o) const { return {v / o.v}; }
  Mask operator>(HostNumber o) const { return v > o.v; }
  Mask operator<(HostNumber o) const { return v < o.v; }
  Mask operator>=(HostNumber o) const { return v >= o.v; }
  Mask operator<=(HostNumber o) const { return v <= o.v; }
  Mask operator==(HostNumber o) const { return v == o.v; }

  Exponent nearest(double factor) const {
    return {T(std::fma(v, factor, kIntegerBase))};
  }
  HostNumber integral(Exponent n) const { return {T(n.v - kIntegerBase)}; }
  Exponent none() const { return {T(kIntegerBase)}; }
  Exponent negated(Exponent n) const { return {T(2 * kIntegerBase - n.v)}; }
  Exponent twice(Exponent n) const { return {T(2 * n.v - kIntegerBase)}; }
  HostNumber power(Exponent n) const {
    return fromBits((bits(double(n.v)) + 1023) << 52);
  }
  HostNumber inversePower(Exponent n) const {
    return fromBits((1023 - bits(double(n.v))) << 52);
  }
  std::pair<HostNumber, Exponent> split() const {
    // The bits of sqrt(1/2) lead to those of the power of two.
    uint64_t x = bits(double(v));
    int64_t n = int64_t(x - 0x3fe6a09e667f3bcdull) >> 52;
    return {fromBits(x - (uint64_t(n) << 52)),
            fromBits(bits(kIntegerBase) + uint64_t(n))};
  }
  static uint32_t bits(float x) {
    uint32_t result;
    std::memcpy(&result, &x, 4);
    return result;
  }
  static HostNumber fromBits(uint32_t bits) {
    float result;
    std::memcpy(&result, &bits, 4);
    return {result};
  }
  HostNumber exponentField() const { return fromBits(bits(v) << 23); }
  HostNumber reciprocalSeed() const { return fromBits(0x7ef34000u - bits(v)); }
  std::tuple<HostNumber, HostNumber, HostNumber> parts() const {
    uint32_t x = bits(v);
    int32_t n = int32_t(x - 0x3f3504f3u) >> 23;
    uint32_t exponent = uint32_t(n) << 23;
    int32_t inverse = int32_t(0x3f800000u - exponent);
    return {fromBits(x - exponent),
            {T(n)},
            fromBits(inverse < 0 ? 0u : uint32_t(inverse))};
  }
  /// v, or the neighbour towards v + rest, whichever has an odd last bit where
  /// the rest is not zero.
  HostNumber towardsOdd(HostNumber rest) const {
    if (rest.v == 0 || rest.v != rest.v || std::isinf(v))
      return *this;
    uint64_t x = bits(double(v));
    if (std::signbit(v) != std::signbit(rest.v))
      --x;
    return fromBits(x | 1);
  }
};

template <class T>
HostNumber<T> fma(HostNumber<T> a, HostNumber<T> b, HostNumber<T> c) {
  return {std::fma(a.v, b.v, c.v)};
}
template <class T>
HostNumber<T> sqrt(HostNumber<T> a) {
  return {std::sqrt(a.v)};
}
template <class T>
HostNumber<T> abs(HostNumber<T> a) {
  return {std::fabs(a.v)};
}
template <class T>
HostNumber<T> copysign(HostNumber<T> a, HostNumber<T> b) {
  return {std::copysign(a.v, b.v)};
}
template <class T>
HostNumber<T> select(bool mask, HostNumber<T> a, HostNumber<T> b) {
  return mask ? a : b;
}
/// IEEE 754 maximum and minimum: NaN passes, +0 is greater than -0.
template <class T>
HostNumber<T> max(HostNumber<T> a, HostNumber<T> b) {
  if (a.v != a.v || b.v != b.v)
    return {a.v + b.v};
  if (a.v == b.v)
    return {std::signbit(a.v) ? b.v : a.v};
  return a.v > b.v ? a : b;
}
template <class T>
HostNumber<T> min(HostNumber<T> a, HostNumber<T> b) {
  if (a.v != a.v || b.v != b.v)
    return {a.v + b.v};
  if (a.v == b.v)
    return {std::signbit(a.v) ? a.v : b.v};
  return a.v < b.v ? a : b;
}

using HostF64 = HostNumber<double>;
using HostF32 = HostNumber<float>;

/// What the kernel gives before its one rounding to the type: from there
/// roundTo() gives the bits of compiled code.
double evaluate(Function function, Kernel kernel, Type type,
                const double *parameters, const double *operands);

/// True where the kernel's results of a type of 16 or 8 bits are those of the
/// kernel on pairs of f64, so correctly rounded, with these parameters.
bool agreeOnAllInputs(Function function, Kernel kernel, Type type,
                      const double *parameters);

/// The function's value, at most 2 ULP of f64 off.
double evaluate(Function function, const double *parameters,
                const double *operands);

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_HOST_H
