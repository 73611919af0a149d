// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which kernels there are for a function and a type, and what each one's error
// was when it was measured.

#ifndef ACT_MLIR_NUMERICS_REGISTRY_H
#define ACT_MLIR_NUMERICS_REGISTRY_H

#include "act-mlir/Numerics/Formats.h"
#include "act-mlir/Numerics/Functions.h"
#include <cstdint>
#include <optional>

namespace mlir::act::numerics {

/// How a kernel computes.
enum class Kernel : uint8_t {
  Native, // in f32, of which at most one operation rounds
  Plain,  // in f32, rounded at each step
  Paired, // in f32, with the rests of the sums that matter
  Core,   // in f64, with one rounding at the end
  Wide,   // in pairs of f64
};

constexpr unsigned kNumKernels = 5;

/// "f32", "f32-plain", "f32-pair", "f64-core", "f64-pair"
const char *name(Kernel kernel);

/// True for the kernels on f32 data: all but those in f64.
inline bool isSingle(Kernel kernel) { return kernel < Kernel::Core; }

/// True where f32 is enough: for f32 one operation on the operands and on
/// parameters that f32 has, for shorter types a choice between them.
bool hasNative(Function function, Type type, const double *parameters);

/// True where there is a kernel of this kind, and the parameters are in the
/// range that it was made for.
bool exists(Function function, Kernel kernel, Type type,
            const double *parameters);

/// What a target must have for the kernel.
const char *requirement(Kernel kernel);

/// A kernel's error over the inputs that act-sweep visits, with the parameters
/// at their defaults. All of them stand in Measurements.tsv.
struct Measurement {
  Function function;
  Type type;
  Kernel kernel;
  /// The largest error in units of the last place, the input that has it, and
  /// the other operands there.
  double ulps;
  double worstInput;
  double worstOther;
  /// How many inputs were visited.
  uint64_t inputs;
  /// How many results were not the correctly rounded ones.
  uint64_t misrounded;
  /// Scalar operations of one evaluation.
  unsigned operations;
  /// A hash of constants and results: when it changes, the error is to be
  /// measured anew.
  uint64_t fingerprint;
};

/// The measurement, or null for a kernel that there is not.
const Measurement *measurement(Function function, Type type, Kernel kernel);

/// The bound that only correctly rounded results meet.
constexpr double kCorrectlyRounded = 0.5;

/// What may be asked for.
enum class Mode : uint8_t { Highest, Precise, Fast };

/// "highest", "precise", "fast"
const char *name(Mode mode);

/// The error in ULP that a mode allows; nothing where it is not offered.
std::optional<double> bound(Mode mode, Function function, Type type);

/// What an evaluation costs beside others: an operation on f64 as much as two
/// on f32, which has twice the lanes; the way there and back comes on top.
unsigned cost(const Measurement &kernel);

/// The cheapest kernel that there is for the parameters, or for the defaults,
/// and that errs by at most `ulps`; null if there is none. Errors are those
/// with the defaults.
const Measurement *cheapest(Function function, Type type, double ulps,
                            const double *parameters = nullptr);

/// The kernel with the smallest error.
const Measurement &best(Function function, Type type);

/// What the kernel's measurement should have as operations and fingerprint.
unsigned countOperations(Function function, Type type, Kernel kernel);
uint64_t fingerprint(Function function, Type type, Kernel kernel);

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_REGISTRY_H
