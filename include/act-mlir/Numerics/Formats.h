// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The floating-point types, and rounding to them on the host.

#ifndef ACT_MLIR_NUMERICS_FORMATS_H
#define ACT_MLIR_NUMERICS_FORMATS_H

#include <cstdint>

namespace mlir::act::numerics {

enum class Type : uint8_t { F64, F32, F16, BF16, F8E4M3FN, F8E5M2 };

constexpr unsigned kNumTypes = 6;

struct Format {
  const char *name;
  int width, precision, minExponent;
  double largest;
  /// Numbers out of range become the largest one, not infinity.
  bool saturates;
};

const Format &format(Type type);

/// True for the types whose kernels break ties, see Kernels.
inline bool breaksTies(Type type) { return format(type).width < 32; }

/// x rounded once, to nearest and ties to even.
double roundTo(double x, Type type);

/// The number that a pattern of the type's width stands for.
double decode(uint64_t bits, Type type);

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_FORMATS_H
