// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ElementwiseGraph.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::act;

bool mlir::act::isMapping(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() == 0 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return false;
  return llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.getMatchingIndexingMap(&init).isIdentity() &&
           !op.payloadUsesValueFromOperand(&init);
  });
}

static bool isElementwise(Operation *op) {
  return op->getNumResults() == 1 && op->getNumRegions() == 0 &&
         op->getNumOperands() <= 3 && OpTrait::hasElementwiseMappableTraits(op);
}

/// The number that all elements of a value are.
static std::optional<double> constantNumber(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto splat = dyn_cast<SplatElementsAttr>(constant.getValue()))
      return getConstantNumber(splat.getSplatValue<Attribute>());
    return getConstantNumber(constant.getValue());
  }
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    return fill.hasPureTensorSemantics() ? constantNumber(fill.value())
                                         : std::nullopt;
  if (auto splat = dyn_cast<tensor::SplatOp>(op))
    return constantNumber(splat.getInput());
  return std::nullopt;
}

/// Paths longer than this are not followed: a meeting point farther away
/// counts as none, so that the graph is made in linear time.
static constexpr unsigned kMaxPath = 256;

unsigned ElementwiseGraph::create(Node node) {
  unsigned id = nodes.size();
  // Where all paths to the operands meet.
  unsigned meet = kNone;
  bool first = true;
  for (unsigned operand : node.operands) {
    nodes[operand].users.push_back(id);
    if (!nodes[operand].isVarying())
      continue;
    unsigned other = operand;
    if (first)
      meet = other;
    first = false;
    for (unsigned steps = 0; meet != other; ++steps) {
      if (steps == kMaxPath) {
        meet = kNone;
        break;
      }
      unsigned &deeper = nodes[meet].depth >= nodes[other].depth ? meet : other;
      deeper = nodes[deeper].dominator;
    }
  }
  if (node.kind == Node::Computed && first) {
    SmallVector<double, 3> numbers;
    for (unsigned operand : node.operands)
      numbers.push_back(nodes[operand].number);
    if (std::optional<double> number = node.evaluator(node.op, numbers)) {
      node.kind = Node::Constant;
      node.number = *number;
    }
  }
  node.dominator = meet;
  node.depth = meet == kNone ? 1 : nodes[meet].depth + 1;
  nodes.push_back(std::move(node));
  return id;
}

unsigned ElementwiseGraph::createConstant(Type element, double number) {
  Node node;
  node.kind = Node::Constant;
  node.element = element;
  node.number = number;
  return create(std::move(node));
}

unsigned ElementwiseGraph::createLeaf(Value value) {
  Node node;
  node.element = getElementTypeOrSelf(value.getType());
  return create(std::move(node));
}

unsigned ElementwiseGraph::nodeOf(Value value) {
  unsigned &known = outer[value];
  if (known)
    return known;
  if (std::optional<double> number = constantNumber(value))
    return outer[value] =
               createConstant(getElementTypeOrSelf(value.getType()), *number);
  unsigned id = createLeaf(value);
  nodes[id].values.push_back(value);
  return outer[value] = id;
}

Value ElementwiseGraph::scalarIn(unsigned node, Block *body) const {
  for (auto [block, value] : nodes[node].scalars)
    if (block == body)
      return value;
  return {};
}

/// An operation whose operands have nodes; constants of constants are numbers.
static ElementwiseGraph::Node computed(Operation *op, ArrayRef<unsigned> from) {
  ElementwiseGraph::Node node;
  node.kind = ElementwiseGraph::Node::Computed;
  node.element = getElementTypeOrSelf(op->getResult(0).getType());
  node.op = op;
  node.attributes = op->getAttrDictionary();
  node.evaluator = getScalarEvaluator(op);
  node.operands.assign(from.begin(), from.end());
  return node;
}

void ElementwiseGraph::addBody(linalg::LinalgOp op) {
  inlined.insert(op);
  Block *body = op.getBlock();
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    unsigned id;
    if (op.isDpsInit(&operand)) {
      id = createLeaf(operand.get());
    } else if (map.isIdentity() || constantNumber(operand.get())) {
      id = nodeOf(operand.get());
    } else {
      unsigned &known = reads[{operand.get(), map}];
      if (!known) {
        known = createLeaf(operand.get());
        nodes[known].source = operand.get();
        nodes[known].map = map;
      }
      id = known;
    }
    Value argument = op.getMatchingBlockArgument(&operand);
    bodies[argument] = id;
    nodes[id].scalars.push_back({body, argument});
  }
  for (Operation &inner : body->without_terminator()) {
    if (isElementwise(&inner) && getScalarEvaluator(&inner)) {
      SmallVector<unsigned, 3> from;
      for (Value operand : inner.getOperands()) {
        unsigned &id = bodies[operand];
        if (!id)
          id = nodeOf(operand);
        from.push_back(id);
      }
      unsigned id = create(computed(&inner, from));
      bodies[inner.getResult(0)] = id;
      nodes[id].scalars.push_back({body, inner.getResult(0)});
      continue;
    }
    for (Value result : inner.getResults()) {
      std::optional<double> number = constantNumber(result);
      unsigned id = number ? createConstant(result.getType(), *number)
                           : createLeaf(result);
      bodies[result] = id;
      nodes[id].scalars.push_back({body, result});
    }
  }
  for (Value yielded : body->getTerminator()->getOperands())
    if (!bodies.contains(yielded))
      bodies[yielded] = nodeOf(yielded);
}

void ElementwiseGraph::add(Operation *op) {
  if (auto linalg = dyn_cast<linalg::LinalgOp>(op)) {
    if (!isMapping(linalg))
      return;
    addBody(linalg);
    for (auto [result, yielded] :
         llvm::zip(op->getResults(),
                   linalg.getBlock()->getTerminator()->getOperands())) {
      unsigned id = bodies[yielded];
      outer[result] = id;
      if (nodes[id].isVarying())
        nodes[id].values.push_back(result);
    }
    return;
  }
  if (!isElementwise(op) || !getScalarEvaluator(op))
    return;
  SmallVector<unsigned, 3> from;
  for (Value operand : op->getOperands())
    from.push_back(nodeOf(operand));
  unsigned id = create(computed(op, from));
  outer[op->getResult(0)] = id;
  nodes[id].values.push_back(op->getResult(0));
}

/// What a node's values are used for outside of the graph keeps it alive.
void ElementwiseGraph::countUses() {
  DenseSet<Operation *> known;
  for (Node &node : nodes)
    if (node.op)
      known.insert(node.op);
  for (Node &node : nodes) {
    node.uses = node.users.size();
    for (Value value : node.values)
      for (OpOperand &use : value.getUses()) {
        Operation *user = use.getOwner();
        auto linalg = dyn_cast<linalg::LinalgOp>(user);
        bool inside =
            known.contains(user) ||
            (linalg && inlined.contains(user) && linalg.isDpsInput(&use) &&
             linalg.getMatchingIndexingMap(&use).isIdentity());
        node.uses += !inside;
      }
    for (auto [block, value] : node.scalars)
      for (Operation *user : value.getUsers())
        node.uses += !known.contains(user) && user != block->getTerminator();
  }
}

ElementwiseGraph::ElementwiseGraph(Block &block) {
  nodes.emplace_back(); // kNone
  for (Operation &op : block)
    add(&op);
  countUses();
}

bool ElementwiseGraph::areEqual(unsigned a, unsigned b) const {
  if (a == b)
    return true;
  const Node &x = nodes[a], &y = nodes[b];
  if (x.kind != y.kind || x.element != y.element)
    return false;
  if (x.kind == Node::Constant)
    return x.number == y.number;
  if (x.kind == Node::Leaf || x.op->getName() != y.op->getName() ||
      x.attributes != y.attributes)
    return false;
  return llvm::all_of(llvm::zip(x.operands, y.operands), [&](auto pair) {
    return areEqual(std::get<0>(pair), std::get<1>(pair));
  });
}
