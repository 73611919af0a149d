// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the executor asks of each access to memory in a kernel.

#ifndef ACT_LIB_CONVERSION_GPUACCESSCHECKS_H
#define ACT_LIB_CONVERSION_GPUACCESSCHECKS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::act {

/// Before each load and store of a kernel's code: positions are compared with
/// the extents, `outside(position, extent)` is called for one that is not
/// there, and `touch(address, bytes, writes)` for what is in workgroup memory.
void checkAccesses(func::FuncOp code, LLVM::LLVMFuncOp outside,
                   LLVM::LLVMFuncOp touch);

} // namespace mlir::act

#endif // ACT_LIB_CONVERSION_GPUACCESSCHECKS_H
