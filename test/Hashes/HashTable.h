// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The committed hashes: a line for each row, a hash for each set of inputs.

#ifndef ACT_TEST_HASHES_HASHTABLE_H
#define ACT_TEST_HASHES_HASHTABLE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>
#include <vector>

namespace mlir::act::numerics {

/// A row's columns: of f32 functions every 65537th, every 257th and each
/// pattern, of everything else one.
constexpr uint64_t kHashStrides[] = {65537, 257, 1};

class HashTable {
public:
  static llvm::Expected<HashTable> read(llvm::StringRef path);
  llvm::Error write(llvm::StringRef path) const;

  /// A hash, or "-" where none is known.
  std::string get(const std::string &row, unsigned column) const;
  void set(const std::string &row, unsigned column, std::string hash);
  /// Leaves these rows alone, in their order.
  void keep(const std::vector<std::string> &rows) { order = rows; }

private:
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> hashes;
};

} // namespace mlir::act::numerics

#endif // ACT_TEST_HASHES_HASHTABLE_H
