// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Transpose.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

/// First within blocks of 128 bits, where CPUs interleave two vectors in one
/// instruction without a register for the order, then whole blocks.
SmallVector<Value> mlir::act::transposeVectors(OpBuilder &b, Location loc,
                                               SmallVector<Value> vectors) {
  int64_t lanes = vectors.size();
  auto type = cast<VectorType>(
      (*llvm::find_if(vectors, [](Value v) { return bool(v); })).getType());
  int64_t block = std::min<int64_t>(lanes, 128 / type.getElementTypeBitWidth());
  auto shuffle = [&](Value first, Value second,
                     ArrayRef<int64_t> mask) -> Value {
    if (!first && !second)
      return {};
    SmallVector<int64_t> known(mask);
    for (int64_t &lane : known)
      if (!(lane < lanes ? first : second))
        lane = vector::ShuffleOp::kPoisonIndex;
    return vector::ShuffleOp::create(b, loc, first ? first : second,
                                     second ? second : first, known);
  };
  // One step for vectors `distance` apart. The masks of the two results differ
  // by what is added to each lane.
  auto step = [&](int64_t distance, ArrayRef<int64_t> mask, int64_t more) {
    SmallVector<int64_t> upper(mask);
    for (int64_t &lane : upper)
      lane += more;
    SmallVector<Value> next(lanes);
    for (int64_t i = 0; i < lanes; ++i)
      if (!(i & distance)) {
        next[i] = shuffle(vectors[i], vectors[i + distance], mask);
        next[i + distance] = shuffle(vectors[i], vectors[i + distance], upper);
      }
    vectors = std::move(next);
  };
  // Groups of `run` lanes of each block are interleaved: after that, blocks
  // hold 2 * run rows of one column. The columns come in the order of their
  // numbers' bits reversed.
  for (int64_t run = 1; run < block; run *= 2) {
    SmallVector<int64_t> mask;
    for (int64_t start = 0; start < lanes; start += block)
      for (int64_t i = 0; i < block / 2; i += run)
        for (int64_t base : {start + i, lanes + start + i})
          for (int64_t lane = 0; lane < run; ++lane)
            mask.push_back(base + lane);
    step(run, mask, block / 2);
  }
  // Even blocks of two vectors are one, odd ones the other.
  for (int64_t distance = block; distance < lanes; distance *= 2) {
    SmallVector<int64_t> mask;
    for (int64_t base : {int64_t(0), lanes})
      for (int64_t start = 0; start < lanes; start += 2 * block)
        for (int64_t lane = 0; lane < block; ++lane)
          mask.push_back(base + start + lane);
    step(distance, mask, block);
  }
  SmallVector<Value> columns(lanes);
  for (int64_t i = 0; i < lanes; ++i) {
    int64_t column = i - i % block;
    for (int64_t bit = 1; bit < block; bit *= 2)
      if (i & bit)
        column += block / 2 / bit;
    columns[column] = vectors[i];
  }
  return columns;
}
