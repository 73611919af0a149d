// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::act {
#define GEN_PASS_DEF_ADDSHAPEFUNCTION
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

func::FuncOp mlir::act::findEntry(ModuleOp module) {
  func::FuncOp entry;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic() || func.isDeclaration() || func->hasAttr("act.helper"))
      continue;
    if (entry) {
      InFlightDiagnostic error =
          func.emitError("a program has a single public function, but '")
          << func.getName() << "' and '" << entry.getName() << "' are public";
      error.attachNote(entry.getLoc()) << "the other one";
      return {};
    }
    entry = func;
  }
  if (!entry)
    module.emitError("no entry point: a program needs a public func.func with "
                     "a body");
  return entry;
}

namespace {
struct AddShapeFunctionPass
    : public act::impl::AddShapeFunctionBase<AddShapeFunctionPass> {
  void runOnOperation() override {
    func::FuncOp entry = act::findEntry(getOperation());
    if (!entry)
      return signalPassFailure();
    if (!entry.getBody().hasOneBlock()) {
      entry.emitError("an entry point has one block");
      return signalPassFailure();
    }
    OpBuilder b(&getContext());
    UnitAttr unit = b.getUnitAttr();
    entry->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(), unit);
    func::FuncOp shapes = entry.clone();
    shapes.setName((entry.getName() + "_shapes").str());
    shapes->setAttr("act.helper", unit);
    b.setInsertionPointAfter(entry);
    b.insert(shapes);
    Operation *exit = shapes.getBody().front().getTerminator();
    b.setInsertionPoint(exit);
    SmallVector<Value> extents;
    for (Value result : exit->getOperands()) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      if (!type) {
        entry.emitError("results of an entry point are ranked tensors, got ")
            << result.getType();
        return signalPassFailure();
      }
      for (int64_t i = 0; i < type.getRank(); ++i)
        extents.push_back(
            b.createOrFold<tensor::DimOp>(exit->getLoc(), result, i));
    }
    func::ReturnOp::create(b, exit->getLoc(), extents);
    exit->erase();
    shapes.setType(b.getFunctionType(entry.getArgumentTypes(),
                                     ValueRange(extents).getTypes()));
    shapes.removeResAttrsAttr();
  }
};
} // namespace
