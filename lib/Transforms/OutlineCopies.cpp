// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::act {
#define GEN_PASS_DEF_OUTLINECOPIES
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// A kernel from memrefs or scalars to one memref. `body` gets the arguments,
/// the last of which is the destination.
void makeKernel(OpBuilder &b, Location loc, Value input, Value output,
                function_ref<Value(OpBuilder &, ValueRange)> body) {
  OpBuilder::InsertionGuard guard(b);
  auto kernel =
      KernelOp::create(b, loc, TypeRange(), ValueRange(input), output);
  Block *block = b.createBlock(&kernel.getBody());
  for (Value operand : kernel->getOperands()) {
    Type type = operand.getType();
    if (auto memref = dyn_cast<MemRefType>(type))
      type = RankedTensorType::get(memref.getShape(), memref.getElementType());
    block->addArgument(type, loc);
  }
  YieldOp::create(b, loc, body(b, block->getArguments()));
}

/// The memref before casts, which hide its layout and fold away later.
Value beforeCasts(Value value) {
  while (auto cast = value.getDefiningOp<memref::CastOp>())
    value = cast.getSource();
  return value;
}

/// Whether a copy is one block of memory, for which there is memcpy.
bool isBlock(memref::CopyOp copy) {
  auto plain = [](Value value) {
    value = beforeCasts(value);
    return cast<MemRefType>(value.getType()).getLayout().isIdentity();
  };
  return plain(copy.getSource()) && plain(copy.getTarget());
}

Value copyElements(OpBuilder &b, Location loc, Value source, Value into) {
  auto type = cast<RankedTensorType>(into.getType());
  AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> loops(type.getRank(),
                                         utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, loc, type, source, into,
             ArrayRef<AffineMap>{identity, identity}, loops,
             [](OpBuilder &b, Location loc, ValueRange elements) {
               linalg::YieldOp::create(b, loc, elements.front());
             })
      .getResult(0);
}

struct OutlineCopiesPass
    : public act::impl::OutlineCopiesBase<OutlineCopiesPass> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<KernelOp>(op))
        return WalkResult::skip();
      if (isa<memref::CopyOp, linalg::FillOp>(op))
        ops.push_back(op);
      return WalkResult::advance();
    });
    for (Operation *op : ops) {
      OpBuilder b(op);
      Location loc = op->getLoc();
      if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        if (isBlock(copy))
          continue;
        makeKernel(b, loc, copy.getSource(), copy.getTarget(),
                   [&](OpBuilder &b, ValueRange args) {
                     return copyElements(b, loc, args[0], args[1]);
                   });
      } else {
        auto fill = cast<linalg::FillOp>(op);
        if (!fill.hasPureBufferSemantics())
          continue;
        makeKernel(b, loc, fill.getInputs()[0], fill.getOutputs()[0],
                   [&](OpBuilder &b, ValueRange args) {
                     return linalg::FillOp::create(b, loc, args[0], args[1])
                         .getResult(0);
                   });
      }
      op->erase();
    }
  }
};

} // namespace
