// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Files of a compiled program: a shared library or an object, and its header.

#ifndef ACT_MLIR_COMPILER_LIBRARY_H
#define ACT_MLIR_COMPILER_LIBRARY_H

#include "act-mlir/Compiler/Program.h"

namespace mlir::act {

struct LibraryOptions {
  std::string path;
  /// A shared library with the runtime in it, else an object file that needs
  /// libActRuntime.a.
  bool shared = true;
  /// Weights go into `<stem>.safetensors` beside the library.
  bool externalWeights = false;
  /// The path of libActRuntime.a, for a shared library.
  std::string runtime;
};

/// Writes the file, and the weights' where they are external; each appears
/// whole or not at all.
llvm::Error writeLibrary(const CompiledProgram &program,
                         const LibraryOptions &options);

/// A C header: the interface, and a typed call of this model.
std::string headerText(const CompiledProgram &program);

/// A C identifier of a file's name: its stem, each other character `_`, `m_`
/// before a digit.
std::string identifierOf(StringRef path);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_LIBRARY_H
