// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a kernel does with the sums of a tile, and the stores.

#include "ContractionEmitter.h"
#include "Transpose.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::act;

LogicalResult ContractionEmitter::finish(ArrayRef<Index> at, const Lanes &lanes,
                                         Value total) {
  forgetProvided();
  provide(result, at, lanes, total);
  FailureOr<SmallVector<Value>> values =
      evaluate(outputs, Coordinates(at), lanes);
  forgetProvided();
  if (failed(values))
    return failure();
  store(outputs, *values, at, lanes);
  return success();
}

/// Elements of a row of the buffer one by one, where a masked store would not
/// do.
LogicalResult ContractionEmitter::finishElements(Coordinates at,
                                                 int64_t lanesLoop, Value count,
                                                 Value row, Value offset) {
  return inSteps(constant(0), count, {1}, [&](Value lane, int64_t) {
    Value total = memref::LoadOp::create(b, loc, buffer,
                                         ValueRange{row, sum(offset, lane)});
    Coordinates one = at;
    Index &index = one[dimOf[lanesLoop]];
    index = {sum(index.base, lane), 1};
    return finish(one, Lanes(), total);
  });
}

LogicalResult ContractionEmitter::finishRows(Value a, Value bAt, int64_t countA,
                                             int64_t countB,
                                             const Columns &columns,
                                             ArrayRef<Value> totals) {
  bool one = columns.lanes.mask && !maskable;
  auto position = [&](Value i, Value j, int64_t v) {
    Coordinates at =
        place(sum(a, i), sum(bAt, j), sum(columns.column, constant(v * lanes)));
    at[dimOf[c.column]].step = 1;
    return at;
  };
  if (!longEpilogue && !one) {
    for (auto [i, total] : llvm::enumerate(totals)) {
      int64_t row = i / columns.vectors;
      if (failed(finish(position(constant(row / countB), constant(row % countB),
                                 i % columns.vectors),
                        columns.lanes, total)))
        return failure();
    }
    return success();
  }
  for (auto [i, total] : llvm::enumerate(totals))
    vector::StoreOp::create(b, loc, total, buffer,
                            ValueRange{constant(i / columns.vectors),
                                       constant(i % columns.vectors * lanes)});
  return inSteps(
      constant(0), constant(countA * countB), {1}, [&](Value row, int64_t) {
        Value width = constant(countB);
        Value i = b.createOrFold<arith::DivUIOp>(loc, row, width);
        Value j = b.createOrFold<arith::RemUIOp>(loc, row, width);
        for (int64_t v = 0; v < columns.vectors; ++v) {
          Value offset = constant(v * lanes);
          if (one) {
            Coordinates at = position(i, j, v);
            if (failed(
                    finishElements(at, c.column, columns.count, row, offset)))
              return failure();
            continue;
          }
          Value total =
              vector::LoadOp::create(b, loc, VectorType::get({lanes}, type),
                                     buffer, ValueRange{row, offset});
          if (failed(finish(position(i, j, v), columns.lanes, total)))
            return failure();
        }
        return success();
      });
}

LogicalResult ContractionEmitter::finishTransposed(Value a, Value bAt,
                                                   int64_t rows,
                                                   const Columns &columns,
                                                   ArrayRef<Value> totals) {
  for (int64_t v = 0; v < columns.vectors; ++v) {
    SmallVector<Value> vectors(lanes);
    for (int64_t row = 0; row < rows; ++row)
      vectors[row] = totals[row * columns.vectors + v];
    for (auto [i, vector] : llvm::enumerate(transposeVectors(b, loc, vectors)))
      vector::StoreOp::create(b, loc, vector, buffer,
                              ValueRange{constant(v * lanes + i), constant(0)});
  }
  Lanes across{lanes, {}, {}};
  if (rows < lanes) {
    across.mask = vector::ConstantMaskOp::create(
        b, loc, VectorType::get({lanes}, b.getI1Type()),
        ArrayRef<int64_t>{rows});
    across.last = constant(rows - 1);
  }
  Value count =
      columns.count ? columns.count : constant(columns.vectors * lanes);
  return inSteps(constant(0), count, {1}, [&](Value column, int64_t) {
    Value first = bAt, outer = a;
    if (merged) {
      first = sum(product(a, extentOf(loopB)), bAt);
      outer = constant(0);
    }
    Coordinates at = place(outer, first, sum(columns.column, column));
    at[dimOf[loopB]].step = 1;
    if (across.mask && !maskable) {
      at[dimOf[loopB]].step = 0;
      return finishElements(at, loopB, constant(rows), column, constant(0));
    }
    Value total =
        vector::LoadOp::create(b, loc, VectorType::get({lanes}, type), buffer,
                               ValueRange{column, constant(0)});
    return finish(at, across, total);
  });
}
