// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Tiles of row operations: any box of rows, and every row whole.

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::act;

namespace {

/// What tiling has to know of a row operation.
struct Rows {
  Operation *op;
  /// The dimension that stays whole; none where all are parallel.
  std::optional<int64_t> dimension;
  /// True where the result does not have it.
  bool reduces = false;
  /// The tensor of the loops' shape.
  Value domain;

  int64_t rank() const {
    return cast<RankedTensorType>(domain.getType()).getRank();
  }
};

template <class OpTy>
Rows rowsOf(OpTy op) {
  return {op, op.getDimension(), false, op->getOperands().back()};
}
template <>
Rows rowsOf(LogSumExpOp op) {
  return {op, op.getDimension(), true, op.getX()};
}

} // namespace

static SmallVector<utils::IteratorType> iterators(const Rows &rows) {
  SmallVector<utils::IteratorType> types(rows.rank(),
                                         utils::IteratorType::parallel);
  if (rows.dimension)
    types[*rows.dimension] = utils::IteratorType::reduction;
  return types;
}

static SmallVector<Range> domain(const Rows &rows, OpBuilder &b) {
  SmallVector<Range> ranges;
  for (OpFoldResult size :
       tensor::getMixedSizes(b, rows.op->getLoc(), rows.domain))
    ranges.push_back({b.getIndexAttr(0), size, b.getIndexAttr(1)});
  return ranges;
}

/// The part of a tensor that belongs to a tile: whole along the dimension.
static Value slice(const Rows &rows, OpBuilder &b, Value tensor,
                   ArrayRef<OpFoldResult> offsets,
                   ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> at(offsets), extents(sizes);
  if (rows.dimension) {
    at[*rows.dimension] = b.getIndexAttr(0);
    extents[*rows.dimension] =
        tensor::getMixedSize(b, rows.op->getLoc(), tensor, *rows.dimension);
  }
  SmallVector<OpFoldResult> strides(at.size(), b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, rows.op->getLoc(), tensor, at,
                                        extents, strides);
}

static FailureOr<TilingResult> tile(const Rows &rows, OpBuilder &b,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes) {
  // A row in parts is no row: a tile has to start where the row does.
  if (rows.dimension && !isConstantIntValue(offsets[*rows.dimension], 0))
    return rows.op->emitOpError("dimension ")
           << *rows.dimension << " cannot be tiled";
  SmallVector<Value> operands;
  SmallVector<Operation *> slices;
  for (Value operand : rows.op->getOperands()) {
    operands.push_back(slice(rows, b, operand, offsets, sizes));
    slices.push_back(operands.back().getDefiningOp());
  }
  // The tile's extents, with the result's own along the dimension.
  auto type = cast<RankedTensorType>(rows.op->getResult(0).getType());
  SmallVector<int64_t> shape;
  auto tileShape = cast<RankedTensorType>(operands.back().getType()).getShape();
  for (int64_t i = 0; i < rows.rank(); ++i) {
    bool whole = rows.dimension && i == *rows.dimension;
    if (whole && rows.reduces)
      continue;
    shape.push_back(whole ? type.getDimSize(i) : tileShape[i]);
  }
  Operation *tiled =
      mlir::clone(b, rows.op,
                  TypeRange{RankedTensorType::get(shape, type.getElementType(),
                                                  type.getEncoding())},
                  operands);
  return TilingResult{{tiled}, {tiled->getResult(0)}, slices};
}

static LogicalResult resultPosition(const Rows &rows, OpBuilder &b,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes,
                                    SmallVector<OpFoldResult> &resultOffsets,
                                    SmallVector<OpFoldResult> &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultSizes.assign(sizes.begin(), sizes.end());
  if (!rows.dimension)
    return success();
  if (rows.reduces) {
    resultOffsets.erase(resultOffsets.begin() + *rows.dimension);
    resultSizes.erase(resultSizes.begin() + *rows.dimension);
    return success();
  }
  // Along the dimension the result may be shorter than the loops (packed).
  ReifiedRankedShapedTypeDims dims;
  if (failed(reifyResultShapes(b, rows.op, dims)))
    return failure();
  resultSizes[*rows.dimension] = dims[0][*rows.dimension];
  return success();
}

/// The tile that makes a part of the result: what a consumer asks for.
static FailureOr<TilingResult> tileForResult(const Rows &rows, OpBuilder &b,
                                             ArrayRef<OpFoldResult> offsets,
                                             ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> at(offsets), extents(sizes);
  if (rows.dimension && rows.reduces) {
    at.insert(at.begin() + *rows.dimension, b.getIndexAttr(0));
    extents.insert(extents.begin() + *rows.dimension, b.getIndexAttr(1));
  } else if (rows.dimension) {
    // A consumer may ask for a part of a row, which is not to be had.
    int64_t extent = cast<RankedTensorType>(rows.op->getResult(0).getType())
                         .getDimSize(*rows.dimension);
    std::optional<int64_t> asked = getConstantIntValue(sizes[*rows.dimension]);
    bool whole = !ShapedType::isDynamic(extent) && asked == extent;
    if (!whole || !isConstantIntValue(offsets[*rows.dimension], 0))
      return failure();
  }
  return tile(rows, b, at, extents);
}

#define ACT_TILING(Class)                                                      \
  SmallVector<utils::IteratorType> Class::getLoopIteratorTypes() {             \
    return iterators(rowsOf(*this));                                           \
  }                                                                            \
  SmallVector<Range> Class::getIterationDomain(OpBuilder &b) {                 \
    return domain(rowsOf(*this), b);                                           \
  }                                                                            \
  FailureOr<TilingResult> Class::getTiledImplementation(                       \
      OpBuilder &b, ArrayRef<OpFoldResult> offsets,                            \
      ArrayRef<OpFoldResult> sizes) {                                          \
    return tile(rowsOf(*this), b, offsets, sizes);                             \
  }                                                                            \
  LogicalResult Class::getResultTilePosition(                                  \
      OpBuilder &b, unsigned, ArrayRef<OpFoldResult> offsets,                  \
      ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,  \
      SmallVector<OpFoldResult> &resultSizes) {                                \
    return resultPosition(rowsOf(*this), b, offsets, sizes, resultOffsets,     \
                          resultSizes);                                        \
  }                                                                            \
  FailureOr<TilingResult> Class::generateResultTileValue(                      \
      OpBuilder &b, unsigned, ArrayRef<OpFoldResult> offsets,                  \
      ArrayRef<OpFoldResult> sizes) {                                          \
    return tileForResult(rowsOf(*this), b, offsets, sizes);                    \
  }
ACT_TILING(SoftmaxOp)
ACT_TILING(LogSoftmaxOp)
ACT_TILING(LogSumExpOp)
ACT_TILING(HardmaxOp)
ACT_TILING(SoftmaxGradOp)
ACT_TILING(LogSoftmaxGradOp)
ACT_TILING(GluOp)
ACT_TILING(GluGradOp)
