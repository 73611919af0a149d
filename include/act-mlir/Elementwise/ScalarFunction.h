// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A program of one or two tensors that computes each element by itself, as a
// function of numbers.

#ifndef ACT_MLIR_ELEMENTWISE_SCALARFUNCTION_H
#define ACT_MLIR_ELEMENTWISE_SCALARFUNCTION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <memory>

namespace mlir::act {

class Cone;

/// Evaluates without rounding in between. Of two operands the second one is
/// kept. One thread uses one of these.
class ScalarFunction {
public:
  /// The function stays where it is as long as this does. Located errors say
  /// why a function is none of one or two numbers.
  static FailureOr<ScalarFunction> create(func::FuncOp function);

  ScalarFunction(const ScalarFunction &other);
  ScalarFunction(ScalarFunction &&other);
  ~ScalarFunction();

  /// The second operand from now on.
  void setOther(double y);

  /// The value, each operation correct to about 2^-35.
  double operator()(double x) const;
  /// The value, each operation correct to about 2^-51.
  double inPairs(double x) const;
  /// Whether the value came about without an infinity or NaN on the way.
  bool isFinite(double x) const;

private:
  explicit ScalarFunction(std::unique_ptr<Cone> cone);
  std::unique_ptr<Cone> cone;
};

} // namespace mlir::act

#endif // ACT_MLIR_ELEMENTWISE_SCALARFUNCTION_H
