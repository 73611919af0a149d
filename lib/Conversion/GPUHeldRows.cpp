// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Rows that the registers of a warp or a block hold: memory is read once, what
// several passes need is computed once. Threads of a warp, or of a part of it
// where rows are short, have two lanes of the tree or more each, of which they
// hold the elements. A block has more threads than lanes: these hand elements
// over in shared memory to the 64 of them that join them, in order, each for
// its lane.

#include "GPUKernel.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::act;

/// Says which elements of the row a thread has, next to those of its
/// neighbours. In a block, four slots are of one lane, in one run.
void GPUKernel::makeSlots(Extent extent) {
  Type i32 = b.getI32Type();
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
  };
  rowLength =
      b.createOrFold<memref::DimOp>(loc, operands[extent.first], extent.second);
  std::optional<int64_t> known = getConstantIntValue(rowLength);
  Value length = b.createOrFold<arith::IndexCastUIOp>(loc, i32, rowLength);
  Value longest = arith::SubIOp::create(b, loc, length, number(1));
  bool inWarp = plan.team <= ThreadPlan::kWarp;
  // The thread's own part of positions, and its largest.
  firstElement = thread;
  Value first = arith::IndexCastUIOp::create(b, loc, i32, thread);
  int64_t last = plan.team - 1;
  if (!inWarp) {
    Value lanes = number(kReductionLanes);
    Value lane = arith::RemUIOp::create(b, loc, first, lanes);
    Value run = arith::DivUIOp::create(b, loc, first, lanes);
    first = arith::AddIOp::create(
        b, loc,
        arith::MulIOp::create(b, loc, run, number(ThreadPlan::kRunElements)),
        lane);
    last = (plan.team / kReductionLanes - 1) * ThreadPlan::kRunElements +
           kReductionLanes - 1;
    firstElement =
        arith::IndexCastUIOp::create(b, loc, b.getIndexType(), first);
  }
  for (int64_t k = 0; k < plan.slots; ++k) {
    Slot &slot = slots.emplace_back();
    slot.offset = inWarp
                      ? k * plan.team
                      : k % ThreadPlan::kRun * kReductionLanes +
                            k / ThreadPlan::kRun * ThreadPlan::kRun * plan.team;
    Value position = arith::AddIOp::create(b, loc, first, number(slot.offset));
    if (!known || slot.offset + last >= *known) {
      slot.exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                          position, length);
      position = arith::MinUIOp::create(b, loc, position, longest);
    }
    slot.at = {arith::IndexCastUIOp::create(b, loc, b.getIndexType(), position),
               1};
  }
  if (inWarp)
    return;
  auto space =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  exchange = func.addWorkgroupAttribution(
      MemRefType::get({ThreadPlan::kExchangeBytes}, b.getI8Type(), AffineMap(),
                      space),
      loc);
  func.setWorkgroupAttributionAttr(
      func.getNumWorkgroupAttributions() - 1,
      b.getStringAttr(LLVM::LLVMDialect::getAlignAttrName()),
      b.getI64IntegerAttr(16));
}

LogicalResult GPUKernel::emitHeldRow(const Nest &nest, Coordinates at) {
  rowsHeld = true;
  makeSlots(*rowExtent(nest));
  SmallVector<Coordinates> tile;
  if (nest.row.empty())
    tile.push_back(at);
  else
    for (const Slot &slot : slots) {
      at[nest.row.front()] = slot.at;
      tile.push_back(at);
    }
  FailureOr<SmallVector<Value>> elements =
      evaluate(nest.outputs, tile, Lanes());
  if (failed(elements))
    return failure();
  if (rowExists) {
    auto some = scf::IfOp::create(b, loc, rowExists, /*withElseRegion=*/false);
    b.setInsertionPointToStart(some.thenBlock());
  }
  if (nest.row.empty()) {
    enterFirstThread();
    store(nest.outputs, *elements, at, Lanes());
    return success();
  }
  ArrayRef<Value> left = *elements;
  for (auto [slot, position] : llvm::zip(slots, tile)) {
    OpBuilder::InsertionGuard guard(b);
    if (slot.exists) {
      auto some =
          scf::IfOp::create(b, loc, slot.exists, /*withElseRegion=*/false);
      b.setInsertionPointToStart(some.thenBlock());
    }
    store(nest.outputs, left.take_front(nest.outputs.size()), position,
          Lanes());
    left = left.drop_front(nest.outputs.size());
  }
  return success();
}

FailureOr<SmallVector<Value>>
GPUKernel::reduceHeldRow(linalg::GenericOp generic, Coordinates dims) {
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  unsigned inner = reduced.front();
  // All that memory has to bring is asked for before anything waits for it.
  for (const Slot &slot : slots) {
    dims[inner] = slot.at;
    for (OpOperand *input : generic.getDpsInputOperands()) {
      if (!isa<BlockArgument>(input->get()))
        continue;
      Coordinates at;
      for (AffineExpr expr : generic.getMatchingIndexingMap(input).getResults())
        at.push_back(apply(expr, dims));
      if (failed(element(input->get(), at, Lanes())))
        return failure();
    }
  }
  FailureOr<SmallVector<Value>> totals = plan.team <= ThreadPlan::kWarp
                                             ? reduceInWarp(generic, dims)
                                             : reduceInBlock(generic, dims);
  if (failed(totals))
    return failure();
  dims[inner] = {};
  return joinInits(generic, dims, *totals, Lanes());
}

Value GPUKernel::joinIf(Value exists, Operation *combiner, Value accumulator,
                        Value value) {
  if (value.getType() != accumulator.getType())
    value = arith::ExtFOp::create(b, loc, accumulator.getType(), value);
  Value joined = join(combiner, accumulator, value);
  return exists ? arith::SelectOp::create(b, loc, exists, joined, accumulator)
                      .getResult()
                : joined;
}

FailureOr<SmallVector<Value>> GPUKernel::reduceInWarp(linalg::GenericOp generic,
                                                      Coordinates dims) {
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  int64_t lanes = kReductionLanes / plan.team;
  int64_t runSlots = ThreadPlan::kRunElements / plan.team;
  // Those of each lane are next to each other, one for each result.
  SmallVector<Value> accumulators, opened;
  for (int64_t lane = 0; lane < lanes; ++lane)
    for (Operation *combiner : combiners)
      accumulators.push_back(
          arith::ConstantOp::create(b, loc, treeNeutral(combiner)));
  bool inRuns = runElements(generic) != 0;
  for (auto [k, slot] : llvm::enumerate(slots)) {
    if (inRuns && k % runSlots == 0)
      opened = openRun(generic, accumulators);
    dims[reduced.front()] = slot.at;
    FailureOr<SmallVector<Value>> values = joinedValues(generic, dims);
    if (failed(values))
      return failure();
    for (auto [i, value] : llvm::enumerate(*values)) {
      Value &lane = accumulators[k % lanes * combiners.size() + i];
      lane = joinIf(slot.exists, combiners[i], lane, value);
    }
    if (inRuns && ((k + 1) % runSlots == 0 || k + 1 == slots.size()))
      closeRun(generic, opened, accumulators);
  }
  // The tree's first steps are between lanes of one thread.
  for (int64_t half = lanes / 2; half >= 1; half /= 2)
    for (int64_t lane = 0; lane < half; ++lane)
      for (auto [i, combiner] : llvm::enumerate(combiners)) {
        Value &lower = accumulators[lane * combiners.size() + i];
        lower = join(combiner, lower,
                     accumulators[(lane + half) * combiners.size() + i]);
      }
  SmallVector<Value> totals;
  for (auto [i, combiner] : llvm::enumerate(combiners))
    totals.push_back(shuffleTree(combiner, accumulators[i]));
  return totals;
}

/// Whether a thread of a block has a lane of the tree.
Value GPUKernel::isLane() {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, thread,
                               constant(kReductionLanes));
}

/// Elements of a lane, 64 apart in each buffer, join its accumulators; of sums
/// in runs, runs do. `count`: of elements in the buffers.
void GPUKernel::joinLanes(linalg::GenericOp generic, ArrayRef<Value> buffers,
                          Value count, MutableArrayRef<Value> accumulators) {
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  for (bool inRuns : {false, true}) {
    SmallVector<unsigned> joined;
    SmallVector<Value> starts;
    for (auto [i, combiner] : llvm::enumerate(combiners))
      if (combiner->hasAttr(kRunSumAttr) == inRuns) {
        joined.push_back(i);
        starts.push_back(accumulators[i]);
      }
    if (joined.empty())
      continue;
    Value end = count;
    if (inRuns) {
      Value runs = arith::ShRSIOp::create(
          b, loc, add(count, constant(ThreadPlan::kRunElements - 1)),
          constant(llvm::Log2_64(ThreadPlan::kRunElements)));
      end = arith::MulIOp::create(b, loc, runs, constant(kReductionLanes));
    }
    auto loop = scf::ForOp::create(b, loc, thread, end,
                                   constant(kReductionLanes), starts);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> results;
    for (auto [i, accumulator] : llvm::zip(joined, loop.getRegionIterArgs())) {
      Value value =
          memref::LoadOp::create(b, loc, buffers[i], loop.getInductionVar());
      results.push_back(joinIf({}, combiners[i], accumulator, value));
    }
    scf::YieldOp::create(b, loc, results);
    for (auto [i, result] : llvm::zip(joined, loop.getResults()))
      accumulators[i] = result;
  }
}

FailureOr<SmallVector<Value>>
GPUKernel::reduceInBlock(linalg::GenericOp generic, Coordinates dims) {
  constexpr int64_t kRun = ThreadPlan::kRun;
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  SmallVector<Value> accumulators;
  for (Operation *combiner : combiners)
    accumulators.push_back(
        arith::ConstantOp::create(b, loc, treeNeutral(combiner)));
  auto isRun = [&](unsigned i) { return combiners[i]->hasAttr(kRunSumAttr); };
  // Slots that are handed over at a time, and the buffers for it.
  int64_t step = kRun * (ThreadPlan::kExchangeBytes /
                         (plan.team * exchangedBytes(generic)));
  step = std::min(step, plan.slots);
  SmallVector<Value> buffers;
  int64_t offset = 0;
  for (auto [i, combiner] : llvm::enumerate(combiners)) {
    Type type = exchangedType(combiner);
    int64_t count = plan.team * step / (isRun(i) ? kRun : 1);
    auto space = cast<MemRefType>(exchange.getType()).getMemorySpace();
    buffers.push_back(memref::ViewOp::create(
        b, loc, MemRefType::get({count}, type, AffineMap(), space), exchange,
        constant(offset), ValueRange()));
    offset += count * type.getIntOrFloatBitWidth() / 8;
  }
  for (int64_t start = 0; start < plan.slots; start += step) {
    int64_t end = std::min(start + step, plan.slots);
    // What threads handed over before is joined.
    if (start != 0)
      gpu::BarrierOp::create(b, loc);
    SmallVector<Value> runs(combiners.size());
    for (int64_t k = start; k < end; ++k) {
      dims[reduced.front()] = slots[k].at;
      FailureOr<SmallVector<Value>> values = joinedValues(generic, dims);
      if (failed(values))
        return failure();
      for (auto [i, value] : llvm::enumerate(*values)) {
        Value at = add(firstElement, constant(slots[k - start].offset));
        if (isRun(i)) {
          if (k % kRun == 0)
            runs[i] =
                arith::ConstantOp::create(b, loc, b.getF32FloatAttr(-0.0));
          runs[i] = joinIf(slots[k].exists, combiners[i], runs[i], value);
          if ((k + 1) % kRun != 0)
            continue;
          value = runs[i];
          at = add(thread, constant((k - start) / kRun * plan.team));
        }
        Type type = exchangedType(combiners[i]);
        if (value.getType() != type)
          value = arith::ExtFOp::create(b, loc, type, value);
        memref::StoreOp::create(b, loc, value, buffers[i], at);
      }
    }
    gpu::BarrierOp::create(b, loc);
    Value left = b.createOrFold<arith::SubIOp>(loc, rowLength,
                                               constant(start * plan.team));
    Value count = b.createOrFold<arith::MinSIOp>(
        loc, left, constant((end - start) * plan.team));
    auto ofLane =
        scf::IfOp::create(b, loc, TypeRange(ValueRange(accumulators)), isLane(),
                          /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(ofLane.elseBlock());
    scf::YieldOp::create(b, loc, accumulators);
    b.setInsertionPointToStart(ofLane.thenBlock());
    joinLanes(generic, buffers, count, accumulators);
    scf::YieldOp::create(b, loc, accumulators);
    accumulators.assign(ofLane.getResults().begin(), ofLane.getResults().end());
  }
  SmallVector<Value> totals;
  for (auto [i, combiner] : llvm::enumerate(combiners))
    totals.push_back(
        shuffleTree(combiner, joinWarps(combiner, accumulators[i])));
  return totals;
}
