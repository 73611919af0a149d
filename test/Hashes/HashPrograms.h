// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The programs whose results are hashed.

#ifndef ACT_TEST_HASHES_HASHPROGRAMS_H
#define ACT_TEST_HASHES_HASHPROGRAMS_H

#include "act-mlir/Numerics/Formats.h"
#include "act-mlir/Numerics/Functions.h"
#include "act-mlir/Numerics/Registry.h"
#include <string>
#include <vector>

namespace mlir::act::numerics {

/// How a program of functions is written.
enum class Spelling {
  Vectors, ///< each a kernel, on tensors of any length
  Scalars, ///< on tensors of one number
  Fused    ///< each between two negations
};

/// A program with one result for each row of the table.
struct HashedProgram {
  Type type;
  std::string mode;
  /// Functions of one operand, or of several; none in a whole program.
  std::vector<Function> functions;
  /// The file of a whole program.
  std::string file;
  /// Modes of which the functions take the same kernels as in this one.
  std::vector<std::vector<std::string>> others;

  /// Those of each result, with that of `mode` first.
  std::vector<std::vector<std::string>> rows() const;
  unsigned inputs() const;
  std::string text(Spelling spelling) const;
};

/// The kernel that a mode takes.
Kernel kernelOf(Function function, Type type, const std::string &mode);

inline const std::vector<std::string> kHashModes = {"highest", "precise",
                                                    "fast"};

/// Programs of at most `group` functions in all types and these modes, and the
/// whole programs. What `once` says is there once for all modes that take the
/// same kernel.
std::vector<HashedProgram> hashedPrograms(unsigned group,
                                          const std::vector<std::string> &modes,
                                          bool once);

} // namespace mlir::act::numerics

#endif // ACT_TEST_HASHES_HASHPROGRAMS_H
