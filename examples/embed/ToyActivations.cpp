// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// toy.flick as an activation of act-mlir. This is all that it takes to fuse,
// fold, vectorize, differentiate and bound it.

#include "Toy.h"
#include "act-mlir/IR/Act.h"

using namespace mlir;
using act::ActivationOpInterface;
using act::numerics::Function;

namespace {

struct FlickModel
    : ActivationOpInterface::ExternalModel<FlickModel, toy::FlickOp> {
  // x sigmoid(beta x), which has kernels.
  Function getFunction(Operation *) const { return Function::Silu; }
  SmallVector<double> getParameters(Operation *op) const {
    return {cast<toy::FlickOp>(op).getSharpness().convertToDouble()};
  }
};

} // namespace

void toy::registerActivations(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ToyDialect *) {
    context->loadDialect<act::ActDialect>();
    FlickOp::attachInterface<FlickModel>(*context);
  });
}
