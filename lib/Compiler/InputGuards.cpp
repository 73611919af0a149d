// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What upstream's parser would crash on, found before it runs.

#include "Child.h"
#include "act-mlir/Compiler/Program.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include <unistd.h>

using namespace mlir;

static llvm::Error located(StringRef path, unsigned line, unsigned column,
                           const llvm::Twine &message) {
  return llvm::createStringError(path + ":" + llvm::Twine(line) + ":" +
                                 llvm::Twine(column) + ": error: " + message);
}

/// Reads input in a child with limits of time and memory; the first error,
/// where there is one, is its text.
static act::ChildResult
attempt(uint64_t size, rlim_t seconds,
        function_ref<LogicalResult(MLIRContext *)> readInput) {
  // What is mapped already, the shared libraries, counts as well.
  rlim_t bytes = (rlim_t(4) << 30) + 20 * size;
  act::ChildResult result = act::runInChild(seconds, bytes, [&](int output) {
    DialectRegistry registry;
    act::registerCompilerDialects(registry);
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
        std::string text = diagnostic.str() + "\n";
        if (write(output, text.data(), text.size()) < 0)
          _exit(2);
      }
      return success();
    });
    return failed(readInput(&context));
  });
  result.text = StringRef(result.text).split('\n').first.str();
  return result;
}

/// Upstream's reader of bytecode trusts counts in the file, and may then write
/// where it must not, crash, or run and allocate without end. What the child
/// finds wrong is the error.
static llvm::Error tryBytecode(StringRef path, StringRef contents) {
  rlim_t seconds = 2 + contents.size() / 10'000'000;
  act::ChildResult result =
      attempt(contents.size(), seconds, [&](MLIRContext *context) {
        Block block;
        return readBytecodeFile(llvm::MemoryBufferRef(contents, path), &block,
                                ParserConfig(context));
      });
  if (!result.started)
    return located(path, 1, 1, "no process to read bytecode safely");
  if (result.succeeded())
    return llvm::Error::success();
  return located(path, 1, 1,
                 result.text.empty() ? "malformed bytecode" : result.text);
}

llvm::Error mlir::act::checkInput(StringRef path, StringRef contents,
                                  bool allowEmpty) {
  constexpr unsigned kMaxDepth = 256;
  // The parser needs several times as much memory, and a file of zeros is no
  // text either; weights come in files of their own.
  constexpr uint64_t kMaxBytes = 1 << 30;
  if (contents.size() > kMaxBytes)
    return located(path, 1, 1, "input larger than 1 GiB");
  if (contents.trim().empty() && !allowEmpty)
    return located(path, 1, 1, "no operation in input");
  if (contents.starts_with("ML\xefR"))
    return tryBytecode(path, contents);
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

llvm::Error mlir::act::tryText(StringRef path, StringRef contents) {
  // Longer text is a program's, and would take long to read twice.
  constexpr uint64_t kMaxTried = 1 << 20;
  if (contents.size() > kMaxTried || contents.starts_with("ML\xefR"))
    return llvm::Error::success();
  auto crashes = [&](StringRef text) {
    rlim_t seconds = 10 + text.size() / 100'000;
    return attempt(text.size(), seconds,
                   [&](MLIRContext *context) {
                     context->allowUnregisteredDialects();
                     Block block;
                     return parseSourceString(text, &block,
                                              ParserConfig(context));
                   })
        .crashed();
  };
  // Pieces as tests have them are programs of their own.
  constexpr StringLiteral kPiece = "\n// -----";
  StringRef all = contents;
  unsigned before = 0;
  if (!crashes(all)) {
    if (!contents.contains(kPiece))
      return llvm::Error::success();
    StringRef rest = contents;
    for (;;) {
      size_t end = rest.find(kPiece);
      all = rest.take_front(end);
      if (crashes(all))
        break;
      if (end == StringRef::npos)
        return llvm::Error::success();
      before += all.count('\n');
      rest = rest.drop_front(end);
      // Its own line begins the next piece.
      rest = rest.drop_front();
      ++before;
    }
  }
  // The first line without which it does not crash: what follows is not read.
  SmallVector<StringRef> lines;
  all.split(lines, '\n');
  auto upTo = [&](size_t count) {
    return all.take_front(lines[count - 1].end() - all.begin());
  };
  size_t low = 0, high = lines.size();
  while (high - low > 1) {
    size_t middle = (low + high) / 2;
    (crashes(upTo(middle)) ? high : low) = middle;
  }
  return located(path, before + high, 1, "MLIR's parser crashes on this line");
}

OwningOpRef<ModuleOp> mlir::act::parseProgramText(StringRef name,
                                                  StringRef contents,
                                                  MLIRContext *context,
                                                  raw_ostream &log) {
  if (llvm::Error error = checkInput(name, contents)) {
    log << llvm::toString(std::move(error)) << "\n";
    return {};
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(contents, name), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sources, context);
}

OwningOpRef<ModuleOp> mlir::act::parseProgram(StringRef path,
                                              MLIRContext *context) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!file) {
    llvm::errs() << path << ": error: " << file.getError().message() << "\n";
    return {};
  }
  StringRef contents = (*file)->getBuffer();
  llvm::Error error = checkInput(path, contents);
  if (!error)
    error = tryText(path, contents);
  if (error) {
    llvm::errs() << llvm::toString(std::move(error)) << "\n";
    return {};
  }
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(*file), llvm::SMLoc());
  SourceMgrDiagnosticHandler handler(*sources, context);
  return parseSourceFile<ModuleOp>(sources, context);
}
