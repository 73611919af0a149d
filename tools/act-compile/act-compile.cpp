// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The model compiler: a model in, a library with a C header out.

#include "act-mlir/Compiler/GPUCode.h"
#include "act-mlir/Compiler/Import.h"
#include "act-mlir/Compiler/Library.h"
#include "act-mlir/Compiler/Output.h"
#include "act-mlir/Pipelines/Pipelines.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::act;

namespace cl = llvm::cl;

namespace {

constexpr char kOverview[] =
    "Compiles a model to a library with a C header, to an object, to assembly, "
    "LLVM IR\nor PTX, or to MLIR after any stage. Exit status: 0, 1 where the "
    "model cannot be\ncompiled, 2 for a bad command line. MLIR's options such "
    "as "
    "--mlir-timing and\n--mlir-print-ir-after-all are in --help-hidden.\n";

cl::OptionCategory category("act-compile options");
cl::opt<std::string> input(cl::Positional, cl::Required,
                           cl::desc("<model.onnx or program.mlir>"),
                           cl::cat(category));
cl::opt<std::string> output("o", cl::desc("Where the result goes; - is stdout"),
                            cl::value_desc("file"), cl::cat(category));
cl::opt<Emit>
    emit("emit", cl::desc("What to write"), cl::init(Emit::Shared),
         cl::values(clEnumValN(Emit::Shared, "shared", "library and C header"),
                    clEnumValN(Emit::Object, "obj", "object file and C header"),
                    clEnumValN(Emit::Assembly, "asm", "assembly of one CPU"),
                    clEnumValN(Emit::LLVMIR, "llvm-ir", "LLVM IR of one CPU"),
                    clEnumValN(Emit::MLIR, "mlir", "MLIR after --compile-to"),
                    clEnumValN(Emit::PTX, "ptx", "PTX of one GPU"),
                    clEnumValN(Emit::Cubin, "cubin",
                               "machine code of one GPU, by NVIDIA's ptxas"),
                    clEnumValN(Emit::FatBinary, "fatbin",
                               "machine code of several GPUs, by NVIDIA's "
                               "ptxas and fatbinary")),
         cl::cat(category));
cl::opt<std::string>
    compileTo("compile-to",
              cl::desc("Write MLIR after a stage: simplify, raise, fuse, "
                       "bufferize, tile, vectorize, expand, lower"),
              cl::value_desc("stage"), cl::cat(category));
cl::opt<std::string> target("target", cl::desc("LLVM triple (the host's)"),
                            cl::value_desc("triple"), cl::cat(category));
cl::list<std::string>
    march("march", cl::CommaSeparated,
          cl::desc("CPU levels in one library, chosen when it is loaded "
                   "(x86-64-v4,x86-64-v3)"),
          cl::value_desc("cpu,..."), cl::cat(category));
cl::list<std::string>
    offloadArch("offload-arch", cl::CommaSeparated,
                cl::desc("GPUs, such as sm_80,sm_90: for ptx, "
                         "cubin and fatbin (sm_80), and for "
                         "a library that runs on them, too"),
                cl::value_desc("chip,..."), cl::cat(category));
cl::opt<std::string>
    accuracy("accuracy", cl::init("precise"),
             cl::desc("highest, precise, fast, or a number of ULP"),
             cl::cat(category));
cl::opt<std::string> rounding("round", cl::init("each"),
                              cl::desc("Round after each operation, or once "
                                       "for a fused chain"),
                              cl::value_desc("each|once"), cl::cat(category));
cl::opt<bool> reproducible("reproducible",
                           cl::desc("The same bits on every machine"),
                           cl::cat(category));
cl::opt<std::string> parallel("parallel", cl::init("on"),
                              cl::desc("Use threads"), cl::value_desc("on|off"),
                              cl::cat(category));
cl::opt<bool> explain("explain", cl::desc("Print what was fused, and why not"),
                      cl::cat(category));
cl::opt<bool> noRaise("no-raise",
                      cl::desc("Leave activations in decomposed form alone"),
                      cl::cat(category));
cl::opt<std::string> weights("weights", cl::init("embed"),
                             cl::desc("Weights in the library, or in a "
                                      "safetensors file beside it"),
                             cl::value_desc("embed|external"),
                             cl::cat(category));

int usage(const llvm::Twine &message) {
  llvm::errs() << "act-compile: error: " << message << "\n";
  return 2;
}

int fail(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  // Without a text the error has been reported already.
  if (!text.empty())
    llvm::errs() << (text.find(": error: ") == std::string::npos
                         ? "act-compile: error: "
                         : "")
                 << text << "\n";
  return 1;
}

/// What the command line asks for and is not there, or contradicts itself.
std::string refusal() {
  if (rounding != "each" && rounding != "once")
    return "--round must be each or once, got '" + rounding + "'";
  if (rounding == "once" && reproducible)
    return "--round=once and --reproducible contradict each other";
  if (parallel != "on" && parallel != "off")
    return "--parallel must be on or off, got '" + parallel + "'";
  if (weights != "embed" && weights != "external")
    return "--weights must be embed or external, got '" + weights + "'";
  bool cpuText = emit == Emit::Assembly || emit == Emit::LLVMIR ||
                 emit == Emit::MLIR || !compileTo.empty();
  if (cpuText && !offloadArch.empty())
    return "--offload-arch needs --emit=shared, obj, ptx, cubin or fatbin";
  if ((emit == Emit::PTX || emit == Emit::Cubin) && offloadArch.size() > 1)
    return "this --emit takes one GPU in --offload-arch; --emit=fatbin takes "
           "several";
  if (explain &&
      ((emit != Emit::Shared && emit != Emit::Object) || !compileTo.empty()))
    return "--explain needs --emit=shared or obj; MLIR has the decisions in it";
  if (!compileTo.empty() && !symbolizeStage(compileTo))
    return "unknown stage '" + compileTo + "' for --compile-to";
  if (!compileTo.empty() && emit.getNumOccurrences() && emit != Emit::MLIR)
    return "--compile-to writes MLIR; drop --emit";
  if ((emit == Emit::Assembly || emit == Emit::LLVMIR) && march.size() > 1)
    return "this --emit takes one CPU in --march";
  return "";
}

int writeMLIR(ModuleOp module, const CompileOptions &options) {
  Stage last = compileTo.empty() ? Stage::Simplify : *symbolizeStage(compileTo);
  auto text = textAfter(module, last, options);
  if (!text)
    return fail(text.takeError());
  if (llvm::Error error = writeFile(output, *text))
    return fail(std::move(error));
  return 0;
}

int writeGPUFile(ModuleOp module, const CompileOptions &options) {
  auto contents = compileGPUFile(module,
                                 emit == Emit::PTX     ? GPUFile::PTX
                                 : emit == Emit::Cubin ? GPUFile::Cubin
                                                       : GPUFile::FatBinary,
                                 options);
  if (!contents)
    return fail(contents.takeError());
  if (llvm::Error error = writeFile(output, *contents))
    return fail(std::move(error));
  return 0;
}

int compile(const char *argv0) {
  std::string why = refusal();
  if (!why.empty())
    return usage(why);
  bool text = emit == Emit::Assembly || emit == Emit::LLVMIR ||
              emit == Emit::MLIR || emit == Emit::PTX || !compileTo.empty();
  if (output.empty() && text)
    output = "-";
  if (output.empty())
    return usage("-o names the file to write");
  if (output == "-" && !text)
    return usage("-o - is for text; name a file");
  if (output != "-" && input != "-" && llvm::sys::fs::equivalent(input, output))
    return usage("input and output are the same file");

  std::string self = llvm::sys::fs::getMainExecutable(
      argv0, reinterpret_cast<void *>(&compile));
  SmallString<128> bin(llvm::sys::path::parent_path(self));
  DialectRegistry registry;
  registerCompilerDialects(registry);
  // One function makes most of the work: threads of passes would only wait for
  // each other.
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  DiagnosticPrinter printer(&context);
  OwningOpRef<ModuleOp> module =
      importModel(input, (bin + "/act-import-onnx").str(), &context);
  if (!module)
    return 1;

  CompileOptions options;
  options.name = identifierOf(output == "-" ? StringRef(input) : output);
  options.accuracy = accuracy;
  options.raise = !noRaise;
  options.roundOnce = rounding == "once";
  options.reproducible = reproducible;
  options.triple = target;
  options.parallel = parallel == "on";
  options.chips.assign(offloadArch.begin(), offloadArch.end());
  if (options.chips.empty() &&
      (emit == Emit::PTX || emit == Emit::Cubin || emit == Emit::FatBinary))
    options.chips = {"sm_80"};
  options.cpus.assign(march.begin(), march.end());
  if (options.cpus.empty())
    options.cpus = defaultCPUs(target);
  if (text)
    options.cpus.resize(1);
  DefaultTimingManager timing;
  applyDefaultTimingManagerCLOptions(timing);
  TimingScope scope = timing.getRootScope();
  options.instrument = [&](PassManager &passes) {
    passes.enableTiming(scope);
    return applyPassManagerCLOptions(passes);
  };
  if (emit == Emit::MLIR || !compileTo.empty())
    return writeMLIR(*module, options);
  if (emit == Emit::PTX || emit == Emit::Cubin || emit == Emit::FatBinary)
    return writeGPUFile(*module, options);
  auto program = compileProgram(*module, options,
                                emit == Emit::Assembly ? CodeKind::Assembly
                                : emit == Emit::LLVMIR ? CodeKind::LLVMIR
                                                       : CodeKind::Object);
  if (!program)
    return fail(program.takeError());
  if (explain)
    llvm::outs() << program->explanation;
  if (text) {
    if (llvm::Error error = writeFile(output, program->levels.front().code))
      return fail(std::move(error));
    return 0;
  }
  LibraryOptions library;
  library.path = output;
  library.shared = emit == Emit::Shared;
  library.externalWeights = weights == "external";
  library.runtime =
      (llvm::sys::path::parent_path(bin) + "/lib/libActRuntime.a").str();
  if (llvm::Error error = writeLibrary(*program, library))
    return fail(std::move(error));
  SmallString<128> header(output);
  llvm::sys::path::replace_extension(header, ".h");
  if (llvm::Error error = writeFile(header, headerText(*program)))
    return fail(std::move(error));
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  registerAsmPrinterCLOptions();
  registerPassManagerCLOptions();
  registerDefaultTimingManagerCLOptions();
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter(printVersion);
  if (!cl::ParseCommandLineOptions(argc, argv, kOverview, &llvm::errs()))
    return 2;
  return compile(argv[0]);
}
