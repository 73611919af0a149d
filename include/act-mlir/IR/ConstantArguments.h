// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Arguments of an entry point whose values change rarely, as weights do.

#ifndef ACT_MLIR_IR_CONSTANTARGUMENTS_H
#define ACT_MLIR_IR_CONSTANTARGUMENTS_H

#include "mlir/IR/Value.h"

namespace mlir::act {

/// The attribute of such an argument, and that of one which is computed from
/// them when they have changed (act-outline-constants).
inline constexpr llvm::StringLiteral kConstantAttr = "act.constant";
inline constexpr llvm::StringLiteral kPreparedAttr = "act.prepared";

/// Whether a value is an argument with one of them.
bool isConstantArgument(Value value);

} // namespace mlir::act

#endif // ACT_MLIR_IR_CONSTANTARGUMENTS_H
