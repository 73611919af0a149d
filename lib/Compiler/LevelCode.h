// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the code of a CPU's level and the host's part of GPU code share.

#ifndef ACT_LIB_COMPILER_LEVELCODE_H
#define ACT_LIB_COMPILER_LEVELCODE_H

#include "act-mlir/Compiler/Program.h"
#include "llvm/Support/JSON.h"

namespace mlir::act {

/// An error whose text has been reported already.
inline llvm::Error reported() { return llvm::createStringError(""); }

/// What act-extract-weights left on the module.
FailureOr<Weights> takeWeights(ModuleOp module);

/// What act-add-probes left on the module, if anything: for the self test, and
/// for `describe`.
std::vector<Probe> readProbes(ModuleOp module);
llvm::json::Array probesAsJSON(ModuleOp module);

/// The functions of a module in the LLVM dialect, under the names of a level;
/// all others are internal.
llvm::Expected<std::string>
emitLevel(ModuleOp module, llvm::TargetMachine &machine,
          const CompiledProgram &program, const Level &level,
          const CompileOptions &options, CodeKind kind);

/// PTX for each of the options' chips and the host's code that launches it,
/// from a program on tensors, which is left alone.
llvm::Expected<GPUCode> compileGPUCode(ModuleOp module,
                                       CompiledProgram &program,
                                       const CompileOptions &options);

} // namespace mlir::act

#endif // ACT_LIB_COMPILER_LEVELCODE_H
