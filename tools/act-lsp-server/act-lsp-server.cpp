// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// MLIR's language server with the act dialect, for editors.

#include "act-mlir/InitAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "llvm/Support/raw_ostream.h"

static const char kUsage[] =
    R"(USAGE: act-lsp-server [options]

MLIR's language server with the dialect act, for an editor, which starts it and
talks to it by stdin and stdout. Exit status: 0, 1 for an error.

  --log=error|info|verbose    what it writes to stderr
  --pretty                    indents its JSON
  --help-hidden               upstream's options as well

)";

int main(int argc, char **argv) {
  for (llvm::StringRef argument : llvm::ArrayRef(argv, argc).drop_front())
    if (argument == "--help" || argument == "-help" || argument == "-h") {
      llvm::outs() << kUsage;
      return 0;
    }
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::act::registerAllDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
