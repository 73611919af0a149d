// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Loops over register tiles, for kernels that are a contraction.

#ifndef ACT_LIB_TRANSFORMS_CONTRACTIONEMITTER_H
#define ACT_LIB_TRANSFORMS_CONTRACTIONEMITTER_H

#include "act-mlir/Packing/Contraction.h"
#include "act-mlir/Transforms/KernelBody.h"

namespace mlir::act {

/// Replaces a kernel on memrefs whose body is a contraction and elementwise
/// work on its result; nothing if the kernel is another one.
std::optional<LogicalResult> emitContraction(KernelOp kernel);

class ContractionEmitter : public KernelBody {
public:
  ContractionEmitter(KernelOp kernel, const Contraction &contraction)
      : KernelBody(kernel, OpBuilder(kernel)), c(contraction) {}

  /// Chooses the tile; false if the kernel has a form that is not this one's.
  bool plan();
  LogicalResult run();

private:
  /// An operand as one dimension of elements, and how far each loop moves in
  /// it; null where it does not.
  struct Stream {
    Value memory, start;
    SmallVector<Value> steps;
    Value panelStep;
    int64_t elementBytes;
  };
  /// What a tile fetches of the next panel: from `start` on, `step` elements
  /// for each step of its sums, which begin at `from`; null: nothing.
  struct Fetch {
    Value from, start, step;
  };
  /// Vectors of columns from `column` on.
  struct Columns {
    Value column;
    int64_t vectors;
    Lanes lanes;
    Value count; // of the columns that exist, where not all do
  };

  /// Whether a step of paired operands has both elements, or the first alone.
  enum class Pairs { Whole, Half };

  FailureOr<SmallVector<Value>> reduceRow(linalg::GenericOp generic,
                                          Coordinates) override {
    return generic.emitOpError("is not expected beside a contraction");
  }
  std::pair<Value, Coordinates> access(unsigned operand,
                                       ArrayRef<Index> at) override;

  bool canMergeRows();
  bool isLongEpilogue();
  bool hasStaticSteps();
  bool rowsShareSet();
  int64_t bestRows(int64_t extent, int64_t largest, int64_t rowsOfEach);
  SmallVector<int64_t> tileSizes(unsigned loop, int64_t tile);

  Value sum(Value lhs, Value rhs) {
    return b.createOrFold<arith::AddIOp>(loc, lhs, rhs);
  }
  Value product(Value lhs, Value rhs) {
    return b.createOrFold<arith::MulIOp>(loc, lhs, rhs);
  }
  Value ceilDiv(Value lhs, Value rhs) {
    return b.createOrFold<arith::DivUIOp>(
        loc, b.createOrFold<arith::SubIOp>(loc, sum(lhs, rhs), constant(1)),
        rhs);
  }
  Value minimum(Value lhs, Value rhs) {
    return b.createOrFold<arith::MinUIOp>(loc, lhs, rhs);
  }
  Value maximum(Value lhs, Value rhs) {
    return b.createOrFold<arith::MaxUIOp>(loc, lhs, rhs);
  }
  /// Elements of the packed operand that a lane takes in a step.
  int64_t sideBySide() const { return c.paired ? 2 : 1; }
  int64_t staticExtent(int64_t loop) { return loop < 0 ? 1 : extents[loop]; }
  Value extentOf(int64_t loop) {
    return loop < 0 ? constant(1) : extentValues[loop];
  }

  Stream stream(unsigned operand, AffineMap map);
  LogicalResult tasks();
  int64_t cacheBytes();
  Value blockRowsLimit();
  LogicalResult block(Value low, Value high, Value firstColumn,
                      Value endColumn);
  using Step = llvm::function_ref<LogicalResult(Value, int64_t)>;
  LogicalResult inSteps(Value low, Value high, ArrayRef<int64_t> sizes,
                        Step body);
  void planNextPanel(Value a, Value bAt, Value rightAt, Value column);
  LogicalResult rowTiles(Value low, Value high, const Columns &columns);
  LogicalResult tile(Value a, int64_t countA, Value bAt, int64_t countB,
                     const Columns &columns);
  SmallVector<Value> reduce(unsigned level, Value left, Value right,
                            ArrayRef<Value> rowOffsets,
                            ArrayRef<Value> columnOffsets,
                            const Columns &columns, SmallVector<Value> sums);
  SmallVector<Value> step(Value left, Value right, ArrayRef<Value> rowOffsets,
                          ArrayRef<Value> columnOffsets, const Columns &columns,
                          SmallVector<Value> sums, Pairs pairs);
  SmallVector<Value> multiplyPairs(Value left, ArrayRef<Value> rowOffsets,
                                   ArrayRef<Value> vectors, Pairs pairs,
                                   SmallVector<Value> sums);
  Coordinates place(Value a, Value bAt, Value column);
  LogicalResult finish(ArrayRef<Index> at, const Lanes &lanes, Value total);
  LogicalResult finishElements(Coordinates at, int64_t lanesLoop, Value count,
                               Value row, Value offset);
  LogicalResult finishRows(Value a, Value bAt, int64_t countA, int64_t countB,
                           const Columns &columns, ArrayRef<Value> totals);
  LogicalResult finishTransposed(Value a, Value bAt, int64_t rows,
                                 const Columns &columns,
                                 ArrayRef<Value> totals);
  Value widen(Value value);

  Contraction c;
  Value result; // the contraction's tensor
  Type type;    // of the sums
  SmallVector<int64_t> extents;
  SmallVector<Value> extentValues;
  /// Dimension of the result that each loop is.
  DenseMap<int64_t, unsigned> dimOf;

  /// Lanes of a vector; vectors of a tile; vectors where there are few rows.
  int64_t lanes = 16, vectors = 2, wideVectors = 2;
  /// The last two loops of rows, and how many of each are in a tile.
  int64_t loopA = -1, loopB = -1, tileA = 1, tileB = 1;
  /// Vectors of sums run across the memory of the result.
  bool transposed = false;
  /// The last two dimensions of the result are one in memory.
  bool merged = false;
  bool longEpilogue = false, maskable = true;
  SmallVector<unsigned> outputs;

  Stream left, right;
  Fetch nextPanel;
  /// Where the rows of a block begin, and how many it has.
  Value blockLow, blockRows;
  Value buffer;
  SmallVector<Value> mergedMemory;
  SmallVector<Value> outerAt; // by loop
};

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_CONTRACTIONEMITTER_H
