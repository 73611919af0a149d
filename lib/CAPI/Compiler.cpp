// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir-c/Compiler.h"
#include "act-mlir/Compiler/GPUCode.h"
#include "act-mlir/Compiler/Library.h"
#include "act-mlir/Compiler/Output.h"
#include "act-mlir/Compiler/Program.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <cstring>
#include <dlfcn.h>
#include <new>

using namespace mlir;
using namespace mlir::act;

struct act_artifact {
  bool ok = false;
  std::string log, data, header;
};

namespace {

std::optional<Emit> emitOf(StringRef name) {
  return llvm::StringSwitch<std::optional<Emit>>(name)
      .Case("shared", Emit::Shared)
      .Case("obj", Emit::Object)
      .Case("asm", Emit::Assembly)
      .Case("llvm-ir", Emit::LLVMIR)
      .Case("mlir", Emit::MLIR)
      .Case("ptx", Emit::PTX)
      .Case("cubin", Emit::Cubin)
      .Case("fatbin", Emit::FatBinary)
      .Default(std::nullopt);
}

SmallVector<std::string> split(StringRef list) {
  SmallVector<StringRef> parts;
  list.split(parts, ',', -1, /*KeepEmpty=*/false);
  return SmallVector<std::string>(parts.begin(), parts.end());
}

/// libActRuntime.a where this library lies.
std::string runtimeBeside() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void *>(&act_compile), &info))
    return "libActRuntime.a";
  SmallString<128> path(llvm::sys::path::parent_path(info.dli_fname));
  llvm::sys::path::append(path, "libActRuntime.a");
  return path.str().str();
}

/// One compilation: options with their defaults, and what it leaves.
class Compilation {
public:
  Compilation(const act_compile_options *given, act_artifact &artifact)
      : artifact(artifact), log(artifact.log) {
    std::memset(&options, 0, sizeof options);
    if (given)
      std::memcpy(&options, given, std::min(given->size, sizeof options));
  }

  llvm::Error run(StringRef program);

private:
  static StringRef text(const char *given, StringRef otherwise) {
    return given ? StringRef(given) : otherwise;
  }
  /// Takes an option of two values, the first of them for true, the other for
  /// false; without one, `value` stays the default that it is.
  static llvm::Error choose(StringRef option, const char *given,
                            std::pair<StringRef, StringRef> names, bool &value);
  llvm::Error readOptions();
  llvm::Error writeCode(ModuleOp module);

  act_artifact &artifact;
  llvm::raw_string_ostream log;
  act_compile_options options;
  CompileOptions compile;
  Emit emit = Emit::Shared;
  Stage stage = Stage::Simplify;
};

llvm::Error Compilation::choose(StringRef option, const char *given,
                                std::pair<StringRef, StringRef> names,
                                bool &value) {
  StringRef name = text(given, value ? names.first : names.second);
  if (name != names.first && name != names.second)
    return llvm::createStringError(option + " must be " + names.first + " or " +
                                   names.second + ", got '" + name + "'");
  value = name == names.first;
  return llvm::Error::success();
}

llvm::Error Compilation::readOptions() {
  StringRef name = text(options.emit, "shared");
  std::optional<Emit> kind = emitOf(name);
  if (!kind)
    return llvm::createStringError("unknown emit '" + name +
                                   "', expected shared, obj, asm, llvm-ir, "
                                   "mlir, ptx, cubin or fatbin");
  emit = *kind;
  StringRef last = text(options.stage, "simplify");
  std::optional<Stage> found = symbolizeStage(last);
  if (!found)
    return llvm::createStringError("unknown stage '" + last + "'");
  stage = *found;
  if (llvm::Error error =
          choose("parallel", options.parallel, {"on", "off"}, compile.parallel))
    return error;
  if (llvm::Error error =
          choose("raise", options.raise, {"on", "off"}, compile.raise))
    return error;
  if (llvm::Error error =
          choose("round", options.round, {"once", "each"}, compile.roundOnce))
    return error;
  if (llvm::Error error = choose("reproducible", options.reproducible,
                                 {"on", "off"}, compile.reproducible))
    return error;
  if (compile.roundOnce && compile.reproducible)
    return llvm::createStringError(
        "round 'once' and reproducible 'on' contradict each other");
  compile.name = identifierOf(text(options.name, "model"));
  compile.triple = text(options.target, "").str();
  compile.accuracy = text(options.accuracy, "precise").str();
  compile.chips = split(text(options.offload_arch, ""));
  compile.cpus = split(text(options.march, ""));
  if (compile.cpus.empty())
    compile.cpus = defaultCPUs(compile.triple);
  bool file =
      emit == Emit::PTX || emit == Emit::Cubin || emit == Emit::FatBinary;
  if (file && compile.chips.empty())
    compile.chips = {"sm_80"};
  if (emit == Emit::Assembly || emit == Emit::LLVMIR || emit == Emit::MLIR)
    compile.cpus.resize(1);
  return llvm::Error::success();
}

llvm::Error Compilation::writeCode(ModuleOp module) {
  auto take = [&](llvm::Expected<std::string> made) -> llvm::Error {
    if (!made)
      return made.takeError();
    artifact.data = std::move(*made);
    return llvm::Error::success();
  };
  if (emit == Emit::MLIR)
    return take(textAfter(module, stage, compile));
  if (emit == Emit::PTX)
    return take(compileGPUFile(module, GPUFile::PTX, compile));
  if (emit == Emit::Cubin)
    return take(compileGPUFile(module, GPUFile::Cubin, compile));
  if (emit == Emit::FatBinary)
    return take(compileGPUFile(module, GPUFile::FatBinary, compile));
  auto program = compileProgram(module, compile,
                                emit == Emit::Assembly ? CodeKind::Assembly
                                : emit == Emit::LLVMIR ? CodeKind::LLVMIR
                                                       : CodeKind::Object);
  if (!program)
    return program.takeError();
  if (emit == Emit::Assembly || emit == Emit::LLVMIR)
    return take(program->levels.front().code);
  Scratch scratch;
  if (llvm::Error error = scratch.create())
    return error;
  LibraryOptions library;
  library.shared = emit == Emit::Shared;
  library.path = scratch.file(compile.name + (library.shared ? ".so" : ".o"));
  library.runtime =
      options.runtime ? std::string(options.runtime) : runtimeBeside();
  if (llvm::Error error = writeLibrary(*program, library))
    return error;
  auto bytes = llvm::MemoryBuffer::getFile(library.path, false, false);
  if (!bytes)
    return fileError(library.path, bytes.getError().message());
  artifact.data = (*bytes)->getBuffer().str();
  artifact.header = headerText(*program);
  return llvm::Error::success();
}

llvm::Error Compilation::run(StringRef program) {
  if (llvm::Error error = readOptions())
    return error;
  DialectRegistry registry;
  registerCompilerDialects(registry);
  // One thread: what the caller has of them is the caller's.
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  DiagnosticPrinter printer(&context, log);
  OwningOpRef<ModuleOp> module =
      parseProgramText("program", program, &context, log);
  if (!module)
    return llvm::createStringError("");
  return writeCode(*module);
}

} // namespace

const char *act_compiler_version(void) { return ACT_VERSION; }

act_artifact *act_compile(const char *program, size_t bytes,
                          const act_compile_options *options) {
  auto *artifact = new (std::nothrow) act_artifact;
  if (!artifact)
    return nullptr;
  if (!program) {
    artifact->log = "error: no program\n";
    return artifact;
  }
  llvm::Error error =
      Compilation(options, *artifact).run(StringRef(program, bytes));
  artifact->ok = !error;
  std::string text = llvm::toString(std::move(error));
  // Without a text the error is in the log already.
  if (!text.empty())
    artifact->log +=
        (text.find("error: ") == std::string::npos ? "error: " : "") + text +
        "\n";
  return artifact;
}

int act_artifact_ok(const act_artifact *artifact) { return artifact->ok; }
const char *act_artifact_log(const act_artifact *artifact) {
  return artifact->log.c_str();
}
const void *act_artifact_data(const act_artifact *artifact) {
  return artifact->data.c_str();
}
size_t act_artifact_size(const act_artifact *artifact) {
  return artifact->data.size();
}
const char *act_artifact_header(const act_artifact *artifact) {
  return artifact->header.c_str();
}
void act_artifact_destroy(act_artifact *artifact) { delete artifact; }
