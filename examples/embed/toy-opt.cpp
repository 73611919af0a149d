// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// mlir-opt for the toy dialect.

#include "Toy.h"
#include "act-mlir/InitAll.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::registerAllPasses();
  mlir::act::registerAllPasses();
  toy::registerPasses();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::act::registerAllDialects(registry);
  registry.insert<toy::ToyDialect>();
  toy::registerActivations(registry);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Toy compiler\n", registry));
}
