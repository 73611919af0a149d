// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Loops over vectors from a kernel's body.

#ifndef ACT_LIB_TRANSFORMS_KERNELEMITTER_H
#define ACT_LIB_TRANSFORMS_KERNELEMITTER_H

#include "act-mlir/IR/Act.h"
#include "mlir/IR/Builders.h"

namespace mlir::act {

/// Replaces a kernel on memrefs by its loop nests.
LogicalResult emitKernel(KernelOp kernel);

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_KERNELEMITTER_H
