// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Conversion/Passes.h"
#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::act;

void mlir::act::buildGPUKernelPipeline(OpPassManager &pm,
                                       const std::string &accuracy) {
  LLVMPipelineOptions stages;
  stages.accuracy = accuracy;
  for (Stage stage :
       {Stage::Simplify, Stage::Fuse, Stage::Bufferize, Stage::Tile})
    buildStage(pm, stage, stages);
  pm.addPass(createConvertActToGPU());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  buildStage(pm, Stage::Expand, stages);
}

void mlir::act::buildLowerToNVVMPipeline(OpPassManager &pm,
                                         const NVVMPipelineOptions &options) {
  buildGPUKernelPipeline(pm, options.accuracy);
  AttachNVVMTargetOptions target;
  target.chip = options.chip;
  pm.addPass(createAttachNVVMTarget(target));
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createConvertGPUKernelsToNVVM());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  if (options.format == "none")
    return;
  GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = options.format;
  pm.addPass(createGpuModuleToBinaryPass(binary));
}

void mlir::act::buildLowerToGPUExecutorPipeline(
    OpPassManager &pm, const NVVMPipelineOptions &options) {
  buildGPUKernelPipeline(pm, options.accuracy);
  pm.addPass(createConvertGPUKernelsToHost());
  buildLowerPipeline(pm);
}

void mlir::act::registerGPUPipelines() {
  PassPipelineRegistration<NVVMPipelineOptions>(
      "act-lower-to-nvvm-pipeline",
      "All stages, from tensors to PTX in a gpu.binary",
      buildLowerToNVVMPipeline);
  PassPipelineRegistration<NVVMPipelineOptions>(
      "act-lower-to-gpu-executor-pipeline",
      "All stages, from tensors to GPU kernels that the CPU executes",
      buildLowerToGPUExecutorPipeline);
}
