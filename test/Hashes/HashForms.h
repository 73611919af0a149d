// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The ways to compute what the table has hashes of.

#ifndef ACT_TEST_HASHES_HASHFORMS_H
#define ACT_TEST_HASHES_HASHFORMS_H

#include "HashPrograms.h"
#include "Patterns.h"
#include "act-mlir/Compiler/Program.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace mlir::act::numerics {

struct HashForm {
  enum Kind { Compiled, Executor, Host, Foreign };
  std::string name;
  Kind kind = Compiled;
  std::string cpu = "native";
  int64_t vectorBits = 0;
  Spelling spelling = Spelling::Vectors;
  int32_t longest = 0; ///< of the pieces that inputs come in; 0: no pieces
  int32_t threads = 1;
  std::string emulatedCPU = ""; ///< of qemu
};

/// The forms that this machine can run.
std::vector<HashForm> hashForms();

/// True where the form has results of the program.
bool appliesTo(const HashForm &form, const HashedProgram &program);

/// The inputs of a program, in rounds: other operands are 1, then numbers of
/// every exponent. Whole programs have one round.
class HashInputs {
public:
  HashInputs(const HashedProgram &program, uint64_t stride);

  uint64_t size() const { return count * rounds; }
  /// Bits of operand `k` in the inputs from `first` on, none across rounds;
  /// returns how many.
  uint64_t fill(unsigned k, uint64_t first, uint64_t most, bool negate,
                std::vector<uint8_t> &bytes) const;
  uint64_t bits(unsigned k, uint64_t i) const;

private:
  const HashedProgram &program;
  Patterns patterns;
  uint64_t count, rounds;
};

/// The hashes of a program's rows.
llvm::Expected<std::vector<std::string>>
computeHashes(const HashForm &form, const HashedProgram &program,
              uint64_t stride);

/// Compiles a program, with its accuracy and for the form's CPU; `context` must
/// live as long as the result.
llvm::Expected<CompiledProgram> compileForm(mlir::MLIRContext &context,
                                            const HashForm &form,
                                            const HashedProgram &program,
                                            CompileOptions options);

/// Hashes by a library for another machine, under an emulator.
llvm::Expected<std::vector<std::string>>
computeForeign(const HashForm &form, const HashedProgram &program,
               uint64_t stride);

/// The triple of foreign forms.
inline constexpr const char *kForeignTriple = "aarch64-linux-gnu";

} // namespace mlir::act::numerics

#endif // ACT_TEST_HASHES_HASHFORMS_H
