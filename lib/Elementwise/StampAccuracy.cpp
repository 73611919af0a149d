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
    double ulps = 0;
    std::optional<AccuracyMode> mode = symbolizeAccuracyMode(accuracy);
    if (!mode && StringRef(accuracy).getAsDouble(ulps))
      mode = std::nullopt;
    else if (!mode)
      mode = AccuracyMode::Ulps;
    auto fail = [&] {
      getOperation()->emitError("unknown accuracy '")
          << accuracy
          << "', expected highest, precise, fast or a positive number of ULP";
      signalPassFailure();
    };
    if (!mode)
      return fail();
    auto stamp =
        AccuracyAttr::getChecked([&] { return getOperation()->emitError(); },
                                 &getContext(), *mode, APFloat(ulps));
    if (!stamp)
      return fail();
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
