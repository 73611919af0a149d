// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Row operations and named operations of other dialects as operations of act.

#ifndef ACT_MLIR_ELEMENTWISE_RAISEROWS_H
#define ACT_MLIR_ELEMENTWISE_RAISEROWS_H

#include "mlir/IR/Block.h"

namespace mlir::act {

/// Replaces `linalg.softmax`, elementwise operations of tosa, and decomposed
/// softmax in a block; returns how many.
unsigned raiseRows(Block &block);

} // namespace mlir::act

#endif // ACT_MLIR_ELEMENTWISE_RAISEROWS_H
