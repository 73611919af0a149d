// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

namespace mlir::act {
#define GEN_PASS_DEF_SEPARATERESULTS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {
struct SeparateResultsPass
    : public act::impl::SeparateResultsBase<SeparateResultsPass> {
  void runOnOperation() override {
    getOperation().walk([](func::ReturnOp exit) {
      OpBuilder b(exit);
      llvm::SmallPtrSet<Value, 8> seen;
      for (OpOperand &operand : exit->getOpOperands()) {
        auto type = dyn_cast<RankedTensorType>(operand.get().getType());
        if (!type || seen.insert(operand.get()).second)
          continue;
        operand.set(bufferization::AllocTensorOp::create(
            b, exit.getLoc(), type, ValueRange(), operand.get()));
      }
    });
  }
};
} // namespace
