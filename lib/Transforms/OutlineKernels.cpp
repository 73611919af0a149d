// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Fusion.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::act {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// Moves a kernel into a function of its own and calls that. Constants go
/// along: kernels that differ in one are different kernels. So are kernels
/// that name one buffer twice, and those that name two.
/// LLVM must not put the function back into each of its calls; the conversion
/// of functions has this way to say so.
void outline(KernelOp kernel, func::FuncOp parent, SymbolTable &symbols) {
  llvm::SmallSetVector<Value, 8> arguments;
  SmallVector<Operation *> constants;
  for (Value operand : kernel->getOperands()) {
    Operation *op = operand.getDefiningOp();
    if (op && op->hasTrait<OpTrait::ConstantLike>())
      constants.push_back(op);
    else
      arguments.insert(operand);
  }

  Location loc = kernel.getLoc();
  OpBuilder b(kernel);
  auto function = func::FuncOp::create(
      loc, (parent.getName() + "_kernel").str(),
      b.getFunctionType(TypeRange(arguments.getArrayRef()), {}));
  function.setPrivate();
  function->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(b.getContext(), LLVM::Linkage::Internal));
  function->setAttr("passthrough", b.getStrArrayAttr({"noinline"}));
  symbols.insert(function);
  func::CallOp::create(b, loc, function, arguments.getArrayRef());

  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  IRMapping mapping;
  mapping.map(arguments.getArrayRef(), body->getArguments());
  for (Operation *constant : constants)
    b.clone(*constant, mapping);
  b.clone(*kernel, mapping);
  func::ReturnOp::create(b, loc);
  kernel.erase();
}

struct OutlineKernelsPass
    : public act::impl::OutlineKernelsBase<OutlineKernelsPass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto function :
         llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      SmallVector<KernelOp> kernels;
      function.walk([&](KernelOp kernel) { kernels.push_back(kernel); });
      for (KernelOp kernel : kernels) {
        // Decisions have been reported; where they were made tells equal
        // kernels apart.
        kernel->removeAttr(kFusionAttr);
        if (kernels.size() > 1)
          outline(kernel, function, symbols);
      }
    }
  }
};

} // namespace
