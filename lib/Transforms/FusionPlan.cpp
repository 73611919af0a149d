// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FusionPlan.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::act;

FusionPlan::FusionPlan(Block &block, Extents &extents, unsigned maxOps)
    : block(block), extents(extents), maxOps(maxOps) {
  SmallVector<Operation *> reductions;
  for (Operation &op : block)
    if (fusionRole(&op) == FusionRole::Reduction &&
        isSerial(start(&op, FusionRole::Reduction)))
      reductions.push_back(&op);
  for (Operation *reduction : reductions)
    giveOwnProducers(reduction);
  for (Operation &op : block)
    visit(&op);
}

unsigned FusionPlan::find(unsigned node) {
  while (nodes[node].parent != node)
    node = nodes[node].parent = nodes[nodes[node].parent].parent;
  return node;
}

//===----------------------------------------------------------------------===//
// Spaces
//===----------------------------------------------------------------------===//

/// The extents of the loops of an operation, result's first.
FusionPlan::Space FusionPlan::loops(Operation *op) {
  if (fusionRole(op) == FusionRole::Reduction)
    for (const FusionRead &read : fusionReads(op))
      if (read.map && read.map.isIdentity())
        return extents.shape(read.value);
  if (fusionRole(op) == FusionRole::Row)
    return extents.shape(op->getOperand(0));
  return extents.shape(op->getResult(0));
}

FusionPlan::Node FusionPlan::start(Operation *op, FusionRole role) {
  Node node;
  node.isKernel = true;
  node.size = 1;
  node.space = loops(op);
  node.row.resize(node.space.size());
  if (role == FusionRole::Contraction)
    node.kind = FusionKind::Contraction;
  if (role == FusionRole::Row) {
    node.kind = FusionKind::Rows;
    node.row.set(op->getAttrOfType<IntegerAttr>("dimension").getInt());
  }
  if (role == FusionRole::Reduction) {
    node.kind = FusionKind::Rows;
    SmallVector<unsigned> reduced;
    cast<linalg::LinalgOp>(op).getReductionDims(reduced);
    for (unsigned dim : reduced)
      node.row.set(dim);
  }
  return node;
}

/// Which dimension of a group's space each dimension of a shape is; -1 for one
/// of extent 1 where the space has a row. None where it is another shape.
std::optional<FusionPlan::Signature>
FusionPlan::signature(ArrayRef<unsigned> shape, const Node &node) const {
  Signature whole, kept, units;
  for (unsigned i = 0; i < node.space.size(); ++i) {
    whole.push_back(i);
    units.push_back(node.row.test(i) ? int64_t(-1) : int64_t(i));
    if (!node.row.test(i))
      kept.push_back(i);
  }
  auto matches = [&](const Signature &candidate) {
    if (candidate.size() != shape.size())
      return false;
    for (auto [dim, extent] : llvm::zip(candidate, shape))
      if (dim < 0 ? !isUnit(extent) : extent != node.space[dim])
        return false;
    return true;
  };
  for (const Signature &candidate : {whole, kept, units})
    if (matches(candidate))
      return candidate;
  return std::nullopt;
}

/// One row, so long that threads would have shared a map of it.
bool FusionPlan::isSerial(const Node &node) const {
  constexpr int64_t kLongRow = 32768;
  int64_t length = 1;
  for (unsigned i = 0; i < node.space.size(); ++i) {
    std::optional<int64_t> extent = extents.known(node.space[i]);
    if (!node.row.test(i)) {
      if (extent != 1)
        return false;
      continue;
    }
    length = extent ? length * std::min(*extent, kLongRow) : kLongRow;
    length = std::min(length, kLongRow);
  }
  return length >= kLongRow;
}

/// About what it takes to store an element and load it again.
static constexpr unsigned kStoreAndLoad = 8;

/// A reduction of one long row stays apart from the maps of that row, which
/// threads share. What costs less than to store and load it, as a cast or a
/// difference, it computes itself, whoever else does.
void FusionPlan::giveOwnProducers(Operation *reduction) {
  auto linalgOp = cast<linalg::LinalgOp>(reduction);
  for (OpOperand *input : linalgOp.getDpsInputOperands()) {
    unsigned budget = kStoreAndLoad;
    if (linalgOp.getMatchingIndexingMap(input).isIdentity())
      input->set(ownCopy(input->get(), reduction, budget));
  }
}

/// A value that `reader` alone reads, as are those that it comes from.
Value FusionPlan::ownCopy(Value value, Operation *reader, unsigned &budget) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != &block || op->getNumResults() != 1 ||
      fusionRole(op) != FusionRole::Map || elementCost(op) > budget)
    return value;
  budget -= elementCost(op);
  Operation *own = op;
  if (llvm::any_of(op->getUsers(),
                   [&](Operation *user) { return user != reader; })) {
    own = OpBuilder(op).clone(*op);
    extents.alias(own->getResult(0), value);
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(own);
  DenseMap<Value, Value> copies;
  for (OpOperand &operand : own->getOpOperands()) {
    if (linalgOp && !(linalgOp.isDpsInput(&operand) &&
                      linalgOp.getMatchingIndexingMap(&operand).isIdentity()))
      continue;
    auto [copy, isNew] = copies.try_emplace(operand.get());
    if (isNew)
      copy->second = ownCopy(operand.get(), own, budget);
    operand.set(copy->second);
  }
  return own->getResult(0);
}

/// Whether what a group gives is for one reduction alone, and cheap.
bool FusionPlan::belongsTo(Operation *reduction, ArrayRef<Edge> edges) {
  return llvm::all_of(edges, [&](const Edge &edge) {
    return edge.producer->getNumResults() == 1 &&
           llvm::all_of(edge.producer->getUsers(),
                        [&](Operation *user) { return user == reduction; }) &&
           pathCost(edge.producer) <= kStoreAndLoad;
  });
}

/// Makes `into` what both are together, or says why they cannot be.
std::optional<FusionRefusal> FusionPlan::merge(Node &into, const Node &with,
                                               bool producerOfRow) const {
  if (into.size + with.size > maxOps)
    return FusionRefusal::Size;
  const Node &map = with.kind == FusionKind::Map ? with : into;
  const Node &other = with.kind == FusionKind::Map ? into : with;
  if (map.kind != FusionKind::Map) {
    if (map.kind != other.kind)
      return FusionRefusal::ContractionInput;
    if (map.kind == FusionKind::Contraction)
      return FusionRefusal::TwoContractions;
    if (map.space != other.space)
      return FusionRefusal::Shape;
    if (map.row != other.row)
      return FusionRefusal::RowDimension;
  } else if (other.kind == FusionKind::Rows) {
    if (!signature(map.space, other))
      return FusionRefusal::Shape;
    if (isSerial(other) && !producerOfRow)
      return FusionRefusal::OneRow;
  } else if (map.space != other.space) {
    return FusionRefusal::Shape;
  }
  unsigned size = into.size + with.size;
  unsigned level = std::max(into.level, with.level);
  if (into.kind == FusionKind::Map) {
    into.kind = with.kind;
    into.space = with.space;
    into.row = with.row;
  }
  into.size = size;
  into.level = level;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

/// The cost of an element of a result from what its kernel reads from memory,
/// by paths: what two of them share counts twice.
unsigned FusionPlan::pathCost(Operation *op) {
  constexpr unsigned kMost = 1u << 20;
  auto [found, isNew] = costs.try_emplace(op, 0);
  if (!isNew)
    return found->second;
  unsigned cost = elementCost(op), node = find(numbers.lookup(op));
  for (const FusionRead &read : fusionReads(op)) {
    Operation *producer = read.value.getDefiningOp();
    auto number = producer ? numbers.find(producer) : numbers.end();
    // What does not have the row's shape comes once for a row.
    if (number == numbers.end() || find(number->second) != node || !read.map ||
        !read.map.isIdentity())
      continue;
    cost += costs.lookup(producer);
  }
  return costs[op] = std::min(cost, kMost);
}

/// Why `op` cannot be in one group with what it reads, given what the group
/// would be.
std::optional<FusionRefusal> FusionPlan::refuses(Operation *op, FusionRole role,
                                                 const Node &merged,
                                                 ArrayRef<Edge> edges) {
  std::optional<Signature> own = signature(loops(op), merged);
  if (!own)
    return FusionRefusal::Shape;
  for (const Edge &edge : edges) {
    AffineMap map = edge.read.map;
    if (!map)
      return edge.read.value ? FusionRefusal::Gather : FusionRefusal::View;
    std::optional<Signature> from =
        signature(extents.shape(edge.read.value), merged);
    if (!from)
      return FusionRefusal::Shape;
    for (auto [to, expr] : llvm::zip(*from, map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      auto constant = dyn_cast<AffineConstantExpr>(expr);
      bool zero = constant && constant.getValue() == 0;
      bool unit = to < 0 || isUnit(merged.space[to]);
      bool same = dim && (*own)[dim.getPosition()] == to;
      if (!same && !(zero && unit))
        return zero ? FusionRefusal::Broadcast : FusionRefusal::Layout;
    }
    // Each pass over the row computes the producer anew; kept apart, it is
    // stored once, and loaded in each pass.
    bool isRow = role == FusionRole::Row || role == FusionRole::Reduction;
    unsigned again = role == FusionRole::Row ? passesOverRow(op) - 1 : 1;
    if (isRow && map.isIdentity() &&
        pathCost(edge.producer) * again > kStoreAndLoad)
      return FusionRefusal::Recompute;
  }
  return std::nullopt;
}

void FusionPlan::visit(Operation *op) {
  FusionRole role = fusionRole(op);
  if (role == FusionRole::Free || role == FusionRole::View)
    return;
  if (role != FusionRole::Other)
    return visitKernel(op, role);
  Node node;
  node.parent = nodes.size();
  bool waits = false;
  for (Operation *producer : waitsFor(op)) {
    Node &from = nodes[find(numbers.lookup(producer))];
    from.consumed = waits = true;
    node.level = std::max(node.level, from.level + 1);
  }
  // What no kernel comes before is there from the start.
  if (!waits)
    return;
  numbers[op] = nodes.size();
  nodes.push_back(node);
}

/// The operations with a group whose results an operation reads, directly or
/// through what costs nothing to repeat.
SmallVector<Operation *> FusionPlan::waitsFor(Operation *op) {
  llvm::SetVector<Value> values(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), values);
  SmallVector<Operation *> producers;
  for (size_t i = 0; i < values.size(); ++i) {
    Operation *producer = values[i].getDefiningOp();
    if (!producer)
      continue;
    FusionRole role = fusionRole(producer);
    if (role == FusionRole::View || role == FusionRole::Free)
      values.insert(producer->operand_begin(), producer->operand_end());
    else if (numbers.contains(producer))
      producers.push_back(producer);
  }
  return producers;
}

void FusionPlan::visitKernel(Operation *op, FusionRole role) {
  // What comes from other groups, by group.
  llvm::MapVector<unsigned, SmallVector<Edge, 2>> from;
  llvm::SmallDenseSet<Operation *> seen;
  for (const FusionRead &read : fusionReads(op)) {
    Operation *producer = read.value.getDefiningOp();
    if (!producer || !numbers.contains(producer))
      continue;
    seen.insert(producer);
    from[find(numbers.lookup(producer))].push_back({read, producer});
  }
  // What gives it an extent or a number, or a reshape that it cannot be
  // written without, comes before it as well.
  for (Operation *producer : waitsFor(op))
    if (!seen.contains(producer))
      from[find(numbers.lookup(producer))].push_back({FusionRead(), producer});

  Node own = start(op, role);
  own.parent = nodes.size();
  // The deepest groups first, products before others: those have most to gain.
  SmallVector<unsigned> order;
  for (auto &[node, edges] : from)
    order.push_back(node);
  llvm::stable_sort(order, [&](unsigned a, unsigned b) {
    auto key = [&](unsigned i) {
      return std::make_pair(nodes[i].level,
                            nodes[i].kind == FusionKind::Contraction);
    };
    return key(a) > key(b);
  });
  SmallVector<unsigned> joined;
  unsigned level = 0;
  auto keepApart = [&](unsigned node, FusionRefusal reason) {
    level = std::max(level, nodes[node].level + 1);
    refusals.push_back({op, from[node].front().producer, reason});
  };
  Node merged = own;
  for (unsigned node : order) {
    Node trial = merged;
    std::optional<FusionRefusal> reason;
    if (!nodes[node].isKernel)
      reason = FusionRefusal::View;
    if (!reason && role == FusionRole::Contraction)
      reason = FusionRefusal::ContractionInput;
    if (!reason)
      reason =
          merge(trial, nodes[node],
                role == FusionRole::Reduction && belongsTo(op, from[node]));
    if (reason == FusionRefusal::Shape)
      for (const Edge &edge : from[node])
        if (AffineMap map = edge.read.map; map && !map.isIdentity())
          reason = map.isPermutation() ? FusionRefusal::Layout
                                       : FusionRefusal::Broadcast;
    if (!reason)
      reason = refuses(op, role, trial, from[node]);
    if (reason) {
      keepApart(node, *reason);
      continue;
    }
    merged = trial;
    joined.push_back(node);
  }
  // A group that others read cannot go behind what `op` waits for.
  for (unsigned node : joined)
    level = std::max(level, nodes[node].level);
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned node : joined)
      if (nodes[node].consumed && nodes[node].level < level) {
        keepApart(node, FusionRefusal::Order);
        llvm::erase(joined, node);
        changed = true;
        break;
      }
  }
  merged = own;
  for (unsigned node : joined)
    (void)merge(merged, nodes[node], /*producerOfRow=*/true);
  merged.level = level;
  unsigned leader = nodes.size();
  numbers[op] = leader;
  for (unsigned node : joined) {
    merged.consumed |= nodes[node].consumed;
    nodes[node].parent = leader;
  }
  nodes.push_back(merged);
  nodes[leader].parent = leader;
  for (auto &[node, edges] : from)
    if (find(node) != leader)
      nodes[node].consumed = true;
  pathCost(op);
}

std::vector<FusionPlan::Group> FusionPlan::take() {
  std::vector<Group> groups;
  DenseMap<unsigned, unsigned> position;
  for (Operation &op : block) {
    auto number = numbers.find(&op);
    if (number == numbers.end() || !nodes[number->second].isKernel)
      continue;
    unsigned leader = find(number->second);
    auto [found, isNew] = position.try_emplace(leader, groups.size());
    if (isNew) {
      Group group;
      group.kind = nodes[leader].kind;
      group.space = nodes[leader].space;
      group.row = nodes[leader].row;
      groups.push_back(std::move(group));
    }
    groups[found->second].members.push_back(&op);
  }
  // Two operations that met in one kernel by another way are not apart.
  for (const Refusal &edge : refusals) {
    unsigned consumer = find(numbers.lookup(edge.consumer));
    if (find(numbers.lookup(edge.producer)) == consumer)
      continue;
    groups[position.lookup(consumer)].apart.push_back(
        {edge.producer->getName().getStringRef(), edge.producer->getLoc(),
         edge.consumer->getName().getStringRef(), edge.consumer->getLoc(),
         edge.reason});
  }
  return groups;
}
