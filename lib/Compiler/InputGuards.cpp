// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What upstream's parser would crash on, found before it runs.

#include "act-mlir/Compiler/Program.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

static llvm::Error located(StringRef path, unsigned line, unsigned column,
                           const llvm::Twine &message) {
  return llvm::createStringError(path + ":" + llvm::Twine(line) + ":" +
                                 llvm::Twine(column) + ": error: " + message);
}

llvm::Error mlir::act::checkInput(StringRef path, StringRef contents,
                                  bool allowEmpty) {
  constexpr unsigned kMaxDepth = 256;
  if (contents.trim().empty() && !allowEmpty)
    return located(path, 1, 1, "no operation in input");
  if (contents.starts_with("ML\xefR"))
    return llvm::Error::success();
  unsigned line = 1, column = 0, depth = 0;
  bool string = false, comment = false;
  for (size_t i = 0; i < contents.size(); ++i) {
    char c = contents[i];
    ++column;
    if (c == '\0')
      return located(path, line, column, "not MLIR text or bytecode");
    if (c == '\n') {
      ++line;
      column = 0;
      comment = false;
      continue;
    }
    if (comment)
      continue;
    if (string) {
      if (c == '\\')
        ++i, ++column;
      else if (c == '"')
        string = false;
      continue;
    }
    switch (c) {
    case '"':
      string = true;
      break;
    case '/':
      comment = i + 1 < contents.size() && contents[i + 1] == '/';
      break;
    case '(':
    case '[':
    case '{':
    case '<':
      if (++depth > kMaxDepth)
        return located(path, line, column,
                       "nesting deeper than " + llvm::Twine(kMaxDepth));
      break;
    case '>':
      // "->" closes nothing.
      if (i > 0 && contents[i - 1] == '-')
        break;
      [[fallthrough]];
    case ')':
    case ']':
    case '}':
      depth -= depth > 0;
      break;
    default:
      break;
    }
  }
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(contents.begin());
  const auto *end = reinterpret_cast<const llvm::UTF8 *>(contents.end());
  if (!llvm::isLegalUTF8String(&begin, end))
    return located(path, 1, 1, "not MLIR text or bytecode");
  return llvm::Error::success();
}

OwningOpRef<ModuleOp> mlir::act::parseProgram(StringRef path,
                                              MLIRContext *context) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!file) {
    llvm::errs() << path << ": error: " << file.getError().message() << "\n";
    return {};
  }
  if (llvm::Error error = checkInput(path, (*file)->getBuffer())) {
    llvm::errs() << llvm::toString(std::move(error)) << "\n";
    return {};
  }
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(*file), llvm::SMLoc());
  SourceMgrDiagnosticHandler handler(*sources, context);
  return parseSourceFile<ModuleOp>(sources, context);
}
