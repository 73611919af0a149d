/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Parses, runs a pass by its name, prints: all on MLIR's C API. */
#include "act-mlir-c/Dialect.h"
#include "mlir-c/Dialect/Func.h"
#include "mlir-c/Pass.h"
#include <stdio.h>

static void print(MlirStringRef text, void *file) {
  fwrite(text.data, 1, text.length, file);
}

int main(void) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  MlirContext context;
  MlirModule module;
  MlirPassManager passes;
  mlirActRegisterAllDialects(registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__func__(), registry);
  mlirActRegisterAllPasses();
  context = mlirContextCreateWithRegistry(registry, 0);
  mlirDialectHandleLoadDialect(mlirGetDialectHandle__act__(), context);
  mlirContextLoadAllAvailableDialects(context);
  module = mlirModuleCreateParse(
      context, mlirStringRefCreateFromCString(
                   "func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
                   "  %y = act.gelu %x : tensor<4xf32>\n"
                   "  return %y : tensor<4xf32>\n}"));
  if (mlirModuleIsNull(module))
    return 1;
  passes = mlirPassManagerCreate(context);
  if (mlirLogicalResultIsFailure(mlirParsePassPipeline(
          mlirPassManagerGetAsOpPassManager(passes),
          mlirStringRefCreateFromCString("builtin.module(func.func(act-fuse))"),
          print, stderr)) ||
      mlirLogicalResultIsFailure(
          mlirPassManagerRunOnOp(passes, mlirModuleGetOperation(module))))
    return 1;
  mlirOperationPrint(mlirModuleGetOperation(module), print, stdout);
  mlirPassManagerDestroy(passes);
  mlirModuleDestroy(module);
  mlirContextDestroy(context);
  mlirDialectRegistryDestroy(registry);
  return 0;
}
