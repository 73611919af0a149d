// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HashTable.h"
#include "act-mlir/Compiler/Output.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir::act::numerics;

static const char kHead[] =
    "# Hashes of results, written by scripts/hashes --update: operation, "
    "type,\n"
    "# mode; of f32 over every 65537th, every 257th and each input ('-': not\n"
    "# computed), of other types over all inputs or a fixed set.\n";

llvm::Expected<HashTable> HashTable::read(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return act::fileError(path, buffer.getError().message());
  HashTable table;
  llvm::SmallVector<llvm::StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines) {
    if (line.starts_with("#"))
      continue;
    llvm::SmallVector<llvm::StringRef> words;
    line.split(words, ' ');
    if (words.size() < 4 || words.size() > 6)
      return act::fileError(path, "no row of the table: " + line);
    std::string row = llvm::join(llvm::ArrayRef(words).take_front(3), " ");
    table.order.push_back(row);
    for (auto [column, hash] :
         llvm::enumerate(llvm::ArrayRef(words).drop_front(3)))
      table.set(row, column, hash.str());
  }
  return table;
}

llvm::Error HashTable::write(llvm::StringRef path) const {
  return act::writeFile(path, [&](llvm::raw_ostream &os) {
    os << kHead;
    for (const std::string &row : order)
      if (auto found = hashes.find(row); found != hashes.end())
        os << row << " " << llvm::join(found->second, " ") << "\n";
  });
}

std::string HashTable::get(const std::string &row, unsigned column) const {
  auto found = hashes.find(row);
  return found == hashes.end() || found->second.size() <= column
             ? "-"
             : found->second[column];
}

void HashTable::set(const std::string &row, unsigned column, std::string hash) {
  std::vector<std::string> &columns = hashes[row];
  if (columns.size() <= column)
    columns.resize(column + 1, "-");
  // What all inputs gave was another kernel's.
  if (columns[column] != hash && columns.size() == std::size(kHashStrides))
    columns.back() = "-";
  columns[column] = std::move(hash);
}
