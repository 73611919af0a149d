// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::act {
#define GEN_PASS_DEF_MASKBFLOAT16
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {
struct MaskBFloat16Pass : public act::impl::MaskBFloat16Base<MaskBFloat16Pass> {
  void runOnOperation() override {
    getOperation().walk([](LLVM::MaskedLoadOp load) { rewrite(load); });
  }

private:
  /// The vector of integers in the place of a vector of bf16, else null.
  static Type integers(Type type) {
    auto vector = dyn_cast<VectorType>(type);
    if (!vector || !vector.getElementType().isBF16())
      return {};
    return vector.clone(IntegerType::get(type.getContext(), 16));
  }

  static void rewrite(LLVM::MaskedLoadOp load) {
    Type type = load.getResult().getType(), as = integers(type);
    if (!as)
      return;
    OpBuilder b(load);
    Location loc = load.getLoc();
    Value otherwise = LLVM::BitcastOp::create(b, loc, as, load.getPassThru());
    Value bits =
        LLVM::MaskedLoadOp::create(b, loc, as, load.getData(), load.getMask(),
                                   otherwise, load.getAlignment());
    load.replaceAllUsesWith(
        LLVM::BitcastOp::create(b, loc, type, bits).getResult());
    load.erase();
  }
};
} // namespace
