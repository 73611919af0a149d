// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The contracts between stages: what may be there after each of them.

#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSwitch.h"

namespace mlir::act {
#define GEN_PASS_DEF_VERIFYSTAGE
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

template <typename... Dialects>
bool isOf(Operation *op) {
  return isa_and_present<Dialects...>(op->getDialect());
}

bool inKernel(Operation *op) {
  return op->getParentOfType<KernelOp>() != nullptr;
}

bool hasTensor(Operation *op) {
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  return llvm::any_of(op->getOperandTypes(), isTensor) ||
         llvm::any_of(op->getResultTypes(), isTensor);
}

/// Kernels, and outside of them only what allocates, views and asks sizes.
bool isFused(Operation *op) {
  if (inKernel(op) || isa<KernelOp>(op))
    return true;
  if (isOf<ActDialect, math::MathDialect>(op) || isa<ActivationOpInterface>(op))
    return false;
  if (isOf<linalg::LinalgDialect>(op))
    return isa<linalg::FillOp>(op) ||
           isa_and_present<linalg::FillOp>(op->getParentOp());
  return !isOf<arith::ArithDialect>(op) || isa<arith::ConstantOp>(op) ||
         !hasTensor(op);
}

bool isBufferized(Operation *op) { return inKernel(op) || !hasTensor(op); }

bool isVectorized(Operation *op) {
  return !isa<KernelOp>(op) && !isOf<linalg::LinalgDialect>(op) &&
         !hasTensor(op);
}

/// IEEE operations of `math` are machine code; its rarer functions, which have
/// no kernel, are libm's.
bool isExpanded(Operation *op) {
  return isVectorized(op) && !isOf<ActDialect>(op) &&
         !isa<ActivationOpInterface>(op);
}

bool isLowered(Operation *op) {
  return isOf<LLVM::LLVMDialect>(op) || isa<ModuleOp>(op);
}

using Contract = bool (*)(Operation *);

struct VerifyStagePass : public act::impl::VerifyStageBase<VerifyStagePass> {
  using VerifyStageBase::VerifyStageBase;

  void runOnOperation() override {
    auto contract = llvm::StringSwitch<Contract>(stage)
                        .Case("fuse", isFused)
                        .Case("bufferize", isBufferized)
                        .Case("tile", isBufferized)
                        .Case("vectorize", isVectorized)
                        .Case("expand", isExpanded)
                        .Case("lower", isLowered)
                        .Default(nullptr);
    if (!contract) {
      getOperation().emitError("no contract for stage '") << stage << "'";
      return signalPassFailure();
    }
    // All of it in one error: what LLVM cannot take would abort the host.
    llvm::MapVector<StringRef, SmallVector<Operation *>> left;
    getOperation().walk([&](Operation *op) {
      if (!contract(op))
        left[op->getName().getStringRef()].push_back(op);
    });
    if (left.empty())
      return;
    InFlightDiagnostic error =
        emitError(left.front().second.front()->getLoc())
        << "operations that must not be there after the stage '" << stage
        << "':";
    for (auto &[name, ops] : left) {
      error << " " << name << " (" << ops.size() << ")";
      error.attachNote(ops.front()->getLoc())
          << "first " << name << ", on "
          << (ops.front()->getNumOperands()
                  ? ops.front()->getOperand(0).getType()
                  : Type(NoneType::get(&getContext())));
    }
    error.report();
    signalPassFailure();
  }
};

} // namespace
