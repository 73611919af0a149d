// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Rows that a warp or a block reduces by the 64 lanes of the fixed tree: in
// passes over memory, or from the registers of its threads.

#include "GPUKernel.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::act;

LogicalResult GPUKernel::emitTeam(const Nest &nest, Counts counts) {
  Value memory = output(nest.outputs.front());
  Value item = gpu::BlockIdOp::create(b, loc, gpu::Dimension::x);
  thread = gpu::ThreadIdOp::create(b, loc, gpu::Dimension::x);
  int64_t teams = plan.teamsOfBlock();
  if (teams > 1) {
    Value size = constant(plan.team), inBlock = thread;
    if (plan.team > 1)
      inBlock = arith::DivUIOp::create(b, loc, thread, size);
    thread = plan.team > 1
                 ? arith::RemUIOp::create(b, loc, thread, size).getResult()
                 : constant(0);
    item = add(arith::MulIOp::create(b, loc, item, constant(teams)), inBlock);
    Value exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                         item, counts.items);
    if (plan.slots && plan.team < ThreadPlan::kWarp) {
      // All lanes of a warp take part in its shuffles.
      Value last = arith::SubIOp::create(b, loc, counts.items, constant(1));
      item = arith::MinUIOp::create(b, loc, item, last);
      rowExists = exists;
    } else {
      auto some = scf::IfOp::create(b, loc, exists, /*withElseRegion=*/false);
      b.setInsertionPointToStart(some.thenBlock());
    }
  }
  Coordinates at(nest.order.size() + nest.row.size());
  place(at, nest, nest.order, item, memory);
  if (plan.slots)
    return emitHeldRow(nest, at);
  if (!nest.row.empty()) {
    Value size = constant(1);
    for (int64_t dim : nest.row)
      size = b.createOrFold<arith::MulIOp>(
          loc, size, b.createOrFold<memref::DimOp>(loc, memory, dim));
    auto loop = scf::ForOp::create(b, loc, thread, size, constant(plan.team));
    enterRow(loop);
    divergent = loop;
    b.setInsertionPointToStart(loop.getBody());
    place(at, nest, nest.row, loop.getInductionVar(), memory);
  }
  FailureOr<SmallVector<Value>> elements =
      evaluate(nest.outputs, Coordinates(at), Lanes());
  leaveRow();
  divergent = nullptr;
  if (failed(elements))
    return failure();
  if (nest.row.empty() && plan.team > 1)
    enterFirstThread();
  store(nest.outputs, *elements, at, Lanes());
  return success();
}

/// What follows is done by the first thread of a team.
void GPUKernel::enterFirstThread() {
  Value first = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, thread,
                                      constant(0));
  auto one = scf::IfOp::create(b, loc, first, /*withElseRegion=*/false);
  b.setInsertionPointToStart(one.thenBlock());
}

/// A value of another lane of the warp, in pieces of 32 bits.
Value GPUKernel::shuffle(Value value, int32_t lane, gpu::ShuffleMode mode) {
  Type type = value.getType();
  unsigned bits = type.getIntOrFloatBitWidth();
  Type integer = b.getIntegerType(bits), i32 = b.getI32Type();
  Value raw =
      type == integer
          ? value
          : arith::BitcastOp::create(b, loc, integer, value).getResult();
  auto piece = [&](Value part) -> Value {
    return gpu::ShuffleOp::create(b, loc, part, lane, ThreadPlan::kWarp, mode)
        .getShuffleResult();
  };
  Value result;
  if (bits == 64) {
    Value shift = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(32));
    Value low = piece(arith::TruncIOp::create(b, loc, i32, raw));
    Value high = piece(arith::TruncIOp::create(
        b, loc, i32, arith::ShRUIOp::create(b, loc, raw, shift)));
    high = arith::ExtUIOp::create(b, loc, integer, high);
    high = arith::ShLIOp::create(b, loc, high, shift);
    low = arith::ExtUIOp::create(b, loc, integer, low);
    result = arith::OrIOp::create(b, loc, high, low);
  } else if (bits == 32) {
    result = piece(raw);
  } else {
    result = piece(arith::ExtUIOp::create(b, loc, i32, raw));
    result = arith::TruncIOp::create(b, loc, integer, result);
  }
  return type == integer
             ? result
             : arith::BitcastOp::create(b, loc, type, result).getResult();
}

/// The upper half of the threads, of a warp or of less, joins the lower one
/// until one is left, in all of them at once.
Value GPUKernel::shuffleTree(Operation *combiner, Value value) {
  int64_t threads = std::min(plan.team, ThreadPlan::kWarp);
  for (int64_t half = threads / 2; half >= 1; half /= 2) {
    Value other = shuffle(value, half, gpu::ShuffleMode::XOR);
    // Which zero a maximum has depends on what comes first.
    if (isa<arith::MaxNumFOp>(combiner)) {
      Value bit = arith::AndIOp::create(b, loc, thread, constant(half));
      Value isLower = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                            bit, constant(0));
      Value lower = arith::SelectOp::create(b, loc, isLower, value, other);
      other = arith::SelectOp::create(b, loc, isLower, other, value);
      value = lower;
    }
    value = join(combiner, value, other);
  }
  return value;
}

FailureOr<SmallVector<Value>> GPUKernel::reduceRow(linalg::GenericOp generic,
                                                   Coordinates dims) {
  if (plan.slots)
    return reduceHeldRow(generic, dims);
  Operation *parent = b.getInsertionBlock()->getParentOp();
  if (plan.team == 1 || (divergent && divergent->isAncestor(parent)))
    return generic.emitOpError("reduces a row inside another loop, which the "
                               "GPU target does not take");
  SmallVector<Operation *> combiners = KernelBody::combiners(generic);
  SmallVector<Value> extents = loopExtents(generic);
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  unsigned inner = reduced.back();
  int64_t count = kReductionLanes / plan.team;
  Value zero = constant(0), lanes = constant(kReductionLanes);
  // Those of each lane are next to each other, one for each result.
  SmallVector<Value> accumulators;
  for (int64_t k = 0; k < count; ++k)
    for (Operation *combiner : combiners) {
      TypedAttr start = treeNeutral(combiner);
      if (vectorElementBits(start.getType()) == 0)
        return generic.emitOpError("reduces rows of ")
               << start.getType() << ", which the GPU target does not take";
      accumulators.push_back(arith::ConstantOp::create(b, loc, start));
    }
  auto laneOf = [&](int64_t k) {
    return MutableArrayRef(accumulators)
        .slice(k * combiners.size(), combiners.size());
  };
  SmallVector<scf::ForOp> loops;
  auto enter = [&](Value lower, Value upper, Value step) {
    auto loop = scf::ForOp::create(b, loc, lower, upper, step, accumulators);
    b.setInsertionPointToStart(loop.getBody());
    llvm::copy(loop.getRegionIterArgs(), accumulators.begin());
    loops.push_back(loop);
    return loop.getInductionVar();
  };
  auto leave = [&] {
    scf::YieldOp::create(b, loc, accumulators);
    scf::ForOp loop = loops.pop_back_val();
    b.setInsertionPointAfter(loop);
    llvm::copy(loop.getResults(), accumulators.begin());
  };
  // One element of the row for the thread's k-th lane.
  auto step = [&](Value base, int64_t k) -> LogicalResult {
    dims[inner] = {add(base, add(thread, constant(k * plan.team))), 1};
    return joinRow(generic, dims, Lanes(), laneOf(k));
  };
  Operation *outerDivergent = divergent;
  for (unsigned dim : ArrayRef<unsigned>(reduced).drop_back())
    dims[dim] = {enter(zero, extents[dim], constant(1)), 0};
  Value size = extents[inner];
  Value rest = arith::RemUIOp::create(b, loc, size, lanes);
  Value whole = arith::SubIOp::create(b, loc, size, rest);
  auto wholeTrees = [&](Value lower, Value upper) -> LogicalResult {
    Value base = enter(lower, upper, lanes);
    divergent = loops.back();
    for (int64_t k = 0; k < count; ++k)
      if (failed(step(base, k)))
        return failure();
    leave();
    return success();
  };
  Value begin = zero;
  int64_t runLength = runElements(generic);
  SmallVector<Value> opened;
  if (runLength) {
    Value run = constant(runLength);
    Value runs = arith::SubIOp::create(
        b, loc, size, arith::RemUIOp::create(b, loc, size, run));
    Value first = enter(zero, runs, run);
    opened = openRun(generic, accumulators);
    if (failed(wholeTrees(first, add(first, run))))
      return failure();
    closeRun(generic, opened, accumulators);
    leave();
    begin = runs;
    opened = openRun(generic, accumulators);
  }
  if (failed(wholeTrees(begin, whole)))
    return failure();
  for (int64_t k = 0; k < count; ++k) {
    Value lane = add(thread, constant(k * plan.team));
    Value exists =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, lane, rest);
    auto tail =
        scf::IfOp::create(b, loc, TypeRange(ValueRange(laneOf(k))), exists,
                          /*withElse=*/true);
    divergent = tail;
    b.setInsertionPointToStart(tail.elseBlock());
    scf::YieldOp::create(b, loc, laneOf(k));
    b.setInsertionPointToStart(tail.thenBlock());
    if (failed(step(whole, k)))
      return failure();
    scf::YieldOp::create(b, loc, laneOf(k));
    b.setInsertionPointAfter(tail);
    llvm::copy(tail.getResults(), laneOf(k).begin());
  }
  if (runLength)
    closeRun(generic, opened, accumulators);
  while (!loops.empty())
    leave();
  divergent = outerDivergent;

  SmallVector<Value> totals;
  for (auto [i, combiner] : llvm::enumerate(combiners))
    totals.push_back(
        shuffleTree(combiner, plan.team == ThreadPlan::kWarp
                                  ? join(combiner, laneOf(0)[i], laneOf(1)[i])
                                  : joinWarps(combiner, laneOf(0)[i])));
  dims[inner] = {};
  return joinInits(generic, dims, totals, Lanes());
}

/// The first step of the tree, from the 64 lanes of two warps to a warp's 32.
Value GPUKernel::joinWarps(Operation *combiner, Value value) {
  auto space =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  Value shared = func.addWorkgroupAttribution(
      MemRefType::get({kReductionLanes}, value.getType(), AffineMap(), space),
      loc);
  {
    OpBuilder::InsertionGuard guard(b);
    if (plan.team > kReductionLanes) {
      auto one = scf::IfOp::create(b, loc, isLane(), /*withElseRegion=*/false);
      b.setInsertionPointToStart(one.thenBlock());
    }
    memref::StoreOp::create(b, loc, value, shared, thread);
  }
  gpu::BarrierOp::create(b, loc);
  Value warp = constant(ThreadPlan::kWarp);
  Value lane = arith::RemUIOp::create(b, loc, thread, warp);
  Value low = memref::LoadOp::create(b, loc, shared, lane);
  Value high = memref::LoadOp::create(b, loc, shared, add(lane, warp));
  return join(combiner, low, high);
}
