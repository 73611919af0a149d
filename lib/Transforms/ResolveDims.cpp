// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/OpDefinition.h"

namespace mlir::act {
#define GEN_PASS_DEF_RESOLVEDIMS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {
struct ResolveDimsPass : public act::impl::ResolveDimsBase<ResolveDimsPass> {
  void runOnOperation() override {
    getOperation()->walk([](tensor::DimOp dim) {
      Value source = dim.getSource();
      while (Operation *producer = source.getDefiningOp()) {
        if (!OpTrait::hasElementwiseMappableTraits(producer))
          break;
        Value next;
        for (Value operand : producer->getOperands())
          if (isa<RankedTensorType>(operand.getType()))
            next = operand;
        if (!next)
          break;
        source = next;
      }
      dim.getSourceMutable().assign(source);
    });
  }
};
} // namespace
