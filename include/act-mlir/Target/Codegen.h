// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// From the LLVM dialect to machine code.

#ifndef ACT_MLIR_TARGET_CODEGEN_H
#define ACT_MLIR_TARGET_CODEGEN_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

namespace mlir {
class DialectRegistry;
namespace act {

/// What code is made for.
struct CPUTarget {
  /// An LLVM triple; empty: the host's.
  std::string triple;
  /// An LLVM CPU name such as "x86-64-v3"; "native": the host's.
  std::string cpu = "native";
  unsigned optLevel = 3;
};

/// A target machine, or an error that names what LLVM does not know.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CPUTarget &target);

/// A module in the LLVM dialect as LLVM IR for the machine.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateToLLVM(ModuleOp module, llvm::LLVMContext &context,
                llvm::TargetMachine &machine);

/// LLVM's own optimizations for the machine: none at level 0, else -O3.
void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              unsigned optLevel);

/// Assembly text or an object file, in memory.
llvm::Expected<std::string> emitMachineCode(llvm::Module &module,
                                            llvm::TargetMachine &machine,
                                            llvm::CodeGenFileType type);
/// The same into a stream, without a copy in memory.
llvm::Error writeMachineCode(llvm::Module &module, llvm::TargetMachine &machine,
                             llvm::CodeGenFileType type,
                             llvm::raw_pwrite_stream &os);

/// The width of a vector register of a CPU, in bits.
int64_t vectorBits(const llvm::TargetMachine &machine);

/// Whether a CPU multiplies pairs of bf16 (AVX512-BF16).
bool multipliesBF16(const llvm::TargetMachine &machine);

/// The smallest element that masked loads and stores of a CPU have, in bits; 0
/// where it has none.
int64_t maskBits(llvm::TargetMachine &machine);

} // namespace act
} // namespace mlir

#endif // ACT_MLIR_TARGET_CODEGEN_H
