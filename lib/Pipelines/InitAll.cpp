// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/InitAll.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Transforms/Passes.h"

void mlir::act::registerAllDialects(DialectRegistry &registry) {
  registry.insert<ActDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

void mlir::act::registerAllPasses() {
  registerActTransformsPasses();
  registerActPipelines();
}
