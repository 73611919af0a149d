// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Packing/Contraction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

using namespace mlir;
using namespace mlir::act;

std::optional<std::pair<SmallVector<int64_t>, int64_t>>
mlir::act::linearCoefficients(AffineExpr expr, unsigned count) {
  MLIRContext *context = expr.getContext();
  bool linear = true;
  expr.walk([&](AffineExpr part) {
    linear &= part.getKind() == AffineExprKind::Add ||
              part.getKind() == AffineExprKind::Mul ||
              part.getKind() == AffineExprKind::Constant ||
              part.getKind() == AffineExprKind::DimId;
  });
  if (!linear)
    return std::nullopt;
  auto at = [&](int64_t one) {
    SmallVector<AffineExpr> dims;
    for (int64_t i = 0; i < count; ++i)
      dims.push_back(getAffineConstantExpr(i == one, context));
    AffineExpr value = simplifyAffineExpr(expr.replaceDims(dims), 0, 0);
    return cast<AffineConstantExpr>(value).getValue();
  };
  int64_t zero = at(-1);
  SmallVector<int64_t> coefficients;
  for (int64_t i = 0; i < count; ++i)
    coefficients.push_back(at(i) - zero);
  return std::make_pair(coefficients, zero);
}

/// An operand's element, widened or not.
static bool isElement(Value value, BlockArgument argument) {
  if (auto widened = value.getDefiningOp<arith::ExtFOp>())
    value = widened.getIn();
  return value == argument;
}

bool Contraction::isMultiplyAdd(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op.hasIndexSemantics())
    return false;
  Block *body = op.getBlock();
  BlockArgument sum = body->getArgument(2);
  if (!sum.getType().isF32() && !sum.getType().isF64())
    return false;
  auto add =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!add || !sum.hasOneUse() || *sum.getUsers().begin() != add)
    return false;
  Value other = add.getLhs() == sum ? add.getRhs() : add.getLhs();
  auto product = other.getDefiningOp<arith::MulFOp>();
  if (!product || !product->hasOneUse())
    return false;
  BlockArgument a = body->getArgument(0), b = body->getArgument(1);
  return (isElement(product.getLhs(), a) && isElement(product.getRhs(), b)) ||
         (isElement(product.getLhs(), b) && isElement(product.getRhs(), a));
}

/// Whether the elements of both operands can be taken in pairs of steps of the
/// innermost reduced loop: bf16 in memory, those of `other` side by side.
static bool canPair(linalg::LinalgOp op, AffineMap other, unsigned inner) {
  if (other.getNumResults() == 0 ||
      llvm::any_of(op.getDpsInputs(), [](Value input) {
        return !getElementTypeOrSelf(input).isBF16();
      }))
    return false;
  for (AffineExpr expr : other.getResults()) {
    int64_t wanted = expr == other.getResults().back() ? 1 : 0;
    if (linearCoefficients(expr, other.getNumDims())->first[inner] != wanted)
      return false;
  }
  return true;
}

/// `n` where an expression is `loop mod n`, else 0.
static int64_t modulus(AffineExpr expr, unsigned loop) {
  auto rest = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!rest || rest.getKind() != AffineExprKind::Mod ||
      rest.getLHS() != getAffineDimExpr(loop, expr.getContext()))
    return 0;
  auto size = dyn_cast<AffineConstantExpr>(rest.getRHS());
  return size ? size.getValue() : 0;
}

/// The loop that a map of packed memory reads in pairs, as its last dimension
/// says: k mod 2.
static std::optional<unsigned> pairedLoop(AffineMap map) {
  if (map.getNumResults() > 2)
    for (unsigned loop = 0; loop < map.getNumDims(); ++loop)
      if (modulus(map.getResults().back(), loop) == 2)
        return loop;
  return std::nullopt;
}

/// The width of the panels that a map of packed memory reads, as its first
/// packed dimension and its last one, but for pairs, say: c floordiv width,
/// ..., c mod width.
static int64_t panelWidth(AffineMap map, unsigned column) {
  ArrayRef<AffineExpr> reads =
      map.getResults().drop_back(pairedLoop(map) ? 1 : 0);
  return reads.empty() ? 0 : modulus(reads.back(), column);
}

std::optional<Contraction> Contraction::match(linalg::LinalgOp op,
                                              unsigned column) {
  if (!isMultiplyAdd(op))
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  bool first = maps[0].isFunctionOfDim(column),
       second = maps[1].isFunctionOfDim(column);
  if (first == second || !maps[2].isProjectedPermutation())
    return std::nullopt;
  Contraction result;
  result.op = op;
  result.left = first ? 1 : 0;
  result.right = first ? 0 : 1;
  result.column = column;
  for (auto [i, type] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (type == utils::IteratorType::reduction)
      result.reduced.push_back(i);
    else if (i == column)
      continue;
    else if (result.leftMap().isFunctionOfDim(i) &&
             !result.rightMap().isFunctionOfDim(i))
      result.rows.push_back(i);
    else
      result.outer.push_back(i);
  }
  if (result.reduced.empty() || !maps[2].isFunctionOfDim(column))
    return std::nullopt;
  unsigned loops = op.getNumLoops();
  for (AffineExpr expr : result.leftMap().getResults())
    if (!linearCoefficients(expr, loops))
      return std::nullopt;
  result.panel = panelWidth(result.rightMap(), column);
  std::optional<unsigned> paired = pairedLoop(result.rightMap());
  result.paired = paired.has_value();
  if (paired && (paired != result.reduced.back() ||
                 !canPair(op, result.leftMap(), result.reduced.back())))
    return std::nullopt;
  AffineExpr dim = getAffineDimExpr(column, op.getContext());
  AffineExpr inner = getAffineDimExpr(result.reduced.back(), op.getContext());
  ArrayRef<AffineExpr> reads = result.rightMap().getResults();
  for (AffineExpr expr : reads.drop_back(!result.panel   ? 0
                                         : result.paired ? 2
                                                         : 1))
    if (!linearCoefficients(expr, loops) &&
        (!result.panel || expr != dim.floorDiv(result.panel)) &&
        (!result.paired || expr != inner.floorDiv(2)))
      return std::nullopt;
  // Elements side by side: the last dimension, and no other, is the column's.
  if (!result.panel)
    for (AffineExpr expr : reads)
      if (expr.isFunctionOfDim(column) != (expr == reads.back()) ||
          (expr == reads.back() && expr != dim))
        return std::nullopt;
  return result;
}

std::optional<Contraction> Contraction::match(linalg::LinalgOp op) {
  if (op.getNumDpsInits() != 1)
    return std::nullopt;
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    for (unsigned loop = 0; loop < map.getNumDims(); ++loop)
      if (panelWidth(map, loop))
        return match(op, loop);
  }
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (result.getNumResults() == 0)
    return std::nullopt;
  auto last = dyn_cast<AffineDimExpr>(result.getResults().back());
  return last ? match(op, last.getPosition()) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// Columns of a panel: two registers of AVX-512, four of AVX2. The layout is
/// the same for all levels of a library, so that they share one copy.
static constexpr int64_t kPanel = 32, kNarrowPanel = 16;

std::optional<Packing> Packing::choose(linalg::LinalgOp op, OpOperand &operand,
                                       bool pairs) {
  if (!Contraction::isMultiplyAdd(op) || !op.isDpsInput(&operand))
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  AffineMap map = maps[operand.getOperandNumber()];
  AffineMap other = maps[1 - operand.getOperandNumber()];
  auto type = cast<RankedTensorType>(operand.get().getType());
  if (!map.isProjectedPermutation() || !maps[2].isProjectedPermutation() ||
      maps[2].getNumResults() == 0 ||
      (type.hasStaticShape() && type.getNumElements() == 0) ||
      llvm::any_of(other.getResults(), [&](AffineExpr expr) {
        return !linearCoefficients(expr, other.getNumDims());
      }))
    return std::nullopt;
  Packing packing;
  packing.op = op;
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    packing.dimOf[cast<AffineDimExpr>(expr).getPosition()] = i;
  SmallVector<unsigned> columns;
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    bool reads = map.isFunctionOfDim(loop);
    if (iterator == utils::IteratorType::reduction) {
      if (!reads)
        return std::nullopt;
      packing.reduced.push_back(loop);
    } else if (reads) {
      (other.isFunctionOfDim(loop) ? packing.batch : columns).push_back(loop);
    }
  }
  if (columns.size() != 1 || packing.reduced.empty())
    return std::nullopt;
  packing.column = columns.front();
  int64_t count = type.getDimSize(packing.dimOf[packing.column]);
  AffineExpr last = maps[2].getResults().back();
  // Vectors along the result's memory are better where the other operand has
  // them; and few columns fill no vector.
  if (last != getAffineDimExpr(packing.column, op.getContext()) &&
      (other.getNumResults() == 0 || other.getResults().back() == last ||
       (!ShapedType::isDynamic(count) && count < 8)))
    return std::nullopt;
  packing.width = !ShapedType::isDynamic(count) && count <= kNarrowPanel
                      ? kNarrowPanel
                      : kPanel;
  packing.paired = pairs && canPair(op, other, packing.reduced.back());
  return packing;
}

AffineMap Packing::map() const {
  MLIRContext *context = op.getContext();
  AffineExpr at = getAffineDimExpr(column, context);
  SmallVector<AffineExpr> results;
  for (unsigned loop : batch)
    results.push_back(getAffineDimExpr(loop, context));
  results.push_back(at.floorDiv(width));
  for (unsigned loop : reduced)
    results.push_back(getAffineDimExpr(loop, context));
  AffineExpr inner = paired ? results.back() : AffineExpr();
  if (paired)
    results.back() = inner.floorDiv(2);
  results.push_back(at % width);
  if (paired)
    results.push_back(inner % 2);
  return AffineMap::get(op.getNumLoops(), 0, results, context);
}

SmallVector<int64_t> Packing::shape(RankedTensorType from) const {
  SmallVector<int64_t> shape;
  for (unsigned loop : batch)
    shape.push_back(from.getDimSize(dimOf.at(loop)));
  int64_t columns = from.getDimSize(dimOf.at(column));
  shape.push_back(ShapedType::isDynamic(columns)
                      ? columns
                      : int64_t(llvm::divideCeil(columns, width)));
  for (unsigned loop : reduced)
    shape.push_back(from.getDimSize(dimOf.at(loop)));
  if (paired && !ShapedType::isDynamic(shape.back()))
    shape.back() = llvm::divideCeil(shape.back(), 2);
  shape.push_back(width);
  if (paired)
    shape.push_back(2);
  return shape;
}

linalg::GenericOp Packing::readPacked(OpOperand &operand) const {
  unsigned position = operand.getOperandNumber();
  IRRewriter rewriter(op.getContext());
  rewriter.setInsertionPoint(operand.getOwner());
  auto generic = dyn_cast<linalg::GenericOp>(operand.getOwner());
  AffineMap packed = map();
  if (!generic)
    generic = *linalg::generalizeNamedOp(
        rewriter, cast<linalg::LinalgOp>(operand.getOwner()));
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  maps[position] = packed;
  generic.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  return generic;
}
