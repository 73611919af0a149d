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

/// From kernels on tensors to kernels in a `gpu.module`, without `act` and
/// `math` functions, and a host function that launches them.
static void buildKernels(OpPassManager &pm, const LLVMPipelineOptions &options,
                         bool tensorCores) {
  buildStage(pm, Stage::Bufferize, options);
  buildStage(pm, Stage::Tile, options);
  ConvertActToGPUOptions convert;
  convert.tensorCores = tensorCores && !options.reproducible;
  pm.addPass(createConvertActToGPU(convert));
  // The functions that kernels had of their own launch them now.
  pm.addPass(createInlinerPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  buildStage(pm, Stage::Expand, options);
  pm.addNestedPass<gpu::GPUModuleOp>(createExpandGPUQuotients());
}

void mlir::act::buildLowerToNVVMPipeline(OpPassManager &pm,
                                         const NVVMPipelineOptions &options) {
  LLVMPipelineOptions stages;
  stages.accuracy = options.accuracy;
  stages.raise = options.raise;
  stages.roundOnce = options.roundOnce;
  stages.reproducible = options.reproducible;
  stages.pack = false;
  for (Stage stage : stagesBeforeTarget())
    buildStage(pm, stage, stages);
  buildKernels(pm, stages, hasTensorCores(options.chip));
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
  kernels.addPass(createKeepZeros());
  if (options.format == "none")
    return;
  GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = options.format;
  pm.addPass(createGpuModuleToBinaryPass(binary));
}

void mlir::act::buildGPUExecutorStages(OpPassManager &pm,
                                       const LLVMPipelineOptions &options) {
  buildKernels(pm, options, /*tensorCores=*/true);
  pm.addPass(createConvertGPUKernelsToHost());
  buildStage(pm, Stage::Lower, options);
}

void mlir::act::registerGPUPipelines() {
  PassPipelineRegistration<NVVMPipelineOptions>(
      "act-lower-to-nvvm-pipeline",
      "All stages, from tensors to PTX in a gpu.binary",
      buildLowerToNVVMPipeline);
  PassPipelineRegistration<LLVMPipelineOptions>(
      "act-lower-to-gpu-executor-pipeline",
      "All stages, from tensors to GPU kernels that the CPU executes",
      [](OpPassManager &pm, const LLVMPipelineOptions &options) {
        LLVMPipelineOptions unpacked;
        unpacked.copyOptionValuesFrom(options);
        unpacked.pack = false;
        for (Stage stage : stagesBeforeTarget())
          buildStage(pm, stage, unpacked);
        buildGPUExecutorStages(pm, options);
      });
}
