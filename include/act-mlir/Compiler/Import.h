// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Models in files: MLIR, or what an importer makes MLIR of.

#ifndef ACT_MLIR_COMPILER_IMPORT_H
#define ACT_MLIR_COMPILER_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace mlir::act {

/// Reads `.onnx` through the program `importer`, anything else as MLIR text or
/// bytecode, with the weights that `<stem>.weights.json` beside it lists, where
/// there is one. Null after an error, which has been printed to stderr.
OwningOpRef<ModuleOp> importModel(StringRef file, StringRef importer,
                                  MLIRContext *context);

/// Gives the `dense_resource`s of a module their data: a JSON object of
/// name -> {file, offset, length}, in bytes, files relative to the manifest.
/// The files stay mapped for as long as the context lives.
llvm::Error loadWeights(StringRef manifest, MLIRContext *context);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_IMPORT_H
