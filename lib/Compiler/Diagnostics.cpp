// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/Program.h"
#include "mlir/IR/Location.h"

using namespace mlir;
using namespace mlir::act;

/// The first position in a file, and the first name, within a location.
static void find(Location loc, FileLineColLoc &file, StringAttr &name) {
  loc->walk([&](Location inner) {
    if (auto position = dyn_cast<FileLineColLoc>(inner); position && !file)
      file = position;
    if (auto named = dyn_cast<NameLoc>(inner); named && !name)
      name = named.getName();
    return WalkResult::advance();
  });
}

static void print(raw_ostream &os, Location loc, StringRef kind,
                  const llvm::Twine &message) {
  FileLineColLoc file;
  StringAttr name;
  find(loc, file, name);
  // A name leads into the model, a position into what was made of it.
  if (name)
    os << "node '" << name.getValue() << "': ";
  else if (file)
    os << file.getFilename().getValue() << ":" << std::max(file.getLine(), 1u)
       << ":" << std::max(file.getColumn(), 1u) << ": ";
  os << kind << ": " << message << "\n";
}

static StringRef kindOf(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  llvm_unreachable("unknown severity");
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context, raw_ostream &os)
    : ScopedDiagnosticHandler(context) {
  setHandler([&os](Diagnostic &diagnostic) {
    print(os, diagnostic.getLocation(), kindOf(diagnostic.getSeverity()),
          diagnostic.str());
    for (Diagnostic &note : diagnostic.getNotes()) {
      // The whole of a function is no help beside its position.
      std::string text = note.str();
      if (StringRef(text).starts_with("see current operation:"))
        continue;
      print(os, note.getLocation(), "note", text);
    }
    return success();
  });
}
