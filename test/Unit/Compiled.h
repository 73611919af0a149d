// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Programs on one-dimensional tensors, compiled in memory and run.

#ifndef ACT_TEST_UNIT_COMPILED_H
#define ACT_TEST_UNIT_COMPILED_H

#include "act-mlir/Numerics/Formats.h"
#include <string>
#include <vector>

namespace mlir::act::numerics::test {

/// Numbers, each one that the type has.
struct Column {
  Type type;
  std::vector<double> numbers;
};

/// Compiles a program with one function, runs it on the inputs, and fills the
/// output. Returns what went wrong, or an empty string.
std::string run(const std::string &program, const std::string &accuracy,
                const std::vector<Column> &inputs, Column &output);

/// Numbers of every exponent, the infinities and NaN, and many near zero.
Column randomColumn(Type type, uint64_t seed, int64_t size);

/// Every number of a type of at most 16 bits.
Column allNumbers(Type type);

/// The same number, zeros of the same sign, or both NaN.
bool same(double a, double b);

} // namespace mlir::act::numerics::test

#endif // ACT_TEST_UNIT_COMPILED_H
