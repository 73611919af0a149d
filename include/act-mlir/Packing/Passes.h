// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// How operands of contractions lie in memory; each pass stands in the .cpp of
// its name.

#ifndef ACT_MLIR_PACKING_PASSES_H
#define ACT_MLIR_PACKING_PASSES_H

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::act {

#define GEN_PASS_DECL
#include "act-mlir/Packing/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "act-mlir/Packing/Passes.h.inc"

} // namespace mlir::act

#endif // ACT_MLIR_PACKING_PASSES_H
