// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The dialect, the passes and the pipelines for the stock mlir-opt:
//
//   mlir-opt --load-dialect-plugin=ActPlugin.so --load-pass-plugin=ActPlugin.so
//            --pass-pipeline='builtin.module(act-lower-to-llvm-pipeline)'

#include "act-mlir/InitAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Config/llvm-config.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Act", LLVM_VERSION_STRING,
          [](mlir::DialectRegistry *registry) {
            mlir::act::registerAllDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Act", LLVM_VERSION_STRING,
          [] { mlir::act::registerAllPasses(); }};
}
