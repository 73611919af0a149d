// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Files of code for GPUs.

#ifndef ACT_MLIR_COMPILER_GPUCODE_H
#define ACT_MLIR_COMPILER_GPUCODE_H

#include "act-mlir/Compiler/Program.h"

namespace mlir::act {

enum class GPUFile {
  PTX,      ///< of one chip, with the launches as a comment
  Cubin,    ///< machine code of one chip
  FatBinary ///< machine code of each chip, and PTX of the newest
};

/// Compiles a program on tensors for the options' chips. The machine code comes
/// from NVIDIA's ptxas; what it says of registers is reported as remarks.
llvm::Expected<std::string> compileGPUFile(ModuleOp module, GPUFile kind,
                                           const CompileOptions &options);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_GPUCODE_H
