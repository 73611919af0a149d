// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/InitAll.h"
#include "act-mlir/Conversion/ActToLLVM.h"
#include "act-mlir/Conversion/Passes.h"
#include "act-mlir/Elementwise/Passes.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Packing/Passes.h"
#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Target/LLVM/NVVM/Target.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"

void mlir::act::registerAllDialects(DialectRegistry &registry) {
  registry.insert<ActDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
  registerConvertToLLVMInterface(registry);
  // From kernels in the NVVM dialect to PTX.
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  NVVM::registerNVVMTargetInterfaceExternalModels(registry);
}

void mlir::act::registerAllPasses() {
  registerActElementwisePasses();
  registerActPackingPasses();
  registerActTransformsPasses();
  registerActConversionPasses();
  registerActPipelines();
  registerGPUPipelines();
}
