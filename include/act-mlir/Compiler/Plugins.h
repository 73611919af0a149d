// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// MLIR's plugins, before a tool loads them.

#ifndef ACT_MLIR_COMPILER_PLUGINS_H
#define ACT_MLIR_COMPILER_PLUGINS_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace mlir::act {

enum class PluginKind { Dialect, Pass };

/// Why a file is no plugin that this process can load: no library, built for
/// another LLVM, of another version of the interface, or one whose code ends
/// the process. It is tried in a child.
llvm::Error checkPlugin(StringRef path, PluginKind kind);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_PLUGINS_H
