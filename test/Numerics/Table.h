// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The rows of lib/Numerics/Measurements.tsv, and what an interrupted sweep
// leaves behind.

#ifndef ACT_TEST_NUMERICS_TABLE_H
#define ACT_TEST_NUMERICS_TABLE_H

#include "Result.h"
#include <string>
#include <utility>
#include <vector>

namespace mlir::act::numerics {

/// A kernel's row, with its line's end. `margin` is added to the error.
std::string row(Function function, Type type, Kernel kernel,
                const Result &result, double margin);

/// The functions and types whose rows a file of rows has, of the kernels as
/// they are now; what else stands in it is removed. An error message if the
/// file is of a sweep with other options.
class Rows {
public:
  std::string open(const std::string &path, const std::string &options);
  bool has(Function function, Type type) const;
  void append(const std::string &row);

private:
  std::string path;
  std::vector<std::pair<Function, Type>> done;
};

/// How far the sweep of a function and a type has come.
struct State {
  std::string options;
  Function function;
  Type type;
  uint64_t next = 0;
  Results results;

  bool load(const std::string &path);
  void save(const std::string &path) const;
};

} // namespace mlir::act::numerics

#endif // ACT_TEST_NUMERICS_TABLE_H
