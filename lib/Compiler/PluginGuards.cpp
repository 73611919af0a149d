// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Plugins that would not work, found before they are loaded: mlir-opt itself
// prints a line, goes on without them, and may crash in their code.

#include "Child.h"
#include "act-mlir/Compiler/Output.h"
#include "act-mlir/Compiler/Plugins.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Object/ELFObjectFile.h"
#include <unistd.h>

using namespace mlir;
using namespace mlir::act;

/// The libraries that an ELF file asks for.
template <typename ELFT>
static std::vector<std::string>
neededOf(const llvm::object::ELFObjectFile<ELFT> &file) {
  std::vector<std::string> names;
  const llvm::object::ELFFile<ELFT> &elf = file.getELFFile();
  auto entries = elf.dynamicEntries();
  if (!entries) {
    llvm::consumeError(entries.takeError());
    return names;
  }
  uint64_t table = 0, size = 0;
  for (const auto &entry : *entries) {
    if (entry.getTag() == llvm::ELF::DT_STRTAB)
      table = entry.getVal();
    else if (entry.getTag() == llvm::ELF::DT_STRSZ)
      size = entry.getVal();
  }
  auto mapped = elf.toMappedAddr(table);
  if (!mapped) {
    llvm::consumeError(mapped.takeError());
    return names;
  }
  const uint8_t *end = elf.base() + elf.getBufSize();
  if (*mapped > end || size > uint64_t(end - *mapped))
    return names;
  StringRef strings(reinterpret_cast<const char *>(*mapped), size);
  for (const auto &entry : *entries)
    if (entry.getTag() == llvm::ELF::DT_NEEDED && entry.getVal() < size)
      names.push_back(strings.drop_front(entry.getVal())
                          .take_until([](char c) { return c == 0; })
                          .str());
  return names;
}

/// Another LLVM in the process would be a second copy of everything.
static llvm::Error checkVersion(StringRef path) {
  auto file = llvm::object::ObjectFile::createObjectFile(path);
  if (!file) {
    std::string why = llvm::toString(file.takeError());
    return fileError(path, "no plugin: " + why);
  }
  auto *elf = dyn_cast<llvm::object::ELF64LEObjectFile>(file->getBinary());
  if (!elf)
    return fileError(path, "no plugin: not a 64-bit ELF file");
  for (StringRef name : neededOf(*elf)) {
    StringRef version = name;
    if (!version.consume_front("libMLIR.so.") &&
        !version.consume_front("libLLVM.so.") &&
        !(version.consume_front("libLLVM-") && version.consume_back(".so.1")) &&
        !(version.consume_front("libLLVM-") && version.consume_back(".so")))
      continue;
    unsigned major = 0;
    if (!version.consumeInteger(10, major) && major != LLVM_VERSION_MAJOR)
      return fileError(path, "plugin built for LLVM " + llvm::Twine(major) +
                                 ", this tool is " LLVM_VERSION_STRING);
  }
  return llvm::Error::success();
}

/// What the plugin's own code does, in a child.
static int registerPlugin(const std::string &path, PluginKind kind,
                          int report) {
  auto say = [&](llvm::Error error) {
    std::string text = llvm::toString(std::move(error));
    return write(report, text.data(), text.size()) < 0 ? 2 : 1;
  };
  if (kind == PluginKind::Dialect) {
    auto plugin = DialectPlugin::load(path);
    if (!plugin)
      return say(plugin.takeError());
    DialectRegistry registry;
    plugin->registerDialectRegistryCallbacks(registry);
  } else {
    auto plugin = PassPlugin::load(path);
    if (!plugin)
      return say(plugin.takeError());
    plugin->registerPassRegistryCallbacks();
  }
  return 0;
}

llvm::Error mlir::act::checkPlugin(StringRef path, PluginKind kind) {
  if (llvm::Error error = checkVersion(path))
    return error;
  ChildResult result =
      runInChild(/*seconds=*/10, std::nullopt, [&](int report) {
        return registerPlugin(path.str(), kind, report);
      });
  if (!result.started)
    return fileError(path, "no process to try the plugin");
  if (result.succeeded())
    return llvm::Error::success();
  if (result.text.empty())
    result.text =
        "the plugin ends this tool when it registers what it has: it throws "
        "or aborts, or the tool has the same";
  return fileError(path, result.text);
}
