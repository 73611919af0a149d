// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a program means: an evaluation that shares nothing with the compiled
// code but the kernels' formulas.

#ifndef ACT_MLIR_COMPILER_REFERENCE_H
#define ACT_MLIR_COMPILER_REFERENCE_H

#include "act-mlir/Compiler/HostTensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::act {

/// The results of a function in f64, without a rounding in between: every
/// operation is evaluated as the real-valued function it names. Integers are
/// exact up to 2^53. An operation that is not known is a located error.
FailureOr<std::vector<std::vector<double>>>
evaluateReference(func::FuncOp function, ArrayRef<HostTensor> inputs);

/// |value - reference| in units in the last place of the reference in a float
/// type; an infinity counts as the power of two behind the largest number; a
/// NaN against a number, and a zero of the wrong sign, is infinitely wrong.
double ulpError(double value, double reference, FloatType type);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_REFERENCE_H
