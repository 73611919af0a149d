// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::act {
#define GEN_PASS_DEF_EXTRACTWEIGHTS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {
struct ExtractWeightsPass
    : public act::impl::ExtractWeightsBase<ExtractWeightsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp entry = act::findEntry(module);
    if (!entry)
      return signalPassFailure();
    OpBuilder b(&getContext());
    auto bytesType = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
    DenseMap<Operation *, Value> weights;
    for (func::FuncOp function : {entry, findPrepare(entry)}) {
      if (!function)
        continue;
      unsigned last = function.getNumArguments();
      (void)function.insertArgument(last, bytesType, {}, function.getLoc());
      weights[function] = function.getArgument(last);
    }

    SmallVector<Attribute> values;
    SmallVector<int64_t> offsets;
    llvm::StringMap<int64_t> offsetOf;
    int64_t end = 0;
    for (auto global :
         llvm::make_early_inc_range(module.getOps<memref::GlobalOp>())) {
      std::optional<Attribute> value = global.getInitialValue();
      if (!global.getConstant() || !value || !isa<ElementsAttr>(*value))
        continue;
      MemRefType type = global.getType();
      offsetOf[global.getSymName()] = end;
      offsets.push_back(end);
      values.push_back(*value);
      int64_t bytes = type.getNumElements() *
                      llvm::divideCeil(type.getElementTypeBitWidth(), 8);
      end = llvm::alignTo(end + bytes, 64);
      global.erase();
    }
    WalkResult result = module.walk([&](memref::GetGlobalOp use) {
      auto known = offsetOf.find(use.getName());
      if (known == offsetOf.end())
        return WalkResult::advance();
      auto block = weights.find(use->getParentOfType<func::FuncOp>());
      if (block == weights.end()) {
        use.emitError("a constant is used outside of the entry point '")
            << entry.getName() << "'";
        return WalkResult::interrupt();
      }
      b.setInsertionPoint(use);
      Value offset =
          arith::ConstantIndexOp::create(b, use.getLoc(), known->second);
      Value view = memref::ViewOp::create(b, use.getLoc(), use.getType(),
                                          block->second, offset, ValueRange());
      use.replaceAllUsesWith(view);
      use.erase();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    module->setAttr(act::kWeightsAttr, b.getArrayAttr(values));
    module->setAttr(act::kWeightOffsetsAttr, b.getDenseI64ArrayAttr(offsets));
  }
};
} // namespace
