// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Sums of products: what the loops of matrix products and convolutions are.

#ifndef ACT_MLIR_PACKING_CONTRACTION_H
#define ACT_MLIR_PACKING_CONTRACTION_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::act {

/// `c[..] += a[..] * b[..]`, with the loops by what they mean for a register
/// tile: an element of the left operand meets a vector of the right one, which
/// runs along one loop of the result, the columns.
struct Contraction {
  mutable linalg::LinalgOp op;
  /// Operand numbers.
  unsigned left, right;
  /// The loop along the vectors.
  unsigned column;
  /// Columns side by side in packed memory; 0: the right operand is not packed.
  int64_t panel = 0;
  /// Packed memory has two steps of the innermost reduced loop side by side.
  bool paired = false;
  /// Parallel loops of the left operand alone, and all others; reduced loops in
  /// order, which is the order of the sums.
  SmallVector<unsigned> rows, outer, reduced;

  /// The contraction with vectors along `column`, a parallel loop that one of
  /// the operands, which becomes the right one, has alone.
  static std::optional<Contraction> match(linalg::LinalgOp op, unsigned column);
  /// The loop along which `op` is packed, or that of the result's innermost
  /// dimension.
  static std::optional<Contraction> match(linalg::LinalgOp op);

  /// Whether the body adds the product of its operands to the sum, in f32 or
  /// f64.
  static bool isMultiplyAdd(linalg::LinalgOp op);

  AffineMap leftMap() const { return map(left); }
  AffineMap rightMap() const { return map(right); }
  AffineMap resultMap() const {
    return op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  }
  Type sumType() const {
    return getElementTypeOrSelf(op.getDpsInitOperand(0)->get().getType());
  }

private:
  AffineMap map(unsigned operand) const {
    return op.getMatchingIndexingMap(&op->getOpOperand(operand));
  }
};

/// How an operand of a contraction is packed: columns in panels, the reduced
/// loops in the order of the sums, a column inside its panel; before them the
/// loops that the operand shares with all others. In pairs, two steps of the
/// innermost reduced loop lie side by side behind the column.
struct Packing {
  mutable linalg::LinalgOp op;
  unsigned column;
  SmallVector<unsigned> batch, reduced;
  int64_t width;
  bool paired = false;
  /// The dimension of the operand that each loop reads.
  DenseMap<unsigned, unsigned> dimOf;

  /// Nothing if the operation is no contraction, or vectors would not run along
  /// one loop of this operand. `pairs`: of bf16 where both operands have them.
  static std::optional<Packing> choose(linalg::LinalgOp op, OpOperand &operand,
                                       bool pairs = false);

  /// Where the operation's loops read the packed operand.
  AffineMap map() const;
  SmallVector<int64_t> shape(RankedTensorType from) const;
  /// Lets the operation that `operand` belongs to read it in packed form.
  linalg::GenericOp readPacked(OpOperand &operand) const;
};

/// By how much a linear expression grows with each of `count` loops, and its
/// value where all are 0; nothing if it is not linear.
std::optional<std::pair<SmallVector<int64_t>, int64_t>>
linearCoefficients(AffineExpr expr, unsigned count);

} // namespace mlir::act

#endif // ACT_MLIR_PACKING_CONTRACTION_H
