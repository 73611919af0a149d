// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A register tile holds the sums of some rows of the result and of one or two
// vectors of its columns. Each step of the sum reads the vectors of the right
// operand once and an element of the left one for each row. Every sum is one
// chain of fused multiply-adds in the order of the reduced loops, whatever the
// tile: its bits depend on nothing else. What a kernel does with a sum follows
// while the tile is in registers or, where that is long, in a buffer of its
// size.

#include "ContractionEmitter.h"
#include "Unrolling.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::act;

/// Steps of a sum by which a panel is fetched before it is read, where not all
/// of it is fetched earlier: as long as memory takes to answer.
constexpr int64_t kPrefetched = 32, kLineBytes = 64;
/// Tiles from which on a panel is fetched while those of the last one compute.
constexpr int64_t kFewTiles = 8;
/// Bytes that one block may read of the left operand, and of a panel: half of
/// the second-level cache of server CPUs with registers of 512 bits, and of
/// others.
constexpr int64_t kBlockBytes = 1024 * 1024, kSmallBlockBytes = 512 * 1024;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

ContractionEmitter::Stream ContractionEmitter::stream(unsigned operand,
                                                      AffineMap map) {
  auto argument = cast<BlockArgument>(c.op->getOperand(operand));
  Value memory = operands[argument.getArgNumber()];
  auto memoryType = cast<MemRefType>(memory.getType());
  auto data = memref::ExtractStridedMetadataOp::create(b, loc, memory);
  auto [strides, offset] = memoryType.getStridesAndOffset();
  Stream stream;
  stream.elementBytes = memoryType.getElementTypeBitWidth() / 8;
  stream.steps.resize(map.getNumDims());
  stream.start = constant(0);
  Value size = constant(1);
  for (auto [i, expr] : llvm::enumerate(map.getResults())) {
    Value stride = ShapedType::isDynamic(strides[i]) ? data.getStrides()[i]
                                                     : constant(strides[i]);
    Value extent = b.createOrFold<memref::DimOp>(loc, memory, i);
    size = sum(size,
               product(b.createOrFold<arith::SubIOp>(loc, extent, constant(1)),
                       stride));
    auto linear = linearCoefficients(expr, map.getNumDims());
    if (!linear) {
      // Where a column and a pair lie inside a panel is the tile's matter.
      AffineExpr dim = b.getAffineDimExpr(c.column);
      AffineExpr inner = b.getAffineDimExpr(c.reduced.back());
      if (c.panel && expr == dim.floorDiv(c.panel))
        stream.panelStep = stride;
      else if (c.paired && expr == inner.floorDiv(2))
        stream.steps[c.reduced.back()] = stride;
      continue;
    }
    stream.start = sum(stream.start, product(constant(linear->second), stride));
    for (auto [loop, coefficient] : llvm::enumerate(linear->first)) {
      if (coefficient == 0)
        continue;
      Value step = product(constant(coefficient), stride);
      Value &total = stream.steps[loop];
      total = total ? sum(total, step) : step;
    }
  }
  OpFoldResult at = ShapedType::isDynamic(offset)
                        ? OpFoldResult(data.getOffset())
                        : b.getIndexAttr(offset);
  auto layout = StridedLayoutAttr::get(b.getContext(), offset, {1});
  auto flat =
      MemRefType::get({ShapedType::kDynamic}, memoryType.getElementType(),
                      offset == 0 ? MemRefLayoutAttrInterface() : layout);
  stream.memory = memref::ReinterpretCastOp::create(
      b, loc, flat, data.getBaseBuffer(), at, ArrayRef<OpFoldResult>{size},
      ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  return stream;
}

std::pair<Value, KernelBody::Coordinates>
ContractionEmitter::access(unsigned operand, ArrayRef<Index> at) {
  if (!merged || !mergedMemory[operand])
    return KernelBody::access(operand, at);
  Coordinates rest(at.drop_back(2));
  rest.push_back(at.back());
  return {mergedMemory[operand], rest};
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult ContractionEmitter::inSteps(Value low, Value high,
                                          ArrayRef<int64_t> sizes, Step body) {
  for (int64_t size : sizes) {
    Value step = constant(size);
    Value rest = b.createOrFold<arith::SubIOp>(loc, high, low);
    Value whole = b.createOrFold<arith::SubIOp>(
        loc, high, b.createOrFold<arith::RemUIOp>(loc, rest, step));
    if (size == 1)
      whole = high;
    OpBuilder::InsertionGuard guard(b);
    auto loop = scf::ForOp::create(b, loc, low, whole, step);
    b.setInsertionPointToStart(loop.getBody());
    if (failed(body(loop.getInductionVar(), size)))
      return failure();
    low = whole;
  }
  return success();
}

int64_t ContractionEmitter::cacheBytes() {
  return lanes * type.getIntOrFloatBitWidth() >= 512 ? kBlockBytes
                                                     : kSmallBlockBytes;
}

/// How many steps of the outer loop of rows a block may take, so that what it
/// reads of the left operand stays in the cache.
Value ContractionEmitter::blockRowsLimit() {
  int64_t loop = loopA >= 0 ? loopA : loopB;
  int64_t tile = loopA >= 0 ? tileA : tileB;
  auto argument = cast<BlockArgument>(c.op->getOperand(c.left));
  auto memory = cast<MemRefType>(operands[argument.getArgNumber()].getType());
  int64_t bytes = memory.getElementTypeBitWidth() / 8;
  for (auto [i, expr] : llvm::enumerate(c.leftMap().getResults())) {
    bool isOuter = false;
    for (unsigned outer : c.outer)
      isOuter |= expr.isFunctionOfDim(outer);
    int64_t extent = memory.getDimSize(i);
    if (loop >= 0 && expr.isFunctionOfDim(loop))
      extent = linearCoefficients(expr, c.op.getNumLoops())->first[loop];
    else if (isOuter)
      extent = 1;
    bytes *=
        ShapedType::isDynamic(extent) ? 1024 : std::max<int64_t>(extent, 1);
  }
  int64_t rows = cacheBytes() / bytes;
  rows = std::max<int64_t>(llvm::divideCeil(rows, tile), 4) * tile;
  return constant(rows);
}

/// Threads share the positions of the outer loops, blocks of rows and blocks of
/// columns: as many tasks as there is work for.
LogicalResult ContractionEmitter::tasks() {
  // In nanoseconds of one core, roughly, a product takes a sixteenth; with one
  // row alone twice that, since each waits for its own weight.
  constexpr int64_t kGrain = 16384, kTasks = 64;
  bool single = staticExtent(loopB) == 1 && staticExtent(loopA) == 1;
  SmallVector<unsigned> outerLoops = c.outer;
  int64_t blockLoop = loopA >= 0 ? loopA : loopB;
  for (unsigned loop : c.rows)
    if (int64_t(loop) != loopA && int64_t(loop) != loopB)
      outerLoops.push_back(loop);
  Value outer = constant(1), one = constant(1);
  for (unsigned loop : outerLoops)
    outer = product(outer, extentOf(loop));
  Value rows = extentOf(blockLoop), columns = extentOf(c.column);
  Value tile = constant(loopA >= 0 ? tileA : tileB);
  Value group = constant(std::max(wideVectors * lanes, c.panel));
  Value rowUnits = ceilDiv(rows, tile), columnUnits = ceilDiv(columns, group);
  Value rowsOfBlock = blockRowsLimit();
  Value rowBlocks = ceilDiv(rows, rowsOfBlock), columnBlocks = one;
  rowsOfBlock = product(ceilDiv(rowUnits, maximum(rowBlocks, one)), tile);
  rowBlocks = ceilDiv(rows, maximum(rowsOfBlock, one));
  Value columnsOfBlock = product(columnUnits, group);
  if (kernel->hasAttr("parallel")) {
    Value work = one;
    for (Value extent : extentValues)
      work = product(work, extent);
    Value wanted = minimum(b.createOrFold<arith::DivUIOp>(
                               loc, work, constant((single ? 8 : 16) * kGrain)),
                           constant(kTasks));
    wanted = maximum(wanted, one);
    auto share = [&](Value units, Value blocks, Value others) {
      Value needed = ceilDiv(wanted, maximum(others, one));
      return minimum(maximum(blocks, needed), maximum(units, one));
    };
    columnBlocks = share(columnUnits, one, product(outer, rowBlocks));
    columnsOfBlock =
        product(ceilDiv(columnUnits, maximum(columnBlocks, one)), group);
    columnBlocks = ceilDiv(columns, maximum(columnsOfBlock, one));
    rowBlocks = share(rowUnits, rowBlocks, product(outer, columnBlocks));
    rowsOfBlock = product(ceilDiv(rowUnits, maximum(rowBlocks, one)), tile);
    rowBlocks = ceilDiv(rows, maximum(rowsOfBlock, one));
  }
  Value count = product(outer, product(rowBlocks, columnBlocks)), index;
  auto makeBuffer = [&] {
    if (longEpilogue || transposed || !maskable)
      buffer = memref::AllocaOp::create(
          b, loc,
          MemRefType::get({transposed ? lanes * vectors : tileA * tileB,
                           transposed ? lanes : wideVectors * lanes},
                          type),
          b.getI64IntegerAttr(64));
  };
  OpBuilder::InsertionGuard guard(b);
  if (kernel->hasAttr("parallel")) {
    auto parallel = scf::ParallelOp::create(b, loc, constant(0), count, one);
    b.setInsertionPointToStart(parallel.getBody());
    index = parallel.getInductionVars().front();
    makeBuffer();
  } else {
    {
      OpBuilder::InsertionGuard inner(b);
      b.setInsertionPointToStart(&kernel->getParentOfType<FunctionOpInterface>()
                                      .getFunctionBody()
                                      .front());
      makeBuffer();
    }
    auto loop = scf::ForOp::create(b, loc, constant(0), count, one);
    b.setInsertionPointToStart(loop.getBody());
    index = loop.getInductionVar();
  }
  auto take = [&](Value extent) {
    Value at = b.createOrFold<arith::RemUIOp>(loc, index, extent);
    index = b.createOrFold<arith::DivUIOp>(loc, index, extent);
    return at;
  };
  Value columnBlock = take(columnBlocks), rowBlock = take(rowBlocks);
  outerAt.assign(c.op.getNumLoops(), Value());
  for (unsigned loop : llvm::reverse(outerLoops))
    outerAt[loop] = take(extentOf(loop));
  Value low = product(rowBlock, rowsOfBlock);
  Value first = product(columnBlock, columnsOfBlock);
  return block(low, minimum(sum(low, rowsOfBlock), rows), first,
               minimum(sum(first, columnsOfBlock), columns));
}

LogicalResult ContractionEmitter::block(Value low, Value high,
                                        Value firstColumn, Value endColumn) {
  blockLow = low;
  blockRows =
      maximum(b.createOrFold<arith::SubIOp>(loc, high, low), constant(1));
  SmallVector<int64_t> sizes;
  for (int64_t count : {wideVectors, vectors, int64_t(1)})
    if (sizes.empty() || count * lanes < sizes.back())
      sizes.push_back(count * lanes);
  int64_t columns = extents[c.column];
  bool isStatic = !ShapedType::isDynamic(columns);
  Value end = endColumn;
  bool ragged = !isStatic || columns % lanes != 0;
  if (ragged) {
    // The last vector is not whole.
    Value size = b.createOrFold<arith::SubIOp>(loc, endColumn, firstColumn);
    Value tail = b.createOrFold<arith::RemUIOp>(loc, size, constant(lanes));
    end = b.createOrFold<arith::SubIOp>(loc, endColumn, tail);
  }
  if (isStatic)
    llvm::erase_if(sizes, [&](int64_t size) {
      return size > columns ||
             (size < vectors * lanes && columns % (vectors * lanes) < size);
    });
  if (failed(inSteps(firstColumn, end, sizes, [&](Value column, int64_t size) {
        return rowTiles(low, high,
                        {column, size / lanes, Lanes{lanes, {}, {}}, {}});
      })))
    return failure();
  if (!ragged)
    return success();
  OpBuilder::InsertionGuard guard(b);
  Value count = b.createOrFold<arith::SubIOp>(loc, endColumn, end);
  Value some = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ugt,
                                             endColumn, end);
  auto rest = scf::IfOp::create(b, loc, some, /*withElse=*/false);
  b.setInsertionPointToStart(rest.thenBlock());
  if (isStatic)
    count = constant(columns % lanes);
  Value mask = vector::CreateMaskOp::create(
      b, loc, VectorType::get({lanes}, b.getI1Type()), count);
  Value last = b.createOrFold<arith::SubIOp>(loc, count, constant(1));
  return rowTiles(low, high, {end, 1, Lanes{lanes, mask, last}, count});
}

LogicalResult ContractionEmitter::rowTiles(Value low, Value high,
                                           const Columns &columns) {
  Value zero = constant(0);
  auto alongB = [&](Value a, int64_t countA, Value from, Value to) {
    return inSteps(from, to, tileSizes(loopB, tileB),
                   [&](Value at, int64_t countB) {
                     return tile(a, countA, at, countB, columns);
                   });
  };
  if (loopA < 0)
    return alongB(zero, 1, low, high);
  return inSteps(low, high, tileSizes(loopA, tileA),
                 [&](Value at, int64_t count) {
                   return alongB(at, count, zero, extentOf(loopB));
                 });
}

//===----------------------------------------------------------------------===//
// A tile
//===----------------------------------------------------------------------===//

Value ContractionEmitter::widen(Value value) {
  Type from = value.getType(), to = type;
  if (auto vectorType = dyn_cast<VectorType>(from))
    to = VectorType::get(vectorType.getShape(), type);
  return from == to ? value
                    : arith::ExtFOp::create(b, loc, to, value).getResult();
}

SmallVector<Value> ContractionEmitter::step(Value leftAt, Value rightAt,
                                            ArrayRef<Value> rowOffsets,
                                            ArrayRef<Value> columnOffsets,
                                            const Columns &columns,
                                            SmallVector<Value> sums,
                                            Pairs pairs) {
  Type element = cast<MemRefType>(right.memory.getType()).getElementType();
  auto vectorType = VectorType::get({lanes * sideBySide()}, element);
  auto prefetch = [&](Value at) {
    memref::PrefetchOp::create(b, loc, right.memory, at, /*isWrite=*/false,
                               /*localityHint=*/3, /*isDataCache=*/true);
  };
  if (nextPanel.start) {
    Value done = b.createOrFold<arith::SubIOp>(loc, rightAt, nextPanel.from);
    Value elements = b.createOrFold<arith::ShRUIOp>(
        loc, product(done, nextPanel.step), constant(llvm::Log2_64(c.panel)));
    prefetch(sum(nextPanel.start, elements));
  }
  int64_t vectorBytes = lanes * sideBySide() * right.elementBytes;
  SmallVector<Value> vectors;
  for (auto [v, offset] : llvm::enumerate(columnOffsets)) {
    Value at = sum(rightAt, offset);
    // Hardware fetches no further than to the end of a page.
    if (c.panel && !nextPanel.start &&
        int64_t(v) * vectorBytes % kLineBytes == 0)
      prefetch(sum(at, constant(kPrefetched * c.panel)));
    if (c.paired) {
      vectors.push_back(
          vector::LoadOp::create(b, loc, vectorType, right.memory, at));
      continue;
    }
    // Panels are whole.
    if (columns.lanes.mask && !c.panel) {
      Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(vectorType));
      vectors.push_back(widen(vector::MaskedLoadOp::create(
          b, loc, vectorType, right.memory, at, columns.lanes.mask, zero)));
    } else {
      vectors.push_back(
          widen(vector::LoadOp::create(b, loc, vectorType, right.memory, at)));
    }
  }
  if (c.paired)
    return multiplyPairs(leftAt, rowOffsets, vectors, pairs, std::move(sums));
  auto wide = VectorType::get({lanes}, type);
  size_t i = 0;
  for (Value offset : rowOffsets) {
    Value one =
        memref::LoadOp::create(b, loc, left.memory, sum(leftAt, offset));
    Value all = vector::BroadcastOp::create(b, loc, wide, widen(one));
    for (Value vector : vectors) {
      sums[i] = math::FmaOp::create(b, loc, all, vector, sums[i]);
      ++i;
    }
  }
  return sums;
}

SmallVector<Value> ContractionEmitter::reduce(unsigned level, Value leftAt,
                                              Value rightAt,
                                              ArrayRef<Value> rowOffsets,
                                              ArrayRef<Value> columnOffsets,
                                              const Columns &columns,
                                              SmallVector<Value> sums) {
  if (level == c.reduced.size())
    return step(leftAt, rightAt, rowOffsets, columnOffsets, columns,
                std::move(sums), Pairs::Whole);
  unsigned loop = c.reduced[level];
  Value leftStep = left.steps[loop] ? left.steps[loop] : constant(0);
  Value rightStep = right.steps[loop] ? right.steps[loop] : constant(0);
  auto inner = [&](Value at, SmallVector<Value> sums) {
    return reduce(level + 1, sum(leftAt, product(at, leftStep)),
                  sum(rightAt, product(at, rightStep)), rowOffsets,
                  columnOffsets, columns, std::move(sums));
  };
  bool inPairs = c.paired && loop == c.reduced.back();
  Value count = extentOf(loop);
  if (inPairs)
    count = b.createOrFold<arith::ShRUIOp>(loc, count, constant(1));
  auto made = scf::ForOp::create(b, loc, constant(0), count, constant(1), sums);
  // Steps that are straight code share elements where windows overlap: LLVM
  // would keep those in registers that the sums need.
  if (rowOffsets.size() > 1)
    keepRolled(made);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(made.getBody());
    SmallVector<Value> next = inner(
        made.getInductionVar(), SmallVector<Value>(made.getRegionIterArgs()));
    scf::YieldOp::create(b, loc, next);
  }
  sums.assign(made.result_begin(), made.result_end());
  int64_t extent = extents[loop];
  if (!inPairs || (!ShapedType::isDynamic(extent) && extent % 2 == 0))
    return sums;
  // One more step, which has no partner.
  auto last = [&] {
    return step(sum(leftAt, product(count, leftStep)),
                sum(rightAt, product(count, rightStep)), rowOffsets,
                columnOffsets, columns, sums, Pairs::Half);
  };
  if (!ShapedType::isDynamic(extent))
    return last();
  Value one = constant(1);
  Value isOdd = arith::CmpIOp::create(
      b, loc, arith::CmpIPredicate::eq,
      arith::AndIOp::create(b, loc, extentOf(loop), one), one);
  auto odd = scf::IfOp::create(b, loc, made.getResultTypes(), isOdd,
                               /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(odd.thenBlock());
  scf::YieldOp::create(b, loc, last());
  b.setInsertionPointToStart(odd.elseBlock());
  scf::YieldOp::create(b, loc, sums);
  return SmallVector<Value>(odd.getResults());
}

/// The position of a tile's first row and of a column in the result.
KernelBody::Coordinates ContractionEmitter::place(Value a, Value bAt,
                                                  Value column) {
  Coordinates at(dimOf.size());
  for (auto [loop, dim] : dimOf) {
    Value base = loop == loopA               ? a
                 : loop == loopB             ? bAt
                 : loop == int64_t(c.column) ? column
                                             : outerAt[loop];
    at[dim] = {base, 0};
  }
  return at;
}

/// The tiles of a panel fetch the next one while they compute, each its part:
/// else the first of them would wait for memory, and the others leave it idle.
/// With few tiles, memory has no time for that; with many, the first one's wait
/// does not show.
void ContractionEmitter::planNextPanel(Value a, Value bAt, Value rightAt,
                                       Value column) {
  nextPanel = {};
  int64_t bytes = c.panel * right.elementBytes, known = 1;
  for (unsigned loop : c.reduced)
    bytes *= ShapedType::isDynamic(extents[loop]) ? 4096 : extents[loop];
  for (auto [loop, tile] : {std::pair(loopA, tileA), std::pair(loopB, tileB)})
    known *= llvm::divideCeil(std::max<int64_t>(staticExtent(loop), 0), tile);
  if (!c.panel || bytes > cacheBytes() || known < kFewTiles || known > c.panel)
    return;
  auto tilesTo = [&](Value end, int64_t tile) {
    return b.createOrFold<arith::DivUIOp>(
        loc, b.createOrFold<arith::SubIOp>(loc, end, blockLow), constant(tile));
  };
  Value tiles, index;
  if (loopA >= 0) {
    Value inner = ceilDiv(extentOf(loopB), constant(tileB));
    index = sum(product(tilesTo(a, tileA), inner),
                b.createOrFold<arith::DivUIOp>(loc, bAt, constant(tileB)));
    tiles = product(ceilDiv(blockRows, constant(tileA)), inner);
  } else {
    index = tilesTo(bAt, tileB);
    tiles = ceilDiv(blockRows, constant(tileB));
  }
  for (unsigned loop : c.reduced)
    index = product(index, extentOf(loop));
  Value step = ceilDiv(constant(c.panel), tiles);
  nextPanel = {
      rightAt,
      sum(sum(rightAt, sum(column, right.panelStep)), product(index, step)),
      step};
}

LogicalResult ContractionEmitter::tile(Value a, int64_t countA, Value bAt,
                                       int64_t countB, const Columns &columns) {
  auto step = [&](const Stream &stream, int64_t loop) -> Value {
    return loop >= 0 && stream.steps[loop] ? stream.steps[loop] : constant(0);
  };
  auto start = [&](const Stream &stream) {
    Value at = stream.start;
    for (auto [loop, position] : llvm::enumerate(outerAt))
      if (position)
        at = sum(at, product(position, step(stream, loop)));
    at = sum(at, product(a, step(stream, loopA)));
    return sum(at, product(bAt, step(stream, loopB)));
  };
  SmallVector<Value> rowOffsets, columnOffsets, columnsAt;
  for (int64_t i = 0; i < countA; ++i)
    for (int64_t j = 0; j < countB; ++j)
      rowOffsets.push_back(sum(product(constant(i), step(left, loopA)),
                               product(constant(j), step(left, loopB))));
  Value rightAt = start(right);
  for (int64_t v = 0; v < columns.vectors; ++v) {
    Value column = sum(columns.column, constant(v * lanes));
    columnsAt.push_back(column);
    if (!c.panel) {
      columnOffsets.push_back(column);
    } else if (v % vectors == 0) {
      Value width = constant(c.panel);
      Value panel = b.createOrFold<arith::DivUIOp>(loc, column, width);
      Value inside = product(b.createOrFold<arith::RemUIOp>(loc, column, width),
                             constant(sideBySide()));
      columnOffsets.push_back(sum(product(panel, right.panelStep), inside));
    } else {
      columnOffsets.push_back(
          sum(columnOffsets.back(), constant(lanes * sideBySide())));
    }
  }
  planNextPanel(a, bAt, rightAt, columnOffsets.front());
  // What the sums begin with.
  SmallVector<Value> sums;
  Value init = c.op.getDpsInitOperand(0)->get();
  for (int64_t i = 0; i < countA; ++i)
    for (int64_t j = 0; j < countB; ++j)
      for (Value column : columnsAt) {
        Coordinates at =
            place(sum(a, constant(i)), sum(bAt, constant(j)), column);
        at[dimOf[c.column]].step = 1;
        FailureOr<Value> value = element(init, at, columns.lanes);
        if (failed(value))
          return failure();
        sums.push_back(splat(*value, lanes));
      }
  sums =
      reduce(0, start(left), rightAt, rowOffsets, columnOffsets, columns, sums);
  return transposed ? finishTransposed(a, bAt, countA * countB, columns, sums)
                    : finishRows(a, bAt, countA, countB, columns, sums);
}

//===----------------------------------------------------------------------===//
// A kernel
//===----------------------------------------------------------------------===//

LogicalResult ContractionEmitter::run() {
  extentValues = loopExtents(cast<linalg::GenericOp>(c.op.getOperation()));
  for (auto [loop, dim] : dimOf)
    extentValues[loop] =
        b.createOrFold<memref::DimOp>(loc, output(outputs.front()), dim);
  left = stream(c.left, c.leftMap());
  right = stream(c.right, c.rightMap());
  if (c.paired)
    left.steps[c.reduced.back()] = constant(2);
  if (merged) {
    int64_t rank = dimOf.size();
    for (Value operand : operands) {
      auto memory = dyn_cast<MemRefType>(operand.getType());
      mergedMemory.push_back({});
      if (!memory || memory.getRank() != rank ||
          !memory.getLayout().isIdentity())
        continue;
      SmallVector<ReassociationIndices> groups;
      for (int64_t i = 0; i + 2 < rank; ++i)
        groups.push_back({i});
      groups.push_back({rank - 2, rank - 1});
      mergedMemory.back() =
          memref::CollapseShapeOp::create(b, loc, operand, groups);
    }
  }
  if (failed(tasks()))
    return failure();
  kernel.erase();
  return success();
}

std::optional<LogicalResult> mlir::act::emitContraction(KernelOp kernel) {
  std::optional<Contraction> contraction;
  unsigned reductions = 0;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (!generic || generic.getNumReductionLoops() == 0)
      continue;
    ++reductions;
    contraction = Contraction::match(cast<linalg::LinalgOp>(op));
  }
  if (reductions != 1 || !contraction ||
      llvm::any_of(kernel.getOutputs(), [](Value output) {
        return !isa<MemRefType>(output.getType());
      }))
    return std::nullopt;
  ContractionEmitter emitter(kernel, *contraction);
  if (!emitter.plan())
    return std::nullopt;
  return emitter.run();
}
