// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The elementwise computations of a block as one graph: operations on tensors,
// vectors and scalars, and those in the bodies of `linalg` operations that only
// map, with constants as numbers.

#ifndef ACT_MLIR_ELEMENTWISE_ELEMENTWISEGRAPH_H
#define ACT_MLIR_ELEMENTWISE_ELEMENTWISEGRAPH_H

#include "act-mlir/Elementwise/ScalarEvaluation.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::act {

class ElementwiseGraph {
public:
  /// The graph has no node before the first of these.
  static constexpr unsigned kNone = 0;

  struct Node {
    enum Kind { Leaf, Constant, Computed } kind = Leaf;
    Type element;
    Operation *op = nullptr;
    /// Of the operation; made once, for they are compared often.
    DictionaryAttr attributes;
    ScalarEvaluator evaluator = nullptr;
    SmallVector<unsigned, 3> operands;
    SmallVector<unsigned, 4> users;
    /// Of a constant.
    double number = 0;
    /// What stands for the node outside of bodies; the first one comes first.
    SmallVector<Value, 1> values;
    /// What stands for it in a body.
    SmallVector<std::pair<Block *, Value>, 1> scalars;
    /// A leaf that reads a tensor by something else than the identity.
    Value source;
    AffineMap map;
    /// The nearest node through which each path from any leaf leads, or
    /// kNone; and how many of those there are.
    unsigned dominator = kNone, depth = 0;
    /// Uses by nodes and by operations outside of the graph.
    unsigned uses = 0;

    bool isVarying() const { return kind != Constant; }
  };

  explicit ElementwiseGraph(Block &block);

  /// Nodes are in topological order.
  unsigned size() const { return nodes.size(); }
  Node &operator[](unsigned node) { return nodes[node]; }
  const Node &operator[](unsigned node) const { return nodes[node]; }

  /// The node of a value outside of bodies.
  unsigned nodeOf(Value value);

  /// The scalar that stands for a node in a body, or null.
  Value scalarIn(unsigned node, Block *body) const;

  /// True where two nodes compute the same from the same leaves.
  bool areEqual(unsigned a, unsigned b) const;

  /// Nodes for the operations of a body, whose operands are read by the
  /// identity of `loops` dimensions where they are nodes' own.
  void addBody(linalg::LinalgOp op);

  /// The node of a value in a body that was added.
  unsigned inBody(Value scalar) const { return bodies.lookup(scalar); }

private:
  void add(Operation *op);
  unsigned create(Node node);
  unsigned createConstant(Type element, double number);
  unsigned createLeaf(Value value);
  void countUses();

  SmallVector<Node, 0> nodes;
  DenseMap<Value, unsigned> outer, bodies;
  DenseMap<std::pair<Value, AffineMap>, unsigned> reads;
  llvm::SmallPtrSet<Operation *, 16> inlined;
};

/// True for a `linalg` operation on tensors that only maps: parallel loops in
/// the order of its results' dimensions, and no use of the initial values.
bool isMapping(linalg::LinalgOp op);

} // namespace mlir::act

#endif // ACT_MLIR_ELEMENTWISE_ELEMENTWISEGRAPH_H
