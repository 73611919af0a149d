// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Work that may crash, done in a child process first.

#ifndef ACT_LIB_COMPILER_CHILD_H
#define ACT_LIB_COMPILER_CHILD_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>
#include <string>
#include <sys/resource.h>

namespace mlir::act {

struct ChildResult {
  bool started = false;
  int status = 0; ///< as waitpid has it
  /// What the work wrote to its descriptor.
  std::string text;

  bool exited() const;
  bool succeeded() const;
  /// A signal of its own, rather than of a limit.
  bool crashed() const;
};

/// Runs `work`, which gets a descriptor to write to and returns an exit code,
/// in a child with at most `seconds` of CPU and `bytes` of memory. Nothing of
/// what it prints is seen, and no core is left.
ChildResult runInChild(rlim_t seconds, std::optional<rlim_t> bytes,
                       llvm::function_ref<int(int)> work);

} // namespace mlir::act

#endif // ACT_LIB_COMPILER_CHILD_H
