// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which extents of the tensors in a program, or in a kernel's body, are equal.

#ifndef ACT_MLIR_TRANSFORMS_EXTENTS_H
#define ACT_MLIR_TRANSFORMS_EXTENTS_H

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::act {

/// Classes of equal extents, found in one walk. Extents are equal by
/// definition (an elementwise result has its operands' shape), or because an
/// operation requires it of its operands: those cases are listed, since they
/// have to be checked when the program runs.
class Extents {
public:
  /// An extent: that of a tensor, or a value of type index.
  struct Extent {
    Value value;
    int64_t dim = -1; // -1: `value` is the extent itself
  };
  struct Requirement {
    Operation *op;
    Extent lhs, rhs;
  };

  /// Whether extents that an operation requires to be equal are taken to be.
  enum class Required { Trusted, Listed };
  Extents(func::FuncOp func, Required required = Required::Trusted);
  explicit Extents(KernelOp kernel);

  /// The class of an extent. Equal static extents have one class.
  unsigned of(Extent extent);
  unsigned of(Value tensor, int64_t dim) { return of(Extent{tensor, dim}); }
  /// The classes of a tensor's extents.
  SmallVector<unsigned> shape(Value tensor);
  unsigned constant(int64_t extent);
  /// Gives a new tensor the classes of the one that it takes the place of.
  void alias(Value tensor, Value of);
  /// The number that all extents of a class are, if the program says.
  std::optional<int64_t> known(unsigned of) const { return numbers[of]; }

  ArrayRef<Requirement> required() const { return requirements; }

private:
  void visit(Operation *op);
  void define(Extent lhs, Extent rhs);
  void require(Operation *op, Extent lhs, Extent rhs);
  unsigned find(unsigned node);
  unsigned fresh(std::optional<int64_t> number = {});
  bool join(unsigned lhs, unsigned rhs);

  Required mode;
  DenseMap<std::pair<Value, int64_t>, unsigned> nodes;
  DenseMap<int64_t, unsigned> constants;
  llvm::StringMap<unsigned> names;
  std::vector<unsigned> parents;
  std::vector<std::optional<int64_t>> numbers;
  std::vector<Requirement> requirements;
};

} // namespace mlir::act

#endif // ACT_MLIR_TRANSFORMS_EXTENTS_H
