// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which kernels are contractions that the emitter takes, and their tiles.

#include "ContractionEmitter.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::act;

/// Whether the last two dimensions are one wherever they are read or written
/// behind the contraction.
bool ContractionEmitter::canMergeRows() {
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (!generic || generic == c.op.getOperation())
      continue;
    if (generic.hasIndexSemantics())
      return false;
    unsigned loops = generic.getNumLoops();
    for (OpOperand &operand : generic->getOpOperands()) {
      AffineMap map = generic.getMatchingIndexingMap(&operand);
      bool identity = map.isIdentity();
      if (!identity &&
          (map.isFunctionOfDim(loops - 1) || map.isFunctionOfDim(loops - 2)))
        return false;
    }
  }
  unsigned inputs = kernel.getInputs().size();
  for (auto [i, operand] : llvm::enumerate(kernel.getOperands())) {
    auto memory = dyn_cast<MemRefType>(operand.getType());
    bool isOutput = i >= inputs;
    BlockArgument argument = kernel.getBody().getArgument(i);
    bool isRead = llvm::any_of(argument.getUses(), [&](OpOperand &use) {
      return use.getOwner() != c.op.getOperation();
    });
    if (memory && (isOutput || isRead) &&
        memory.getRank() == int64_t(dimOf.size()) &&
        !memory.getLayout().isIdentity())
      return false;
  }
  return true;
}

/// Whether what follows a sum is more than some additions and comparisons.
bool ContractionEmitter::isLongEpilogue() {
  int64_t ops = 0;
  kernel.getBody().walk([&](Operation *op) {
    auto generic = op->getParentOfType<linalg::GenericOp>();
    if (!generic || generic == c.op.getOperation() ||
        op->hasTrait<OpTrait::IsTerminator>())
      return;
    bool isShort = isa<arith::AddFOp, arith::MulFOp, arith::SubFOp,
                       arith::MaximumFOp, arith::MinimumFOp, ReluOp>(op);
    ops += isShort ? 1 : op->hasTrait<OpTrait::ConstantLike>() ? 0 : 100;
  });
  return ops > 6;
}

/// Whether the distances of rows in the left operand are known.
bool ContractionEmitter::hasStaticSteps() {
  auto argument = cast<BlockArgument>(c.op->getOperand(c.left));
  auto memory = cast<MemRefType>(operands[argument.getArgNumber()].getType());
  auto [strides, offset] = memory.getStridesAndOffset();
  for (auto [expr, stride] : llvm::zip(c.leftMap().getResults(), strides))
    for (int64_t loop : {loopA, loopB})
      if (loop >= 0 && expr.isFunctionOfDim(loop) &&
          ShapedType::isDynamic(stride))
        return false;
  return true;
}

/// Whether the left operand's rows lie whole pages apart: the lines that a tile
/// reads are then in one set of the first-level cache, of which 8 stay there.
bool ContractionEmitter::rowsShareSet() {
  constexpr int64_t kPageBytes = 4096;
  auto argument = cast<BlockArgument>(c.op->getOperand(c.left));
  auto memory = cast<MemRefType>(operands[argument.getArgNumber()].getType());
  auto [strides, offset] = memory.getStridesAndOffset();
  int64_t bytes = 0;
  for (auto [expr, stride] : llvm::zip(c.leftMap().getResults(), strides))
    if (loopB >= 0 && expr.isFunctionOfDim(loopB) &&
        !ShapedType::isDynamic(stride))
      bytes += linearCoefficients(expr, c.op.getNumLoops())->first[loopB] *
               stride * memory.getElementTypeBitWidth() / 8;
  return bytes != 0 && bytes % kPageBytes == 0;
}

/// How many of `extent` make a tile, so that the whole takes the least time: a
/// multiply-add takes half a cycle, but four until it can be used.
int64_t ContractionEmitter::bestRows(int64_t extent, int64_t largest,
                                     int64_t rowsOfEach) {
  int64_t best = 1, bestCost = INT64_MAX;
  auto cost = [&](int64_t count) {
    return std::max<int64_t>(count * rowsOfEach * vectors, 8);
  };
  for (int64_t count = 1; count <= std::min(largest, extent); ++count) {
    int64_t rest = extent % count;
    int64_t total = extent / count * cost(count) + (rest ? cost(rest) : 0);
    // What a tile reads of the right operand is a cost of its own.
    total += (extent / count + (rest != 0)) * vectors;
    if (total <= bestCost) {
      best = count;
      bestCost = total;
    }
  }
  return best;
}

bool ContractionEmitter::plan() {
  result = c.op->getResult(0);
  type = c.sumType();
  for (unsigned operand : {c.left, c.right}) {
    auto argument = dyn_cast<BlockArgument>(c.op->getOperand(operand));
    if (!argument || argument.getOwner()->getParentOp() != kernel ||
        !isa<MemRefType>(operands[argument.getArgNumber()].getType()))
      return false;
  }
  AffineMap map = c.resultMap();
  int64_t rank = map.getNumResults();
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    dimOf[cast<AffineDimExpr>(expr).getPosition()] = i;
  if (rank + c.reduced.size() != c.op.getNumLoops())
    return false;
  for (unsigned i = 0; i < kernel.getOutputs().size(); ++i) {
    SetVector<Operation *> found;
    auto memory = cast<MemRefType>(output(i).getType());
    if (memory.getRank() != rank ||
        !findReductions(yield().getOperand(i), found) || found.empty())
      return false;
    outputs.push_back(i);
    maskable &= isContiguous(output(i)) && !memory.getElementType().isBF16();
  }
  for (Operation &op : kernel.getBody().front().without_terminator())
    if (!isa<linalg::GenericOp, linalg::FillOp, tensor::EmptyOp, tensor::DimOp,
             arith::ConstantOp>(op))
      return false;
  extents = c.op.getStaticLoopRanges();

  auto width = kernel->getAttrOfType<IntegerAttr>("vector_width");
  int64_t stored = 32;
  for (Value output : kernel.getOutputs())
    stored = std::max<int64_t>(
        stored, getElementTypeOrSelf(output).getIntOrFloatBitWidth());
  int64_t bits = (width ? width.getInt() : 16) * stored;
  lanes = bits / type.getIntOrFloatBitWidth();
  auto right = cast<MemRefType>(
      operands[cast<BlockArgument>(c.op->getOperand(c.right)).getArgNumber()]
          .getType());
  auto [strides, offset] = right.getStridesAndOffset();
  if (lanes < 2 || (c.panel && c.panel % lanes != 0) || strides.empty() ||
      strides.back() != 1)
    return false;
  int64_t columns = extents[c.column];
  bool few = !ShapedType::isDynamic(columns) && columns <= lanes;
  vectors = few || c.panel == lanes ? 1 : 2;

  if (!c.rows.empty())
    loopB = c.rows.back();
  if (c.rows.size() >= 2)
    loopA = c.rows[c.rows.size() - 2];
  transposed = dimOf[c.column] != unsigned(rank - 1);
  if (transposed) {
    // Rows lie side by side; what a sum starts with is the same for all.
    if (loopB < 0 || dimOf[loopB] != unsigned(rank - 1) ||
        !llvm::isPowerOf2_64(lanes))
      return false;
    Value init = c.op.getDpsInitOperand(0)->get();
    if (!init.getDefiningOp<linalg::FillOp>() &&
        !init.getDefiningOp<arith::ConstantOp>())
      return false;
  }
  // 28 of 32 registers, or 12 of 16, hold sums.
  int64_t largest =
      bits >= 512 ? (vectors == 1 ? 16 : 14) : (vectors == 1 ? 8 : 6);
  if (rowsShareSet())
    largest = std::min<int64_t>(largest, 8);
  // Each row has a register for its address where distances are not known.
  if (!hasStaticSteps())
    largest = std::min<int64_t>(largest, bits >= 512 ? 8 : 4);
  if (transposed)
    largest = std::min(largest, lanes);
  int64_t rows = staticExtent(loopB);
  if (ShapedType::isDynamic(rows)) {
    tileB = largest;
  } else if (loopA >= 0 && rows <= largest / 2 &&
             !ShapedType::isDynamic(staticExtent(loopA)) &&
             (!transposed ||
              (dimOf[loopA] == unsigned(rank - 2) && canMergeRows()))) {
    tileB = std::max<int64_t>(rows, 1);
    tileA = bestRows(staticExtent(loopA), largest / tileB, tileB);
    merged = transposed;
  } else {
    tileB = std::max<int64_t>(bestRows(rows, largest, 1), 1);
  }
  // One row alone has too few sums in flight.
  bool single = staticExtent(loopB) == 1 && staticExtent(loopA) == 1;
  wideVectors = single && !transposed ? 4 * vectors : vectors;
  longEpilogue = isLongEpilogue();
  return true;
}

/// The sizes of tiles along a loop, the largest first.
SmallVector<int64_t> ContractionEmitter::tileSizes(unsigned loop,
                                                   int64_t tile) {
  SmallVector<int64_t> sizes{tile};
  int64_t extent = staticExtent(loop);
  if (ShapedType::isDynamic(extent)) {
    for (int64_t size : {8, 4, 2, 1})
      if (size < tile)
        sizes.push_back(size);
  } else if (extent % tile != 0) {
    sizes.push_back(extent % tile);
  }
  return sizes;
}
