// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which kernels there are for a function and a type, and what each one's error
// was when it was measured.

#ifndef ACT_MLIR_NUMERICS_REGISTRY_H
#define ACT_MLIR_NUMERICS_REGISTRY_H

#include "act-mlir/Numerics/Formats.h"
#include "act-mlir/Numerics/Functions.h"
#include <cstdint>

namespace mlir::act::numerics {

/// How a kernel computes. Cheaper ones come first.
enum class Kernel : uint8_t {
  Native, // in f32, of which at most one operation rounds
  Core,   // in f64, with one rounding at the end
  Wide,   // in pairs of f64
};

constexpr unsigned kNumKernels = 3;

/// "f32", "f64-core", "f64-pair"
const char *name(Kernel kernel);

/// True where f32 is enough: for f32 one operation on the operands and on
/// parameters that f32 has, for shorter types a choice between them.
bool hasNative(Function function, Type type, const double *parameters);

/// What a target must have for the kernel.
const char *requirement(Kernel kernel);

/// A kernel's error over the inputs that act-sweep visits, with the parameters
/// at their defaults.
struct Measurement {
  Function function;
  Type type;
  Kernel kernel;
  /// The largest error in units of the last place, and the input that has it.
  double ulps;
  double worstInput;
  /// How many results were not the correctly rounded ones.
  uint64_t misrounded;
  /// Every input was visited.
  bool all;
  /// Scalar operations of one evaluation.
  unsigned operations;
  /// A hash of results and operations: when it changes, the error is to be
  /// measured anew.
  uint64_t fingerprint;
};

/// The measurement, or null for a kernel that is not offered.
const Measurement *measurement(Function function, Type type, Kernel kernel);

/// The bound that only correctly rounded results meet.
constexpr double kCorrectlyRounded = 0.5;

/// The cheapest kernel, from `least` on, that errs by at most `ulps`, or null.
const Measurement *cheapest(Function function, Type type, double ulps,
                            Kernel least = Kernel::Native);

/// The kernel with the smallest error.
const Measurement &best(Function function, Type type);

/// What the kernel's measurement should have as operations and fingerprint.
unsigned countOperations(Function function, Type type, Kernel kernel);
uint64_t fingerprint(Function function, Type type, Kernel kernel);

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_REGISTRY_H
