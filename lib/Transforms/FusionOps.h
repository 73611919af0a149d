// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What operations on tensors are to fusion.

#ifndef ACT_LIB_TRANSFORMS_FUSIONOPS_H
#define ACT_LIB_TRANSFORMS_FUSIONOPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Operation.h"

namespace mlir::act {

enum class FusionRole {
  Map,         // each element of the result from elements at one position
  Reduction,   // rows of an operand to one value each
  Row,         // act.softmax and its like: reductions of a row and a map
  Contraction, // reads elements many times: products, convolutions, windows
  Free,        // costs nothing to repeat inside a kernel: constants, fills
  View,        // drops or adds dimensions of extent 1
  Other        // stays outside of kernels
};

FusionRole fusionRole(Operation *op);

/// True for `act`, `arith` and `math` on tensors of one shape.
bool isElementwise(Operation *op);

/// How the body of an operation reads a value.
struct FusionRead {
  /// The value, before views where `isThroughView`.
  Value value;
  /// From the loops to the positions that are read; null for what the body
  /// reads at positions of its own.
  AffineMap map;
  bool isThroughView = false;
};

/// The reads of tensors by an operation; views are looked through where the
/// operation can be written without them.
SmallVector<FusionRead> fusionReads(Operation *op);

/// What one element costs, in vector operations, without its operands'.
unsigned elementCost(Operation *op);

/// How many times a row is read by a row operation or a reduction.
unsigned passesOverRow(Operation *op);

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_FUSIONOPS_H
