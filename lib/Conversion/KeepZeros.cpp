// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"

namespace mlir::act {
#define GEN_PASS_DEF_KEEPZEROS
#include "act-mlir/Conversion/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

bool isZero(Value value) { return matchPattern(value, m_AnyZeroFloat()); }

/// The extended number that a select compares with zero and chooses or not;
/// null if the select is another one.
LLVM::FPExtOp comparedWithZero(LLVM::SelectOp select) {
  auto compare = select.getCondition().getDefiningOp<LLVM::FCmpOp>();
  if (!compare)
    return {};
  Value lhs = compare.getLhs(), rhs = compare.getRhs();
  Value number = isZero(lhs) ? rhs : lhs, zero = isZero(lhs) ? lhs : rhs;
  Value yes = select.getTrueValue(), no = select.getFalseValue();
  bool chooses = (yes == number && isZero(no)) || (no == number && isZero(yes));
  return isZero(zero) && chooses ? number.getDefiningOp<LLVM::FPExtOp>()
                                 : LLVM::FPExtOp();
}

struct KeepZerosPass : public act::impl::KeepZerosBase<KeepZerosPass> {
  void runOnOperation() override {
    SmallVector<LLVM::SelectOp> selects;
    getOperation()->walk([&](LLVM::SelectOp select) {
      if (comparedWithZero(select))
        selects.push_back(select);
    });
    for (LLVM::SelectOp select : selects) {
      LLVM::FPExtOp number = comparedWithZero(select);
      OpBuilder b(select);
      Value fence =
          LLVM::CallIntrinsicOp::create(
              b, select.getLoc(), number.getType(),
              b.getStringAttr("llvm.arithmetic.fence"), ValueRange(number))
              .getResult(0);
      Operation *compare = b.clone(*select.getCondition().getDefiningOp());
      compare->replaceUsesOfWith(number, fence);
      select->replaceUsesOfWith(number, fence);
      select.getConditionMutable().assign(compare->getResult(0));
    }
  }
};

} // namespace
