// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Conversion/Passes.h"
#include "act-mlir/Elementwise/Passes.h"
#include "act-mlir/Packing/Passes.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::act;

static void buildCanonical(OpPassManager &pm) {
  // Extents of results become extents of arguments: a use of a result only to
  // ask for its size would keep two operations apart.
  pm.addPass(createResolveDims());
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void buildSimplify(OpPassManager &pm,
                          const LLVMPipelineOptions &options) {
  pm.addPass(createVerifyInput());
  if (options.reproducible) {
    // Before anything folds.
    StampAccuracyOptions stamp;
    stamp.accuracy = options.accuracy;
    pm.addPass(createStampAccuracy(stamp));
  }
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  pm.addPass(createAddShapeFunction());
  buildCanonical(pm);
}

static void buildRaise(OpPassManager &pm, const LLVMPipelineOptions &options) {
  if (!options.raise)
    return;
  pm.addPass(createRaise());
  buildCanonical(pm);
}

static void buildFuse(OpPassManager &pm, const LLVMPipelineOptions &options) {
  // What weights alone decide is no part of kernels that run in each call.
  if (options.pack)
    pm.addPass(createOutlineConstants());
  pm.addPass(createDecomposeTensorOps());
  pm.addNestedPass<func::FuncOp>(createFuse());
  if (options.roundOnce)
    pm.addPass(createRoundOnce());
  buildCanonical(pm);
  pm.addPass(createVerifyFused());
  pm.addPass(createReportFusion());
  if (!options.pack)
    return;
  pm.addNestedPass<func::FuncOp>(createChannelsLast());
  PackWeightsOptions weights;
  weights.bf16Pairs = options.bf16Dot;
  pm.addPass(createPackWeights(weights));
  pm.addNestedPass<func::FuncOp>(createPackOperands());
  buildCanonical(pm);
  pm.addPass(createOutlineConstants());
}

static void buildBufferize(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createSeparateBuffers());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  pm.addPass(createBufferizeKernels());
  bufferization::BufferResultsToOutParamsPassOptions results;
  results.modifyPublicFunctions = true;
  results.hoistStaticAllocs = true;
  results.hoistDynamicAllocs = true;
  pm.addPass(bufferization::createBufferResultsToOutParamsPass(results));
  // A copy of a view to itself is none.
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createOutlineCopies());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createPlanWorkspace());
  pm.addPass(createExtractWeights());
}

static void buildTile(OpPassManager &pm, const LLVMPipelineOptions &options) {
  TileOptions tile;
  tile.vectorBits = options.vectorBits;
  tile.parallel = options.parallel;
  tile.bf16Dot = options.bf16Dot;
  tile.accuracy = options.accuracy;
  pm.addNestedPass<func::FuncOp>(createTile(tile));
  // Layers that repeat are compiled once.
  pm.addPass(createOutlineKernels());
  pm.addPass(func::createDuplicateFunctionEliminationPass());
}

static void buildVectorize(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createVectorize());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void buildExpand(OpPassManager &pm, const LLVMPipelineOptions &options) {
  if (options.probes) {
    AddProbesOptions probes;
    probes.accuracy = options.accuracy;
    pm.addPass(createAddProbes(probes));
  }
  ExpandOpsOptions expand;
  expand.accuracy = options.accuracy;
  pm.addPass(createExpandOps(expand));
  // Expansions repeat their constants. The canonicalizer visits every loop
  // around an operation that it changes, body and all: with thousands of equal
  // constants in a long body that is quadratic. CSE is not.
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void buildLower(OpPassManager &pm, const LLVMPipelineOptions &options) {
  pm.addPass(createOutlineParallel());
  EmulateMasksOptions masks;
  masks.maskBits = options.maskBits;
  pm.addPass(createEmulateMasks(masks));
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addNestedPass<func::FuncOp>(createReinterpretReshapes());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  ConvertVectorToLLVMPassOptions vectors;
  vectors.x86Vector = true;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createKeepZeros());
  pm.addPass(createBFloat16ToIntegers());
  pm.addPass(createPackEntry());
}

StringRef mlir::act::stringifyStage(Stage stage) {
  switch (stage) {
  case Stage::Simplify:
    return "simplify";
  case Stage::Raise:
    return "raise";
  case Stage::Fuse:
    return "fuse";
  case Stage::Bufferize:
    return "bufferize";
  case Stage::Tile:
    return "tile";
  case Stage::Vectorize:
    return "vectorize";
  case Stage::Expand:
    return "expand";
  case Stage::Lower:
    return "lower";
  }
  llvm_unreachable("unknown stage");
}

std::optional<Stage> mlir::act::symbolizeStage(StringRef name) {
  for (Stage stage : kStages)
    if (stringifyStage(stage) == name)
      return stage;
  return std::nullopt;
}

static void addStage(OpPassManager &pm, Stage stage,
                     const LLVMPipelineOptions &options) {
  switch (stage) {
  case Stage::Simplify:
    return buildSimplify(pm, options);
  case Stage::Raise:
    return buildRaise(pm, options);
  case Stage::Fuse:
    return buildFuse(pm, options);
  case Stage::Bufferize:
    return buildBufferize(pm);
  case Stage::Tile:
    return buildTile(pm, options);
  case Stage::Vectorize:
    return buildVectorize(pm);
  case Stage::Expand:
    return buildExpand(pm, options);
  case Stage::Lower:
    return buildLower(pm, options);
  }
}

void mlir::act::buildStage(OpPassManager &pm, Stage stage,
                           const LLVMPipelineOptions &options) {
  addStage(pm, stage, options);
  // The input's contract is checked before the first stage; what is not
  // raised stays as it is.
  if (stage == Stage::Simplify || stage == Stage::Raise)
    return;
  VerifyStageOptions verify;
  verify.stage = stringifyStage(stage).str();
  pm.addPass(createVerifyStage(verify));
}

void mlir::act::buildLowerToLLVMPipeline(OpPassManager &pm,
                                         const LLVMPipelineOptions &options) {
  for (Stage stage : kStages)
    buildStage(pm, stage, options);
}

void mlir::act::registerActPipelines() {
  PassPipelineRegistration<LLVMPipelineOptions>(
      "act-simplify", "Folds, canonical forms, shapes resolved", buildSimplify);
  PassPipelineRegistration<>(
      "act-bufferize",
      "Tensors to memrefs, results to the caller's memory, one workspace",
      buildBufferize);
  PassPipelineRegistration<LLVMPipelineOptions>(
      "act-expand", "Every act and math operation becomes its kernel",
      buildExpand);
  PassPipelineRegistration<LLVMPipelineOptions>(
      "act-lower", "Kernels on vectors and memrefs to the LLVM dialect",
      buildLower);
  PassPipelineRegistration<LLVMPipelineOptions>(
      "act-lower-to-llvm-pipeline",
      "All stages, from tensors to the LLVM dialect", buildLowerToLLVMPipeline);
}
