// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::act;

void mlir::act::buildSimplifyPipeline(OpPassManager &pm) {
  // Extents of results become extents of arguments: a use of a result only to
  // ask for its size would keep two operations apart.
  pm.addPass(createResolveDims());
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::act::buildBufferizePipeline(OpPassManager &pm) {
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(createBufferizeKernels());
  bufferization::BufferResultsToOutParamsPassOptions results;
  results.modifyPublicFunctions = true;
  results.hoistStaticAllocs = true;
  results.hoistDynamicAllocs = true;
  pm.addPass(bufferization::createBufferResultsToOutParamsPass(results));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::act::buildLowerPipeline(OpPassManager &pm) {
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createPackEntry());
  pm.addPass(createVerifyLowered());
}

void mlir::act::buildLowerToLLVMPipeline(OpPassManager &pm,
                                         const LLVMPipelineOptions &options) {
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  pm.addPass(createAddShapeFunction());
  buildSimplifyPipeline(pm);
  pm.addNestedPass<func::FuncOp>(createFuse());
  buildSimplifyPipeline(pm);
  buildBufferizePipeline(pm);
  pm.addPass(createPlanWorkspace());
  TileOptions tile;
  tile.vectorBits = options.vectorBits;
  pm.addNestedPass<func::FuncOp>(createTile(tile));
  pm.addNestedPass<func::FuncOp>(createVectorize());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  ExpandOpsOptions expand;
  expand.accuracy = options.accuracy;
  pm.addPass(createExpandOps(expand));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  buildLowerPipeline(pm);
}

void mlir::act::registerActPipelines() {
  PassPipelineRegistration<>("act-simplify",
                             "Folds, canonical forms, shapes resolved",
                             buildSimplifyPipeline);
  PassPipelineRegistration<>("act-bufferize",
                             "Tensors to memrefs, results to the caller's memory",
                             buildBufferizePipeline);
  PassPipelineRegistration<>("act-lower",
                             "Kernels on vectors and memrefs to the LLVM dialect",
                             buildLowerPipeline);
  PassPipelineRegistration<LLVMPipelineOptions>(
      "act-lower-to-llvm-pipeline", "All stages, from tensors to the LLVM dialect",
      buildLowerToLLVMPipeline);
}
