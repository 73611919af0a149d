/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The dialect and its passes for programs on MLIR's C API. Link ActCAPIDialect.
 */
#ifndef ACT_MLIR_C_DIALECT_H
#define ACT_MLIR_C_DIALECT_H

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

/* mlirGetDialectHandle__act__(), for mlirDialectHandleRegisterDialect. The
 * handle is static: nobody frees it. */
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Act, act);

/* The dialect, and what its passes need of upstream's interfaces. The registry
 * remains the caller's. */
MLIR_CAPI_EXPORTED void
mlirActRegisterAllDialects(MlirDialectRegistry registry);

/* Passes and pipelines, for mlirParsePassPipeline. They stay in the process's
 * registry; to be called once. */
MLIR_CAPI_EXPORTED void mlirActRegisterAllPasses(void);

#ifdef __cplusplus
}
#endif
#endif /* ACT_MLIR_C_DIALECT_H */
