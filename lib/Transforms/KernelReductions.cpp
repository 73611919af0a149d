// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Reductions inside a kernel: those along the lanes, joined in a tree, and
// those that each lane does for itself.

#include "act-mlir/Transforms/KernelBody.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include <utility>

using namespace mlir;
using namespace mlir::act;

/// Whether a maximum of numbers starts with one, so that NaN never is in its
/// accumulator.
static bool startsWithNumber(Value init) {
  auto fill = init.getDefiningOp<linalg::FillOp>();
  FloatAttr start;
  return fill && matchPattern(fill.getInputs()[0], m_Constant(&start)) &&
         !start.getValue().isNaN();
}

/// Whether nothing but `op` reads an accumulator, or also a difference that
/// says by how much it grew.
static bool isJoinedBy(Operation *op, BlockArgument accumulator) {
  return llvm::count(op->getOperands(), accumulator) == 1 &&
         llvm::all_of(accumulator.getUsers(), [&](Operation *user) {
           auto growth = dyn_cast<arith::SubFOp>(user);
           return user == op || (growth && growth.getRhs() == accumulator &&
                                 growth.getLhs() == op->getResult(0));
         });
}

SmallVector<Operation *> KernelBody::combiners(linalg::GenericOp generic) {
  SmallVector<Operation *> result;
  for (auto [init, yielded] :
       llvm::zip(generic.getDpsInitsMutable(),
                 generic.getBody()->getTerminator()->getOperands())) {
    Operation *op = yielded.getDefiningOp();
    BlockArgument accumulator = generic.getMatchingBlockArgument(&init);
    if (!op || op->getBlock() != generic.getBody() ||
        op->getNumOperands() != 2 || !isJoinedBy(op, accumulator) ||
        !arith::getNeutralElement(op).has_value() ||
        (isa<arith::MaxNumFOp>(op) && !startsWithNumber(init.get())))
      return {};
    result.push_back(op);
  }
  return result;
}

Value KernelBody::join(Operation *combiner, Value accumulator, Value value) {
  // The accumulator is a number: a comparison is enough, which CPUs do with the
  // choice in one instruction.
  if (isa<arith::MaxNumFOp>(combiner)) {
    Value larger = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                         value, accumulator);
    return arith::SelectOp::create(b, loc, larger, value, accumulator);
  }
  return b
      .create(loc, combiner->getName().getIdentifier(), {accumulator, value},
              accumulator.getType())
      ->getResult(0);
}

TypedAttr KernelBody::treeNeutral(Operation *combiner) {
  TypedAttr neutral = *arith::getNeutralElement(combiner);
  auto type = dyn_cast<FloatType>(neutral.getType());
  if (isa<arith::MaxNumFOp>(combiner))
    return FloatAttr::get(
        type, APFloat::getInf(type.getFloatSemantics(), /*Negative=*/true));
  bool inRuns = combiner->hasAttr(kRunSumAttr);
  if (!isa<arith::AddFOp>(combiner) || !type ||
      (type.getWidth() >= 64 && !inRuns) || combiner->hasAttr(kNarrowSumAttr))
    return neutral;
  return Builder(combiner).getF64FloatAttr(-0.0);
}

/// The same as `joined`, what the body joins to `start`, but joined to the
/// accumulator in the tree's way.
Value KernelBody::joinedApart(Operation *combiner, Value joined, Value start,
                              Value accumulator) {
  Operation *op = joined.getDefiningOp();
  Value value = op->getOperand(op->getOperand(0) == start ? 1 : 0);
  op->erase();
  if (value.getType() != accumulator.getType())
    value = arith::ExtFOp::create(b, loc, accumulator.getType(), value);
  return join(combiner, accumulator, value);
}

/// What a run begins with.
static TypedAttr runStart(Operation *combiner) {
  return cast<TypedAttr>(combiner->getAttrOfType<ArrayAttr>(kRunSumAttr)[1]);
}

SmallVector<Value> KernelBody::openRun(linalg::GenericOp generic,
                                       MutableArrayRef<Value> accumulators) {
  SmallVector<Value> opened(accumulators);
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  for (auto [i, accumulator] : llvm::enumerate(accumulators)) {
    if (!combiners[i % combiners.size()]->hasAttr(kRunSumAttr))
      continue;
    TypedAttr start = runStart(combiners[i % combiners.size()]);
    if (auto type = dyn_cast<VectorType>(accumulator.getType()))
      start = DenseElementsAttr::get(type.clone(b.getF32Type()),
                                     cast<Attribute>(start));
    accumulator = arith::ConstantOp::create(b, loc, start);
  }
  return opened;
}

void KernelBody::closeRun(linalg::GenericOp generic, ArrayRef<Value> opened,
                          MutableArrayRef<Value> accumulators) {
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  for (auto [i, accumulator] : llvm::enumerate(accumulators)) {
    Operation *combiner = combiners[i % combiners.size()];
    if (!combiner->hasAttr(kRunSumAttr))
      continue;
    TypedAttr start = runStart(combiner);
    if (!cast<FloatAttr>(start).getValue().isZero()) {
      if (auto type = dyn_cast<VectorType>(accumulator.getType()))
        start = DenseElementsAttr::get(type, cast<Attribute>(start));
      accumulator = arith::SubFOp::create(
          b, loc, accumulator, arith::ConstantOp::create(b, loc, start));
    }
    accumulator =
        join(combiner, opened[i],
             arith::ExtFOp::create(b, loc, opened[i].getType(), accumulator));
  }
}

FailureOr<SmallVector<Value>>
KernelBody::joinedValues(linalg::GenericOp generic, ArrayRef<Index> dims) {
  SmallVector<Value> starts;
  for (Operation *combiner : combiners(generic))
    starts.push_back(
        arith::ConstantOp::create(b, loc, *arith::getNeutralElement(combiner)));
  FailureOr<SmallVector<Value>> values = body(generic, dims, Lanes(), starts);
  if (failed(values))
    return failure();
  for (auto [start, value] : llvm::zip(starts, *values)) {
    Operation *op = value.getDefiningOp();
    value = op->getOperand(op->getOperand(0) == start ? 1 : 0);
    op->erase();
    auto widened = value.getDefiningOp<arith::ExtFOp>();
    if (widened && value.getType().isF64() && widened.getIn().getType().isF32())
      value = widened.getIn();
  }
  return *values;
}

LogicalResult KernelBody::joinRow(linalg::GenericOp generic,
                                  ArrayRef<Index> dims, Lanes lanes,
                                  MutableArrayRef<Value> accumulators) {
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  SmallVector<Value> starts(accumulators);
  for (auto [combiner, start] : llvm::zip(combiners, starts)) {
    TypedAttr neutral = *arith::getNeutralElement(combiner);
    bool inRun = combiner->hasAttr(kRunSumAttr) && neutral.getType().isF64();
    if (!inRun && neutral.getType() != getElementTypeOrSelf(start.getType()))
      start = splat(arith::ConstantOp::create(b, loc, neutral), lanes.count);
  }
  FailureOr<SmallVector<Value>> values = body(generic, dims, lanes, starts);
  if (failed(values))
    return failure();
  for (auto [combiner, start, value, accumulator] :
       llvm::zip(combiners, starts, *values, accumulators)) {
    Value joined = splat(value, lanes.count);
    if (start != accumulator || isa<arith::MaxNumFOp>(combiner))
      joined = joinedApart(combiner, joined, start, accumulator);
    if (lanes.mask)
      joined = arith::SelectOp::create(b, loc, lanes.mask, joined, accumulator);
    accumulator = joined;
  }
  return success();
}

FailureOr<SmallVector<Value>> KernelBody::joinInits(linalg::GenericOp generic,
                                                    ArrayRef<Index> dims,
                                                    ArrayRef<Value> totals,
                                                    Lanes lanes) {
  SmallVector<Value> results;
  for (auto [init, combiner, total] :
       llvm::zip(generic.getDpsInitsMutable(), combiners(generic), totals)) {
    Coordinates at;
    for (AffineExpr expr : generic.getMatchingIndexingMap(&init).getResults())
      at.push_back(apply(expr, dims));
    FailureOr<Value> start = element(init.get(), at, lanes);
    if (failed(start))
      return failure();
    Value wide = splat(*start, lanes.count);
    Type type = wide.getType(), tree = total.getType();
    if (type != tree)
      wide = arith::ExtFOp::create(b, loc, tree, wide);
    Value joined = join(combiner, total, wide);
    if (type != tree)
      joined = arith::TruncFOp::create(b, loc, type, joined);
    results.push_back(joined);
  }
  return results;
}

/// The same tree for rows of a known length, each in a lane of its own: the
/// part of it from `lane` on, in steps of `distance`. Lanes of the tree that
/// the row does not reach would join what leaves the others as they are.
FailureOr<SmallVector<Value>>
KernelBody::joinAcross(linalg::GenericOp generic, Coordinates &dims,
                       Lanes lanes, int64_t length, int64_t lane,
                       int64_t distance) {
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  if (distance == kReductionLanes) {
    SmallVector<unsigned> reduced;
    generic.getReductionDims(reduced);
    dims[reduced.back()] = {constant(lane), 0};
    SmallVector<Value> leaf;
    for (Operation *combiner : combiners)
      leaf.push_back(
          splat(arith::ConstantOp::create(b, loc, treeNeutral(combiner)),
                lanes.count));
    SmallVector<Value> opened = openRun(generic, leaf);
    if (failed(joinRow(generic, dims, lanes, leaf)))
      return failure();
    closeRun(generic, opened, leaf);
    return leaf;
  }
  auto lower = joinAcross(generic, dims, lanes, length, lane, 2 * distance);
  if (failed(lower) || lane + distance >= length)
    return lower;
  auto upper =
      joinAcross(generic, dims, lanes, length, lane + distance, 2 * distance);
  if (failed(upper))
    return failure();
  for (auto [combiner, total, value] : llvm::zip(combiners, *lower, *upper))
    total = join(combiner, total, value);
  return lower;
}

FailureOr<SmallVector<Value>>
KernelBody::reduceAcross(linalg::GenericOp generic, Coordinates dims,
                         Lanes lanes) {
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  auto totals = joinAcross(generic, dims, lanes,
                           generic.getStaticLoopRanges()[reduced.back()], 0, 1);
  if (failed(totals))
    return failure();
  dims[reduced.back()] = {};
  return joinInits(generic, dims, *totals, lanes);
}

/// A product that joins a sum is fused with it: one rounding, on every target.
/// Only a product of the body itself: what another operation computed is
/// rounded, whether it is in the same kernel or not.
static Value fuseProduct(OpBuilder &b, linalg::GenericOp generic,
                         unsigned number, Value joined, Value accumulator) {
  Value yielded = generic.getBody()->getTerminator()->getOperand(number);
  auto own = yielded.getDefiningOp<arith::AddFOp>();
  if (!own || llvm::none_of(own->getOperands(), [&](Value operand) {
        auto product = operand.getDefiningOp<arith::MulFOp>();
        return product && product->getBlock() == generic.getBody();
      }))
    return joined;
  auto sum = joined.getDefiningOp<arith::AddFOp>();
  Type type = getElementTypeOrSelf(joined.getType());
  if (!sum || !(type.isF32() || type.isF64()))
    return joined;
  Value other = sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs();
  auto product = other.getDefiningOp<arith::MulFOp>();
  if (!product || other == accumulator || !other.hasOneUse() ||
      (sum.getLhs() != accumulator && sum.getRhs() != accumulator))
    return joined;
  Value result = math::FmaOp::create(b, sum.getLoc(), product.getLhs(),
                                     product.getRhs(), accumulator);
  sum.erase();
  product.erase();
  return result;
}

/// A reduction in plain loops, each lane its own: the form for a vector along
/// a dimension that stays (matrix products, convolutions, pooling). The
/// elements of a tile, each at its own `dims`, share the loops, and so what
/// they read. The results of one position are next to each other.
FailureOr<SmallVector<Value>>
KernelBody::reduceNest(linalg::GenericOp generic,
                       MutableArrayRef<Coordinates> tile, Lanes lanes) {
  SmallVector<Value> extents = loopExtents(generic);
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  unsigned count = generic.getNumDpsInits();
  SmallVector<Value> accumulators;
  Value zero = constant(0), one = constant(1);
  for (Coordinates &dims : tile) {
    for (unsigned dim : reduced)
      dims[dim] = {zero, 0};
    for (OpOperand &init : generic.getDpsInitsMutable()) {
      SmallVector<Index> at;
      for (AffineExpr expr : generic.getMatchingIndexingMap(&init).getResults())
        at.push_back(apply(expr, dims));
      FailureOr<Value> start = element(init.get(), at, lanes);
      if (failed(start))
        return failure();
      accumulators.push_back(splat(*start, lanes.count));
    }
  }
  SmallVector<scf::ForOp> loops;
  for (unsigned dim : reduced) {
    auto loop =
        scf::ForOp::create(b, loc, zero, extents[dim], one, accumulators);
    b.setInsertionPointToStart(loop.getBody());
    for (Coordinates &dims : tile)
      dims[dim] = {loop.getInductionVar(), 0};
    accumulators.assign(loop.getRegionIterArgs().begin(),
                        loop.getRegionIterArgs().end());
    loops.push_back(loop);
  }
  bool broken = false;
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  for (auto [i, dims] : llvm::enumerate(tile)) {
    auto own = MutableArrayRef(accumulators).slice(i * count, count);
    FailureOr<SmallVector<Value>> values = body(generic, dims, lanes, own);
    broken |= failed(values);
    if (broken)
      break;
    for (auto [k, value] : llvm::enumerate(*values)) {
      if (!combiners.empty() && isa<arith::MaxNumFOp>(combiners[k]))
        value = joinedApart(combiners[k], value, own[k], own[k]);
      own[k] = splat(fuseProduct(b, generic, k, value, own[k]), lanes.count);
    }
  }
  for (scf::ForOp loop : llvm::reverse(loops)) {
    scf::YieldOp::create(b, loc, accumulators);
    b.setInsertionPointAfter(loop);
    accumulators.assign(loop.getResults().begin(), loop.getResults().end());
  }
  if (broken)
    return failure();
  return accumulators;
}

/// Does the reductions of a tile's elements together, where they read a
/// reduction at their own positions; what is known is recalled later.
LogicalResult KernelBody::reduceTile(Value tensor, ArrayRef<Coordinates> tile,
                                     Lanes lanes) {
  auto generic = tensor.getDefiningOp<linalg::GenericOp>();
  if (!generic || recall(tensor, tile.front(), lanes))
    return success();
  unsigned result = cast<OpResult>(tensor).getResultNumber();
  AffineMap map =
      generic.getMatchingIndexingMap(generic.getDpsInitOperand(result));
  if (!map.isProjectedPermutation())
    return success();
  SmallVector<Coordinates> positions;
  for (const Coordinates &at : tile) {
    Coordinates dims(map.getNumDims());
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      dims[cast<AffineDimExpr>(expr).getPosition()] = at[i];
    positions.push_back(dims);
  }
  if (generic.getNumReductionLoops() == 0) {
    for (OpOperand *input : generic.getDpsInputOperands()) {
      AffineMap read = generic.getMatchingIndexingMap(input);
      if (!isa<RankedTensorType>(input->get().getType()) ||
          !read.isProjectedPermutation())
        continue;
      SmallVector<Coordinates> inner;
      for (const Coordinates &dims : positions) {
        Coordinates at;
        for (AffineExpr expr : read.getResults())
          at.push_back(apply(expr, dims));
        inner.push_back(at);
      }
      if (failed(reduceTile(input->get(), inner, lanes)))
        return failure();
    }
    return success();
  }
  if (llvm::all_of(tile.front(), [](Index index) { return index.step == 0; }))
    return success();
  Memo outer = memo;
  Operation *outerLoop = std::exchange(rowLoop, nullptr);
  FailureOr<SmallVector<Value>> values = reduceNest(generic, positions, lanes);
  memo = std::move(outer);
  rowLoop = outerLoop;
  if (failed(values))
    return failure();
  unsigned count = generic.getNumResults();
  for (auto [i, value] : llvm::enumerate(*values))
    if (haveOneMap(generic, i % count, result))
      remember(memo, generic->getResult(i % count), tile[i / count], lanes,
               value);
  return success();
}

/// What a reduction reads at a position that its own loops leave alone comes
/// before them, also where maps are between the two. Positions that the loops
/// give have no base yet.
LogicalResult
KernelBody::evaluateInvariants(linalg::GenericOp generic, ArrayRef<Index> dims,
                               Lanes lanes,
                               llvm::SmallPtrSetImpl<Operation *> &visited) {
  for (OpOperand *input : generic.getDpsInputOperands()) {
    auto producer = input->get().getDefiningOp<linalg::GenericOp>();
    if (!producer || visited.contains(producer))
      continue;
    Coordinates at;
    bool known = true;
    for (AffineExpr expr : generic.getMatchingIndexingMap(input).getResults()) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (dim)
        at.push_back(dims[dim.getPosition()]);
      else if (isa<AffineConstantExpr>(expr))
        at.push_back(apply(expr, dims));
      else
        at.push_back({});
      known &= bool(at.back().base);
    }
    if (known) {
      if (failed(element(input->get(), at, lanes)))
        return failure();
      continue;
    }
    visited.insert(producer);
    AffineMap map = producer.getMatchingIndexingMap(producer.getDpsInitOperand(
        cast<OpResult>(input->get()).getResultNumber()));
    if (producer.getNumReductionLoops() != 0 || !map.isPermutation())
      continue;
    Coordinates inner(map.getNumDims());
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      inner[cast<AffineDimExpr>(expr).getPosition()] = at[i];
    if (failed(evaluateInvariants(producer, inner, lanes, visited)))
      return failure();
  }
  return success();
}

FailureOr<Value> KernelBody::reduction(linalg::GenericOp generic,
                                       unsigned result, ArrayRef<Index> at,
                                       Lanes lanes) {
  AffineMap map =
      generic.getMatchingIndexingMap(generic.getDpsInitOperand(result));
  Coordinates dims(map.getNumDims());
  bool uniform = true;
  for (auto [i, expr] : llvm::enumerate(map.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return generic.emitOpError(
          "result's map must be a projected permutation");
    dims[dim.getPosition()] = at[i];
    uniform &= at[i].step == 0;
  }
  Lanes active = uniform ? Lanes() : lanes;
  Value tensor = generic->getResult(result);
  if (Value known = recall(tensor, at, active))
    return known;
  llvm::SmallPtrSet<Operation *, 16> visited;
  if (failed(evaluateInvariants(generic, dims, active, visited)))
    return failure();
  // A reduction that does not depend on the position in its row goes before
  // the loop over the row.
  bool hoist = isBeforeRow(at, active);
  OpBuilder::InsertionGuard guard(b);
  Memo outer = memo;
  if (hoist) {
    b.setInsertionPoint(rowLoop);
    memo = hoisted;
    dims = settle(dims);
  }
  Operation *outerLoop = std::exchange(rowLoop, nullptr);
  bool byTree = !combiners(generic).empty(), across = rowsAcross && !uniform;
  FailureOr<SmallVector<Value>> values =
      !byTree   ? reduceNest(generic, dims, active)
      : uniform ? reduceRow(generic, dims)
      : across  ? reduceAcross(generic, dims, active)
                : reduceNest(generic, dims, active);
  // Without loops, what was computed on the way is there afterwards, too.
  if (!across && !(rowsHeld && byTree && uniform))
    memo = std::move(outer);
  rowLoop = outerLoop;
  if (failed(values))
    return failure();
  for (auto [i, value] : llvm::enumerate(*values)) {
    if (!haveOneMap(generic, i, result))
      continue;
    remember(memo, generic->getResult(i), at, active, value);
    if (hoist)
      remember(hoisted, generic->getResult(i), at, active, value);
  }
  return (*values)[result];
}
