// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Files that appear whole or not at all, and folders that leave nothing behind.

#ifndef ACT_MLIR_COMPILER_OUTPUT_H
#define ACT_MLIR_COMPILER_OUTPUT_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::act {

using Writer = llvm::function_ref<void(raw_ostream &)>;

/// Writes beside the file and renames, so that it is whole or as it was; what
/// is no regular file (a pipe, a device) is written to as it stands. "-" is
/// stdout.
llvm::Error writeFile(StringRef path, Writer write);
llvm::Error writeFile(StringRef path, StringRef contents);

/// `file: error: message`.
llvm::Error fileError(StringRef file, const llvm::Twine &message);

/// A folder for temporary files that goes away with them, on an interrupt
/// (SIGINT, SIGTERM) as well.
class Scratch {
public:
  llvm::Error create();
  ~Scratch();
  Scratch() = default;
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;

  std::string file(const llvm::Twine &name) const;
  StringRef path() const { return folder; }

private:
  SmallString<128> folder;
};

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_OUTPUT_H
