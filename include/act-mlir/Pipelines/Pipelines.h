// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The stages of the way from tensors to LLVM, as functions with options.

#ifndef ACT_MLIR_PIPELINES_PIPELINES_H
#define ACT_MLIR_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir {
namespace act {

struct LLVMPipelineOptions : public PassPipelineOptions<LLVMPipelineOptions> {
  Option<std::string> accuracy{
      *this, "accuracy",
      llvm::cl::desc("highest, precise, fast or a bound in ULP"),
      llvm::cl::init("precise")};
  Option<int64_t> vectorBits{
      *this, "vector-bits",
      llvm::cl::desc("width of the target's vector register in bits"),
      llvm::cl::init(512)};
};

/// Folds, canonical forms, common subexpressions.
void buildSimplifyPipeline(OpPassManager &pm);

/// One-shot bufferization across functions; results become the caller's
/// memory (destination passing).
void buildBufferizePipeline(OpPassManager &pm);

/// Kernels on memrefs, with `act` and `math` on vectors, to the LLVM dialect.
void buildLowerPipeline(OpPassManager &pm);

/// All stages, from tensors to the LLVM dialect.
void buildLowerToLLVMPipeline(OpPassManager &pm,
                              const LLVMPipelineOptions &options);

void registerActPipelines();

} // namespace act
} // namespace mlir

#endif // ACT_MLIR_PIPELINES_PIPELINES_H
