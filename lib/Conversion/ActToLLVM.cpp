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

static bool isScalarActivation(Operation *op) {
  return isa<ActivationOpInterface>(op) &&
         !isa<TensorType>(op->getResult(0).getType());
}

namespace {

struct ToLLVM : ConvertToLLVMPatternInterface {
  using ConvertToLLVMPatternInterface::ConvertToLLVMPatternInterface;

  void loadDependentDialects(MLIRContext *context) const override {
    context->loadDialect<arith::ArithDialect, math::MathDialect,
                         LLVM::LLVMDialect>();
  }

  void populateConvertToLLVMConversionPatterns(
      ConversionTarget &target, LLVMTypeConverter &types,
      RewritePatternSet &patterns) const override {
    target.addDynamicallyLegalDialect<ActDialect>(
        [](Operation *op) { return !isScalarActivation(op); });
    // Activations of other dialects.
    target.markUnknownOpDynamicallyLegal(
        [](Operation *op) -> std::optional<bool> {
          return isScalarActivation(op) ? std::optional(false) : std::nullopt;
        });
    populateExpansionPatterns(patterns);
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
