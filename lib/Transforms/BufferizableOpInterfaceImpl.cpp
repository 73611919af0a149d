// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Bufferization of `act.kernel`: an opaque destination-passing operation. Only
// its operands become memrefs; the body keeps saying what is computed.

#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::act;
using namespace mlir::bufferization;

namespace {

struct KernelBufferization
    : public DstBufferizableOpInterfaceExternalModel<KernelBufferization,
                                                     KernelOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    auto dst = cast<DestinationStyleOpInterface>(op);
    if (dst.isDpsInput(&operand))
      return true;
    // A destination is read where the body uses its initial value.
    BlockArgument argument =
        op->getRegion(0).getArgument(operand.getOperandNumber());
    return !argument.use_empty() && readsInit(argument);
  }

  bool bufferizesToMemoryWrite(Operation *op, OpOperand &operand,
                               const AnalysisState &) const {
    return cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  bool bufferizesToElementwiseAccess(Operation *, const AnalysisState &,
                                     ArrayRef<OpOperand *>) const {
    return false;
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto kernel = cast<KernelOp>(op);
    SmallVector<Value> inputs, outputs;
    for (OpOperand &operand : op->getOpOperands()) {
      Value value = operand.get();
      if (isa<TensorType>(value.getType())) {
        FailureOr<Value> buffer = getBuffer(rewriter, value, options, state);
        if (failed(buffer))
          return failure();
        value = *buffer;
      }
      if (kernel.isDpsInit(&operand))
        outputs.push_back(value);
      else
        inputs.push_back(value);
    }
    rewriter.setInsertionPoint(op);
    auto lowered =
        KernelOp::create(rewriter, op->getLoc(), TypeRange(), inputs, outputs);
    lowered->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    lowered.getBody().takeBody(kernel.getBody());
    replaceOpWithBufferizedValues(rewriter, op, outputs);
    return success();
  }

private:
  static bool readsInit(BlockArgument argument) {
    return llvm::any_of(argument.getUses(), [](OpOperand &use) {
      if (isa<tensor::DimOp>(use.getOwner()))
        return false;
      auto generic = dyn_cast<linalg::LinalgOp>(use.getOwner());
      return !generic || !generic.isDpsInit(&use) ||
             generic.payloadUsesValueFromOperand(&use);
    });
  }
};

} // namespace

void mlir::act::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ActDialect *) {
    KernelOp::attachInterface<KernelBufferization>(*context);
  });
}
