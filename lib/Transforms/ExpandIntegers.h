// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Activations of integers, which need no kernel.

#ifndef ACT_LIB_TRANSFORMS_EXPANDINTEGERS_H
#define ACT_LIB_TRANSFORMS_EXPANDINTEGERS_H

#include "mlir/IR/Builders.h"

namespace mlir::act {

/// What `act.relu` or `act.clamp` computes of signed integers.
Value expandInteger(OpBuilder &b, Operation *op);

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_EXPANDINTEGERS_H
