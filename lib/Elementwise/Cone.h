// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A function of one number: what a node of an elementwise graph computes from
// another one, and perhaps from a third, which is kept.

#ifndef ACT_MLIR_ELEMENTWISE_CONE_H
#define ACT_MLIR_ELEMENTWISE_CONE_H

#include "ElementwiseGraph.h"
#include "act-mlir/Numerics/Registry.h"

namespace mlir::act {

class Cone {
public:
  /// A constant of the cone, as it was rounded to its type.
  struct Constant {
    double number;
    /// Half a unit in the last place where the number looks rounded, else 0.
    double rounding;
  };

  /// All paths from `root` to leaves lead through `input` or `other`.
  Cone(const ElementwiseGraph &graph, unsigned input, unsigned root,
       unsigned other = ElementwiseGraph::kNone);

  /// What `other` is from now on; it was 0.
  void setOther(double value) {
    if (otherSlot)
      slots[otherSlot] = value;
  }

  double operator()(double x) const { return evaluate(x, 0); }

  /// The value that a program has, whose operations round to their types.
  double inProgram(double x) const { return evaluate(x, 0, nullptr, true); }

  /// The value by the kernels on pairs.
  double inPairs(double x) const;

  /// Whether the value at x came about without an infinity or NaN on the way;
  /// what a select does not choose does not count.
  bool isFinite(double x) const;

  /// How far the value at x moves when constants move within what they were
  /// rounded to and results within the error of their evaluation: the largest
  /// distance found in some trials.
  double uncertainty(double x) const;

  /// Nodes of the cone, the root last.
  ArrayRef<unsigned> members() const { return nodes; }
  /// Those that operations take, then parameters of activations.
  ArrayRef<Constant> constants() const { return known; }
  /// The type of the root, in which the function is rounded.
  FloatType type() const { return element; }

  /// What the cone computes, as bytes that are the same for cones that are
  /// equal; of use while their context lives.
  std::string key() const;

private:
  struct Instruction {
    Operation *op = nullptr;
    DictionaryAttr attributes;
    ScalarEvaluator evaluator = nullptr;
    /// Of an operation that has a kernel.
    std::optional<numerics::Function> function;
    SmallVector<Constant, 2> parameters;
    SmallVector<unsigned, 3> operands; // slots
    FloatType type;                    // of the result; null for integers
    double noise = 0;                  // relative error of the evaluation
  };

  double evaluate(double x, uint64_t seed, bool *finite = nullptr,
                  bool rounds = false) const;
  double compute(const Instruction &instruction, ArrayRef<double> parameters,
                 ArrayRef<double> x) const;

  FloatType element;
  bool usePairs;
  unsigned otherSlot = 0; // 0: none
  SmallVector<unsigned> nodes;
  SmallVector<Constant> numbers, known;
  std::vector<Instruction> instructions;
  /// Slot 0 is the input, constants follow with the other input among them,
  /// then results.
  mutable SmallVector<double> slots;
  mutable SmallVector<char> finiteSlots;
};

/// A number as its nearest one of a type.
double roundToElement(double value, FloatType type);

} // namespace mlir::act

#endif // ACT_MLIR_ELEMENTWISE_CONE_H
