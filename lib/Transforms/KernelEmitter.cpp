// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SmallBitVector.h"
#include <utility>

using namespace mlir;
using namespace mlir::act;

namespace {

/// A position along one dimension: `base + step * lane`.
struct Index {
  Value base;
  int64_t step = 0;
};

/// How many elements are computed at once, and which of them exist.
struct Lanes {
  int64_t count = 0; // 0: a scalar
  Value mask;        // null: all exist
  Value last;        // with a mask: the largest lane that exists
};

class Emitter {
public:
  Emitter(KernelOp kernel)
      : kernel(kernel), b(kernel), loc(kernel.getLoc()),
        width(kernel->getAttrOfType<IntegerAttr>("vector_width")
                  ? kernel->getAttrOfType<IntegerAttr>("vector_width").getInt()
                  : 16) {}

  LogicalResult run();

private:
  using Coordinates = SmallVector<Index>;

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value add(Value lhs, Value rhs) {
    return arith::AddIOp::create(b, loc, lhs, rhs);
  }
  Value extent(Value tensor, int64_t dimension);
  Value laneIndex(const Index &index, int64_t lane, const Lanes &lanes);
  Value splat(Value scalar, int64_t count);
  Index apply(AffineExpr expr, ArrayRef<Index> dims);

  FailureOr<Value> element(Value tensor, ArrayRef<Index> at, Lanes lanes);
  FailureOr<Value> load(BlockArgument argument, ArrayRef<Index> at,
                        Lanes lanes);
  FailureOr<SmallVector<Value>> body(linalg::GenericOp generic,
                                     ArrayRef<Index> dims, Lanes lanes,
                                     ValueRange accumulators);
  FailureOr<Value> scalarOp(Operation *op, IRMapping &mapping,
                            ArrayRef<Index> dims, Lanes lanes);
  FailureOr<Value> reduceRow(linalg::GenericOp generic, unsigned result,
                             Coordinates dims);
  FailureOr<Value> reduceNest(linalg::GenericOp generic, unsigned result,
                              Coordinates dims, Lanes lanes);
  FailureOr<Value> reduction(linalg::GenericOp generic, unsigned result,
                             ArrayRef<Index> at, Lanes lanes);
  SmallVector<Value> loopExtents(linalg::GenericOp generic);
  LogicalResult store(ArrayRef<unsigned> outputs);
  LogicalResult nest(ArrayRef<unsigned> outputs, ArrayRef<int64_t> order,
                     unsigned rowLoops, Coordinates &at, Lanes lanes);
  LogicalResult write(ArrayRef<unsigned> outputs, ArrayRef<Index> at,
                      Lanes lanes);
  void findRowDims(Value tensor, ArrayRef<int64_t> dims,
                   llvm::SmallBitVector &used, bool &found);

  /// What was computed already, and is visible here.
  struct Known {
    Value tensor;
    Coordinates at;
    Lanes lanes;
    Value value;
  };
  using Memo = DenseMap<Value, SmallVector<Known, 1>>;

  Value recall(Value tensor, ArrayRef<Index> at, const Lanes &lanes);
  void remember(Value tensor, ArrayRef<Index> at, const Lanes &lanes,
                Value value) {
    memo[tensor].push_back(
        {tensor, Coordinates(at.begin(), at.end()), lanes, value});
  }

  KernelOp kernel;
  OpBuilder b;
  Location loc;
  int64_t width;
  Memo memo;
  /// The loop over a row's elements: reductions of the row go before it.
  Operation *rowLoop = nullptr;
  /// What is known before that loop.
  Memo hoisted;
};

Value Emitter::recall(Value tensor, ArrayRef<Index> at, const Lanes &lanes) {
  auto found = memo.find(tensor);
  if (found == memo.end())
    return {};
  for (const Known &known : found->second) {
    bool same = known.lanes.count == lanes.count &&
                known.lanes.mask == lanes.mask && known.at.size() == at.size();
    for (unsigned i = 0; same && i < at.size(); ++i)
      same = known.at[i].base == at[i].base && known.at[i].step == at[i].step;
    if (same)
      return known.value;
  }
  return {};
}

Value Emitter::extent(Value tensor, int64_t dimension) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dimension))
    return constant(type.getDimSize(dimension));
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return b.createOrFold<memref::DimOp>(
        loc, kernel->getOperand(argument.getArgNumber()), dimension);
  Operation *op = tensor.getDefiningOp();
  if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    Value size = empty.getDynamicSize(dimension);
    if (auto dim = size.getDefiningOp<tensor::DimOp>())
      return extent(dim.getSource(), *dim.getConstantIndex());
    if (auto cst = getConstantIntValue(size))
      return constant(*cst);
  }
  if (auto dst = dyn_cast<DestinationStyleOpInterface>(op))
    return extent(dst.getTiedOpOperand(cast<OpResult>(tensor))->get(),
                  dimension);
  return {};
}

Value Emitter::splat(Value scalar, int64_t count) {
  if (count == 0 || isa<VectorType>(scalar.getType()))
    return scalar;
  return vector::BroadcastOp::create(
      b, loc, VectorType::get({count}, scalar.getType()), scalar);
}

Value Emitter::laneIndex(const Index &index, int64_t lane, const Lanes &lanes) {
  Value offset = constant(lane);
  // A lane that does not exist reads the last one that does.
  if (lanes.last)
    offset = arith::MinSIOp::create(b, loc, offset, lanes.last);
  if (index.step != 1)
    offset = arith::MulIOp::create(b, loc, offset, constant(index.step));
  return add(index.base, offset);
}

Index Emitter::apply(AffineExpr expr, ArrayRef<Index> dims) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  SmallVector<Value> bases;
  SmallVector<AffineExpr> zero, one;
  for (const Index &index : dims) {
    bases.push_back(index.base);
    zero.push_back(b.getAffineConstantExpr(0));
    one.push_back(b.getAffineConstantExpr(index.step));
  }
  // The maps of structured operations are linear: the step is a difference.
  AffineExpr step = simplifyAffineExpr(
      expr.replaceDims(one) - expr.replaceDims(zero), dims.size(), 0);
  Value base = affine::AffineApplyOp::create(
      b, loc, AffineMap::get(dims.size(), 0, expr), bases);
  return {base, cast<AffineConstantExpr>(step).getValue()};
}

FailureOr<Value> Emitter::load(BlockArgument argument, ArrayRef<Index> at,
                               Lanes lanes) {
  Value source = kernel->getOperand(argument.getArgNumber());
  auto type = dyn_cast<MemRefType>(source.getType());
  if (!type)
    return source; // a scalar operand
  SmallVector<Value> bases;
  bool uniform = true, contiguous = true;
  for (auto [i, index] : llvm::enumerate(at)) {
    bases.push_back(index.base);
    uniform &= index.step == 0;
    contiguous &= index.step == (i + 1 == at.size() ? 1 : 0);
  }
  if (lanes.count == 0 || uniform)
    return memref::LoadOp::create(b, loc, source, bases).getResult();
  auto vectorType = VectorType::get({lanes.count}, type.getElementType());
  if (contiguous && type.isLastDimUnitStride()) {
    if (!lanes.mask)
      return vector::LoadOp::create(b, loc, vectorType, source, bases)
          .getResult();
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(vectorType));
    return vector::MaskedLoadOp::create(b, loc, vectorType, source, bases,
                                        lanes.mask, zero)
        .getResult();
  }
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < lanes.count; ++lane) {
    SmallVector<Value> indices;
    for (const Index &index : at)
      indices.push_back(index.step ? laneIndex(index, lane, lanes)
                                   : index.base);
    elements.push_back(memref::LoadOp::create(b, loc, source, indices));
  }
  return vector::FromElementsOp::create(b, loc, vectorType, elements)
      .getResult();
}

FailureOr<Value> Emitter::element(Value tensor, ArrayRef<Index> at,
                                  Lanes lanes) {
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return load(argument, at, lanes);
  auto type = cast<RankedTensorType>(tensor.getType());
  Operation *op = tensor.getDefiningOp();
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return arith::ConstantOp::create(b, loc,
                                     b.getZeroAttr(type.getElementType()))
        .getResult();
  if (auto constantOp = dyn_cast<arith::ConstantOp>(op)) {
    auto dense = cast<DenseElementsAttr>(constantOp.getValue());
    return arith::ConstantOp::create(
               b, loc, cast<TypedAttr>(dense.getSplatValue<Attribute>()))
        .getResult();
  }
  if (auto fill = dyn_cast<linalg::FillOp>(op)) {
    Value value = fill.getInputs()[0];
    if (auto argument = dyn_cast<BlockArgument>(value))
      return kernel->getOperand(argument.getArgNumber());
    return b.clone(*value.getDefiningOp())->getResult(0);
  }
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic)
    return op->emitOpError("is not supported inside a kernel");
  if (Value known = recall(tensor, at, lanes))
    return known;
  unsigned result = cast<OpResult>(tensor).getResultNumber();
  if (generic.getNumReductionLoops() != 0)
    return reduction(generic, result, at, lanes);
  AffineMap map = generic.getMatchingIndexingMap(generic.getDpsInitOperand(result));
  if (!map.isPermutation())
    return op->emitOpError("result's map must be a permutation inside a kernel");
  SmallVector<Index> dims(map.getNumDims());
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    dims[cast<AffineDimExpr>(expr).getPosition()] = at[i];
  FailureOr<SmallVector<Value>> values = body(generic, dims, lanes, {});
  if (failed(values))
    return failure();
  for (auto [i, value] : llvm::enumerate(*values))
    remember(generic->getResult(i), at, lanes, value);
  return (*values)[result];
}

/// An operation of a body: on vectors where it can be, else lane by lane.
FailureOr<Value> Emitter::scalarOp(Operation *op, IRMapping &mapping,
                                   ArrayRef<Index> dims, Lanes lanes) {
  if (op->getNumResults() != 1 || op->getNumRegions() != 0)
    return op->emitOpError("is not supported inside a kernel");
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    const Index &at = dims[index.getDim()];
    if (at.step == 0 || lanes.count == 0)
      return at.base;
    auto type = VectorType::get({lanes.count}, b.getIndexType());
    Value steps = vector::StepOp::create(b, loc, type);
    if (at.step != 1)
      steps = arith::MulIOp::create(b, loc, steps,
                                    splat(constant(at.step), lanes.count));
    return arith::AddIOp::create(b, loc, steps, splat(at.base, lanes.count))
        .getResult();
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    auto argument = dyn_cast<BlockArgument>(extract.getTensor());
    if (!argument || argument.getOwner()->getParentOp() != kernel)
      return op->emitOpError("may only read an operand of its kernel");
    Value source = kernel->getOperand(argument.getArgNumber());
    SmallVector<Value> indices;
    bool uniform = true;
    for (Value value : extract.getIndices()) {
      indices.push_back(mapping.lookupOrDefault(value));
      uniform &= !isa<VectorType>(indices.back().getType());
    }
    if (uniform)
      return memref::LoadOp::create(b, loc, source, indices).getResult();
    SmallVector<Value> elements;
    for (int64_t lane = 0; lane < lanes.count; ++lane) {
      Value position = constant(lane);
      if (lanes.last)
        position = arith::MinSIOp::create(b, loc, position, lanes.last);
      SmallVector<Value> at;
      for (Value index : indices)
        at.push_back(isa<VectorType>(index.getType())
                         ? vector::ExtractOp::create(b, loc, index, position)
                               .getResult()
                         : index);
      elements.push_back(memref::LoadOp::create(b, loc, source, at));
    }
    return vector::FromElementsOp::create(
               b, loc, VectorType::get({lanes.count}, op->getResult(0).getType()),
               elements)
        .getResult();
  }
  if (op->getNumOperands() == 0)
    return b.clone(*op)->getResult(0);
  SmallVector<Value> operands;
  bool uniform = true;
  for (Value operand : op->getOperands()) {
    Value value = mapping.lookupOrDefault(operand);
    if (auto argument = dyn_cast<BlockArgument>(value))
      if (argument.getOwner()->getParentOp() == kernel)
        value = kernel->getOperand(argument.getArgNumber());
    uniform &= !isa<VectorType>(value.getType());
    operands.push_back(value);
  }
  Type type = op->getResult(0).getType();
  if (!uniform) {
    if (!OpTrait::hasElementwiseMappableTraits(op))
      return op->emitOpError("has no vector form");
    for (Value &operand : operands)
      operand = splat(operand, lanes.count);
    type = VectorType::get({lanes.count}, type);
  }
  return b.create(op->getLoc(), op->getName().getIdentifier(), operands, type,
                  op->getAttrs())
      ->getResult(0);
}

FailureOr<SmallVector<Value>> Emitter::body(linalg::GenericOp generic,
                                            ArrayRef<Index> dims, Lanes lanes,
                                            ValueRange accumulators) {
  IRMapping mapping;
  Block *block = generic.getBody();
  for (OpOperand &operand : generic->getOpOperands()) {
    BlockArgument argument = generic.getMatchingBlockArgument(&operand);
    if (generic.isDpsInit(&operand) && !accumulators.empty()) {
      mapping.map(argument,
                  accumulators[operand.getOperandNumber() -
                               generic.getNumDpsInputs()]);
      continue;
    }
    if (argument.use_empty())
      continue;
    if (!isa<RankedTensorType>(operand.get().getType())) {
      mapping.map(argument, operand.get());
      continue;
    }
    SmallVector<Index> at;
    for (AffineExpr expr : generic.getMatchingIndexingMap(&operand).getResults())
      at.push_back(apply(expr, dims));
    FailureOr<Value> value = element(operand.get(), at, lanes);
    if (failed(value))
      return failure();
    mapping.map(argument, *value);
  }
  for (Operation &op : block->without_terminator()) {
    FailureOr<Value> value = scalarOp(&op, mapping, dims, lanes);
    if (failed(value))
      return failure();
    mapping.map(op.getResult(0), *value);
  }
  SmallVector<Value> results;
  for (Value value : block->getTerminator()->getOperands()) {
    Value mapped = mapping.lookupOrDefault(value);
    if (auto *producer = mapped.getDefiningOp())
      if (producer->getParentRegion() == &kernel.getBody() ||
          kernel->isProperAncestor(producer))
        mapped = b.clone(*producer)->getResult(0);
    results.push_back(mapped);
  }
  return results;
}

SmallVector<Value> Emitter::loopExtents(linalg::GenericOp generic) {
  SmallVector<Value> extents(generic.getNumLoops());
  for (OpOperand &operand : generic->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      continue;
    AffineMap map = generic.getMatchingIndexingMap(&operand);
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        if (!extents[dim.getPosition()])
          extents[dim.getPosition()] = extent(operand.get(), i);
  }
  return extents;
}

/// The operation that joins a new value to the accumulator, where the body is
/// of that form.
Operation *combiner(linalg::GenericOp generic, unsigned result) {
  Value yielded = generic.getBody()->getTerminator()->getOperand(result);
  Operation *op = yielded.getDefiningOp();
  BlockArgument accumulator = generic.getMatchingBlockArgument(
      generic.getDpsInitOperand(result));
  if (!op || op->getBlock() != generic.getBody() || op->getNumOperands() != 2 ||
      !accumulator.hasOneUse() || generic.getNumResults() != 1 ||
      *accumulator.getUsers().begin() != op ||
      !arith::getNeutralElement(op).has_value())
    return nullptr;
  return op;
}

/// A reduction whose position along the lanes is fixed: 64 lanes run over the
/// innermost reduced dimension and are joined in a tree at the end.
FailureOr<Value> Emitter::reduceRow(linalg::GenericOp generic, unsigned result,
                                    Coordinates dims) {
  Operation *join = combiner(generic, result);
  SmallVector<Value> extents = loopExtents(generic);
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  unsigned inner = reduced.back();
  Type type = getElementTypeOrSelf(generic->getResult(result).getType());
  auto vectorType = VectorType::get({kReductionLanes}, type);
  TypedAttr neutral = *arith::getNeutralElement(join);
  Value zero = constant(0), lanes = constant(kReductionLanes);
  Value init = arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(vectorType, cast<Attribute>(neutral)));

  SmallVector<scf::ForOp> outer;
  Value accumulator = init;
  for (unsigned dim : ArrayRef<unsigned>(reduced).drop_back()) {
    auto loop = scf::ForOp::create(b, loc, zero, extents[dim], constant(1),
                                   accumulator);
    b.setInsertionPointToStart(loop.getBody());
    dims[dim] = {loop.getInductionVar(), 0};
    accumulator = loop.getRegionIterArg(0);
    outer.push_back(loop);
  }
  bool broken = false;
  auto step = [&](Value at, Value acc, Lanes active) -> Value {
    dims[inner] = {at, 1};
    FailureOr<SmallVector<Value>> values = body(generic, dims, active, acc);
    if (failed(values)) {
      broken = true;
      return acc;
    }
    Value joined = splat((*values)[result], kReductionLanes);
    if (active.mask)
      joined = arith::SelectOp::create(b, loc, active.mask, joined, acc);
    return joined;
  };
  Value size = extents[inner];
  Value tail = arith::RemUIOp::create(b, loc, size, lanes);
  Value whole = arith::SubIOp::create(b, loc, size, tail);
  auto loop = scf::ForOp::create(b, loc, zero, whole, lanes, accumulator);
  b.setInsertionPointToStart(loop.getBody());
  Value next = step(loop.getInductionVar(), loop.getRegionIterArg(0),
                    Lanes{kReductionLanes, {}, {}});
  scf::YieldOp::create(b, loc, next);
  b.setInsertionPointAfter(loop);
  Value some = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, tail, zero);
  auto rest = scf::IfOp::create(b, loc, vectorType, some, /*withElse=*/true);
  b.setInsertionPointToStart(rest.thenBlock());
  Value mask = vector::CreateMaskOp::create(
      b, loc, VectorType::get({kReductionLanes}, b.getI1Type()), tail);
  Value last = arith::SubIOp::create(b, loc, tail, constant(1));
  next = step(whole, loop.getResult(0), Lanes{kReductionLanes, mask, last});
  scf::YieldOp::create(b, loc, next);
  b.setInsertionPointToStart(rest.elseBlock());
  scf::YieldOp::create(b, loc, loop.getResult(0));
  b.setInsertionPointAfter(rest);
  accumulator = rest.getResult(0);
  for (scf::ForOp loop : llvm::reverse(outer)) {
    scf::YieldOp::create(b, loc, accumulator);
    b.setInsertionPointAfter(loop);
    accumulator = loop.getResult(0);
  }
  if (broken)
    return failure();
  auto joinValues = [&](Value lhs, Value rhs) {
    return b.create(loc, join->getName().getIdentifier(), {lhs, rhs},
                    lhs.getType(), join->getAttrs())
        ->getResult(0);
  };
  for (int64_t half = kReductionLanes / 2; half >= 1; half /= 2) {
    Value low = vector::ExtractStridedSliceOp::create(
        b, loc, accumulator, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{half},
        ArrayRef<int64_t>{1});
    Value high = vector::ExtractStridedSliceOp::create(
        b, loc, accumulator, ArrayRef<int64_t>{half}, ArrayRef<int64_t>{half},
        ArrayRef<int64_t>{1});
    accumulator = joinValues(low, high);
  }
  Value total = vector::ExtractOp::create(b, loc, accumulator,
                                          ArrayRef<int64_t>{0});
  SmallVector<Index> at;
  AffineMap map =
      generic.getMatchingIndexingMap(generic.getDpsInitOperand(result));
  for (AffineExpr expr : map.getResults())
    at.push_back(apply(expr, dims));
  FailureOr<Value> start =
      element(generic.getDpsInitOperand(result)->get(), at, Lanes());
  if (failed(start))
    return failure();
  return joinValues(total, *start);
}

/// A reduction in plain loops, each lane its own: the form for a vector along
/// a dimension that stays (matrix products, convolutions, pooling).
FailureOr<Value> Emitter::reduceNest(linalg::GenericOp generic, unsigned result,
                                     Coordinates dims, Lanes lanes) {
  SmallVector<Value> extents = loopExtents(generic);
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  SmallVector<Value> starts;
  Value zero = constant(0), one = constant(1);
  for (unsigned dim : reduced)
    dims[dim] = {zero, 0};
  for (OpOperand &init : generic.getDpsInitsMutable()) {
    SmallVector<Index> at;
    for (AffineExpr expr : generic.getMatchingIndexingMap(&init).getResults())
      at.push_back(apply(expr, dims));
    FailureOr<Value> start = element(init.get(), at, lanes);
    if (failed(start))
      return failure();
    starts.push_back(splat(*start, lanes.count));
  }
  SmallVector<scf::ForOp> loops;
  SmallVector<Value> accumulators = starts;
  for (unsigned dim : reduced) {
    auto loop = scf::ForOp::create(b, loc, zero, extents[dim], one, accumulators);
    b.setInsertionPointToStart(loop.getBody());
    dims[dim] = {loop.getInductionVar(), 0};
    accumulators.assign(loop.getRegionIterArgs().begin(),
                        loop.getRegionIterArgs().end());
    loops.push_back(loop);
  }
  FailureOr<SmallVector<Value>> values =
      body(generic, dims, lanes, accumulators);
  if (succeeded(values))
    accumulators = *values;
  for (Value &value : accumulators)
    value = splat(value, lanes.count);
  for (scf::ForOp loop : llvm::reverse(loops)) {
    scf::YieldOp::create(b, loc, accumulators);
    b.setInsertionPointAfter(loop);
    accumulators.assign(loop.getResults().begin(), loop.getResults().end());
  }
  if (failed(values))
    return failure();
  return accumulators[result];
}

FailureOr<Value> Emitter::reduction(linalg::GenericOp generic, unsigned result,
                                    ArrayRef<Index> at, Lanes lanes) {
  AffineMap map =
      generic.getMatchingIndexingMap(generic.getDpsInitOperand(result));
  Coordinates dims(map.getNumDims());
  bool uniform = true;
  for (auto [i, expr] : llvm::enumerate(map.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return generic.emitOpError("result's map must be a projected permutation");
    dims[dim.getPosition()] = at[i];
    uniform &= at[i].step == 0;
  }
  // A reduction that does not depend on the position in its row goes before
  // the loop over the row.
  OpBuilder::InsertionGuard guard(b);
  Lanes active = uniform ? Lanes() : lanes;
  bool hoist = rowLoop && llvm::none_of(at, [&](Index index) {
    return rowLoop->isAncestor(index.base.getParentBlock()->getParentOp());
  });
  if (hoist && active.mask)
    hoist = !rowLoop->isAncestor(active.mask.getParentBlock()->getParentOp());
  Value tensor = generic->getResult(result);
  if (Value known = recall(tensor, at, active))
    return known;
  if (hoist)
    b.setInsertionPoint(rowLoop);
  Memo outer = memo;
  Operation *outerLoop = std::exchange(rowLoop, nullptr);
  if (!hoist)
    rowLoop = nullptr;
  else
    memo = hoisted;
  FailureOr<Value> value = uniform && combiner(generic, result)
                               ? reduceRow(generic, result, dims)
                               : reduceNest(generic, result, dims, active);
  memo = std::move(outer);
  rowLoop = outerLoop;
  if (failed(value))
    return failure();
  remember(tensor, at, active, *value);
  if (hoist)
    hoisted[tensor].push_back(
        {tensor, Coordinates(at.begin(), at.end()), active, *value});
  return value;
}

LogicalResult Emitter::write(ArrayRef<unsigned> outputs, ArrayRef<Index> at,
                             Lanes lanes) {
  auto yield = cast<act::YieldOp>(kernel.getBody().front().getTerminator());
  memo = hoisted;
  // All values come before all stores: an output may be an input's memory.
  SmallVector<Value> values;
  for (unsigned output : outputs) {
    FailureOr<Value> value = element(yield.getOperand(output), at, lanes);
    if (failed(value))
      return failure();
    values.push_back(splat(*value, lanes.count));
  }
  SmallVector<Value> bases;
  for (const Index &index : at)
    bases.push_back(index.base);
  for (auto [output, value] : llvm::zip(outputs, values)) {
    Value memory = kernel.getOutputs()[output];
    if (lanes.count == 0)
      memref::StoreOp::create(b, loc, value, memory, bases);
    else if (lanes.mask)
      vector::MaskedStoreOp::create(b, loc, memory, bases, lanes.mask, value);
    else
      vector::StoreOp::create(b, loc, value, memory, bases);
  }
  return success();
}

/// The dimensions of an output that its reductions depend on.
void Emitter::findRowDims(Value tensor, ArrayRef<int64_t> dims,
                          llvm::SmallBitVector &used, bool &found) {
  auto generic = tensor.getDefiningOp<linalg::GenericOp>();
  if (!generic)
    return;
  AffineMap map = generic.getMatchingIndexingMap(generic.getDpsInitOperand(
      cast<OpResult>(tensor).getResultNumber()));
  if (generic.getNumReductionLoops() != 0) {
    found = true;
    for (int64_t dim : dims)
      if (dim >= 0)
        used.set(dim);
    return;
  }
  SmallVector<int64_t> loops(map.getNumDims(), -1);
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      loops[dim.getPosition()] = dims[i];
  for (OpOperand *input : generic.getDpsInputOperands()) {
    SmallVector<int64_t> at;
    for (AffineExpr expr : generic.getMatchingIndexingMap(input).getResults()) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      at.push_back(dim ? loops[dim.getPosition()] : -1);
    }
    findRowDims(input->get(), at, used, found);
  }
}

/// The loops of `order`, outermost first. The last `rowLoops` of them run over
/// a row; the innermost dimension of memory runs in vectors wherever it stands.
LogicalResult Emitter::nest(ArrayRef<unsigned> outputs, ArrayRef<int64_t> order,
                            unsigned rowLoops, Coordinates &at, Lanes lanes) {
  if (order.empty())
    return write(outputs, at, lanes);
  OpBuilder::InsertionGuard guard(b);
  int64_t dim = order.front();
  Value front = kernel.getOutputs()[outputs.front()];
  int64_t rank = cast<MemRefType>(front.getType()).getRank();
  bool outermostOfRow = order.size() == rowLoops;
  Value zero = constant(0), one = constant(1);
  Value size = b.createOrFold<memref::DimOp>(loc, front, dim);
  auto enter = [&](scf::ForOp loop) {
    if (outermostOfRow) {
      rowLoop = loop;
      hoisted.clear();
    }
  };
  auto inner = order.drop_front();
  if (dim != rank - 1) {
    auto loop = scf::ForOp::create(b, loc, zero, size, one);
    enter(loop);
    b.setInsertionPointToStart(loop.getBody());
    at[dim] = {loop.getInductionVar(), 0};
    LogicalResult result = nest(outputs, inner, rowLoops, at, lanes);
    if (outermostOfRow)
      rowLoop = nullptr, hoisted.clear();
    return result;
  }
  Value step = constant(width);
  Value tail = arith::RemUIOp::create(b, loc, size, step);
  Value whole = arith::SubIOp::create(b, loc, size, tail);
  Value some =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, tail, zero);
  auto loop = scf::ForOp::create(b, loc, zero, whole, step);
  enter(loop);
  {
    OpBuilder::InsertionGuard inside(b);
    b.setInsertionPointToStart(loop.getBody());
    at[dim] = {loop.getInductionVar(), 1};
    if (failed(nest(outputs, inner, rowLoops, at, Lanes{width, {}, {}})))
      return failure();
  }
  auto rest = scf::IfOp::create(b, loc, some, /*withElse=*/false);
  b.setInsertionPointToStart(rest.thenBlock());
  Value mask = vector::CreateMaskOp::create(
      b, loc, VectorType::get({width}, b.getI1Type()), tail);
  Value last = arith::SubIOp::create(b, loc, tail, one);
  at[dim] = {whole, 1};
  LogicalResult result =
      nest(outputs, inner, rowLoops, at, Lanes{width, mask, last});
  if (outermostOfRow)
    rowLoop = nullptr, hoisted.clear();
  return result;
}

/// One loop nest for outputs of one shape. Where the outputs depend on
/// reductions of a row, the loops over the row come last, so that each
/// reduction is done once.
LogicalResult Emitter::store(ArrayRef<unsigned> outputs) {
  auto type = cast<MemRefType>(kernel.getOutputs()[outputs.front()].getType());
  auto yield = cast<act::YieldOp>(kernel.getBody().front().getTerminator());
  int64_t rank = type.getRank();
  llvm::SmallBitVector used(rank);
  bool found = false;
  for (unsigned output : outputs)
    findRowDims(yield.getOperand(output),
                llvm::to_vector(llvm::seq<int64_t>(0, rank)), used, found);
  SmallVector<int64_t> order, row;
  for (int64_t dim = 0; dim < rank; ++dim)
    (found && !used.test(dim) ? row : order).push_back(dim);
  llvm::append_range(order, row);
  Coordinates at(rank);
  return nest(outputs, order, row.size(), at, Lanes());
}

LogicalResult Emitter::run() {
  for (Value output : kernel.getOutputs())
    if (!isa<MemRefType>(output.getType()))
      return kernel.emitOpError("must be on memrefs before act-vectorize; run "
                                "act-bufferize first");
  // Outputs of one shape share a nest.
  SmallVector<SmallVector<unsigned>> nests;
  auto yield = cast<act::YieldOp>(kernel.getBody().front().getTerminator());
  for (unsigned i = 0; i < kernel.getOutputs().size(); ++i) {
    Operation *producer = yield.getOperand(i).getDefiningOp();
    bool joined = false;
    for (SmallVector<unsigned> &nest : nests) {
      Operation *other = yield.getOperand(nest.front()).getDefiningOp();
      auto shape = [&](unsigned output) {
        return cast<MemRefType>(kernel.getOutputs()[output].getType())
            .getShape();
      };
      // A dynamic extent is only known to agree within one operation.
      bool isStatic = !ShapedType::isDynamicShape(shape(i));
      if (shape(i) == shape(nest.front()) && (isStatic || producer == other)) {
        nest.push_back(i);
        joined = true;
        break;
      }
    }
    if (!joined)
      nests.push_back({i});
  }
  for (ArrayRef<unsigned> nest : nests)
    if (failed(store(nest)))
      return failure();
  kernel.erase();
  return success();
}

} // namespace

LogicalResult mlir::act::emitKernel(KernelOp kernel) {
  return Emitter(kernel).run();
}
