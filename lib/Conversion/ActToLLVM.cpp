// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Conversion/ActToLLVM.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Expansion.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ConvertToLLVM/ToLLVMInterface.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::act;

namespace {

/// %y = act.gelu %x : vector<8xf32>  becomes arith and math.fma, which the same
/// conversion takes further.
struct ExpandActivation : OpInterfaceConversionPattern<ActivationOpInterface> {
  using OpInterfaceConversionPattern::OpInterfaceConversionPattern;

  LogicalResult
  matchAndRewrite(ActivationOpInterface op, ArrayRef<Value>,
                  ConversionPatternRewriter &rewriter) const override {
    if (isa<TensorType>(op->getResult(0).getType()))
      return rewriter.notifyMatchFailure(op, "is on tensors");
    FailureOr<Value> value = Expansion().expand(rewriter, op);
    if (failed(value))
      return failure();
    rewriter.replaceOp(op, *value);
    return success();
  }
};

struct ToLLVM : ConvertToLLVMPatternInterface {
  using ConvertToLLVMPatternInterface::ConvertToLLVMPatternInterface;

  void loadDependentDialects(MLIRContext *context) const override {
    context->loadDialect<arith::ArithDialect, math::MathDialect,
                         LLVM::LLVMDialect>();
  }

  void populateConvertToLLVMConversionPatterns(
      ConversionTarget &target, LLVMTypeConverter &types,
      RewritePatternSet &patterns) const override {
    target.addDynamicallyLegalDialect<ActDialect>([](Operation *op) {
      return !isa<ActivationOpInterface>(op) ||
             isa<TensorType>(op->getResult(0).getType());
    });
    patterns.add<ExpandActivation>(types, patterns.getContext());
    // What a kernel is made of.
    arith::populateArithToLLVMConversionPatterns(types, patterns);
    populateMathToLLVMConversionPatterns(types, patterns);
  }
};

} // namespace

void mlir::act::registerConvertToLLVMInterface(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, ActDialect *dialect) {
    dialect->addInterfaces<ToLLVM>();
  });
}
