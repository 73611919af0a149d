// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/KernelBody.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/bit.h"
#include <utility>

using namespace mlir;
using namespace mlir::act;

KernelBody::KernelBody(KernelOp kernel, OpBuilder builder)
    : kernel(kernel), b(builder), loc(kernel.getLoc()),
      operands(kernel.getOperands()) {}

KernelBody::~KernelBody() = default;

std::pair<Value, KernelBody::Coordinates>
KernelBody::access(unsigned operand, ArrayRef<Index> at) {
  return {operands[operand], Coordinates(at)};
}

YieldOp KernelBody::yield() {
  return cast<YieldOp>(kernel.getBody().front().getTerminator());
}

void KernelBody::enterRow(Operation *loop) {
  rowLoop = loop;
  hoisted.clear();
}

Value KernelBody::constant(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value KernelBody::add(Value lhs, Value rhs) {
  return arith::AddIOp::create(b, loc, lhs, rhs);
}

bool KernelBody::isSame(const Index &a, const Index &b) {
  if (a.step != b.step || a.base == b.base)
    return a.step == b.step;
  std::optional<int64_t> number = getConstantIntValue(a.base);
  return number && number == getConstantIntValue(b.base);
}

/// Whether a position and a mask are known before the loop over the row.
bool KernelBody::isBeforeRow(ArrayRef<Index> at, const Lanes &lanes) {
  auto isKnown = [&](Value value) {
    if (!value || getConstantIntValue(value))
      return true;
    Operation *loop = value.getParentBlock()->findAncestorOpInBlock(*rowLoop);
    Operation *op = value.getDefiningOp();
    return loop && (!op || (op != loop && op->isBeforeInBlock(loop)));
  };
  return rowLoop && isKnown(lanes.mask) &&
         llvm::all_of(at, [&](Index index) { return isKnown(index.base); });
}

/// A position whose numbers are constants at the place of insertion.
KernelBody::Coordinates KernelBody::settle(ArrayRef<Index> at) {
  Coordinates result(at);
  for (Index &index : result)
    if (std::optional<int64_t> number =
            index.base ? getConstantIntValue(index.base) : std::nullopt)
      index.base = constant(*number);
  return result;
}

Value KernelBody::recall(Value tensor, ArrayRef<Index> at, const Lanes &lanes) {
  auto found = memo.find(tensor);
  if (found == memo.end())
    return {};
  for (const Known &known : found->second) {
    bool same = known.lanes.count == lanes.count &&
                known.lanes.mask == lanes.mask && known.at.size() == at.size();
    for (unsigned i = 0; same && i < at.size(); ++i)
      same = isSame(known.at[i], at[i]);
    if (same)
      return known.value;
  }
  return {};
}

Value KernelBody::extent(Value tensor, int64_t dimension) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dimension))
    return constant(type.getDimSize(dimension));
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return b.createOrFold<memref::DimOp>(loc, operands[argument.getArgNumber()],
                                         dimension);
  Operation *op = tensor.getDefiningOp();
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return scalar(empty.getDynamicSize(dimension));
  if (auto cast = dyn_cast<tensor::CastOp>(op))
    return extent(cast.getSource(), dimension);
  if (auto dst = dyn_cast<DestinationStyleOpInterface>(op))
    return extent(dst.getTiedOpOperand(cast<OpResult>(tensor))->get(),
                  dimension);
  return {};
}

/// A scalar that is used inside the kernel, computed outside of its body.
Value KernelBody::scalar(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner()->getParentOp() == kernel
               ? operands[argument.getArgNumber()]
               : value;
  Operation *op = value.getDefiningOp();
  if (!kernel->isProperAncestor(op))
    return value;
  if (auto dim = dyn_cast<tensor::DimOp>(op))
    if (std::optional<int64_t> dimension = dim.getConstantIndex())
      return extent(dim.getSource(), *dimension);
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, scalar(operand));
  return b.clone(*op, mapping)
      ->getResult(cast<OpResult>(value).getResultNumber());
}

Value KernelBody::splat(Value scalar, int64_t count) {
  if (count == 0 || isa<VectorType>(scalar.getType()))
    return scalar;
  return vector::BroadcastOp::create(
      b, loc, VectorType::get({count}, scalar.getType()), scalar);
}

Value KernelBody::laneIndex(const Index &index, int64_t lane,
                            const Lanes &lanes) {
  Value offset = constant(lane);
  // A lane that does not exist reads the last one that does.
  if (lanes.last)
    offset = arith::MinSIOp::create(b, loc, offset, lanes.last);
  if (index.step != 1)
    offset = arith::MulIOp::create(b, loc, offset, constant(index.step));
  return add(index.base, offset);
}

KernelBody::Index KernelBody::apply(AffineExpr expr, ArrayRef<Index> dims) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto number = dyn_cast<AffineConstantExpr>(expr))
    return {constant(number.getValue()), 0};
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

/// Drops dimensions of extent 1 behind the one that runs along the lanes.
static void dropTrailingOnes(OpBuilder &b, Location loc, Value &memory,
                             KernelBody::Coordinates &at) {
  auto type = cast<MemRefType>(memory.getType());
  int64_t last = at.size() - 1;
  while (last > 0 && at[last].step == 0 && type.getDimSize(last) == 1)
    --last;
  if (last < 0 || at[last].step == 0 || last + 1 == int64_t(at.size()) ||
      !type.getLayout().isIdentity())
    return;
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0; i <= last; ++i)
    groups.push_back({i});
  for (int64_t i = last + 1; i < int64_t(at.size()); ++i)
    groups.back().push_back(i);
  memory = memref::CollapseShapeOp::create(b, loc, memory, groups);
  at.truncate(last + 1);
}

/// Of a vector in memory that is aligned to `alignment` bytes: a shorter one is
/// aligned to its size.
static llvm::MaybeAlign alignmentOf(Type vector, unsigned alignment) {
  auto type = cast<VectorType>(vector);
  unsigned bytes = type.getNumElements() *
                   llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  return llvm::MaybeAlign(
      std::min(alignment, unsigned(llvm::bit_floor(bytes))));
}

FailureOr<Value> KernelBody::load(unsigned operand, ArrayRef<Index> at,
                                  Lanes lanes) {
  if (!isa<MemRefType>(operands[operand].getType()))
    return operands[operand]; // a scalar
  auto [source, position] = access(operand, at);
  dropTrailingOnes(b, loc, source, position);
  auto type = cast<MemRefType>(source.getType());
  at = position;
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
  if (contiguous && isContiguous(source)) {
    if (!lanes.mask)
      return vector::LoadOp::create(b, loc, vectorType, source, bases,
                                    /*nontemporal=*/false,
                                    alignmentOf(vectorType, alignment))
          .getResult();
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(vectorType));
    return vector::MaskedLoadOp::create(b, loc, vectorType, source, bases,
                                        lanes.mask, zero)
        .getResult();
  }
  return loadApart(source, at, lanes);
}

FailureOr<Value> KernelBody::loadApart(Value memory, ArrayRef<Index> at,
                                       Lanes lanes) {
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < lanes.count; ++lane) {
    SmallVector<Value> indices;
    for (const Index &index : at)
      indices.push_back(index.step ? laneIndex(index, lane, lanes)
                                   : index.base);
    elements.push_back(memref::LoadOp::create(b, loc, memory, indices));
  }
  auto element = cast<MemRefType>(memory.getType()).getElementType();
  return vector::FromElementsOp::create(
             b, loc, VectorType::get({lanes.count}, element), elements)
      .getResult();
}

bool KernelBody::haveOneMap(linalg::GenericOp generic, unsigned a, unsigned b) {
  return generic.getMatchingIndexingMap(generic.getDpsInitOperand(a)) ==
         generic.getMatchingIndexingMap(generic.getDpsInitOperand(b));
}

FailureOr<Value> KernelBody::element(Value tensor, ArrayRef<Index> at,
                                     Lanes lanes) {
  if (auto argument = dyn_cast<BlockArgument>(tensor)) {
    if (Value known = recall(tensor, at, lanes))
      return known;
    if (!isBeforeRow(at, lanes)) {
      FailureOr<Value> value = load(argument.getArgNumber(), at, lanes);
      if (rowsHeld && succeeded(value))
        remember(memo, tensor, at, lanes, *value);
      return value;
    }
    // LLVM does not know that the loop's stores leave it alone.
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(rowLoop);
    FailureOr<Value> value = load(argument.getArgNumber(), settle(at), lanes);
    if (succeeded(value))
      for (Memo *known : {&memo, &hoisted})
        remember(*known, tensor, at, lanes, *value);
    return value;
  }
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
    return scalar(fill.getInputs()[0]);
  }
  if (auto cast = dyn_cast<tensor::CastOp>(op))
    return element(cast.getSource(), at, lanes);
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic)
    return op->emitOpError("is not supported inside a kernel");
  // What is the same for all lanes is a scalar, known by that name.
  if (llvm::all_of(at, [](Index index) { return index.step == 0; }))
    lanes = Lanes();
  if (Value known = recall(tensor, at, lanes))
    return known;
  unsigned result = cast<OpResult>(tensor).getResultNumber();
  if (generic.getNumReductionLoops() != 0)
    return reduction(generic, result, at, lanes);
  AffineMap map =
      generic.getMatchingIndexingMap(generic.getDpsInitOperand(result));
  if (!map.isPermutation())
    return op->emitOpError(
        "result's map must be a permutation inside a kernel");
  // What does not depend on the position in its row goes before it.
  if (isBeforeRow(at, lanes)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(rowLoop);
    Operation *outerLoop = std::exchange(rowLoop, nullptr);
    Memo outer = std::exchange(memo, hoisted);
    FailureOr<Value> value = element(tensor, settle(at), lanes);
    hoisted = std::exchange(memo, std::move(outer));
    rowLoop = outerLoop;
    if (succeeded(value))
      remember(memo, tensor, at, lanes, *value);
    return value;
  }
  SmallVector<Index> dims(map.getNumDims());
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    dims[cast<AffineDimExpr>(expr).getPosition()] = at[i];
  FailureOr<SmallVector<Value>> values = body(generic, dims, lanes, {});
  if (failed(values))
    return failure();
  for (auto [i, value] : llvm::enumerate(*values))
    if (haveOneMap(generic, i, result))
      remember(memo, generic->getResult(i), at, lanes, value);
  return (*values)[result];
}

/// An element at a position that is computed.
FailureOr<Value> KernelBody::gather(Operation *op, IRMapping &mapping,
                                    Lanes lanes) {
  auto extract = cast<tensor::ExtractOp>(op);
  auto argument = dyn_cast<BlockArgument>(extract.getTensor());
  if (!argument || argument.getOwner()->getParentOp() != kernel)
    return op->emitOpError("may only read an operand of its kernel");
  Value source = operands[argument.getArgNumber()];
  SmallVector<Value> indices;
  bool uniform = true;
  for (Value value : extract.getIndices()) {
    Value mapped = mapping.lookupOrNull(value);
    indices.push_back(mapped ? mapped : scalar(value));
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
      at.push_back(
          isa<VectorType>(index.getType())
              ? vector::ExtractOp::create(b, loc, index, position).getResult()
              : index);
    elements.push_back(memref::LoadOp::create(b, loc, source, at));
  }
  return vector::FromElementsOp::create(
             b, loc, VectorType::get({lanes.count}, op->getResult(0).getType()),
             elements)
      .getResult();
}

/// An operation of a body: on vectors where it can be, else lane by lane; in a
/// run, what is in f64 is in f32.
FailureOr<Value> KernelBody::scalarOp(Operation *op, IRMapping &mapping,
                                      ArrayRef<Index> dims, Lanes lanes,
                                      bool inRun) {
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
  if (isa<tensor::ExtractOp>(op))
    return gather(op, mapping, lanes);
  if (op->getNumOperands() == 0)
    return b.clone(*op)->getResult(0);
  SmallVector<Value> operands;
  bool uniform = true;
  for (Value operand : op->getOperands()) {
    Value value = mapping.lookupOrNull(operand);
    if (!value)
      value = scalar(operand);
    uniform &= !isa<VectorType>(value.getType());
    operands.push_back(value);
  }
  Type type = op->getResult(0).getType();
  if (inRun && type.isF64())
    type = b.getF32Type();
  if (inRun && isa<arith::ExtFOp, arith::TruncFOp>(op) &&
      getElementTypeOrSelf(operands[0].getType()) == type)
    return operands[0];
  if (!uniform) {
    if (!OpTrait::hasElementwiseMappableTraits(op))
      return op->emitOpError("has no vector form");
    for (Value &operand : operands)
      operand = splat(operand, lanes.count);
    type = VectorType::get({lanes.count}, type);
  }
  return b
      .create(op->getLoc(), op->getName().getIdentifier(), operands, type,
              op->getAttrs())
      ->getResult(0);
}

FailureOr<SmallVector<Value>> KernelBody::body(linalg::GenericOp generic,
                                               ArrayRef<Index> dims,
                                               Lanes lanes,
                                               ValueRange accumulators) {
  IRMapping mapping;
  Block *block = generic.getBody();
  bool inRun = false;
  for (OpOperand &operand : generic->getOpOperands()) {
    BlockArgument argument = generic.getMatchingBlockArgument(&operand);
    if (generic.isDpsInit(&operand) && !accumulators.empty()) {
      Value accumulator =
          accumulators[operand.getOperandNumber() - generic.getNumDpsInputs()];
      mapping.map(argument, accumulator);
      inRun |= argument.getType().isF64() &&
               getElementTypeOrSelf(accumulator.getType()).isF32();
      continue;
    }
    if (argument.use_empty())
      continue;
    if (!isa<RankedTensorType>(operand.get().getType())) {
      mapping.map(argument, scalar(operand.get()));
      continue;
    }
    SmallVector<Index> at;
    for (AffineExpr expr :
         generic.getMatchingIndexingMap(&operand).getResults())
      at.push_back(apply(expr, dims));
    FailureOr<Value> value = element(operand.get(), at, lanes);
    if (failed(value))
      return failure();
    mapping.map(argument, *value);
  }
  for (Operation &op : block->without_terminator()) {
    FailureOr<Value> value = scalarOp(&op, mapping, dims, lanes, inRun);
    if (failed(value))
      return failure();
    mapping.map(op.getResult(0), *value);
  }
  SmallVector<Value> results;
  for (Value value : block->getTerminator()->getOperands()) {
    Value mapped = mapping.lookupOrNull(value);
    results.push_back(mapped ? mapped : scalar(value));
  }
  return results;
}

int64_t KernelBody::countOperations() {
  int64_t count = 0;
  kernel.getBody().walk([&](Operation *op) {
    if (op->getParentOfType<linalg::GenericOp>())
      count += isa<ActDialect>(op->getDialect()) ? 40 : 1;
  });
  return count;
}

SmallVector<Value> KernelBody::loopExtents(linalg::GenericOp generic) {
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

FailureOr<SmallVector<Value>> KernelBody::evaluate(ArrayRef<unsigned> outputs,
                                                   ArrayRef<Coordinates> tile,
                                                   Lanes lanes) {
  memo = hoisted;
  if (tile.size() > 1 && !rowsAcross)
    for (unsigned output : outputs)
      if (failed(reduceTile(yield().getOperand(output), tile, lanes)))
        return failure();
  SmallVector<Value> values;
  for (const Coordinates &at : tile)
    for (unsigned output : outputs) {
      FailureOr<Value> value = element(yield().getOperand(output), at, lanes);
      if (failed(value))
        return failure();
      values.push_back(splat(*value, lanes.count));
    }
  return values;
}

void KernelBody::store(ArrayRef<unsigned> outputs, ArrayRef<Value> values,
                       ArrayRef<Index> at, Lanes lanes) {
  for (auto [output, value] : llvm::zip(outputs, values)) {
    auto [memory, position] = access(kernel.getInputs().size() + output, at);
    SmallVector<Value> bases;
    for (const Index &index : position)
      bases.push_back(index.base);
    if (lanes.count == 0) {
      memref::StoreOp::create(b, loc, value, memory, bases);
    } else if (!isContiguous(memory)) {
      for (int64_t lane = 0; lane < lanes.count; ++lane) {
        SmallVector<Value> indices = bases;
        indices.back() = laneIndex(position.back(), lane, lanes);
        Value element = vector::ExtractOp::create(b, loc, value, lane);
        memref::StoreOp::create(b, loc, element, memory, indices);
      }
    } else if (lanes.mask) {
      vector::MaskedStoreOp::create(b, loc, memory, bases, lanes.mask, value);
    } else {
      // What goes past the caches is aligned to its size.
      vector::StoreOp::create(
          b, loc, value, memory, bases, streams,
          alignmentOf(value.getType(), streams ? ~0u : alignment));
    }
  }
}
