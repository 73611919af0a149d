// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HashForms.h"
#include "act-mlir/Compiler/Library.h"
#include "act-mlir/Compiler/Output.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace mlir::act;
using namespace mlir::act::numerics;

/// Runs a program and returns what it prints.
static llvm::Expected<std::string> execute(llvm::ArrayRef<std::string> command,
                                           const std::string &log) {
  auto program = llvm::sys::findProgramByName(command[0]);
  if (!program)
    return fileError(command[0], program.getError().message());
  std::string message;
  int code = llvm::sys::ExecuteAndWait(
      *program, llvm::to_vector_of<llvm::StringRef>(command), std::nullopt,
      {llvm::StringRef(), log, log}, 0, 0, &message);
  auto text = llvm::MemoryBuffer::getFile(log);
  std::string output = text ? (*text)->getBuffer().str() : "";
  if (code)
    return llvm::createStringError(command[0] + " failed: " + message + output);
  return output;
}

static llvm::Error compile(const HashForm &form, const HashedProgram &program,
                           const std::string &path) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  CompileOptions options;
  options.triple = kForeignTriple;
  auto compiled = compileForm(context, form, program, options);
  if (!compiled)
    return compiled.takeError();
  LibraryOptions library;
  library.path = path;
  library.runtime = ACT_BUILD "/lib/libActRuntime.a";
  return writeLibrary(*compiled, library);
}

llvm::Expected<std::vector<std::string>> mlir::act::numerics::computeForeign(
    const HashForm &form, const HashedProgram &program, uint64_t stride) {
  Scratch scratch;
  if (llvm::Error error = scratch.create())
    return error;
  std::string library = scratch.file("model.so"), run = scratch.file("run"),
              log = scratch.file("log");
  if (llvm::Error error = compile(form, program, library))
    return error;
  std::string sources = ACT_SOURCE "/test/Hashes/";
  if (auto built =
          execute({std::string(kForeignTriple) + "-gcc", "-std=c11", "-O2",
                   "-I", ACT_SOURCE "/include", sources + "RunModel.c",
                   sources + "RunLibrary.c", "-o", run, "-ldl", "-lpthread"},
                  log);
      !built)
    return built.takeError();

  act_element element = elementOf(program.type);
  size_t outputs = program.rows().size();
  std::vector<std::string> command = {"qemu-aarch64",
                                      "-cpu",
                                      form.emulatedCPU,
                                      "-L",
                                      std::string("/usr/") + kForeignTriple,
                                      run,
                                      library,
                                      std::to_string(element.dtype.code),
                                      std::to_string(element.dtype.bits),
                                      std::to_string(element.infinity),
                                      std::to_string(outputs),
                                      std::to_string(form.threads)};
  HashInputs inputs(program, stride);
  for (unsigned k = 0; k < program.inputs(); ++k) {
    command.push_back(scratch.file("input" + llvm::Twine(k)));
    std::vector<uint8_t> bytes;
    if (llvm::Error error =
            writeFile(command.back(), [&](llvm::raw_ostream &os) {
              for (uint64_t i = 0; i < inputs.size();) {
                i += inputs.fill(k, i, 1 << 13, false, bytes);
                os.write(reinterpret_cast<char *>(bytes.data()), bytes.size());
              }
            }))
      return error;
  }
  auto printed = execute(command, log);
  if (!printed)
    return printed.takeError();
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(*printed).split(lines, '\n', -1, false);
  if (lines.size() != outputs)
    return llvm::createStringError("unexpected output: " + *printed);
  std::vector<std::string> hashes;
  for (llvm::StringRef line : lines)
    hashes.push_back(line.str());
  return hashes;
}
