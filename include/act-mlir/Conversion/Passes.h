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

/// A kernel's attribute that says in words how its threads share the work.
inline constexpr StringLiteral kGPUPlanAttr = "act.gpu_plan";

/// A module's attribute: some of the chips that share the host's part have no
/// tensor cores, so that none may have kernels with them.
inline constexpr StringLiteral kNoTensorCoresAttr = "act.no_tensor_cores";

/// Whether a chip such as sm_80 has tensor cores for bf16, and copies to shared
/// memory that go on beside other work.
bool hasTensorCores(StringRef chip);

#define GEN_PASS_DECL
#include "act-mlir/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "act-mlir/Conversion/Passes.h.inc"

} // namespace mlir::act

#endif // ACT_MLIR_CONVERSION_PASSES_H
