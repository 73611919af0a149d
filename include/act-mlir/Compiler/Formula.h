// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A formula in one line as a program.

#ifndef ACT_MLIR_COMPILER_FORMULA_H
#define ACT_MLIR_COMPILER_FORMULA_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::act {

/// The text of a program `formula` that computes each element x of a tensor of
/// an element type, or x and y of two, by a formula such as
/// `x * tanh(log1p(exp(x)))`: numbers, `x`, `y`, + - * / ^ with the usual
/// precedence, `max(a, b)`, `min(a, b)`, `abs`,
/// and every function of one number that `act` and `math` have a kernel for.
llvm::Expected<std::string> formulaProgram(StringRef formula,
                                           StringRef elementType);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_FORMULA_H
