// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The kernels on the host: for folding, for the reference evaluation, and for
// tests. Compile with -ffp-contract=off.

#ifndef ACT_MLIR_NUMERICS_HOST_H
#define ACT_MLIR_NUMERICS_HOST_H

#include "act-mlir/Numerics/Functions.h"
#include <cmath>
#include <cstdint>
#include <cstring>

namespace mlir::act::numerics {

/// A number type that computes at once.
struct HostF64 {
  using Mask = bool;
  double v = 0;

  HostF64 constant(double value) const { return {value}; }
  HostF64 operator+(HostF64 o) const { return {v + o.v}; }
  HostF64 operator-(HostF64 o) const { return {v - o.v}; }
  HostF64 operator*(HostF64 o) const { return {v * o.v}; }
  HostF64 operator/(HostF64 o) const { return {v / o.v}; }
  Mask operator>(HostF64 o) const { return v > o.v; }
  Mask operator<(HostF64 o) const { return v < o.v; }
  Mask operator>=(HostF64 o) const { return v >= o.v; }
  Mask operator<=(HostF64 o) const { return v <= o.v; }
  Mask operator==(HostF64 o) const { return v == o.v; }

  HostF64 pow2() const {
    double shifted = v + 6755399441055744.0;
    uint64_t bits;
    std::memcpy(&bits, &shifted, 8);
    bits = (bits + 1023) << 52;
    HostF64 result;
    std::memcpy(&result.v, &bits, 8);
    return result;
  }

  HostF64 split(HostF64 &n) const {
    uint64_t bits;
    std::memcpy(&bits, &v, 8);
    int64_t k = int64_t(bits - 0x3fe6a09e667f3bcdull) >> 52;
    bits -= uint64_t(k) << 52;
    n.v = double(k);
    HostF64 m;
    std::memcpy(&m.v, &bits, 8);
    return m;
  }
};

inline HostF64 fma(HostF64 a, HostF64 b, HostF64 c) {
  return {std::fma(a.v, b.v, c.v)};
}
inline HostF64 sqrt(HostF64 a) { return {std::sqrt(a.v)}; }
inline HostF64 abs(HostF64 a) { return {std::fabs(a.v)}; }
inline HostF64 select(bool mask, HostF64 a, HostF64 b) { return mask ? a : b; }
/// IEEE 754 maximum and minimum: NaN passes, +0 is greater than -0.
inline HostF64 max(HostF64 a, HostF64 b) {
  if (a.v != a.v || b.v != b.v)
    return {a.v + b.v};
  if (a.v == b.v)
    return {std::signbit(a.v) ? b.v : a.v};
  return a.v > b.v ? a : b;
}
inline HostF64 min(HostF64 a, HostF64 b) {
  if (a.v != a.v || b.v != b.v)
    return {a.v + b.v};
  if (a.v == b.v)
    return {std::signbit(a.v) ? a.v : b.v};
  return a.v < b.v ? a : b;
}

/// The f64 value that is rounded once to the result's type.
double evaluate(Function function, const double *parameters,
                const double *operands);

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_HOST_H
