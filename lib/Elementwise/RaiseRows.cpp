// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Softmax written as reductions is found by its structure: exp(x - m) over its
// own sum. What m is does not matter, as long as it is the same for a whole
// row; nor do the shapes through which sums are broadcast.

#include "RaiseRows.h"
#include "ElementwiseGraph.h"
#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::act;

static void report(Operation *op, StringRef name, StringRef of) {
  remark::passed(op->getLoc(),
                 remark::RemarkOpts::name("raise").category("act-raise"))
      << remark::add("{0} in place of {1}", name, of);
}

template <class RowOp>
static Operation *createRow(OpBuilder &b, Location loc, Value x,
                            int64_t dimension) {
  return RowOp::create(
      b, loc, TypeRange(x.getType()), ValueRange(x),
      {b.getNamedAttr("dimension", b.getI64IntegerAttr(dimension))});
}

//===----------------------------------------------------------------------===//
// Operations with a name
//===----------------------------------------------------------------------===//

/// act.clamp with bounds of the operand's kind; null where it has no such form.
static Operation *raiseClamp(OpBuilder &b, tosa::ClampOp op) {
  auto bound = [&](Attribute value) -> TypedAttr {
    if (auto number = dyn_cast<FloatAttr>(value))
      return b.getF64FloatAttr(number.getValueAsDouble());
    return cast<TypedAttr>(value);
  };
  Type element = getElementTypeOrSelf(op.getType());
  if (!isa<FloatType>(element) && !element.isSignlessInteger())
    return nullptr;
  return ClampOp::create(b, op.getLoc(), TypeRange(op.getType()),
                         ValueRange(op.getInput()),
                         {b.getNamedAttr("min", bound(op.getMinValAttr())),
                          b.getNamedAttr("max", bound(op.getMaxValAttr()))});
}

/// The operation of act or math that an operation names, or null.
static Operation *raiseNamed(OpBuilder &b, Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0)
    return nullptr;
  Value x = op->getOperand(0);
  Type type = op->getResult(0).getType();
  if (x.getType() != type || !isa<RankedTensorType>(type))
    return nullptr;
  Location loc = op->getLoc();
  return llvm::TypeSwitch<Operation *, Operation *>(op)
      .Case<linalg::SoftmaxOp>([&](linalg::SoftmaxOp softmax) {
        return createRow<SoftmaxOp>(b, loc, x, softmax.getDimension());
      })
      .Case<tosa::SigmoidOp>(
          [&](auto) { return SigmoidOp::create(b, loc, type, x); })
      .Case<tosa::TanhOp>([&](auto) { return TanhOp::create(b, loc, type, x); })
      .Case<tosa::ErfOp>(
          [&](auto) { return math::ErfOp::create(b, loc, type, x); })
      .Case<tosa::ClampOp>([&](auto clamp) { return raiseClamp(b, clamp); })
      .Default([](Operation *) { return nullptr; });
}

//===----------------------------------------------------------------------===//
// Softmax as reductions
//===----------------------------------------------------------------------===//

namespace {

class RowRaiser {
public:
  explicit RowRaiser(Block &block) : graph(block) {
    for (Operation &op : block)
      addSum(op);
  }

  unsigned run();

private:
  using Node = ElementwiseGraph::Node;

  /// What is summed over one dimension.
  struct Sum {
    unsigned term;
    int64_t dimension;
  };
  /// exp(x - m), where m, if it is there, reads a row's own number.
  struct Shifted {
    unsigned x;
    std::optional<unsigned> shift;
  };

  void addSum(Operation &op);
  bool isOp(unsigned node, StringRef name) const {
    return graph[node].op && graph[node].op->getName().getStringRef() == name;
  }
  /// The value behind conversions of floats.
  unsigned strip(unsigned node) const {
    while (isOp(node, "arith.extf") || isOp(node, "arith.truncf"))
      node = graph[node].operands[0];
    return node;
  }
  std::optional<Sum> broadcastSum(unsigned node, Value source) const;
  bool isUniformAlong(unsigned node, int64_t dimension) const;
  std::optional<Shifted> shifted(unsigned node) const;
  bool isExpOf(unsigned exp, const Shifted &of, int64_t dimension) const;
  bool raise(unsigned root);

  ElementwiseGraph graph;
  DenseMap<Value, Sum> sums;
};

/// A sum over one dimension, from 0, of what the body computes of one element.
void RowRaiser::addSum(Operation &op) {
  auto linalg = dyn_cast<linalg::LinalgOp>(op);
  if (!linalg || !linalg.hasPureTensorSemantics() || op.getNumResults() != 1 ||
      linalg.getNumReductionLoops() != 1 || op.getNumRegions() != 1 ||
      !isa<linalg::GenericOp, linalg::ReduceOp>(op))
    return;
  OpOperand *init = linalg.getDpsInitOperand(0);
  auto fill = init->get().getDefiningOp<linalg::FillOp>();
  if (!fill || !matchPattern(fill.value(), m_AnyZeroFloat()))
    return;
  SmallVector<unsigned> reduced;
  linalg.getReductionDims(reduced);
  AffineMap out = linalg.getMatchingIndexingMap(init);
  unsigned loops = linalg.getNumLoops();
  AffineMap kept = AffineMap::getMultiDimIdentityMap(loops, op.getContext())
                       .dropResult(reduced.front());
  Block *body = linalg.getBlock();
  auto add =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  Value total = linalg.getMatchingBlockArgument(init);
  if (out != kept || !add || (add.getLhs() == total) == (add.getRhs() == total))
    return;
  Value term = add.getLhs() == total ? add.getRhs() : add.getLhs();
  graph.addBody(linalg);
  if (unsigned node = graph.inBody(term))
    sums[op.getResult(0)] = {node, int64_t(reduced.front())};
}

/// The number of elements does not change: extents of 1 come and go.
static Value withoutUnitDims(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
      for (const ReassociationIndices &group : expand.getReassociationIndices())
        if (llvm::count_if(group, [&](int64_t d) {
              return expand.getResultType().getDimSize(d) != 1;
            }) > 1)
          return value;
      value = expand.getSrc();
    } else if (isa<tensor::CastOp>(op)) {
      value = op->getOperand(0);
    } else {
      return value;
    }
  }
  return value;
}

/// The sum that a node reads, one for each row: `source` is what is read of
/// the sum, by itself or as a function of it.
std::optional<RowRaiser::Sum> RowRaiser::broadcastSum(unsigned node,
                                                      Value source) const {
  auto found = sums.find(withoutUnitDims(source));
  AffineMap map = graph[node].map;
  if (found == sums.end() || !map)
    return std::nullopt;
  SmallVector<unsigned> dims;
  for (AffineExpr expr : map.getResults()) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      dims.push_back(dim.getPosition());
    else if (expr != 0)
      return std::nullopt;
  }
  // All dimensions in order but the one of the sum.
  if (dims.size() + 1 != map.getNumDims())
    return std::nullopt;
  for (auto [i, dim] : llvm::enumerate(dims))
    if (dim != i + (i >= size_t(found->second.dimension)))
      return std::nullopt;
  return found->second;
}

bool RowRaiser::isUniformAlong(unsigned node, int64_t dimension) const {
  const Node &read = graph[node];
  return read.kind == Node::Constant ||
         (read.map && !read.map.isFunctionOfDim(dimension));
}

/// x - m, or x alone.
std::optional<RowRaiser::Shifted> RowRaiser::shifted(unsigned node) const {
  node = strip(node);
  if (isOp(node, "arith.subf"))
    return Shifted{strip(graph[node].operands[0]),
                   strip(graph[node].operands[1])};
  return Shifted{node, std::nullopt};
}

bool RowRaiser::isExpOf(unsigned exp, const Shifted &of,
                        int64_t dimension) const {
  exp = strip(exp);
  if (!isOp(exp, "math.exp"))
    return false;
  std::optional<Shifted> inner = shifted(graph[exp].operands[0]);
  return inner->x == of.x && inner->shift.has_value() == of.shift.has_value() &&
         (!of.shift || (graph.areEqual(*inner->shift, *of.shift) &&
                        isUniformAlong(*of.shift, dimension)));
}

bool RowRaiser::raise(unsigned root) {
  const Node &node = graph[root];
  if (node.values.empty() || !isa<FloatType>(node.element))
    return false;
  bool quotient = isOp(root, "arith.divf"),
       difference = isOp(root, "arith.subf");
  if (!quotient && !difference)
    return false;
  unsigned left = strip(node.operands[0]), right = strip(node.operands[1]);
  Value source = graph[right].source;
  if (!source)
    return false;
  if (difference) {
    // x - m - log(sum)
    auto log = withoutUnitDims(source).getDefiningOp<math::LogOp>();
    if (!log)
      return false;
    source = log.getOperand();
  }
  std::optional<Sum> sum = broadcastSum(right, source);
  if (!sum)
    return false;
  if (quotient && !isOp(left, "math.exp"))
    return false;
  std::optional<Shifted> inner =
      shifted(quotient ? graph[left].operands[0] : left);
  if (!isExpOf(sum->term, *inner, sum->dimension) ||
      graph[inner->x].values.empty())
    return false;
  Value x = graph[inner->x].values.front();
  auto type = dyn_cast<RankedTensorType>(x.getType());
  if (!type || node.values.front().getType() != type)
    return false;
  OpBuilder b(node.op->getContext());
  b.setInsertionPointAfter(node.values.front().getDefiningOp());
  Location loc = node.op->getLoc();
  Operation *op = quotient ? createRow<SoftmaxOp>(b, loc, x, sum->dimension)
                           : createRow<LogSoftmaxOp>(b, loc, x, sum->dimension);
  for (Value value : node.values)
    value.replaceAllUsesWith(op->getResult(0));
  report(op, op->getName().getStringRef(), "reductions and elementwise work");
  return true;
}

unsigned RowRaiser::run() {
  unsigned count = 0;
  if (sums.empty())
    return count;
  for (unsigned root = graph.size() - 1; root > 0; --root)
    count += raise(root);
  return count;
}

} // namespace

unsigned mlir::act::raiseRows(Block &block) {
  unsigned count = 0;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    OpBuilder b(&op);
    if (Operation *named = raiseNamed(b, &op)) {
      report(named, named->getName().getStringRef(),
             op.getName().getStringRef());
      op.getResult(0).replaceAllUsesWith(named->getResult(0));
      op.erase();
      ++count;
    }
  }
  return count + RowRaiser(block).run();
}
