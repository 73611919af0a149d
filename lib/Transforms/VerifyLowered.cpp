// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::act {
#define GEN_PASS_DEF_VERIFYLOWERED
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {
struct VerifyLoweredPass
    : public act::impl::VerifyLoweredBase<VerifyLoweredPass> {
  void runOnOperation() override {
    // LLVM's own errors abort the host: whatever it cannot take stops here,
    // all of it in one error.
    llvm::MapVector<StringRef, SmallVector<Location>> left;
    getOperation().walk([&](Operation *op) {
      if (!isa<ModuleOp>(op) && !isa_and_present<LLVM::LLVMDialect>(op->getDialect()))
        left[op->getName().getStringRef()].push_back(op->getLoc());
    });
    if (left.empty())
      return;
    InFlightDiagnostic error = emitError(left.front().second.front())
                               << "operations that the LLVM target cannot take:";
    for (auto &[name, locs] : left) {
      error << " " << name << " (" << locs.size() << ")";
      error.attachNote(locs.front()) << "first " << name;
    }
    error.report();
    signalPassFailure();
  }
};
} // namespace
