// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The kernel of one operation: chosen by the accuracy that is asked for, and
// emitted. What act-expand-ops and the stock convert-to-llvm share.

#ifndef ACT_MLIR_TRANSFORMS_EXPANSION_H
#define ACT_MLIR_TRANSFORMS_EXPANSION_H

#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Registry.h"
#include "mlir/IR/PatternMatch.h"
#include <optional>
#include <vector>

namespace mlir::act {

/// True for act operations with a kernel, and for the functions of math that
/// have one.
bool hasKernel(Operation *op);

/// The type of a kernel's results, from that of an element; nothing where
/// there are no kernels, as for f80 and integers.
std::optional<numerics::Type> getNumericType(Type element);

/// What is asked for: a mode, or a bound in ULP.
struct AccuracyRequest {
  AccuracyMode mode = AccuracyMode::Precise;
  double ulps = 0;

  /// The bound in ULP for a function, or nothing where the mode has none.
  std::optional<double> bound(numerics::Function function,
                              numerics::Type type) const;
  /// As options have it: "precise", "0.51".
  std::string str() const;
};

class Expansion {
public:
  /// `request` is for operations that state no accuracy of their own. Vectors
  /// of bf16 are taken in pairs (see FloatCasts.h) where the vector dialect is
  /// there to say so.
  explicit Expansion(AccuracyRequest request = {}, bool inPairs = false)
      : request(request), inPairs(inPairs) {}

  /// The value of an operation that has a kernel, on scalars or vectors, as
  /// `arith` and `math.fma` where `b` stands. An error at the operation if no
  /// kernel is as accurate as it asks.
  FailureOr<Value> expand(OpBuilder &b, Operation *op);

  struct Call {
    numerics::Function function;
    SmallVector<double> parameters;
    numerics::Type type;
  };

  /// What an operation with a kernel computes; an error on other types than
  /// those of kernels.
  static FailureOr<Call> callOf(Operation *op);
  /// The kernel that it becomes, or the same error as of `expand`.
  FailureOr<numerics::Kernel> choose(Operation *op, const Call &call);
  /// What is asked of an operation: by itself, or by all.
  AccuracyRequest requestOf(Operation *op) const;

private:
  std::optional<numerics::Kernel> cheapest(const Call &call, double bound);

  AccuracyRequest request;
  bool inPairs;
  /// Kernels for parameters other than the defaults, once tried on all inputs.
  std::vector<std::pair<Call, numerics::Kernel>> tried;
};

/// The same as a pattern: activations on scalars and vectors become their
/// kernels. For greedy rewriting and for conversions.
void populateExpansionPatterns(RewritePatternSet &patterns,
                               AccuracyRequest request = {});

} // namespace mlir::act

#endif // ACT_MLIR_TRANSFORMS_EXPANSION_H
