// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which function with a name a function of one number is, by its values.

#ifndef ACT_MLIR_ELEMENTWISE_KNOWNFUNCTIONS_H
#define ACT_MLIR_ELEMENTWISE_KNOWNFUNCTIONS_H

#include "Cone.h"

namespace mlir::act {

/// Where functions are looked at first, far away at last.
inline constexpr double kFarProbe = 1e30;
inline constexpr double kProbes[] = {0,  1,     -1,   0.25,      -0.25,
                                     4,  -4,    0.01, 2.5,       -2.5,
                                     30, -0.01, -30,  kFarProbe, -kFarProbe};
inline constexpr unsigned kNumProbes = std::size(kProbes);
inline constexpr unsigned kNumNear = kNumProbes - 2;

/// A function and its parameters, which may be the one that is looked for.
struct NamedFunction {
  numerics::Function function;
  SmallVector<double, 2> parameters;

  bool operator==(const NamedFunction &other) const {
    return function == other.function && parameters == other.parameters;
  }
  double operator()(double x, bool inPairs) const;
  /// `gelu`, `elu {alpha = 5.000000e-01 : f64}`.
  std::string text(MLIRContext *context) const;
  /// The operation on a value.
  Operation *build(OpBuilder &b, Location loc, Value x) const;
};

/// A quick look: false where values at the probes are those of no function
/// with a name, whatever its parameters.
bool mayBeNamed(ArrayRef<double> probes);

/// Functions that agree roughly at the probes, the likelier ones first; their
/// parameters are taken from the cone's constants where those explain them.
SmallVector<NamedFunction> nameCandidates(const Cone &cone);

/// What a close comparison of a cone with a function found.
struct Comparison {
  bool agrees = false;
  /// The largest relative difference where the cone's value is certain, and
  /// where that was.
  double difference = 0, at = 0;
  /// What differs at -inf, -0, +0, +inf and NaN: "-inf gives -0 instead of
  /// nan"; empty where nothing does.
  std::string specials;
};

Comparison compare(const Cone &cone, const NamedFunction &named);

} // namespace mlir::act

#endif // ACT_MLIR_ELEMENTWISE_KNOWNFUNCTIONS_H
