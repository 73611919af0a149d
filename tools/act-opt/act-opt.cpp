// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// mlir-opt with the act dialect, its passes and its pipelines.

#include "act-mlir/Compiler/Program.h"
#include "act-mlir/InitAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::registerAllPasses();
  mlir::act::registerAllPasses();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::act::registerAllDialects(registry);
  auto [input, output] = mlir::registerAndParseCLIOptions(
      argc, argv, "act-mlir optimizer driver\n", registry);
  // What upstream's parser would crash on is refused before it runs.
  std::string why;
  auto file = mlir::openInputFile(input, &why);
  if (!file) {
    llvm::errs() << why << "\n";
    return 1;
  }
  if (llvm::Error error = mlir::act::checkInput(input, file->getBuffer(),
                                                /*allowEmpty=*/true)) {
    llvm::errs() << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  auto to = mlir::openOutputFile(output, &why);
  if (!to) {
    llvm::errs() << why << "\n";
    return 1;
  }
  if (mlir::failed(
          mlir::MlirOptMain(to->os(), std::move(file), registry,
                            mlir::MlirOptMainConfig::createFromCLOptions())))
    return 1;
  to->keep();
  return 0;
}
