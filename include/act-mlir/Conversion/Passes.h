// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The conversions to other dialects; each stands in the .cpp of its name.

#ifndef ACT_MLIR_CONVERSION_PASSES_H
#define ACT_MLIR_CONVERSION_PASSES_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::act {

/// The module's attribute with the names of its kernels, in the order in which
/// launches count them.
inline constexpr StringLiteral kGPUKernelsAttr = "act.gpu_kernels";

#define GEN_PASS_DECL
#include "act-mlir/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "act-mlir/Conversion/Passes.h.inc"

} // namespace mlir::act

#endif // ACT_MLIR_CONVERSION_PASSES_H
