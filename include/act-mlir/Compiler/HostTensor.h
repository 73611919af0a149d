// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Tensors in the host's memory: made from text, read from and written to .npy.

#ifndef ACT_MLIR_COMPILER_HOSTTENSOR_H
#define ACT_MLIR_COMPILER_HOSTTENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemAlloc.h"
#include <memory>
#include <string>

namespace mlir::act {

/// A contiguous tensor, row by row, aligned to 64 bytes.
class HostTensor {
public:
  HostTensor() = default;
  /// Zeros. The shape is static.
  HostTensor(Type element, ArrayRef<int64_t> shape);

  Type element() const { return type; }
  ArrayRef<int64_t> shape() const { return extents; }
  int64_t size() const;
  int64_t bytes() const { return size() * elementBytes(type); }
  void *data() const { return memory.get(); }

  /// An element as f64: exact for every float type and for integers below 2^53.
  double get(int64_t index) const;
  /// Stores a number rounded to nearest, ties to even.
  void set(int64_t index, double value);

  static int64_t elementBytes(Type element);

private:
  struct Free {
    void operator()(void *p) const { llvm::deallocate_buffer(p, 0, 64); }
  };
  Type type;
  SmallVector<int64_t> extents;
  std::unique_ptr<char, Free> memory;
};

/// A number as its nearest value of a float type.
APFloat roundToType(double value, FloatType type);

/// A tensor from `SHAPExTYPE=VALUES` or `@file.npy`, where VALUES is
/// `linspace(a,b)`, `random(seed)` (uniform in [-8, 8)), a number for all
/// elements, or a list `[a, b, ...]` of all elements in order. `expected` gives
/// bf16 and 8-bit floats, which .npy files store as integers, their type.
llvm::Expected<HostTensor> parseTensor(StringRef text, MLIRContext *context,
                                       Type expected = {});

/// `2x2xf32=[1, 2, 3, 4]`; at most `limit` elements, then `...`.
void printTensor(raw_ostream &os, const HostTensor &tensor, int64_t limit);

/// Reads version 1 to 3 of NumPy's format, C order, little endian.
llvm::Expected<HostTensor> readNpy(StringRef path, MLIRContext *context,
                                   Type expected = {});
/// Writes through a temporary file.
llvm::Error writeNpy(StringRef path, const HostTensor &tensor);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_HOSTTENSOR_H
