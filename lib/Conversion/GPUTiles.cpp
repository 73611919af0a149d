// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Sums of products by tiles: a block of threads computes 64 x 64 elements of
// the result, each thread 4 x 4 of them in registers. Slabs of both operands,
// 16 steps of the sums, go through shared memory, each element read from the
// device's memory once a block. Every sum is one chain of fused multiply-adds
// in the order of the reduced loops, so its bits are those of any other tile,
// and of the CPU. The totals go through shared memory too: what follows them is
// then done by rows of neighbours, and its code stands there once.

#include "GPUTiles.h"
#include "act-mlir/Packing/Contraction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::act;

namespace {

constexpr int64_t kThreads = ThreadPlan::kThreads;
/// Rows and columns of a tile, and those of one thread.
constexpr int64_t kTile = ThreadTiles::kEdge, kOwn = 4;
/// Steps of the sums that are in shared memory at a time.
constexpr int64_t kSlab = 16;
/// The distance of two steps there: neighbours along a step do not fall into
/// one bank, and vectors stay aligned.
constexpr int64_t kPitch = kTile + 4;
/// Results with fewer rows or columns leave most of a tile idle.
constexpr int64_t kFewest = 16;

static_assert(kThreads * kOwn * kOwn == kTile * kTile);

int64_t bytesOf(Type type, int64_t count) {
  return count * type.getIntOrFloatBitWidth() / 8;
}

} // namespace

//===----------------------------------------------------------------------===//
// Which kernels
//===----------------------------------------------------------------------===//

/// The parallel loops of a contraction as dimensions of its result.
static std::optional<ThreadTiles> tilesOf(linalg::GenericOp op) {
  if (!Contraction::isMultiplyAdd(cast<linalg::LinalgOp>(op.getOperation())))
    return std::nullopt;
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!result.isProjectedPermutation() || result.getNumResults() == 0 ||
      result.getNumResults() + op.getNumReductionLoops() != op.getNumLoops())
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (unsigned i : {0, 1})
    if (!isa<BlockArgument>(op->getOperand(i)) ||
        !isa<RankedTensorType>(op->getOperand(i).getType()))
      return std::nullopt;
  unsigned last = result.getDimPosition(result.getNumResults() - 1);
  ThreadTiles tiles;
  tiles.product = op;
  tiles.right = maps[0].isFunctionOfDim(last) ? 0 : 1;
  tiles.left = 1 - tiles.right;
  for (unsigned dim = 0; dim < result.getNumResults(); ++dim) {
    unsigned loop = result.getDimPosition(dim);
    bool inRows = maps[tiles.left].isFunctionOfDim(loop),
         inColumns = maps[tiles.right].isFunctionOfDim(loop);
    (inRows == inColumns ? tiles.outer
     : inRows            ? tiles.rows
                         : tiles.columns)
        .push_back(dim);
  }
  return tiles;
}

std::optional<ThreadTiles> GPUKernel::tiles(const Nest &nest) {
  if (!nest.reduces || !nest.row.empty() || nest.byRow)
    return std::nullopt;
  SetVector<Operation *> found;
  for (unsigned output : nest.outputs)
    if (!findReductions(yield().getOperand(output), found))
      return std::nullopt;
  // The only one: none is inside it, either.
  auto reduces = [](linalg::GenericOp op) {
    return op.getNumReductionLoops() != 0;
  };
  if (found.size() != 1 ||
      llvm::count_if(kernel.getBody().front().getOps<linalg::GenericOp>(),
                     reduces) != 1)
    return std::nullopt;
  std::optional<ThreadTiles> tiles =
      tilesOf(cast<linalg::GenericOp>(found.front()));
  if (!tiles)
    return std::nullopt;
  auto memory = cast<MemRefType>(output(nest.outputs.front()).getType());
  auto isEnough = [&](ArrayRef<int64_t> dims) {
    int64_t size = 1;
    for (int64_t dim : dims)
      size = memory.isDynamicDim(dim) || size >= kFewest
                 ? kFewest
                 : size * memory.getDimSize(dim);
    return size >= kFewest;
  };
  return isEnough(tiles->rows) && isEnough(tiles->columns) ? tiles
                                                           : std::nullopt;
}

//===----------------------------------------------------------------------===//
// One thread
//===----------------------------------------------------------------------===//

namespace {

/// Which elements of a slab a thread brings: neighbours along what lies side by
/// side in memory.
struct SlabShare {
  /// Where in the tile, and at which step.
  SmallVector<Value> places, steps;
};

} // namespace

void GPUKernel::TileCode::start() {
  op = tiles.product;
  type = getElementTypeOrSelf(op.getResultTypes()[0]);
  op.getReductionDims(reduced);
  extents = k.loopExtents(op);
  length = constant(1);
  for (unsigned loop : reduced)
    length = mul(length, extents[loop]);

  thread = gpu::ThreadIdOp::create(b, loc, gpu::Dimension::x);
  Value block = gpu::BlockIdOp::create(b, loc, gpu::Dimension::x);
  rows = size(tiles.rows);
  columns = size(tiles.columns);
  auto take = [&](Value count) -> Value {
    Value blocks = div(add(count, constant(tiles.edge - 1)), tiles.edge);
    Value at = b.createOrFold<arith::RemUIOp>(loc, block, blocks);
    block = b.createOrFold<arith::DivUIOp>(loc, block, blocks);
    return mul(at, constant(tiles.edge));
  };
  firstColumn = take(columns);
  firstRow = take(rows);
  // An operand does not move with the other one's dimensions.
  outerAt.assign(nest.order.size(), {constant(0), 0});
  place(outerAt, tiles.outer, block);
}

Value GPUKernel::TileCode::size(ArrayRef<int64_t> dims) {
  Value result = constant(1);
  for (int64_t dim : dims)
    result = mul(result, b.createOrFold<memref::DimOp>(loc, memory, dim));
  return result;
}

void GPUKernel::TileCode::allocate(int64_t bytes) {
  auto space =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  shared = k.func.addWorkgroupAttribution(
      MemRefType::get({bytes}, b.getI8Type(), AffineMap(), space), loc);
  k.func.setWorkgroupAttributionAttr(
      k.func.getNumWorkgroupAttributions() - 1,
      b.getStringAttr(LLVM::LLVMDialect::getAlignAttrName()),
      b.getI64IntegerAttr(32));
}

Value GPUKernel::TileCode::buffer(ArrayRef<int64_t> shape, Type element,
                                  int64_t offset) {
  auto space = cast<MemRefType>(shared.getType()).getMemorySpace();
  return memref::ViewOp::create(
      b, loc, MemRefType::get(shape, element, AffineMap(), space), shared,
      constant(offset), ValueRange());
}

KernelBody::Coordinates GPUKernel::TileCode::placeInResult(Value row,
                                                           Value column) {
  Coordinates at = outerAt;
  place(at, tiles.rows, row);
  place(at, tiles.columns, column);
  return at;
}

KernelBody::Coordinates GPUKernel::TileCode::placeInOperand(unsigned operand,
                                                            ArrayRef<Index> at,
                                                            Value step) {
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  Coordinates dims(op.getNumLoops());
  for (auto [dim, expr] : llvm::enumerate(result.getResults()))
    dims[cast<AffineDimExpr>(expr).getPosition()] = at[dim];
  for (auto [i, loop] : llvm::enumerate(llvm::reverse(reduced))) {
    Value base = step;
    if (i + 1 != reduced.size()) {
      base = arith::RemUIOp::create(b, loc, step, extents[loop]);
      step = arith::DivUIOp::create(b, loc, step, extents[loop]);
    }
    dims[loop] = {base, 0};
  }
  Coordinates from;
  AffineMap map = op.getMatchingIndexingMap(&op->getOpOperand(operand));
  for (AffineExpr expr : map.getResults())
    from.push_back(k.apply(expr, dims));
  return from;
}

/// The code of a thread for one kernel.
class GPUKernel::TileEmitter : TileCode {
public:
  using TileCode::TileCode;

  LogicalResult run();

private:
  using Totals = SmallVector<Value>;

  SlabShare share(AffineMap map);
  LogicalResult bring(unsigned operand, const SlabShare &share,
                      ArrayRef<Coordinates> positions, Value step, Value slab);
  Totals multiply(Value step, Totals sums);
  FailureOr<Totals> sums();
  LogicalResult finish();

  /// The first row and column of the thread in its tile.
  Value ownRow, ownColumn;
  Value leftSlab, rightSlab, totals;
};

SlabShare GPUKernel::TileEmitter::share(AffineMap map) {
  AffineExpr last = map.getResults().back();
  bool alongSum = llvm::any_of(
      reduced, [&](unsigned loop) { return last.isFunctionOfDim(loop); });
  int64_t width = alongSum ? kSlab : kTile, stride = kThreads / width;
  SlabShare share;
  Value fast = rem(thread, width), slow = div(thread, width);
  for (int64_t i = 0; i < kTile * kSlab / kThreads; ++i) {
    Value next = add(slow, constant(i * stride));
    share.places.push_back(alongSum ? next : fast);
    share.steps.push_back(alongSum ? fast : next);
  }
  return share;
}

/// Reads the thread's share of an operand and writes it to the slab.
LogicalResult GPUKernel::TileEmitter::bring(unsigned operand,
                                            const SlabShare &share,
                                            ArrayRef<Coordinates> positions,
                                            Value step, Value slab) {
  for (auto [place, inSlab, at] :
       llvm::zip(share.places, share.steps, positions)) {
    // What is past the end is not used, and reads what is there.
    FailureOr<Value> value =
        operandElement(operand, at, least(add(step, inSlab), before(length)));
    if (failed(value))
      return failure();
    Value wide = *value;
    if (wide.getType() != type)
      wide = arith::ExtFOp::create(b, loc, type, wide);
    memref::StoreOp::create(b, loc, wide, slab, ValueRange{inSlab, place});
  }
  return success();
}

/// One step of the thread's sums, from the slabs.
SmallVector<Value> GPUKernel::TileEmitter::multiply(Value step, Totals sums) {
  auto vectorType = VectorType::get({kOwn}, type);
  auto load = [&](Value slab, Value place) {
    Value vector = vector::LoadOp::create(
        b, loc, vectorType, slab, ValueRange{step, place},
        /*nontemporal=*/false, llvm::MaybeAlign(bytesOf(type, kOwn)));
    SmallVector<Value> elements;
    for (int64_t i = 0; i < kOwn; ++i)
      elements.push_back(vector::ExtractOp::create(b, loc, vector, i));
    return elements;
  };
  SmallVector<Value> left = load(leftSlab, ownRow),
                     right = load(rightSlab, ownColumn);
  for (int64_t i = 0; i < kOwn; ++i)
    for (int64_t j = 0; j < kOwn; ++j) {
      Value &sum = sums[i * kOwn + j];
      sum = math::FmaOp::create(b, loc, left[i], right[j], sum);
    }
  return sums;
}

FailureOr<SmallVector<Value>> GPUKernel::TileEmitter::sums() {
  SlabShare shares[2];
  SmallVector<Coordinates> positions[2];
  for (unsigned side : {0, 1}) {
    OpOperand &operand = op->getOpOperand(side == 0 ? tiles.left : tiles.right);
    shares[side] = share(op.getMatchingIndexingMap(&operand));
    for (Value in : shares[side].places) {
      Coordinates at = outerAt;
      if (side == 0)
        place(at, tiles.rows, least(add(firstRow, in), before(rows)));
      else
        place(at, tiles.columns, least(add(firstColumn, in), before(columns)));
      positions[side].push_back(at);
    }
  }
  Totals sums;
  for (int64_t i = 0; i < kOwn; ++i)
    for (int64_t j = 0; j < kOwn; ++j) {
      Coordinates at = placeInResult(
          least(add(firstRow, add(ownRow, constant(i))), before(rows)),
          least(add(firstColumn, add(ownColumn, constant(j))),
                before(columns)));
      FailureOr<Value> start =
          k.element(op.getDpsInitOperand(0)->get(), at, Lanes());
      if (failed(start))
        return failure();
      sums.push_back(*start);
    }

  auto bringBoth = [&](Value step) -> LogicalResult {
    // The slab before this one has been used.
    gpu::BarrierOp::create(b, loc);
    if (failed(bring(tiles.left, shares[0], positions[0], step, leftSlab)) ||
        failed(bring(tiles.right, shares[1], positions[1], step, rightSlab)))
      return failure();
    gpu::BarrierOp::create(b, loc);
    return success();
  };
  Value slab = constant(kSlab);
  Value rest = b.createOrFold<arith::RemUIOp>(loc, length, slab);
  Value whole = b.createOrFold<arith::SubIOp>(loc, length, rest);
  auto loop = scf::ForOp::create(b, loc, constant(0), whole, slab, sums);
  b.setInsertionPointToStart(loop.getBody());
  if (failed(bringBoth(loop.getInductionVar())))
    return failure();
  Totals next(loop.getRegionIterArgs());
  for (int64_t step = 0; step < kSlab; ++step)
    next = multiply(constant(step), next);
  scf::YieldOp::create(b, loc, next);
  b.setInsertionPointAfter(loop);
  sums.assign(loop.getResults().begin(), loop.getResults().end());

  if (isConstantIntValue(rest, 0))
    return sums;
  Value some = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ne,
                                             rest, constant(0));
  auto tail = scf::IfOp::create(b, loc, TypeRange(ValueRange(sums)), some,
                                /*withElse=*/true);
  b.setInsertionPointToStart(tail.elseBlock());
  scf::YieldOp::create(b, loc, sums);
  b.setInsertionPointToStart(tail.thenBlock());
  if (failed(bringBoth(whole)))
    return failure();
  loop = scf::ForOp::create(b, loc, constant(0), rest, constant(1), sums);
  b.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(
      b, loc,
      multiply(loop.getInductionVar(), Totals(loop.getRegionIterArgs())));
  b.setInsertionPointAfter(loop);
  scf::YieldOp::create(b, loc, loop.getResults());
  b.setInsertionPointAfter(tail);
  return Totals(tail.getResults());
}

/// What follows the sums, for the elements of the tile that exist: neighbours
/// in memory are of neighbouring threads.
LogicalResult GPUKernel::TileEmitter::finish() {
  gpu::BarrierOp::create(b, loc);
  auto loop = scf::ForOp::create(b, loc, thread, constant(kTile * kTile),
                                 constant(kThreads));
  b.setInsertionPointToStart(loop.getBody());
  Value row = div(loop.getInductionVar(), kTile),
        column = rem(loop.getInductionVar(), kTile);
  Value rowAt = add(firstRow, row), columnAt = add(firstColumn, column);
  Value exists = both(isBelow(rowAt, rows), isBelow(columnAt, columns));
  auto some = scf::IfOp::create(b, loc, exists, /*withElseRegion=*/false);
  b.setInsertionPointToStart(some.thenBlock());
  Coordinates at = placeInResult(rowAt, columnAt);
  k.provide(op->getResult(0), at, Lanes(),
            memref::LoadOp::create(b, loc, totals, ValueRange{row, column}));
  FailureOr<SmallVector<Value>> values =
      k.evaluate(nest.outputs, Coordinates(at), Lanes());
  k.forgetProvided();
  if (failed(values))
    return failure();
  k.store(nest.outputs, *values, at, Lanes());
  return success();
}

LogicalResult GPUKernel::TileEmitter::run() {
  start();
  // Slabs and totals are not needed at the same time.
  int64_t slab = bytesOf(type, kSlab * kPitch);
  allocate(std::max(2 * slab, bytesOf(type, kTile * kTile)));
  leftSlab = buffer({kSlab, kPitch}, type, 0);
  rightSlab = buffer({kSlab, kPitch}, type, slab);
  totals = buffer({kTile, kTile}, type, 0);

  ownRow = mul(div(thread, kTile / kOwn), constant(kOwn));
  ownColumn = mul(rem(thread, kTile / kOwn), constant(kOwn));

  FailureOr<Totals> own = sums();
  if (failed(own))
    return failure();
  gpu::BarrierOp::create(b, loc);
  for (int64_t i = 0; i < kOwn; ++i) {
    Value vector =
        vector::FromElementsOp::create(b, loc, VectorType::get({kOwn}, type),
                                       ArrayRef(*own).slice(i * kOwn, kOwn));
    vector::StoreOp::create(
        b, loc, vector, totals, ValueRange{add(ownRow, constant(i)), ownColumn},
        /*nontemporal=*/false, llvm::MaybeAlign(bytesOf(type, kOwn)));
  }
  return finish();
}

LogicalResult GPUKernel::emitTiles(const Nest &nest, const ThreadTiles &tiles) {
  return TileEmitter(*this, nest, tiles).run();
}
