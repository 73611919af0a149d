// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The passes that depend on what elementwise operations compute.

#ifndef ACT_MLIR_ELEMENTWISE_PASSES_H
#define ACT_MLIR_ELEMENTWISE_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::act {

#define GEN_PASS_DECL
#include "act-mlir/Elementwise/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "act-mlir/Elementwise/Passes.h.inc"

} // namespace mlir::act

#endif // ACT_MLIR_ELEMENTWISE_PASSES_H
