// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "ContractionEmitter.h"
#include "FusionOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace mlir::act;

/// A contraction reads some inputs along the vectors. What does not change with
/// another dimension of the result is read once for several of its elements;
/// their accumulators, all in registers, also hide the latency of an addition.
void KernelEmitter::chooseTile(const Nest &nest) {
  tileDim = -1;
  tileRows = tileVectors = 1;
  if (nest.byRow || !nest.row.empty() || nest.order.size() < 2)
    return;
  int64_t last = nest.order.size() - 1;
  // The contraction, through maps that leave positions alone.
  Value tensor = yield().getOperand(nest.outputs.front());
  auto generic = tensor.getDefiningOp<linalg::GenericOp>();
  while (generic && generic.getNumReductionLoops() == 0) {
    linalg::GenericOp next;
    for (OpOperand *input : generic.getDpsInputOperands())
      if (generic.getMatchingIndexingMap(input).isIdentity())
        if (auto producer = input->get().getDefiningOp<linalg::GenericOp>())
          if (!next || producer.getNumReductionLoops() != 0)
            next = producer;
    generic = next;
  }
  if (!generic)
    return;
  AffineMap map = generic.getMatchingIndexingMap(generic.getDpsInitOperand(0));
  if (!map.isProjectedPermutation() || map.getNumResults() != last + 1)
    return;
  for (int64_t dim = 0; dim < last; ++dim)
    for (OpOperand *input : generic.getDpsInputOperands()) {
      AffineMap read = generic.getMatchingIndexingMap(input);
      if (read.isFunctionOfDim(map.getDimPosition(last)) &&
          !read.isFunctionOfDim(map.getDimPosition(dim)))
        tileDim = dim;
    }
  if (tileDim < 0)
    return;
  // 16 of 32 registers with AVX-512 hold sums, 8 of 16 otherwise.
  tileRows = width >= 16 ? 8 : 4;
  tileVectors = 2;
}

/// The loops of `order`, outermost first, around the positions of a tile. The
/// last `rowLoops` of them run over a row; the innermost dimension of memory
/// runs in vectors wherever it stands.
LogicalResult KernelEmitter::loops(ArrayRef<int64_t> order, const Tile &tile,
                                   Lanes lanes) {
  if (order.empty()) {
    columnsRead.clear();
    if (columns)
      return shortRows(tile.front(), lanes);
    if (kept) {
      Coordinates row(ArrayRef(tile.front()).drop_back());
      FailureOr<Value> done = element(keeper->getResult(0), row, lanes);
      FailureOr<Value> value = loadKept(tile.front(), lanes);
      if (failed(done) || failed(value))
        return failure();
      provide(kept, tile.front(), lanes, *value);
    }
    FailureOr<SmallVector<Value>> values = evaluate(outputs, tile, lanes);
    if (failed(values))
      return failure();
    ArrayRef<Value> rest(*values);
    for (const Coordinates &at : tile) {
      store(outputs, rest.take_front(outputs.size()), at, lanes);
      rest = rest.drop_front(outputs.size());
    }
    return success();
  }
  OpBuilder::InsertionGuard guard(b);
  int64_t dim = order.front();
  Value front = output(outputs.front());
  // Without a row, what stays the same goes before the innermost loop.
  bool outermostOfRow =
      order.size() == std::max<size_t>(rowLoops, columns ? 0 : 1);
  Value zero = constant(0), one = constant(1);
  Value begin = dim == sharedDim ? sharedLow : zero;
  Value size = dim == sharedDim
                   ? sharedHigh
                   : b.createOrFold<memref::DimOp>(loc, front, dim);
  auto inner = order.drop_front();

  // A loop from `low` to `high` over `count` elements or vectors at a time.
  auto loop = [&](Value low, Value high, int64_t count,
                  Lanes active) -> LogicalResult {
    int64_t step = std::max<int64_t>(active.count, 1);
    bool vector = dim == vectorDim && active.count;
    if (!vector)
      step = 1;
    OpBuilder::InsertionGuard guard(b);
    auto made = scf::ForOp::create(b, loc, low, high, constant(count * step));
    if (outermostOfRow)
      enterRow(made);
    b.setInsertionPointToStart(made.getBody());
    Tile next;
    for (int64_t i = 0; i < count; ++i) {
      Value base = made.getInductionVar();
      if (i)
        base = add(base, constant(i * step));
      for (Coordinates at : tile) {
        // One element has the step of a vector, too: the same reductions go
        // by the fixed tree.
        at[dim] = {base, dim == vectorDim ? 1 : 0};
        next.push_back(at);
      }
    }
    return loops(inner, next, active);
  };
  auto wholeOf = [&](Value low, int64_t step) -> Value {
    Value rest = arith::SubIOp::create(b, loc, size, low);
    Value tail = arith::RemUIOp::create(b, loc, rest, constant(step));
    return arith::SubIOp::create(b, loc, size, tail);
  };
  llvm::scope_exit leave([&] {
    if (outermostOfRow)
      leaveRow();
  });

  Value low = begin;
  if (dim != vectorDim) {
    if (dim == tileDim) {
      Value whole = wholeOf(low, tileRows);
      if (failed(loop(low, whole, tileRows, lanes)))
        return failure();
      low = whole;
    }
    return loop(low, size, 1, lanes);
  }
  Lanes full{width, {}, {}};
  if (tileVectors > 1) {
    Value whole = wholeOf(low, tileVectors * width);
    if (failed(loop(low, whole, tileVectors, full)))
      return failure();
    low = whole;
  }
  Value whole = wholeOf(low, width);
  if (failed(loop(low, whole, 1, full)))
    return failure();
  // A masked store is contiguous: elsewhere the tail goes one by one.
  if (!llvm::all_of(outputs,
                    [&](unsigned i) { return isContiguous(output(i)); }))
    return loop(whole, size, 1, Lanes());
  Value tail = arith::SubIOp::create(b, loc, size, whole);
  Value some =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, tail, zero);
  auto rest = scf::IfOp::create(b, loc, some, /*withElse=*/false);
  b.setInsertionPointToStart(rest.thenBlock());
  Value mask = vector::CreateMaskOp::create(
      b, loc, VectorType::get({width}, b.getI1Type()), tail);
  Value lastLane = arith::SubIOp::create(b, loc, tail, one);
  Tile next = tile;
  for (Coordinates &at : next)
    at[dim] = {whole, 1};
  return loops(inner, next, Lanes{width, mask, lastLane});
}

/// Whether results go past the caches: there are more than these hold, and
/// little is computed for each, so that memory is what limits it. Then nobody
/// waits for lines of which every byte is written. Null if that is not known to
/// help; else it depends on the arrays, whose vectors must lie at whole ones.
Value KernelEmitter::canStream(const Nest &nest) {
  constexpr int64_t kLargeBytes = 32 << 20, kMostCost = 12, kLineBytes = 64;
  unsigned cost = 0;
  for (auto generic : kernel.getBody().getOps<linalg::GenericOp>())
    cost += elementCost(generic);
  if (nest.reduces || cost > kMostCost || !llvm::isPowerOf2_64(width))
    return {};
  auto is = [&](arith::CmpIPredicate predicate, Value lhs, int64_t rhs) {
    return b.createOrFold<arith::CmpIOp>(loc, predicate, lhs, constant(rhs));
  };
  auto multiply = [&](Value lhs, Value rhs) {
    return b.createOrFold<arith::MulIOp>(loc, lhs, rhs);
  };
  Value holds, bytes = constant(0);
  auto require = [&](Value condition) {
    holds = holds ? b.createOrFold<arith::AndIOp>(loc, holds, condition)
                  : condition;
  };
  for (unsigned i : nest.outputs) {
    Value memory = output(i);
    auto type = cast<MemRefType>(memory.getType());
    if (!isContiguous(memory) || !type.getLayout().isIdentity() ||
        type.getRank() == 0)
      return {};
    Value size = constant(type.getElementTypeBitWidth() / 8);
    for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
      size = multiply(size, b.createOrFold<memref::DimOp>(loc, memory, dim));
      // Rows of whole lines.
      if (dim > 0 && dim + 1 == type.getRank())
        require(
            is(arith::CmpIPredicate::eq,
               b.createOrFold<arith::RemUIOp>(loc, size, constant(kLineBytes)),
               0));
    }
    bytes = b.createOrFold<arith::AddIOp>(loc, bytes, size);
    Value address =
        memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memory);
    require(is(arith::CmpIPredicate::eq,
               arith::RemUIOp::create(b, loc, address, constant(kLineBytes)),
               0));
  }
  Value large = is(arith::CmpIPredicate::uge, bytes, kLargeBytes);
  if (isConstantIntValue(large, 0))
    return {};
  require(large);
  return holds;
}

/// How many steps of the outermost loop one call of its body takes: enough
/// work that a thread's start does not show, and parts of whole tiles.
Value KernelEmitter::chunkSize(const Nest &nest, ArrayRef<int64_t> order,
                               Value size) {
  // In nanoseconds of one core, roughly: an activation takes one, a product in
  // a contraction a sixteenth.
  constexpr int64_t kGrain = 32768, kChunks = 64;
  auto mul = [&](Value lhs, Value rhs) -> Value {
    return arith::MulIOp::create(b, loc, lhs, rhs);
  };
  auto ceilDiv = [&](Value lhs, Value rhs) -> Value {
    return arith::CeilDivUIOp::create(b, loc, lhs, rhs);
  };
  Value front = output(nest.outputs.front()), one = constant(1), work = one;
  for (int64_t dim : order.drop_front())
    work = mul(work, b.createOrFold<memref::DimOp>(loc, front, dim));
  if (nest.row.empty())
    kernel.getBody().walk([&](linalg::GenericOp generic) {
      SmallVector<unsigned> reduced;
      generic.getReductionDims(reduced);
      if (reduced.empty())
        return;
      SmallVector<Value> extents = loopExtents(generic);
      Value products = one;
      for (unsigned dim : reduced)
        products = mul(products, extents[dim]);
      work = mul(work, add(ceilDiv(products, constant(16)), one));
    });
  work = arith::MaxUIOp::create(b, loc, work, one);
  Value chunk = arith::MaxUIOp::create(b, loc, ceilDiv(constant(kGrain), work),
                                       ceilDiv(size, constant(kChunks)));
  int64_t unit = sharedDim == vectorDim ? width * tileVectors
                 : sharedDim == tileDim ? tileRows
                                        : 1;
  return mul(ceilDiv(chunk, constant(unit)), constant(unit));
}

LogicalResult KernelEmitter::run() {
  for (Value output : kernel.getOutputs())
    if (!isa<MemRefType>(output.getType()))
      return kernel.emitOpError("must be on memrefs before act-vectorize; run "
                                "act-bufferize first");
  bool threads = kernel->hasAttr("parallel");
  for (const Nest &nest : nests()) {
    SmallVector<int64_t> order = nest.order;
    llvm::append_range(order, nest.row);
    int64_t rank = order.size();
    outputs = nest.outputs;
    rowLoops = nest.row.size();
    vectorDim = nest.byRow ? -1 : rank - 1;
    chooseTile(nest);
    chooseKept(nest);
    chooseColumns(nest);
    OpBuilder::InsertionGuard guard(b);
    Value stream = canStream(nest);
    sharedDim = -1;
    if (threads && order.size() > rowLoops) {
      sharedDim = order.front();
      Value size = b.createOrFold<memref::DimOp>(loc, output(outputs.front()),
                                                 sharedDim);
      Value chunk = chunkSize(nest, order, size);
      Value count = arith::CeilDivUIOp::create(b, loc, size, chunk);
      auto parallel =
          scf::ParallelOp::create(b, loc, constant(0), count, constant(1));
      b.setInsertionPointToStart(parallel.getBody());
      sharedLow = arith::MulIOp::create(
          b, loc, parallel.getInductionVars().front(), chunk);
      sharedHigh = arith::MinUIOp::create(b, loc, add(sharedLow, chunk), size);
    }
    makeRowBuffer();
    if (columns)
      order.pop_back();
    if (stream) {
      auto past = scf::IfOp::create(b, loc, stream, /*withElse=*/true);
      b.setInsertionPointToStart(past.thenBlock());
      streams = true;
      LogicalResult done = loops(order, {Coordinates(rank)}, Lanes());
      streams = false;
      if (failed(done))
        return failure();
      // Such stores are in no order with others until here.
      LLVM::FenceOp::create(b, loc, LLVM::AtomicOrdering::seq_cst, StringRef());
      b.setInsertionPointToStart(past.elseBlock());
    }
    if (failed(loops(order, {Coordinates(rank)}, Lanes())))
      return failure();
  }
  kernel.erase();
  return success();
}

LogicalResult mlir::act::emitKernel(KernelOp kernel) {
  if (std::optional<LogicalResult> done = emitContraction(kernel))
    return *done;
  return KernelEmitter(kernel).run();
}
