// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir-c/Dialect.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/InitAll.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Registration.h"

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Act, act, mlir::act::ActDialect)

void mlirActRegisterAllDialects(MlirDialectRegistry registry) {
  mlir::act::registerAllDialects(*unwrap(registry));
}

void mlirActRegisterAllPasses(void) { mlir::act::registerAllPasses(); }
