// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Target/Cubin.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::act;

llvm::Expected<std::string> mlir::act::findCUDATool(StringRef name) {
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (auto home = llvm::sys::Process::GetEnv(variable)) {
      SmallString<128> path(*home);
      llvm::sys::path::append(path, "bin", name);
      if (llvm::sys::fs::can_execute(path))
        return path.str().str();
    }
  if (auto found = llvm::sys::findProgramByName(name))
    return *found;
  return llvm::createStringError(
      name + " is not in PATH, nor in $CUDA_HOME/bin: it comes with NVIDIA's "
             "CUDA toolkit; --emit=ptx needs none");
}

static std::string fileIn(StringRef folder, const llvm::Twine &name) {
  SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  return path.str().str();
}

static llvm::Error writeTo(StringRef path, StringRef contents) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code);
  if (!code) {
    os << contents;
    os.flush();
    code = os.error();
    os.clear_error();
  }
  return code ? llvm::createStringError(path + ": error: " + code.message())
              : llvm::Error::success();
}

static llvm::Expected<std::string> readFrom(StringRef path) {
  auto file = llvm::MemoryBuffer::getFile(path, false, false);
  if (!file)
    return llvm::createStringError(path +
                                   ": error: " + file.getError().message());
  return (*file)->getBuffer().str();
}

/// What the program printed; its failure is an error with that text.
static llvm::Expected<std::string> runTool(StringRef program,
                                           ArrayRef<std::string> arguments,
                                           const std::string &log) {
  SmallVector<StringRef> refs = {program};
  for (const std::string &argument : arguments)
    refs.push_back(argument);
  std::string why;
  int code = llvm::sys::ExecuteAndWait(
      program, refs, std::nullopt,
      {StringRef(""), StringRef(log), StringRef(log)}, 0, 0, &why);
  auto text = readFrom(log);
  if (!text)
    return text.takeError();
  if (code != 0)
    return llvm::createStringError(program + " failed: " + why + *text);
  return text;
}

/// `ptxas info : Used 22 registers, ...` behind the line with the kernel's
/// name, and `0 bytes stack frame, 0 bytes spill stores, ...` between.
static std::vector<KernelResources> parseResources(StringRef log) {
  std::vector<KernelResources> kernels;
  for (StringRef line : llvm::split(log, '\n')) {
    auto [before, name] = line.split("Compiling entry function '");
    if (!name.empty()) {
      kernels.push_back({name.split('\'').first.str()});
      continue;
    }
    if (kernels.empty())
      continue;
    for (StringRef part : llvm::split(line, ',')) {
      part =
          part.substr(part.rfind(':') == StringRef::npos ? 0
                                                         : part.rfind(':') + 1)
              .trim();
      part.consume_front("Used ");
      unsigned number = 0;
      if (part.consumeInteger(10, number))
        continue;
      part = part.trim();
      if (part.starts_with("registers"))
        kernels.back().registers = number;
      else if (part.starts_with("bytes stack frame"))
        kernels.back().stackBytes = number;
      else if (part.starts_with("bytes spill"))
        kernels.back().spillBytes += number;
    }
  }
  return kernels;
}

llvm::Expected<Cubin> mlir::act::assemblePTX(StringRef ptx, StringRef chip,
                                             StringRef folder) {
  auto tool = findCUDATool("ptxas");
  if (!tool)
    return tool.takeError();
  std::string in = fileIn(folder, chip + ".ptx");
  std::string out = fileIn(folder, chip + ".cubin");
  if (llvm::Error error = writeTo(in, ptx))
    return error;
  auto log = runTool(*tool, {"-v", "-arch", chip.str(), in, "-o", out},
                     fileIn(folder, "ptxas.log"));
  if (!log)
    return log.takeError();
  auto code = readFrom(out);
  if (!code)
    return code.takeError();
  return Cubin{std::move(*code), parseResources(*log)};
}

llvm::Expected<std::string>
mlir::act::joinImages(ArrayRef<FatBinaryImage> images, StringRef folder) {
  auto tool = findCUDATool("fatbinary");
  if (!tool)
    return tool.takeError();
  std::string out = fileIn(folder, "out.fatbin");
  std::vector<std::string> arguments = {"-64", "--create=" + out};
  for (const FatBinaryImage &image : images) {
    StringRef digits = image.chip;
    digits.consume_front("sm_");
    StringRef kind = image.isPTX ? "ptx" : "elf";
    std::string file = fileIn(folder, "image." + image.chip + "." + kind);
    if (llvm::Error error = writeTo(file, image.code))
      return error;
    arguments.push_back(
        ("--image3=kind=" + kind + ",sm=" + digits + ",file=" + file).str());
  }
  auto log = runTool(*tool, arguments, fileIn(folder, "fatbinary.log"));
  if (!log)
    return log.takeError();
  return readFrom(out);
}
