// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Rows that fill few vectors: a vector has an element of each of several rows,
// so that a reduction joins whole vectors, and what there is once for a row is
// computed for all of them at once. Rows are transposed in registers when they
// are read and before they are stored. The tree is that of longer rows, and so
// are the bits.

#include "KernelEmitter.h"
#include "Transpose.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

using namespace mlir;
using namespace mlir::act;

/// The elements of a row are straight code: so many of them, and so many
/// operations in all, before that is too much of it.
constexpr int64_t kLongest = 32, kMostOperations = 8192;

/// Whether a kernel's reductions are all of its rows, along the last of `rank`
/// dimensions, with an element of a result's row from that row's alone.
static bool reducesShortRows(KernelOp kernel, int64_t rank) {
  // The rows themselves, in loops over them or over their elements.
  auto isOfRows = [&](AffineMap map) {
    int64_t loops = map.getNumDims();
    return (loops == rank || loops == rank - 1) &&
           map == AffineMap::getMultiDimIdentityMap(loops, map.getContext())
                      .getMajorSubMap(rank - 1);
  };
  for (auto generic : kernel.getBody().getOps<linalg::GenericOp>()) {
    for (OpOperand *input : generic.getDpsInputOperands()) {
      auto producer = input->get().getDefiningOp<linalg::GenericOp>();
      if (producer && producer.getNumReductionLoops() != 0 &&
          !isOfRows(generic.getMatchingIndexingMap(input)))
        return false;
    }
    if (generic.getNumReductionLoops() == 0)
      continue;
    int64_t length = generic.getStaticLoopRanges().back();
    if (int64_t(generic.getNumLoops()) != rank ||
        generic.getNumReductionLoops() != 1 || ShapedType::isDynamic(length) ||
        length > kLongest || KernelBody::combiners(generic).empty())
      return false;
    for (OpOperand &init : generic.getDpsInitsMutable())
      if (!isOfRows(generic.getMatchingIndexingMap(&init)))
        return false;
  }
  return true;
}

/// Elements that are moved in registers as words of 32 bits.
static bool fitsWord(Value memory) {
  Type element = getElementTypeOrSelf(memory);
  return element.isIntOrFloat() && element.getIntOrFloatBitWidth() <= 32 &&
         element.getIntOrFloatBitWidth() >= 8;
}

void KernelEmitter::chooseColumns(const Nest &nest) {
  rowsAcross = false;
  columns = 0;
  auto type = cast<MemRefType>(output(nest.outputs.front()).getType());
  int64_t rank = type.getRank();
  bool byRow = nest.byRow;
  if (!(byRow || nest.row == ArrayRef<int64_t>(rank - 1)) ||
      nest.order.empty() || width < 4 || !llvm::isPowerOf2_64(width))
    return;
  // Some rows are needed for it to pay.
  int64_t rows = type.getDimSize(nest.order.back());
  int64_t length = byRow ? 0 : type.getDimSize(rank - 1);
  if ((!ShapedType::isDynamic(rows) && rows < 4) || length > kLongest ||
      ShapedType::isDynamic(length))
    return;
  for (unsigned i : nest.outputs)
    if (!isContiguous(output(i)) || !fitsWord(output(i)))
      return;
  if (!reducesShortRows(kernel, byRow ? rank + 1 : rank) ||
      countOperations() * kLongest > kMostOperations)
    return;
  rowsAcross = true;
  columns = length;
  vectorDim = nest.order.back();
  rowLoops = 0;
  kept = {};
  keeper = {};
}

/// The part of a row that one vector holds, in lanes of 32 bits.
static Value toWords(OpBuilder &b, Location loc, Value part, int64_t width) {
  auto type = cast<VectorType>(part.getType());
  unsigned bits = type.getElementTypeBitWidth();
  Type integers = type.clone(b.getIntegerType(bits));
  if (part.getType() != integers)
    part = arith::BitcastOp::create(b, loc, integers, part);
  if (int64_t count = type.getDimSize(0); count != width) {
    SmallVector<int64_t> lanes(width, vector::ShuffleOp::kPoisonIndex);
    std::iota(lanes.begin(), lanes.begin() + count, 0);
    part = vector::ShuffleOp::create(b, loc, part, part, lanes);
  }
  auto words = VectorType::get({width}, b.getI32Type());
  return bits == 32 ? part
                    : arith::ExtUIOp::create(b, loc, words, part).getResult();
}

static Value fromWords(OpBuilder &b, Location loc, Value words, Type element) {
  auto type = cast<VectorType>(words.getType());
  unsigned bits = element.getIntOrFloatBitWidth();
  if (bits != 32)
    words = arith::TruncIOp::create(b, loc, type.clone(b.getIntegerType(bits)),
                                    words);
  return element.isInteger()
             ? words
             : arith::BitcastOp::create(b, loc, type.clone(element), words)
                   .getResult();
}

/// One column of the rows at `at`, with all others of them.
FailureOr<Value> KernelEmitter::loadApart(Value memory, ArrayRef<Index> at,
                                          Lanes lanes) {
  auto type = cast<MemRefType>(memory.getType());
  int64_t last = int64_t(at.size()) - 1, length = type.getShape().back();
  std::optional<int64_t> column = getConstantIntValue(at.back().base);
  bool rows = rowsAcross && last >= 1 && column && lanes.count == width &&
              !ShapedType::isDynamic(length) && length <= kLongest &&
              isContiguous(memory) && fitsWord(memory);
  for (int64_t i = 0; rows && i <= last; ++i)
    rows = at[i].step == (i + 1 == last ? 1 : 0);
  if (!rows)
    return KernelBody::loadApart(memory, at, lanes);
  auto isRead = [&](const Columns &read) {
    return read.memory == memory &&
           llvm::all_of(llvm::seq<int64_t>(0, last),
                        [&](int64_t i) { return isSame(read.at[i], at[i]); });
  };
  auto known = llvm::find_if(columnsRead, isRead);
  if (known == columnsRead.end()) {
    Columns read{memory, Coordinates(at), {}};
    for (int64_t start = 0; start < length; start += width) {
      int64_t count = std::min(width, length - start);
      SmallVector<Value> parts;
      for (int64_t row = 0; row < width; ++row) {
        SmallVector<Value> indices;
        for (const Index &index : at.drop_back())
          indices.push_back(index.step ? laneIndex(index, row, lanes)
                                       : index.base);
        indices.push_back(constant(start));
        Value part = vector::LoadOp::create(
            b, loc, VectorType::get({count}, type.getElementType()), memory,
            indices);
        parts.push_back(toWords(b, loc, part, width));
      }
      parts = transposeVectors(b, loc, parts);
      for (Value words : ArrayRef(parts).take_front(count))
        read.vectors.push_back(fromWords(b, loc, words, type.getElementType()));
    }
    columnsRead.push_back(std::move(read));
    known = std::prev(columnsRead.end());
  }
  return known->vectors[*column];
}

/// All results of as many rows as there are lanes.
LogicalResult KernelEmitter::shortRows(Coordinates at, Lanes lanes) {
  Tile tile;
  for (int64_t column = 0; column < columns; ++column) {
    at.back() = {constant(column), 0};
    tile.push_back(at);
  }
  FailureOr<SmallVector<Value>> values = evaluate(outputs, tile, lanes);
  if (failed(values))
    return failure();
  for (auto [i, number] : llvm::enumerate(outputs)) {
    SmallVector<Value> own;
    for (int64_t column = 0; column < columns; ++column)
      own.push_back((*values)[column * outputs.size() + i]);
    storeColumns(output(number), own, at, lanes);
  }
  return success();
}

void KernelEmitter::storeColumns(Value memory, ArrayRef<Value> values,
                                 Coordinates at, Lanes lanes) {
  Type element = getElementTypeOrSelf(memory);
  SmallVector<SmallVector<Value>> parts;
  for (int64_t start = 0; start < columns; start += width) {
    SmallVector<Value> vectors;
    for (Value value : values.drop_front(start).take_front(width))
      vectors.push_back(toWords(b, loc, value, width));
    vectors.resize(width);
    parts.push_back(transposeVectors(b, loc, vectors));
  }
  Index first = at[vectorDim];
  for (int64_t row = 0; row < width; ++row) {
    OpBuilder::InsertionGuard guard(b);
    if (lanes.mask) {
      Value exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule,
                                           constant(row), lanes.last);
      auto guarded = scf::IfOp::create(b, loc, exists, /*withElse=*/false);
      b.setInsertionPointToStart(guarded.thenBlock());
    }
    SmallVector<Value> indices;
    at[vectorDim] = {add(first.base, constant(row)), 0};
    for (const Index &index : at)
      indices.push_back(index.base);
    for (auto [i, rows] : llvm::enumerate(parts)) {
      int64_t start = i * width, count = std::min(width, columns - start);
      Value part = fromWords(b, loc, rows[row], element);
      if (count != width)
        part = vector::ExtractStridedSliceOp::create(
            b, loc, part, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{count},
            ArrayRef<int64_t>{1});
      indices.back() = constant(start);
      vector::StoreOp::create(b, loc, part, memory, indices);
    }
  }
}
