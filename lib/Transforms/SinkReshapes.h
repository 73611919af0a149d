// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_LIB_TRANSFORMS_SINKRESHAPES_H
#define ACT_LIB_TRANSFORMS_SINKRESHAPES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::act {

/// Moves expansions of a contraction's result behind the maps that read it, so
/// that these have the contraction's shape: in
///
///   %m = linalg.matmul ... -> tensor<12x8xf32>
///   %e = tensor.expand_shape %m [[0, 1], [2]] ... into tensor<3x4x8xf32>
///   %y = act.gelu %e : tensor<3x4x8xf32>
///
/// gelu is then of `%m`, and its result is expanded. Other operands collapse,
/// which costs nothing in memory.
void sinkReshapes(func::FuncOp func);

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_SINKRESHAPES_H
