// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Loops over vectors from a kernel's body.

#ifndef ACT_LIB_TRANSFORMS_KERNELEMITTER_H
#define ACT_LIB_TRANSFORMS_KERNELEMITTER_H

#include "act-mlir/Transforms/KernelBody.h"

namespace mlir::act {

/// Replaces a kernel on memrefs by its loop nests.
LogicalResult emitKernel(KernelOp kernel);

/// Loops over vectors of a CPU.
class KernelEmitter : public KernelBody {
public:
  explicit KernelEmitter(KernelOp kernel)
      : KernelBody(kernel, OpBuilder(kernel)),
        width(kernel->getAttrOfType<IntegerAttr>("vector_width")
                  ? kernel->getAttrOfType<IntegerAttr>("vector_width").getInt()
                  : 16) {}

  LogicalResult run();

private:
  FailureOr<SmallVector<Value>> reduceRow(linalg::GenericOp generic,
                                          Coordinates dims) override;
  void fetchNextRow(ArrayRef<Index> dims, int64_t part, int64_t count);
  using Tile = SmallVector<Coordinates>;
  LogicalResult loops(ArrayRef<int64_t> order, const Tile &tile, Lanes lanes);
  void chooseTile(const Nest &nest);
  bool isKnownOfRow(Value tensor, linalg::GenericOp first,
                    const SetVector<Operation *> &before,
                    linalg::GenericOp &reader);
  void chooseKept(const Nest &nest);
  bool keepsInResult(Value tensor);
  int64_t bufferLength(Value tensor);
  void makeRowBuffer();
  void keep(Value value, ArrayRef<Index> at, Lanes lanes);
  FailureOr<Value> loadKept(ArrayRef<Index> at, Lanes lanes);
  void chooseColumns(const Nest &nest);
  FailureOr<Value> loadApart(Value memory, ArrayRef<Index> at,
                             Lanes lanes) override;
  LogicalResult shortRows(Coordinates at, Lanes lanes);
  void storeColumns(Value memory, ArrayRef<Value> values, Coordinates at,
                    Lanes lanes);
  Value canStream(const Nest &nest);
  Value chunkSize(const Nest &nest, ArrayRef<int64_t> order, Value size);

  int64_t width;
  /// The outputs whose loops are made, and how many of these run over a row.
  SmallVector<unsigned> outputs;
  size_t rowLoops = 0;
  /// What is kept from a reduction of a row until the row's result, and that
  /// reduction; null: nothing. It stays in the output's memory, or in a buffer
  /// of a row's length.
  Value kept, rowBuffer;
  linalg::GenericOp keeper;
  /// The dimension that runs in vectors; -1: none.
  int64_t vectorDim = -1;
  /// Elements along `tileDim`, and vectors along the last dimension, that are
  /// computed together.
  int64_t tileDim = -1, tileRows = 1, tileVectors = 1;
  /// The dimension that threads share, and this thread's part of it.
  int64_t sharedDim = -1;
  Value sharedLow, sharedHigh;
  /// Where lanes are rows: how many elements of each make results, 0 where
  /// there is one for each row; and what was read, a vector for each column.
  int64_t columns = 0;
  struct Columns {
    Value memory;
    Coordinates at;
    SmallVector<Value> vectors;
  };
  SmallVector<Columns> columnsRead;
};

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_KERNELEMITTER_H
