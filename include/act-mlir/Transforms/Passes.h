// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The passes between stages; each stands in the .cpp of its name.

#ifndef ACT_MLIR_TRANSFORMS_PASSES_H
#define ACT_MLIR_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class DialectRegistry;
namespace act {

/// The module's single public function, or null with an error.
func::FuncOp findEntry(ModuleOp module);

/// Makes a function one beside the entry point, which hosts call as well. It
/// keeps its name as an attribute: equal ones must not become one function.
void markHelper(func::FuncOp function);
inline constexpr StringLiteral kHelperAttr = "act.helper";

/// <entry>_prepare, which act-outline-constants makes, or null.
func::FuncOp findPrepare(func::FuncOp entry);
inline constexpr StringLiteral kPrepareSuffix = "_prepare";

/// What the function of shapes has for each pair of extents behind the shapes:
/// which operation needs them to be equal.
inline constexpr StringLiteral kChecksAttr = "act.checks";

/// What act-extract-weights leaves on the module: the values, and the offsets
/// in bytes at which the entry point expects them.
inline constexpr StringLiteral kWeightsAttr = "act.weights";
inline constexpr StringLiteral kWeightOffsetsAttr = "act.weight_offsets";

/// What act-add-probes leaves on the module: a dictionary for each kernel, with
/// its operands and the results that are expected of them; and the name of its
/// function behind the entry point's.
inline constexpr StringLiteral kProbesAttr = "act.probes";
inline constexpr StringLiteral kProbesSuffix = "_probes";
/// That function takes, for each kernel, memory for three operands and the
/// results: 16 elements each, and room for 16 of f64.
inline constexpr int64_t kProbeElements = 16;
inline constexpr int64_t kProbeSlots = 4;
inline constexpr int64_t kProbeSlotBytes = 8 * kProbeElements;

#define GEN_PASS_DECL
#include "act-mlir/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "act-mlir/Transforms/Passes.h.inc"

/// Lets one-shot bufferization take `act.kernel` as any destination-passing
/// operation: its operands become memrefs, its body stays as it is.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace act
} // namespace mlir

#endif // ACT_MLIR_TRANSFORMS_PASSES_H
