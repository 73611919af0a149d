// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Elementwise/Passes.h"
#include "act-mlir/Elementwise/ScalarEvaluation.h"
#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace mlir::act {
#define GEN_PASS_DEF_STAMPACCURACY
#include "act-mlir/Elementwise/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

struct StampAccuracyPass
    : public act::impl::StampAccuracyBase<StampAccuracyPass> {
  using StampAccuracyBase::StampAccuracyBase;

  void runOnOperation() override {
    auto option = AccuracyAttr::parseOption(
        accuracy, [&] { return getOperation()->emitError(); });
    if (failed(option))
      return signalPassFailure();
    auto stamp = AccuracyAttr::get(&getContext(), option->first,
                                   APFloat(option->second));
    getOperation()->walk([&](Operation *op) {
      bool isRow =
          isa_and_present<ActDialect>(op->getDialect()) &&
          llvm::is_contained(op->getName().getAttributeNames(), "accuracy");
      if ((isRow || isa<ActivationOpInterface>(op) || getMathFunction(op)) &&
          !op->hasAttr("accuracy"))
        op->setAttr("accuracy", stamp);
    });
  }
};

} // namespace
