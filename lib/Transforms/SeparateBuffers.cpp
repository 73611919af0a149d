// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::act {
#define GEN_PASS_DEF_SEPARATEBUFFERS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {

/// Each result becomes memory of the caller's own.
void separateResults(func::ReturnOp exit) {
  OpBuilder b(exit);
  llvm::SmallPtrSet<Value, 8> seen;
  for (OpOperand &operand : exit->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type || seen.insert(operand.get()).second)
      continue;
    operand.set(bufferization::AllocTensorOp::create(
        b, exit.getLoc(), type, ValueRange(), operand.get()));
  }
}

/// Filling memory again is cheaper than to copy what was filled once.
void separateFill(tensor::InsertSliceOp insert) {
  auto fill = insert.getDest().getDefiningOp<linalg::FillOp>();
  auto empty =
      fill ? fill.getOutputs()[0].getDefiningOp<tensor::EmptyOp>() : nullptr;
  if (!empty || fill->hasOneUse())
    return;
  OpBuilder b(insert);
  IRMapping mapping;
  b.clone(*empty, mapping);
  insert.getDestMutable().assign(b.clone(*fill, mapping)->getResult(0));
}

/// Each kernel writes to memory of its own. Where common subexpressions have
/// made one `tensor.empty` of many, bufferization would compare all uses with
/// each other.
void separateDestinations(act::KernelOp kernel) {
  for (OpOperand &output : kernel.getOutputsMutable()) {
    auto empty = output.get().getDefiningOp<tensor::EmptyOp>();
    if (empty && !empty->hasOneUse())
      output.set(OpBuilder(kernel).clone(*empty)->getResult(0));
  }
}

struct SeparateBuffersPass
    : public act::impl::SeparateBuffersBase<SeparateBuffersPass> {
  void runOnOperation() override {
    getOperation().walk(separateResults);
    getOperation().walk(separateFill);
    getOperation().walk(separateDestinations);
  }
};

} // namespace
