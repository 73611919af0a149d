// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the code of tiles has in common, whether threads or tensor cores
// multiply: where a block's tile is, and where the elements of its operands.

#ifndef ACT_LIB_CONVERSION_GPUTILES_H
#define ACT_LIB_CONVERSION_GPUTILES_H

#include "GPUKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::act {

class GPUKernel::TileCode {
public:
  TileCode(GPUKernel &kernel, const Nest &nest, const ThreadTiles &tiles)
      : k(kernel), b(kernel.b), loc(kernel.loc), nest(nest), tiles(tiles),
        memory(k.output(nest.outputs.front())) {}

protected:
  /// Finds the block's tile.
  void start();

  Value constant(int64_t value) { return k.constant(value); }
  Value add(Value lhs, Value rhs) {
    return b.createOrFold<arith::AddIOp>(loc, lhs, rhs);
  }
  Value mul(Value lhs, Value rhs) {
    return b.createOrFold<arith::MulIOp>(loc, lhs, rhs);
  }
  Value div(Value lhs, int64_t rhs) {
    return b.createOrFold<arith::DivUIOp>(loc, lhs, constant(rhs));
  }
  Value rem(Value lhs, int64_t rhs) {
    return b.createOrFold<arith::RemUIOp>(loc, lhs, constant(rhs));
  }
  Value least(Value lhs, Value rhs) {
    return b.createOrFold<arith::MinUIOp>(loc, lhs, rhs);
  }
  Value before(Value count) {
    return b.createOrFold<arith::SubIOp>(loc, count, constant(1));
  }
  Value isBelow(Value at, Value end) {
    return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ult, at,
                                         end);
  }
  Value both(Value lhs, Value rhs) {
    return b.createOrFold<arith::AndIOp>(loc, lhs, rhs);
  }

  /// Memory that the block's threads share, and a part of it.
  void allocate(int64_t bytes);
  Value buffer(ArrayRef<int64_t> shape, Type element, int64_t offset);

  void place(Coordinates &at, ArrayRef<int64_t> dims, Value position) {
    k.place(at, nest, dims, position, memory);
  }
  /// An element of the tile in the kernel's results.
  Coordinates placeInResult(Value row, Value column);
  /// What an operand of the product has for an element of the result and a step
  /// of its sum.
  Coordinates placeInOperand(unsigned operand, ArrayRef<Index> at, Value step);
  FailureOr<Value> operandElement(unsigned operand, ArrayRef<Index> at,
                                  Value step) {
    return k.element(op->getOperand(operand), placeInOperand(operand, at, step),
                     Lanes());
  }

  GPUKernel &k;
  OpBuilder &b;
  Location loc;
  const Nest &nest;
  const ThreadTiles &tiles;
  Value memory, thread, shared;
  Value rows, columns, firstRow, firstColumn;
  Coordinates outerAt;
  linalg::GenericOp op;          // the product
  Type type;                     // of its sums
  SmallVector<unsigned> reduced; // its loops, and the extents of all of them
  SmallVector<Value> extents;
  Value length; // of the sums

private:
  Value size(ArrayRef<int64_t> dims);
};

} // namespace mlir::act

#endif // ACT_LIB_CONVERSION_GPUTILES_H
