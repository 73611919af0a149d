// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Target/PTX.h"
#include "act-mlir/Conversion/Passes.h"
#include "act-mlir/Pipelines/Pipelines.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::act;

FailureOr<PTXProgram> mlir::act::compileToPTX(ModuleOp module,
                                              const PTXOptions &options) {
  auto run = [&](auto build) -> LogicalResult {
    PassManager passes(module.getContext());
    if (options.instrument && failed(options.instrument(passes)))
      return failure();
    build(passes);
    return passes.run(module);
  };
  NVVMPipelineOptions pipeline;
  pipeline.accuracy = options.accuracy;
  pipeline.raise = options.raise;
  pipeline.roundOnce = options.roundOnce;
  pipeline.reproducible = options.reproducible;
  pipeline.chip = options.chip;
  pipeline.format = "none";
  if (failed(run([&](PassManager &passes) {
        buildLowerToNVVMPipeline(passes, pipeline);
      })))
    return failure();
  PTXProgram program;
  for (auto kernels : module.getOps<gpu::GPUModuleOp>())
    for (auto func : kernels.getOps<LLVM::LLVMFuncOp>()) {
      auto size = func->getAttrOfType<DenseI32ArrayAttr>(
          NVVM::NVVMDialect::getMaxntidAttrName());
      if (func->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()) && size)
        program.kernels.push_back(
            {func.getName().str(), size[0],
             func->getAttrOfType<StringAttr>(kGPUPlanAttr).str()});
    }
  if (program.kernels.empty())
    return emitError(module.getLoc(), "the program has no kernels for a GPU");
  GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = "isa";
  if (failed(run([&](PassManager &passes) {
        passes.addPass(createGpuModuleToBinaryPass(binary));
      })))
    return failure();
  for (auto kernels : module.getOps<gpu::BinaryOp>())
    for (auto object : kernels.getObjects().getAsRange<gpu::ObjectAttr>())
      program.text += object.getObject().getValue();
  return program;
}
