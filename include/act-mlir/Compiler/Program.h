// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A program from text to callable code.

#ifndef ACT_MLIR_COMPILER_PROGRAM_H
#define ACT_MLIR_COMPILER_PROGRAM_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace llvm::orc {
class LLJIT;
}

namespace mlir::act {

/// The signature of a program's entry point.
struct Signature {
  std::string entry;
  SmallVector<RankedTensorType> inputs, outputs;
};

/// The entry point's signature, or a located error.
FailureOr<Signature> getSignature(ModuleOp module);

/// A module that reads a file after the guards of `checkInput`.
OwningOpRef<ModuleOp> parseProgram(StringRef path, MLIRContext *context);

/// Why a file is no input: nesting deeper than 256 levels, no MLIR text or
/// bytecode, nothing in it. Success says only that it is safe to parse.
llvm::Error checkInput(StringRef path, StringRef contents);

/// A program compiled in memory for the host.
class JITProgram {
public:
  struct Options {
    std::string accuracy = "precise";
    std::string cpu = "native";
    int64_t vectorBits = 0; // 0: the CPU's
  };

  /// Compiles; the module is consumed. Errors have been reported through the
  /// context's diagnostics or are returned.
  static llvm::Expected<std::unique_ptr<JITProgram>> create(ModuleOp module,
                                                            Options options);
  ~JITProgram();

  const Signature &signature() const { return sig; }

  /// A contiguous buffer with its extents.
  struct Buffer {
    void *data = nullptr;
    SmallVector<int64_t> shape;
  };

  /// The extents of all results for inputs of these extents.
  std::vector<SmallVector<int64_t>> shapes(ArrayRef<Buffer> inputs);
  /// The bytes of workspace for inputs of these extents.
  int64_t workspaceBytes(ArrayRef<Buffer> inputs, ArrayRef<Buffer> outputs);
  /// One call: results go to `outputs`. The workspace is aligned to 64 bytes.
  void run(ArrayRef<Buffer> inputs, ArrayRef<Buffer> outputs,
           const Buffer &workspace);

private:
  JITProgram();

  Signature sig;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  void (*entry)(void **) = nullptr;
  void (*shapesOf)(void **) = nullptr;
  void (*workspaceOf)(void **) = nullptr;
};

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_PROGRAM_H
