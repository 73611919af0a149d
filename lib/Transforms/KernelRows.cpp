// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Rows on the CPU: their reductions, and what stays of a row until its result.

#include "FusionOps.h"
#include "KernelEmitter.h"
#include "Unrolling.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::act;

/// The bytes of a row that stay in the second-level cache beside others.
constexpr int64_t kLongestNear = 131072;

/// Whether a reduction computes long enough at each element to bring another
/// from memory meanwhile.
static bool computesMuch(linalg::GenericOp generic) {
  constexpr unsigned kMuch = 12;
  unsigned cost = elementCost(generic);
  for (Value input : generic.getDpsInputs())
    if (auto map = input.getDefiningOp<linalg::GenericOp>())
      if (map.getNumReductionLoops() == 0 &&
          map.getNumLoops() == generic.getNumLoops())
        cost = std::max(cost, elementCost(map));
  return cost > kMuch;
}

/// Asks for what the next row has where this one is at, so that its first pass
/// finds it near: a part of the lanes of each input of the row's shape.
void KernelEmitter::fetchNextRow(ArrayRef<Index> dims, int64_t part,
                                 int64_t count) {
  constexpr int64_t kLine = 64; // bytes
  for (auto [number, input] : llvm::enumerate(kernel.getInputs())) {
    auto type = dyn_cast<MemRefType>(input.getType());
    if (!type || type.getRank() != int64_t(dims.size()) || dims.size() < 2 ||
        !isContiguous(input) || ShapedType::isDynamic(type.getShape().back()))
      continue;
    int64_t element = type.getElementTypeBitWidth() / 8;
    if (type.getShape().back() * element > kLongestNear ||
        part * count * element % kLine != 0)
      continue;
    Value memory = operands[number];
    SmallVector<Value> at;
    for (const Index &index : dims)
      at.push_back(index.base);
    size_t row = dims.size() - 2;
    Value last = arith::SubIOp::create(
        b, loc, b.createOrFold<memref::DimOp>(loc, memory, row), constant(1));
    at[row] = arith::MinUIOp::create(b, loc, add(at[row], constant(1)), last);
    memref::PrefetchOp::create(b, loc, memory, at, /*isWrite=*/false,
                               /*localityHint=*/3, /*isDataCache=*/true);
  }
}

/// A reduction whose position along the lanes is fixed: 64 lanes run over the
/// innermost reduced dimension and are joined in a tree at the end. They are
/// computed a vector at a time, since temporaries of 64 lanes do not fit the
/// registers.
FailureOr<SmallVector<Value>>
KernelEmitter::reduceRow(linalg::GenericOp generic, Coordinates dims) {
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  SmallVector<Value> extents = loopExtents(generic);
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  unsigned inner = reduced.back();
  int64_t part = kReductionLanes % width == 0 ? width : kReductionLanes;
  int64_t parts = kReductionLanes / part;
  Value zero = constant(0), lanes = constant(kReductionLanes);

  // Those of each part are next to each other, one for each result.
  SmallVector<Value> accumulators;
  for (int64_t k = 0; k < parts; ++k)
    for (Operation *combiner : combiners) {
      TypedAttr neutral = treeNeutral(combiner);
      auto type = VectorType::get({part}, neutral.getType());
      accumulators.push_back(arith::ConstantOp::create(
          b, loc, DenseElementsAttr::get(type, cast<Attribute>(neutral))));
    }
  auto partOf = [&](int64_t k) {
    return MutableArrayRef(accumulators)
        .slice(k * combiners.size(), combiners.size());
  };
  struct Loop {
    scf::ForOp op;
    MutableArrayRef<Value> carried;
  };
  SmallVector<Loop> loops;
  auto enter = [&](Value lower, Value upper, Value step,
                   MutableArrayRef<Value> carried) {
    auto loop = scf::ForOp::create(b, loc, lower, upper, step, carried);
    b.setInsertionPointToStart(loop.getBody());
    llvm::copy(loop.getRegionIterArgs(), carried.begin());
    loops.push_back({loop, carried});
    return loop.getInductionVar();
  };
  auto leave = [&] {
    auto [loop, carried] = loops.pop_back_val();
    scf::YieldOp::create(b, loc, carried);
    b.setInsertionPointAfter(loop);
    llvm::copy(loop.getResults(), carried.begin());
  };
  auto step = [&](Value base, int64_t k, Lanes active) -> LogicalResult {
    dims[inner] = {k ? add(base, constant(k * part)) : base, 1};
    if (failed(joinRow(generic, dims, active, partOf(k))))
      return failure();
    if (keeper == generic)
      keep(recall(kept, dims, active), dims, active);
    if (!active.mask && computesMuch(generic))
      fetchNextRow(dims, k, part);
    return success();
  };
  for (unsigned dim : ArrayRef<unsigned>(reduced).drop_back())
    dims[dim] = {enter(zero, extents[dim], constant(1), accumulators), 0};
  Value size = extents[inner];
  Value tail = b.createOrFold<arith::RemUIOp>(loc, size, lanes);
  Value whole = b.createOrFold<arith::SubIOp>(loc, size, tail);

  // A part of the tail that does not exist keeps its accumulators.
  auto tailOf = [&](int64_t k) -> LogicalResult {
    Value before = constant(k * part);
    Value some = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ugt,
                                               tail, before);
    if (isConstantIntValue(some, 0))
      return success();
    auto rest =
        scf::IfOp::create(b, loc, TypeRange(ValueRange(partOf(k))), some,
                          /*withElse=*/true);
    b.setInsertionPointToStart(rest.elseBlock());
    scf::YieldOp::create(b, loc, partOf(k));
    b.setInsertionPointToStart(rest.thenBlock());
    Value left = b.createOrFold<arith::SubIOp>(loc, tail, before);
    Lanes active{part, {}, {}};
    std::optional<int64_t> count = getConstantIntValue(left);
    if (!count || *count < part) {
      active.mask = vector::CreateMaskOp::create(
          b, loc, VectorType::get({part}, b.getI1Type()), left);
      active.last = b.createOrFold<arith::SubIOp>(
          loc, b.createOrFold<arith::MinUIOp>(loc, left, constant(part)),
          constant(1));
    }
    if (failed(step(whole, k, active)))
      return failure();
    scf::YieldOp::create(b, loc, partOf(k));
    b.setInsertionPointAfter(rest);
    llvm::copy(rest.getResults(), partOf(k).begin());
    return success();
  };
  // Each part's run by itself: few accumulators are in use at a time. Straight
  // code for all of its steps would do the sums at its end, with what they add
  // in memory until then.
  auto runOf = [&](int64_t k, Value lower, Value upper,
                   bool last) -> LogicalResult {
    SmallVector<Value> opened = openRun(generic, partOf(k));
    Value base = enter(lower, upper, lanes, partOf(k));
    keepRolled(loops.back().op);
    if (failed(step(base, k, Lanes{part, {}, {}})))
      return failure();
    leave();
    if (last && failed(tailOf(k)))
      return failure();
    closeRun(generic, opened, partOf(k));
    return success();
  };
  if (int64_t run = runElements(generic)) {
    Value rest = b.createOrFold<arith::RemUIOp>(loc, size, constant(run));
    Value runs = b.createOrFold<arith::SubIOp>(loc, size, rest);
    Value first = enter(zero, runs, constant(run), accumulators);
    Value end = add(first, constant(run));
    for (int64_t k = 0; k < parts; ++k)
      if (failed(runOf(k, first, end, /*last=*/false)))
        return failure();
    leave();
    for (int64_t k = 0; k < parts; ++k)
      if (failed(runOf(k, runs, whole, /*last=*/true)))
        return failure();
  } else {
    Value base = enter(zero, whole, lanes, accumulators);
    for (int64_t k = 0; k < parts; ++k)
      if (failed(step(base, k, Lanes{part, {}, {}})))
        return failure();
    leave();
    for (int64_t k = 0; k < parts; ++k)
      if (failed(tailOf(k)))
        return failure();
  }
  while (!loops.empty())
    leave();

  auto slice = [&](Value vector, int64_t at, int64_t count) -> Value {
    return vector::ExtractStridedSliceOp::create(
        b, loc, vector, ArrayRef<int64_t>{at}, ArrayRef<int64_t>{count},
        ArrayRef<int64_t>{1});
  };
  SmallVector<Value> totals;
  for (auto [i, combiner] : llvm::enumerate(combiners)) {
    SmallVector<Value> joined;
    for (int64_t k = 0; k < parts; ++k)
      joined.push_back(partOf(k)[i]);
    for (int64_t half = parts / 2; half >= 1; half /= 2)
      for (int64_t k = 0; k < half; ++k)
        joined[k] = join(combiner, joined[k], joined[half + k]);
    Value total = joined.front();
    for (int64_t half = part / 2; half >= 1; half /= 2)
      total = join(combiner, slice(total, 0, half), slice(total, half, half));
    totals.push_back(vector::ExtractOp::create(b, loc, total, int64_t(0)));
  }
  dims[inner] = {};
  return joinInits(generic, dims, totals, Lanes());
}

/// Whether a value of each row is there once one reduction of what `first`
/// makes, the reader, is done: it is made `before` that, or of that reduction
/// alone.
bool KernelEmitter::isKnownOfRow(Value tensor, linalg::GenericOp first,
                                 const SetVector<Operation *> &before,
                                 linalg::GenericOp &reader) {
  auto generic = tensor.getDefiningOp<linalg::GenericOp>();
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  int64_t last = first.getNumLoops() - 1;
  if (!generic || rank > last)
    return false;
  if (generic == reader || before.contains(generic))
    return true;
  if (generic.getNumReductionLoops() == 0)
    return llvm::all_of(generic.getDpsInputs(), [&](Value input) {
      return isKnownOfRow(input, first, before, reader);
    });
  AffineMap whole = b.getMultiDimIdentityMap(last + 1);
  for (OpOperand *input : generic.getDpsInputOperands())
    if (input->get().getDefiningOp() != first ||
        generic.getMatchingIndexingMap(input) != whole)
      return false;
  for (OpOperand &init : generic.getDpsInitsMutable())
    if (!init.get().getDefiningOp<linalg::FillOp>() ||
        generic.getMatchingIndexingMap(&init) != whole.dropResult(last))
      return false;
  if (reader || combiners(generic).empty())
    return false;
  reader = generic;
  return true;
}

/// A softmax reads its exponentials twice: for their sum and for the result. Of
/// the result's type, they stay in its memory in between. That memory may be an
/// input's: nothing reads inputs of the row after the reduction that keeps. Of
/// another type they stay in a buffer on the stack, where a row is known to
/// take a part of the second-level cache.
void KernelEmitter::chooseKept(const Nest &nest) {
  kept = {};
  keeper = {};
  int64_t last = nest.order.size();
  if (kernel.getOutputs().size() != 1 || nest.row != ArrayRef<int64_t>(last))
    return;
  auto generic = yield().getOperand(0).getDefiningOp<linalg::GenericOp>();
  if (!generic || generic.getNumReductionLoops() != 0 ||
      generic.getNumResults() != 1)
    return;
  auto isRowMap = [&](Value tensor) {
    auto map = tensor.getDefiningOp<linalg::GenericOp>();
    return map && map.getNumReductionLoops() == 0 &&
           cast<RankedTensorType>(tensor.getType()).getRank() == last + 1;
  };
  Value found;
  for (OpOperand *input : generic.getDpsInputOperands())
    if (isRowMap(input->get())) {
      if (found && found != input->get())
        return;
      found = input->get();
      if (!generic.getMatchingIndexingMap(input).isIdentity())
        return;
    }
  if (!found || !isContiguous(output(0)) ||
      !generic.getIndexingMapsArray().back().isIdentity())
    return;
  auto first = found.getDefiningOp<linalg::GenericOp>();
  SetVector<Operation *> before;
  BackwardSliceOptions options;
  options.omitBlockArguments = true;
  if (failed(getBackwardSlice(first.getOperation(), &before, options)))
    return;
  linalg::GenericOp reader;
  for (OpOperand *input : generic.getDpsInputOperands())
    if (input->get() != found &&
        !isKnownOfRow(input->get(), first, before, reader))
      return;
  if (!reader || !(keepsInResult(found) || bufferLength(found)))
    return;
  kept = found;
  keeper = reader;
}

bool KernelEmitter::keepsInResult(Value tensor) {
  return getElementTypeOrSelf(tensor.getType()) ==
         getElementTypeOrSelf(output(0).getType());
}

/// The elements of a buffer for a row in whole trees of lanes, so that no mask
/// is needed there; 0 where it would be too long, or is not known.
int64_t KernelEmitter::bufferLength(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t length = cast<MemRefType>(output(0).getType()).getShape().back();
  if (ShapedType::isDynamic(length) || type.getElementType().isInteger(1))
    return 0;
  length = llvm::alignTo(length, kReductionLanes);
  return length * type.getElementTypeBitWidth() / 8 <= kLongestNear ? length
                                                                    : 0;
}

void KernelEmitter::makeRowBuffer() {
  rowBuffer = {};
  if (!kept || keepsInResult(kept))
    return;
  auto type =
      MemRefType::get(bufferLength(kept), getElementTypeOrSelf(kept.getType()));
  rowBuffer = memref::AllocaOp::create(b, loc, type, b.getI64IntegerAttr(64));
}

void KernelEmitter::keep(Value value, ArrayRef<Index> at, Lanes lanes) {
  if (rowBuffer)
    vector::StoreOp::create(b, loc, value, rowBuffer, at.back().base);
  else
    store(outputs, value, at, lanes);
}

FailureOr<Value> KernelEmitter::loadKept(ArrayRef<Index> at, Lanes lanes) {
  if (!rowBuffer)
    return load(kernel.getInputs().size(), at, lanes);
  auto type = VectorType::get(
      {lanes.count}, cast<MemRefType>(rowBuffer.getType()).getElementType());
  return vector::LoadOp::create(b, loc, type, rowBuffer, at.back().base)
      .getResult();
}
