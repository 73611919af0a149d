// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Transposition in registers.

#ifndef ACT_LIB_TRANSFORMS_TRANSPOSE_H
#define ACT_LIB_TRANSFORMS_TRANSPOSE_H

#include "mlir/IR/Builders.h"

namespace mlir::act {

/// As many vectors as each has lanes, a power of two: rows for columns. A null
/// one may hold anything, and so may the results that are null.
SmallVector<Value> transposeVectors(OpBuilder &b, Location loc,
                                    SmallVector<Value> vectors);

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_TRANSPOSE_H
