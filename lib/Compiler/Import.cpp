// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Models of other formats, by way of the importer that stands beside the tool.

#include "act-mlir/Compiler/Import.h"
#include "act-mlir/Compiler/Output.h"
#include "act-mlir/Compiler/Program.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace mlir::act;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

llvm::Error mlir::act::loadWeights(StringRef manifest, MLIRContext *context) {
  auto text = llvm::MemoryBuffer::getFile(manifest);
  if (!text)
    return fileError(manifest, text.getError().message());
  auto json = llvm::json::parse((*text)->getBuffer());
  if (!json)
    return fileError(manifest, llvm::toString(json.takeError()));
  const llvm::json::Object *entries = json->getAsObject();
  if (!entries)
    return fileError(manifest, "not a JSON object");
  auto *dialect = context->getOrLoadDialect<BuiltinDialect>();
  auto &blobs =
      dialect->getRegisteredInterface<ResourceBlobManagerDialectInterface>()
          ->getBlobManager();
  for (auto &[name, value] : *entries) {
    const llvm::json::Object *entry = value.getAsObject();
    auto file = entry ? entry->getString("file") : std::nullopt;
    auto offset = entry ? entry->getInteger("offset") : std::nullopt;
    auto length = entry ? entry->getInteger("length") : std::nullopt;
    if (!file || !offset || !length)
      return fileError(manifest, "'" + llvm::Twine(name.str()) +
                                     "' needs file, offset and length");
    SmallString<128> where(*file);
    if (!path::is_absolute(where)) {
      where = path::parent_path(manifest);
      path::append(where, *file);
    }
    uint64_t size;
    if (std::error_code code = fs::file_size(where, size))
      return fileError(where, code.message());
    if (*offset < 0 || *length < 0 || uint64_t(*offset) > size ||
        uint64_t(*length) > size - *offset)
      return fileError(manifest, "'" + llvm::Twine(name.str()) +
                                     "' lies outside of its file of " +
                                     llvm::Twine(size) + " bytes");
    // Mapped, not read: weights may be larger than memory. Each on its own, so
    // that those that are packed can be let go.
    auto mapped = llvm::MemoryBuffer::getFileSlice(where, *length, *offset);
    if (!mapped)
      return fileError(where, mapped.getError().message());
    std::shared_ptr<llvm::MemoryBuffer> data = std::move(*mapped);
    ArrayRef<char> bytes(data->getBufferStart(), *length);
    // The blob keeps the file mapped.
    AsmResourceBlob blob(
        bytes, /*dataAlignment=*/1,
        [data](void *, size_t, size_t) mutable { data.reset(); },
        /*dataIsMutable=*/false);
    blobs.update(name, std::move(blob));
  }
  return llvm::Error::success();
}

OwningOpRef<ModuleOp> mlir::act::importModel(StringRef file, StringRef importer,
                                             MLIRContext *context) {
  auto report = [](const llvm::Twine &message) {
    llvm::errs() << message << "\n";
    return OwningOpRef<ModuleOp>();
  };
  auto withWeights = [&](StringRef text, const llvm::Twine &manifest) {
    OwningOpRef<ModuleOp> module = parseProgram(text, context);
    if (module && fs::exists(manifest))
      if (llvm::Error error = loadWeights(manifest.str(), context))
        return report(llvm::toString(std::move(error)));
    return module;
  };
  if (!path::extension(file).equals_insensitive(".onnx")) {
    SmallString<128> stem(file);
    path::replace_extension(stem, "");
    return withWeights(file, stem + ".weights.json");
  }
  if (!fs::exists(file))
    return report(file + ": error: No such file or directory");
  if (!fs::can_execute(importer))
    return report(file +
                  ": error: ONNX models need act-import-onnx, which is "
                  "not at '" +
                  importer + "'; install the Python package act_mlir");
  Scratch scratch;
  if (llvm::Error error = scratch.create())
    return report(llvm::toString(std::move(error)));
  std::string text = scratch.file("model.mlir");
  std::string manifest = scratch.file("model.weights.json");
  std::string why;
  int code = llvm::sys::ExecuteAndWait(
      importer, {importer, file, "-o", text, "--weights", manifest},
      std::nullopt, {}, 0, 0, &why);
  if (code != 0) {
    // The importer has said why, unless it could not run.
    if (!why.empty())
      return report(file + ": error: " + why);
    return {};
  }
  return withWeights(text, manifest);
}
