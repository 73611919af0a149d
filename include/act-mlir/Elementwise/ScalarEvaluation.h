// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// One operation on numbers: what raising and the reference evaluation share.

#ifndef ACT_MLIR_ELEMENTWISE_SCALAREVALUATION_H
#define ACT_MLIR_ELEMENTWISE_SCALAREVALUATION_H

#include "act-mlir/Numerics/Functions.h"
#include "mlir/IR/Operation.h"
#include <optional>

namespace mlir::act {

/// Computes an operation of one result in f64, as the real-valued function it
/// names: conversions between floats keep the number. No value where the
/// operation has none (an integer divided by 0).
using ScalarEvaluator = std::optional<double> (*)(Operation *op,
                                                  ArrayRef<double> operands);

/// Null for an operation that is not known.
ScalarEvaluator getScalarEvaluator(Operation *op);

/// The same in one call; nothing where the operation is not known.
std::optional<double> evaluateScalar(Operation *op, ArrayRef<double> operands);

/// The function with a kernel that an operation of the math dialect names.
std::optional<numerics::Function> getMathFunction(Operation *op);

/// True where the function's kernel of Kernel::Core gives up results below what
/// f32 has: a factor that comes later may bring those back.
bool coreLacksTails(numerics::Function function);

/// A number of an attribute; integers as they are, bits as 0 and 1.
std::optional<double> getConstantNumber(Attribute value);

} // namespace mlir::act

#endif // ACT_MLIR_ELEMENTWISE_SCALAREVALUATION_H
