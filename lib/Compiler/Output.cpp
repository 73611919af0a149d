// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/Output.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <cstring>
#include <unistd.h>

using namespace mlir;
using namespace mlir::act;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

llvm::Error mlir::act::fileError(StringRef file, const llvm::Twine &message) {
  return llvm::createStringError(file + ": error: " + message);
}

/// The error of a stream, which must not be left in it: its destructor would
/// end the process.
static llvm::Error takeError(llvm::raw_fd_ostream &os, StringRef file) {
  os.flush();
  if (!os.has_error())
    return llvm::Error::success();
  std::string why = os.error().message();
  os.clear_error();
  return fileError(file, why);
}

llvm::Error mlir::act::writeFile(StringRef file, Writer write) {
  if (file == "-") {
    write(llvm::outs());
    return takeError(llvm::outs(), "<stdout>");
  }
  fs::file_status status;
  if (!fs::status(file, status) && fs::exists(status)) {
    if (fs::is_directory(status))
      return fileError(file, "is a directory");
    // To rename over a device would replace it.
    if (!fs::is_regular_file(status)) {
      std::error_code code;
      llvm::raw_fd_ostream os(file, code, fs::CD_OpenExisting);
      if (code)
        return fileError(file, code.message());
      write(os);
      return takeError(os, file);
    }
    if (std::error_code code = fs::access(file, fs::AccessMode::Write))
      return fileError(file, code.message());
  }
  auto temporary = fs::TempFile::create(file + ".tmp%%%%%%");
  if (!temporary)
    return fileError(file, llvm::toString(temporary.takeError()));
  {
    llvm::raw_fd_ostream os(temporary->FD, /*shouldClose=*/false);
    write(os);
    if (llvm::Error error = takeError(os, file)) {
      llvm::consumeError(temporary->discard());
      return error;
    }
  }
  if (llvm::Error error = temporary->keep(file))
    return fileError(file, llvm::toString(std::move(error)));
  return llvm::Error::success();
}

llvm::Error mlir::act::writeFile(StringRef file, StringRef contents) {
  return writeFile(file, [&](raw_ostream &os) { os << contents; });
}

//===----------------------------------------------------------------------===//
// Scratch folders
//===----------------------------------------------------------------------===//

// What a signal's handler must know, where it may not allocate: the folder and
// its files. One tool has one such folder at a time; a second one, and files
// beyond these, are not cleaned on an interrupt.
static char pendingFolder[256];
static char pendingFiles[32][320];

static void removePending() {
  for (const auto &file : pendingFiles)
    if (*file)
      unlink(file);
  rmdir(pendingFolder);
  // As a shell says it of a process that SIGTERM ended.
  _exit(128 + SIGTERM);
}

llvm::Error Scratch::create() {
  if (std::error_code code = fs::createUniqueDirectory("act-compile", folder))
    return fileError("temporary folder", code.message());
  if (!pendingFolder[0] && folder.size() < sizeof pendingFolder) {
    std::memcpy(pendingFolder, folder.c_str(), folder.size() + 1);
    llvm::sys::SetInterruptFunction(removePending);
  }
  return llvm::Error::success();
}

Scratch::~Scratch() {
  if (folder.empty())
    return;
  (void)fs::remove_directories(folder);
  if (folder == pendingFolder) {
    llvm::sys::SetInterruptFunction(nullptr);
    std::memset(pendingFiles, 0, sizeof pendingFiles);
    pendingFolder[0] = 0;
  }
}

std::string Scratch::file(const llvm::Twine &name) const {
  SmallString<128> result = folder;
  path::append(result, name);
  if (folder == pendingFolder && result.size() < sizeof pendingFiles[0])
    for (auto &file : pendingFiles) {
      if (*file && result != file)
        continue;
      std::memcpy(file, result.c_str(), result.size() + 1);
      break;
    }
  return result.str().str();
}
