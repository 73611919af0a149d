// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A compiled program in this process.

#ifndef ACT_MLIR_COMPILER_JIT_H
#define ACT_MLIR_COMPILER_JIT_H

#include "act-mlir-c/Runtime.h"
#include "act-mlir/Compiler/Program.h"
#include <memory>

namespace mlir::act {

/// Object code of a program, loaded by ORC, behind the interface that a
/// compiled library has as well.
class JITModel {
public:
  static llvm::Expected<std::unique_ptr<JITModel>>
  create(const CompiledProgram &program);
  ~JITModel();

  const act_model *get() const;

private:
  struct State;
  explicit JITModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

/// The DLPack data type of an element type.
act_dtype dtypeOf(Type element);
act_dtype dtypeOf(const Argument &argument);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_JIT_H
