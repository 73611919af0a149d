// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The inputs that results are hashed over, as bits.

#ifndef ACT_TEST_HASHES_PATTERNS_H
#define ACT_TEST_HASHES_PATTERNS_H

#include "RunModel.h"
#include "act-mlir/Numerics/Formats.h"
#include <vector>

namespace mlir::act::numerics {

act_element elementOf(Type type);

/// The pattern of a number that the type has.
uint64_t encode(double x, Type type);

/// Main operands. f32: every stride-th pattern. f64: patterns of every
/// exponent. Both: the neighbourhoods of numbers at which something happens,
/// the infinities and NaN. Shorter types: all.
class Patterns {
public:
  Patterns(Type type, uint64_t stride);

  uint64_t size() const { return regular + special.size(); }
  uint64_t operator[](uint64_t i) const;
  /// True where those from `i` on are `step()` apart.
  bool isRegular(uint64_t first, uint64_t count) const {
    return type != Type::F64 && first + count <= regular;
  }
  uint64_t step() const { return stride; }

private:
  Type type;
  uint64_t stride, regular;
  std::vector<uint64_t> special;
};

/// Other operands, of every exponent.
uint64_t otherPattern(uint64_t i, Type type);

/// The number in [-4, 4) that a program has as input i.
uint64_t moderatePattern(uint64_t i, Type type);

} // namespace mlir::act::numerics

#endif // ACT_TEST_HASHES_PATTERNS_H
