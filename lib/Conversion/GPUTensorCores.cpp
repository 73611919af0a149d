// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Sums of products of f16 or bf16 by tensor cores: the 8 warps of a block, 2 by
// 4 of them, compute a tile of the result in registers, by instructions that
// multiply 16 x 8 x 16 elements. Slabs of both operands, 32 steps of the sums,
// lie in shared memory as they do in the device's: copies of 16 bytes that
// nobody waits for bring one while those before it are multiplied. Chunks of a
// row are swapped so that the 8 rows that `ldmatrix` reads at a time are in
// different banks. The totals go through shared memory, half a tile at a time,
// so that what follows them is done by neighbours, and its code stands there
// once.
//
// Each product of two elements is exact in f32. In which order, and with which
// rounding, a tensor core adds 16 of them to a sum is documented nowhere.

#include "GPUTiles.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::act;

namespace {

constexpr int64_t kThreads = ThreadPlan::kThreads, kWarp = ThreadPlan::kWarp;
constexpr int64_t kChunk = ThreadTiles::kChunk;
/// Warps along the rows and the columns of a tile.
constexpr int64_t kWarpRows = 2, kWarpColumns = 4;
/// Steps of the sums in shared memory at a time, and how many such slabs.
constexpr int64_t kSlab = 32, kStages = 3;
/// Rows, columns and steps of one instruction.
constexpr int64_t kRows = 16, kColumns = 8, kSteps = 16;
/// Elements that a thread takes at a time of what follows the sums: of twice as
/// many, the intermediate values do not fit beside the sums.
constexpr int64_t kLanes = 4;
/// Behind a row of totals, so that a warp writes them to different banks.
constexpr int64_t kPad = 8;

static_assert(kWarpRows * kWarpColumns * kWarp == kThreads);

} // namespace

bool GPUKernel::takeTensorCores(const Nest &nest, ThreadTiles &tiles) {
  linalg::GenericOp op = tiles.product;
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  int64_t last = result.getNumResults() - 1;
  if (!getElementTypeOrSelf(op.getResultTypes()[0]).isF32() ||
      tiles.columns.back() != last)
    return false;
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  SmallVector<std::pair<unsigned, int64_t>> chunked;
  for (unsigned side : {tiles.left, tiles.right}) {
    auto operand = cast<BlockArgument>(op->getOperand(side));
    auto type =
        cast<MemRefType>(kernel->getOperand(operand.getArgNumber()).getType());
    Type element = type.getElementType();
    AffineMap map = op.getMatchingIndexingMap(&op->getOpOperand(side));
    auto along = dyn_cast<AffineDimExpr>(map.getResults().back());
    if (!(element.isF16() || element.isBF16()) ||
        element != getElementTypeOrSelf(op->getOperand(tiles.left)) ||
        !type.getLayout().isIdentity() || !along ||
        llvm::any_of(map.getResults().drop_back(), [&](AffineExpr expr) {
          return expr.isFunctionOfDim(along.getPosition());
        }))
      return false;
    int64_t ofResult = side == tiles.left ? tiles.rows.back() : last;
    if (along.getPosition() != reduced.back() &&
        along.getPosition() != result.getDimPosition(ofResult))
      return false;
    chunked.push_back({operand.getArgNumber(), type.getRank() - 1});
  }
  unsigned output = kernel.getInputs().size() + nest.outputs.front();
  int64_t length =
      cast<MemRefType>(kernel->getOperand(output).getType()).getShape().back();
  tiles.tensorCores = true;
  tiles.endsInChunks = takesChunksAfter(op) &&
                       (ShapedType::isDynamic(length) || length % kChunk == 0);
  if (tiles.endsInChunks)
    chunked.push_back({output, last});
  tiles.chunked = std::move(chunked);
  return true;
}

//===----------------------------------------------------------------------===//
// One thread
//===----------------------------------------------------------------------===//

namespace {

/// An operand's slabs in shared memory.
struct Slabs {
  unsigned operand;
  bool alongSum;    // neighbours in memory are steps of the sum
  int64_t edge;     // of the tile
  Value memory;     // stage x rows x columns
  Value first, end; // of the tile, and of the result
  /// The thread's share of a copy: where in a slab, and what that is in the
  /// result, if it does not move with the slab.
  SmallVector<Value> rows, chunks;
  SmallVector<KernelBody::Coordinates> at;
  SmallVector<Value> exist;

  int64_t height() const { return alongSum ? edge : kSlab; }
  int64_t width() const { return alongSum ? kSlab : edge; }
};

} // namespace

/// The code of a thread for one kernel.
class GPUKernel::MatrixEmitter : TileCode {
public:
  using TileCode::TileCode;

  LogicalResult run();

private:
  using Totals = SmallVector<Value>;

  Value xorOf(Value lhs, Value rhs) {
    return b.createOrFold<arith::XOrIOp>(loc, lhs, rhs);
  }
  Value place(const Slabs &slabs, Value row, Value chunk);
  void share(Slabs &slabs);
  KernelBody::Coordinates resultAt(const Slabs &slabs, Value position);
  void copy(const Slabs &slabs, Value stage, Value step,
            SmallVectorImpl<Value> &tokens);
  LogicalResult bring(const Slabs &slabs, Value step);
  Value copyBoth(Value stage, Value step);
  SmallVector<Value> load(const Slabs &slabs, Value stage, int64_t step,
                          Value offset, bool isLeft);
  Value multiply(ValueRange left, ValueRange right, ValueRange sums);
  Totals multiplySlab(Value stage, Totals sums);
  Totals sumCopies(Totals sums);
  FailureOr<Totals> sumLoads(Totals sums);
  LogicalResult finish(const Totals &sums);

  int64_t rowsOfWarp() { return tiles.edge / kWarpRows; }
  int64_t columnsOfWarp() { return tiles.edge / kWarpColumns; }
  int64_t rowTiles() { return rowsOfWarp() / kRows; }
  int64_t columnTiles() { return columnsOfWarp() / kColumns; }

  Slabs left, right;
  Type element;
  Value lane, warpRow, warpColumn;
  /// What the sums start with, if it is not a part of them from the beginning.
  Value added;
};

/// Where a chunk lies: 8 rows of it are in the 8 groups of 4 banks.
Value GPUKernel::MatrixEmitter::place(const Slabs &slabs, Value row,
                                      Value chunk) {
  Value key = slabs.alongSum ? rem(div(row, 2), 4) : rem(row, 8);
  return mul(xorOf(chunk, key), constant(kChunk));
}

KernelBody::Coordinates GPUKernel::MatrixEmitter::resultAt(const Slabs &slabs,
                                                           Value position) {
  position = least(position, before(slabs.end));
  Coordinates at = outerAt;
  TileCode::place(at, slabs.operand == tiles.left ? tiles.rows : tiles.columns,
                  position);
  return at;
}

void GPUKernel::MatrixEmitter::share(Slabs &slabs) {
  int64_t chunks = slabs.width() / kChunk, stride = kThreads / chunks;
  Value chunk = rem(thread, chunks), row = div(thread, chunks);
  for (int64_t i = 0; i < slabs.height(); i += stride) {
    slabs.rows.push_back(add(row, constant(i)));
    slabs.chunks.push_back(chunk);
    Value inTile =
        slabs.alongSum ? slabs.rows.back() : mul(chunk, constant(kChunk));
    Value position = add(slabs.first, inTile);
    slabs.at.push_back(resultAt(slabs, position));
    slabs.exist.push_back(isBelow(position, slabs.end));
  }
}

/// Starts to copy the thread's share; what is past an end becomes zeros.
void GPUKernel::MatrixEmitter::copy(const Slabs &slabs, Value stage, Value step,
                                    SmallVectorImpl<Value> &tokens) {
  auto token = nvgpu::DeviceAsyncTokenType::get(b.getContext());
  auto argument = cast<BlockArgument>(op->getOperand(slabs.operand));
  Value from = k.operands[argument.getArgNumber()];
  for (auto [row, chunk, at, exists] :
       llvm::zip(slabs.rows, slabs.chunks, slabs.at, slabs.exist)) {
    Value inSlab = slabs.alongSum ? mul(chunk, constant(kChunk)) : row;
    Value position = add(step, inSlab);
    Value reads =
        arith::SelectOp::create(b, loc, both(exists, isBelow(position, length)),
                                constant(kChunk), constant(0));
    SmallVector<Value> source;
    for (const Index &index :
         placeInOperand(slabs.operand, at, least(position, before(length))))
      source.push_back(index.base);
    tokens.push_back(nvgpu::DeviceAsyncCopyOp::create(
        b, loc, token, slabs.memory,
        ValueRange{stage, row, place(slabs, row, chunk)}, from, source,
        b.getIndexAttr(kChunk), reads, /*bypassL1=*/b.getUnitAttr()));
  }
}

Value GPUKernel::MatrixEmitter::copyBoth(Value stage, Value step) {
  SmallVector<Value> tokens;
  copy(left, stage, step, tokens);
  copy(right, stage, step, tokens);
  return nvgpu::DeviceAsyncCreateGroupOp::create(
      b, loc, nvgpu::DeviceAsyncTokenType::get(b.getContext()), tokens);
}

/// Reads the thread's share element by element, where chunks would not be
/// aligned, and writes it to the first slab.
LogicalResult GPUKernel::MatrixEmitter::bring(const Slabs &slabs, Value step) {
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(element));
  for (auto [row, chunk] : llvm::zip(slabs.rows, slabs.chunks)) {
    SmallVector<Value> elements;
    for (int64_t i = 0; i < kChunk; ++i) {
      Value inRow = add(mul(chunk, constant(kChunk)), constant(i));
      Value position = add(step, slabs.alongSum ? inRow : row);
      Value ofResult = add(slabs.first, slabs.alongSum ? row : inRow);
      FailureOr<Value> value =
          operandElement(slabs.operand, resultAt(slabs, ofResult),
                         least(position, before(length)));
      if (failed(value))
        return failure();
      Value exists =
          both(isBelow(position, length), isBelow(ofResult, slabs.end));
      elements.push_back(arith::SelectOp::create(b, loc, exists, *value, zero));
    }
    Value vector = vector::FromElementsOp::create(
        b, loc, VectorType::get({kChunk}, element), elements);
    vector::StoreOp::create(
        b, loc, vector, slabs.memory,
        ValueRange{constant(0), row, place(slabs, row, chunk)},
        /*nontemporal=*/false, llvm::MaybeAlign(16));
  }
  return success();
}

/// Four registers: 16 x 16 elements, rows or columns of the result from
/// `offset` by steps of the sum. Each lane has the address of 8 of them.
SmallVector<Value> GPUKernel::MatrixEmitter::load(const Slabs &slabs,
                                                  Value stage, int64_t step,
                                                  Value offset, bool isLeft) {
  // The first 8 lanes, the next ones ...: for the left operand rows vary first,
  // for the right one steps do.
  Value inEight = rem(lane, 8), low = mul(rem(div(lane, 8), 2), constant(8)),
        high = mul(div(lane, 16), constant(8));
  Value ofResult = add(offset, isLeft ? low : high);
  Value ofSum = add(constant(step), isLeft ? high : low);
  Value row = add(slabs.alongSum ? ofResult : ofSum, inEight);
  Value column = slabs.alongSum ? ofSum : ofResult;
  Value at = place(slabs, row, div(column, kChunk));
  Value loaded = nvgpu::LdMatrixOp::create(
      b, loc, VectorType::get({4, 2}, element), slabs.memory,
      ValueRange{stage, row, at}, /*transpose=*/!slabs.alongSum,
      /*numTiles=*/4);
  SmallVector<Value> registers;
  auto packed = VectorType::get({1}, b.getI32Type());
  for (int64_t i = 0; i < 4; ++i) {
    Value pair = vector::ExtractOp::create(b, loc, loaded, i);
    if (element.isBF16())
      pair = vector::ExtractOp::create(
          b, loc, vector::BitCastOp::create(b, loc, packed, pair), 0);
    registers.push_back(pair);
  }
  return registers;
}

Value GPUKernel::MatrixEmitter::multiply(ValueRange left, ValueRange right,
                                         ValueRange sums) {
  SmallVector<Type> four(4, b.getF32Type());
  NVVM::MMATypes types =
      element.isBF16() ? NVVM::MMATypes::bf16 : NVVM::MMATypes::f16;
  return NVVM::MmaOp::create(
      b, loc, LLVM::LLVMStructType::getLiteral(b.getContext(), four), left,
      right, sums, ArrayRef<int64_t>{kRows, kColumns, kSteps}, std::nullopt,
      std::nullopt, std::array<NVVM::MMATypes, 2>{types, types},
      std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                     NVVM::MMALayout::col});
}

/// The warp's sums, 4 of each instruction's tile a thread, row of tiles by row.
SmallVector<Value> GPUKernel::MatrixEmitter::multiplySlab(Value stage,
                                                          Totals sums) {
  Value firstRow = mul(warpRow, constant(rowsOfWarp())),
        firstColumn = mul(warpColumn, constant(columnsOfWarp()));
  for (int64_t step = 0; step < kSlab; step += kSteps) {
    SmallVector<SmallVector<Value>> lefts, rights;
    for (int64_t i = 0; i < rowTiles(); ++i)
      lefts.push_back(load(left, stage, step,
                           add(firstRow, constant(i * kRows)),
                           /*isLeft=*/true));
    for (int64_t j = 0; j < columnTiles(); j += 2)
      rights.push_back(load(right, stage, step,
                            add(firstColumn, constant(j * kColumns)),
                            /*isLeft=*/false));
    for (int64_t i = 0; i < rowTiles(); ++i)
      for (int64_t j = 0; j < columnTiles(); ++j) {
        MutableArrayRef<Value> own =
            MutableArrayRef(sums).slice(4 * (i * columnTiles() + j), 4);
        Value product = multiply(
            lefts[i], ArrayRef(rights[j / 2]).slice(j % 2 * 2, 2), own);
        for (int64_t l = 0; l < 4; ++l)
          own[l] = LLVM::ExtractValueOp::create(b, loc, product, l);
      }
  }
  return sums;
}

/// While a slab is multiplied, the next ones are on their way.
SmallVector<Value> GPUKernel::MatrixEmitter::sumCopies(Totals sums) {
  Value token, slab = constant(kSlab);
  for (int64_t stage = 0; stage + 1 < kStages; ++stage)
    token = copyBoth(constant(stage), constant(stage * kSlab));
  SmallVector<Value> carried = {constant(0), constant(kStages - 1)};
  carried.append(sums);
  auto loop = scf::ForOp::create(b, loc, constant(0), length, slab, carried);
  b.setInsertionPointToStart(loop.getBody());
  Value stage = loop.getRegionIterArg(0), free = loop.getRegionIterArg(1);
  nvgpu::DeviceAsyncWaitOp::create(b, loc, token,
                                   b.getI32IntegerAttr(kStages - 2));
  // All have their copies of this slab, and are done with the one before it,
  // whose place the next copies take.
  gpu::BarrierOp::create(b, loc);
  copyBoth(free, add(loop.getInductionVar(), constant((kStages - 1) * kSlab)));
  Totals next =
      multiplySlab(stage, Totals(loop.getRegionIterArgs().drop_front(2)));
  auto after = [&](Value at) -> Value {
    Value isLast = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq,
                                                 at, constant(kStages - 1));
    return arith::SelectOp::create(b, loc, isLast, constant(0),
                                   add(at, constant(1)));
  };
  SmallVector<Value> yielded = {after(stage), after(free)};
  yielded.append(next);
  scf::YieldOp::create(b, loc, yielded);
  b.setInsertionPointAfter(loop);
  // The totals take the place of the slabs.
  nvgpu::DeviceAsyncWaitOp::create(b, loc, token, b.getI32IntegerAttr(0));
  return Totals(loop.getResults().drop_front(2));
}

FailureOr<SmallVector<Value>> GPUKernel::MatrixEmitter::sumLoads(Totals sums) {
  auto loop =
      scf::ForOp::create(b, loc, constant(0), length, constant(kSlab), sums);
  b.setInsertionPointToStart(loop.getBody());
  // The slab before this one has been used.
  gpu::BarrierOp::create(b, loc);
  if (failed(bring(left, loop.getInductionVar())) ||
      failed(bring(right, loop.getInductionVar())))
    return failure();
  gpu::BarrierOp::create(b, loc);
  scf::YieldOp::create(
      b, loc, multiplySlab(constant(0), Totals(loop.getRegionIterArgs())));
  b.setInsertionPointAfter(loop);
  return Totals(loop.getResults());
}

/// What follows the sums. Each row of warps in turn has its totals in shared
/// memory; all threads take neighbours there.
LogicalResult GPUKernel::MatrixEmitter::finish(const Totals &sums) {
  int64_t width = tiles.edge, height = rowsOfWarp();
  bool inChunks = tiles.aligned && tiles.endsInChunks;
  int64_t lanes = inChunks ? kLanes : 1;
  Value totals = buffer({height, width + kPad}, type, 0);
  auto half =
      scf::ForOp::create(b, loc, constant(0), constant(kWarpRows), constant(1));
  b.setInsertionPointToStart(half.getBody());
  // What was there has been used.
  gpu::BarrierOp::create(b, loc);
  Value isTurn = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq,
                                               warpRow, half.getInductionVar());
  auto turn = scf::IfOp::create(b, loc, isTurn, /*withElseRegion=*/false);
  b.setInsertionPointToStart(turn.thenBlock());
  Value ownRow = div(lane, 4),
        ownColumn = add(mul(warpColumn, constant(columnsOfWarp())),
                        mul(rem(lane, 4), constant(2)));
  auto pairType = VectorType::get({2}, type);
  for (int64_t i = 0; i < rowTiles(); ++i)
    for (int64_t j = 0; j < columnTiles(); ++j)
      for (int64_t upper : {0, 1}) {
        int64_t own = 4 * (i * columnTiles() + j) + 2 * upper;
        Value pair = vector::FromElementsOp::create(
            b, loc, pairType, ArrayRef(sums).slice(own, 2));
        vector::StoreOp::create(
            b, loc, pair, totals,
            ValueRange{add(ownRow, constant(i * kRows + 8 * upper)),
                       add(ownColumn, constant(j * kColumns))},
            /*nontemporal=*/false, llvm::MaybeAlign(8));
      }
  b.setInsertionPointAfter(turn);
  gpu::BarrierOp::create(b, loc);
  Value first = mul(thread, constant(lanes));
  auto loop = scf::ForOp::create(b, loc, first, constant(height * width),
                                 constant(kThreads * lanes));
  b.setInsertionPointToStart(loop.getBody());
  Value row = div(loop.getInductionVar(), width),
        column = rem(loop.getInductionVar(), width);
  Value rowAt = add(add(firstRow, row),
                    mul(half.getInductionVar(), constant(height))),
        columnAt = add(firstColumn, column);
  auto some = scf::IfOp::create(
      b, loc, both(isBelow(rowAt, rows), isBelow(columnAt, columns)),
      /*withElseRegion=*/false);
  b.setInsertionPointToStart(some.thenBlock());
  Coordinates at = placeInResult(rowAt, columnAt);
  Lanes of = inChunks ? Lanes{lanes, {}, {}} : Lanes();
  Value total;
  if (inChunks)
    total = vector::LoadOp::create(b, loc, VectorType::get({lanes}, type),
                                   totals, ValueRange{row, column},
                                   /*nontemporal=*/false, llvm::MaybeAlign(16));
  else
    total = memref::LoadOp::create(b, loc, totals, ValueRange{row, column});
  if (added) {
    FailureOr<Value> start = k.element(added, at, of);
    if (failed(start))
      return failure();
    total = arith::AddFOp::create(b, loc, total, k.splat(*start, of.count));
  }
  k.alignment = inChunks ? 16 : 0;
  k.provide(op->getResult(0), at, of, total);
  FailureOr<SmallVector<Value>> values =
      k.evaluate(nest.outputs, Coordinates(at), of);
  k.forgetProvided();
  if (failed(values))
    return failure();
  k.store(nest.outputs, *values, at, of);
  return success();
}

LogicalResult GPUKernel::MatrixEmitter::run() {
  start();
  element = getElementTypeOrSelf(op->getOperand(tiles.left));
  lane = rem(thread, kWarp);
  Value warp = div(thread, kWarp);
  warpRow = div(warp, kWarpColumns);
  warpColumn = rem(warp, kWarpColumns);
  int64_t slabBytes = tiles.edge * kSlab * 2,
          stages = tiles.aligned ? kStages : 1;
  allocate(
      std::max(2 * stages * slabBytes, rowsOfWarp() * (tiles.edge + kPad) * 4));
  auto set = [&](Slabs &slabs, unsigned operand, Value first, Value end) {
    AffineMap map = op.getMatchingIndexingMap(&op->getOpOperand(operand));
    bool alongSum = map.getResults().back().isFunctionOfDim(reduced.back());
    slabs = {operand, alongSum, tiles.edge, {}, first, end, {}, {}, {}, {}};
    slabs.memory = buffer({stages, slabs.height(), slabs.width()}, element,
                          operand == tiles.left ? 0 : stages * slabBytes);
    share(slabs);
  };
  set(left, tiles.left, firstRow, rows);
  set(right, tiles.right, firstColumn, columns);

  // One value for all sums is there from the beginning.
  Value init = op.getDpsInitOperand(0)->get();
  Value initial;
  if (init.getDefiningOp<linalg::FillOp>()) {
    FailureOr<Value> value = k.element(init, outerAt, Lanes());
    if (failed(value))
      return failure();
    initial = *value;
  } else {
    initial = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
    added = init;
  }
  Totals sums(4 * rowTiles() * columnTiles(), initial);
  FailureOr<Totals> totals =
      tiles.aligned ? FailureOr<Totals>(sumCopies(sums)) : sumLoads(sums);
  if (failed(totals))
    return failure();
  return finish(*totals);
}

LogicalResult GPUKernel::emitMatrices(const Nest &nest,
                                      const ThreadTiles &tiles) {
  return MatrixEmitter(*this, nest, tiles).run();
}
