// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Where no arithmetic on bf16 is left, its bits are all that is moved: as
// integers, since targets without bf16 vectors take others apart.

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace mlir::act {
#define GEN_PASS_DEF_BFLOAT16TOINTEGERS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {

/// Whether an operation takes bits from one place to another, and no more.
bool moves(Operation *op) {
  return isa<LLVM::LoadOp, LLVM::StoreOp, LLVM::MaskedLoadOp,
             LLVM::MaskedStoreOp, LLVM::masked_gather, LLVM::masked_scatter,
             LLVM::masked_expandload, LLVM::masked_compressstore,
             LLVM::BitcastOp, LLVM::SelectOp, LLVM::FreezeOp, LLVM::ConstantOp,
             LLVM::ZeroOp, LLVM::UndefOp, LLVM::PoisonOp, LLVM::AllocaOp,
             LLVM::GEPOp, LLVM::InsertElementOp, LLVM::ExtractElementOp,
             LLVM::InsertValueOp, LLVM::ExtractValueOp, LLVM::ShuffleVectorOp,
             LLVM::vector_insert, LLVM::vector_extract, LLVM::BrOp,
             LLVM::CondBrOp, LLVM::SwitchOp, LLVM::ReturnOp, LLVM::CallOp,
             LLVM::LLVMFuncOp, LLVM::GlobalOp>(op);
}

bool isBF16(Type type) { return getElementTypeOrSelf(type).isBF16(); }

struct BFloat16ToIntegersPass
    : public act::impl::BFloat16ToIntegersBase<BFloat16ToIntegersPass> {
  void runOnOperation() override {
    SmallVector<LLVM::CallIntrinsicOp> products;
    WalkResult result = getOperation().walk([&](Operation *op) {
      if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op);
          call &&
          call.getIntrin().starts_with("llvm.x86.avx512bf16.dpbf16ps")) {
        products.push_back(call);
        return WalkResult::advance();
      }
      if (moves(op) || (llvm::none_of(op->getOperandTypes(), isBF16) &&
                        llvm::none_of(op->getResultTypes(), isBF16)))
        return WalkResult::advance();
      op->emitOpError("computes on bf16: act-expand-ops takes that apart");
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    AttrTypeReplacer replacer;
    auto i16 = IntegerType::get(&getContext(), 16);
    replacer.addReplacement([=](BFloat16Type) -> Type { return i16; });
    replacer.addReplacement([=](FloatAttr value) -> std::optional<Attribute> {
      if (!value.getType().isBF16())
        return std::nullopt;
      return IntegerAttr::get(i16, value.getValue().bitcastToAPInt());
    });
    replacer.addReplacement(
        [=](DenseElementsAttr values) -> std::optional<Attribute> {
          if (!values.getElementType().isBF16())
            return std::nullopt;
          return values.bitcast(i16);
        });
    // What stands on the module is for the compiler, not for LLVM.
    for (Operation &op : *getOperation().getBody())
      replacer.recursivelyReplaceElementsIn(&op, /*replaceAttrs=*/true,
                                            /*replaceLocs=*/false,
                                            /*replaceTypes=*/true);
    // Where these instructions are, so are vectors of bf16.
    for (LLVM::CallIntrinsicOp product : products) {
      OpBuilder b(product);
      for (OpOperand &operand : product->getOpOperands().drop_front()) {
        auto type = cast<VectorType>(operand.get().getType());
        operand.set(LLVM::BitcastOp::create(
            b, product.getLoc(), type.clone(b.getBF16Type()), operand.get()));
      }
    }
    getOperation().walk([](LLVM::BitcastOp cast) {
      if (cast.getArg().getType() != cast.getType())
        return;
      cast.replaceAllUsesWith(cast.getArg());
      cast.erase();
    });
  }
};

} // namespace
