// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// mlir-opt with the act dialect, its passes and its pipelines.

#include "act-mlir/Compiler/Output.h"
#include "act-mlir/Compiler/Plugins.h"
#include "act-mlir/Compiler/Program.h"
#include "act-mlir/InitAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

static const char kUsage[] =
    R"(USAGE: act-opt [options] [file.mlir, - for stdin] [-o file]

Runs passes on MLIR: mlir-opt with the dialect act. Exit status: 0, 1 where the
input or a pass has an error, 2 for a bad command line.

  --act-simplify, --act-bufferize, --act-expand, --act-lower
                              stages of several passes
  --act-lower-to-llvm-pipeline, --act-lower-to-nvvm-pipeline,
  --act-lower-to-gpu-executor-pipeline
                              all stages, to the LLVM dialect, to PTX, and to
                              GPU kernels that the CPU executes
  -o file                     where the result goes; - is stdout
  --pass-pipeline='...'       passes with nesting, such as
                              'builtin.module(func.func(act-fuse))'
  --split-input-file          each part between '// -----' by itself
  --verify-diagnostics        diagnostics are those that the file expects
  --mlir-print-ir-after-all   the program after each pass
  --mlir-timing               the time of each pass
  --emit-bytecode             writes bytecode
  --list-passes               upstream's passes as well
  --help-hidden               upstream's options as well
  --version

)";

/// Whether an option stands alone on the command line.
static bool has(int argc, char **argv, StringRef name) {
  for (int i = 1; i < argc; ++i) {
    StringRef argument = argv[i];
    if (argument.consume_front("-")) {
      argument.consume_front("-");
      if (argument == name)
        return true;
    }
  }
  return false;
}

/// A plugin that mlir-opt would leave out, or crash with, is an error.
static llvm::Error checkPlugins(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    StringRef argument = argv[i];
    if (!argument.consume_front("-"))
      continue;
    argument.consume_front("-");
    auto [name, value] = argument.split('=');
    act::PluginKind kind = act::PluginKind::Dialect;
    if (name == "load-pass-plugin")
      kind = act::PluginKind::Pass;
    else if (name != "load-dialect-plugin")
      continue;
    if (name.size() == argument.size()) {
      if (i + 1 == argc)
        continue; // the command line's own error
      value = argv[++i];
    }
    if (llvm::Error error = act::checkPlugin(value, kind))
      return error;
  }
  return llvm::Error::success();
}

static int fail(const llvm::Twine &message, int status = 1) {
  llvm::errs() << message << "\n";
  return status;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  act::registerAllPasses();
  if (has(argc, argv, "help") || has(argc, argv, "h")) {
    llvm::outs() << kUsage;
    // Upstream's are not registered yet.
    printRegisteredPasses();
    return 0;
  }
  mlir::registerAllPasses();
  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  registerAllExtensions(registry);
  act::registerAllDialects(registry);
  if (llvm::Error error = checkPlugins(argc, argv))
    return fail(llvm::toString(std::move(error)));
  llvm::cl::opt<std::string> input(llvm::cl::Positional, llvm::cl::init("-"),
                                   llvm::cl::desc("<input file>"));
  llvm::cl::opt<std::string> output("o", llvm::cl::init("-"),
                                    llvm::cl::desc("Where the result goes"),
                                    llvm::cl::value_desc("file"));
  llvm::cl::SetVersionPrinter(act::printVersion);
  std::string header = registerCLIOptions("act-opt", registry);
  if (!llvm::cl::ParseCommandLineOptions(argc, argv, header, &llvm::errs()))
    return 2;
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldListPasses()) {
    printRegisteredPasses();
    return 0;
  }
  // What upstream's parser would crash on is refused before it runs.
  std::string why;
  auto file = openInputFile(input, &why);
  if (!file)
    return fail(why);
  if (llvm::Error error =
          act::checkInput(input, file->getBuffer(), /*allowEmpty=*/true))
    return fail(llvm::toString(std::move(error)));
  if (llvm::Error error = act::tryText(input, file->getBuffer()))
    return fail(llvm::toString(std::move(error)));
  if (output == "-") {
    LogicalResult result =
        MlirOptMain(llvm::outs(), std::move(file), registry, config);
    llvm::Error error = act::writeFile("-", "");
    if (error)
      return fail(llvm::toString(std::move(error)));
    return failed(result);
  }
  // The file may be the input's, or be there already: it changes at the end.
  std::string text;
  llvm::raw_string_ostream os(text);
  if (failed(MlirOptMain(os, std::move(file), registry, config)))
    return 1;
  if (llvm::Error error = act::writeFile(output, text))
    return fail(llvm::toString(std::move(error)));
  return 0;
}
