// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which operations of a block become one kernel, and why others do not.
//
// Groups have a level so that of two groups one of which depends on the other
// the one that depends has the higher one. Groups of one level, then, can merge
// without making a cycle, and so can groups of different levels when nothing
// outside reads the lower one yet. One walk over the block suffices.

#ifndef ACT_LIB_TRANSFORMS_FUSIONPLAN_H
#define ACT_LIB_TRANSFORMS_FUSIONPLAN_H

#include "FusionOps.h"
#include "act-mlir/Transforms/Extents.h"
#include "act-mlir/Transforms/Fusion.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::act {

class FusionPlan {
public:
  using Space = SmallVector<unsigned>;

  using Apart = KernelReport::Apart;

  /// Operations that are, or may become, one kernel.
  struct Group {
    FusionKind kind = FusionKind::Map;
    /// The extents that its loops run over; with rows, which dimensions make a
    /// row. Rows' operations have this shape, or it without the row.
    Space space;
    llvm::SmallBitVector row;
    SmallVector<Operation *> members; // in program order
    SmallVector<Apart> apart;
  };

  FusionPlan(Block &block, Extents &extents, unsigned maxOps);

  /// Groups in the order of their first members.
  std::vector<Group> take();

private:
  struct Node {
    unsigned parent, level = 0, size = 0;
    bool isKernel = false; // else an operation that stays outside
    bool consumed = false; // by an operation of another group
    FusionKind kind = FusionKind::Map;
    Space space;
    llvm::SmallBitVector row;
  };
  struct Refusal {
    Operation *consumer, *producer;
    FusionRefusal reason;
  };
  /// A read of a member of another group.
  struct Edge {
    FusionRead read;
    Operation *producer;
  };
  using Signature = SmallVector<int64_t>;

  unsigned find(unsigned node);
  void visit(Operation *op);
  SmallVector<Operation *> waitsFor(Operation *op);
  void visitKernel(Operation *op, FusionRole role);
  std::optional<FusionRefusal> merge(Node &into, const Node &with,
                                     bool producerOfRow = false) const;
  std::optional<FusionRefusal> refuses(Operation *op, FusionRole role,
                                       const Node &merged,
                                       ArrayRef<Edge> edges);
  std::optional<Signature> signature(ArrayRef<unsigned> shape,
                                     const Node &node) const;
  bool isUnit(unsigned extent) const { return extents.known(extent) == 1; }
  bool isSerial(const Node &node) const;
  void giveOwnProducers(Operation *reduction);
  Value ownCopy(Value value, Operation *reader, unsigned &budget);
  bool belongsTo(Operation *reduction, ArrayRef<Edge> edges);
  Node start(Operation *op, FusionRole role);
  Space loops(Operation *op);
  unsigned pathCost(Operation *op);

  Block &block;
  Extents &extents;
  unsigned maxOps;
  std::vector<Node> nodes;
  DenseMap<Operation *, unsigned> numbers;
  DenseMap<Operation *, unsigned> costs;
  std::vector<Refusal> refusals;
};

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_FUSIONPLAN_H
