// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// From tensors to PTX text, without a CUDA toolkit.

#ifndef ACT_MLIR_TARGET_PTX_H
#define ACT_MLIR_TARGET_PTX_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/JSON.h"
#include <functional>
#include <string>
#include <vector>

namespace mlir::act {

struct PTXOptions {
  std::string chip = "sm_80";
  std::string accuracy = "precise";
  bool raise = true;         ///< find activations in decomposed form
  bool roundOnce = false;    ///< round a fused chain once, at its end
  bool reproducible = false; ///< the same bits on every target
  /// Called on each pass manager before it runs (timing, printing).
  std::function<LogicalResult(PassManager &)> instrument;
};

/// A kernel as its launches must know it.
struct PTXKernel {
  std::string name;
  int32_t blockSize; ///< threads of a block; it has one dimension
  std::string plan;  ///< how its threads share the work, in words
};

struct PTXProgram {
  std::string text;
  std::vector<PTXKernel> kernels; ///< in the order of their first launches
};

/// Compiles a program on tensors. Errors go to the context's diagnostics; of
/// the module the host's functions are left, with their launches.
FailureOr<PTXProgram> compileToPTX(ModuleOp module, const PTXOptions &options);

/// The launches of the host's functions that `compileToPTX` left, in order:
/// kernel, blocks, threads, parameters and conditions, as expressions of the
/// function's arguments, which have these names.
llvm::json::Value describeLaunches(ModuleOp module,
                                   ArrayRef<std::string> names);

} // namespace mlir::act

#endif // ACT_MLIR_TARGET_PTX_H
