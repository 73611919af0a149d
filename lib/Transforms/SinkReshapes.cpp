// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SinkReshapes.h"
#include "FusionOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::act;

namespace {

class Sinker {
public:
  explicit Sinker(func::FuncOp func) : rewriter(func.getContext()) {
    for (Block &block : func.getBody())
      for (Operation &op : llvm::make_early_inc_range(block))
        visit(&op);
  }

private:
  void visit(Operation *op);
  tensor::ExpandShapeOp expansion(Operation *op);
  AffineMap collapsed(AffineMap map, ArrayRef<ReassociationIndices> groups);
  Value collapse(Value value, tensor::ExpandShapeOp expand);

  IRRewriter rewriter;
  /// Values that a contraction's kernel could make.
  llvm::DenseSet<Value> products;
};

/// The operand that is the expansion of a product.
tensor::ExpandShapeOp Sinker::expansion(Operation *op) {
  for (Value operand : op->getOperands())
    if (auto expand = operand.getDefiningOp<tensor::ExpandShapeOp>())
      if (products.contains(expand.getSrc()) &&
          fusionRole(expand) != FusionRole::View)
        return expand;
  return {};
}

/// How loops over the collapsed shape read what `map` reads; null where they
/// cannot.
AffineMap Sinker::collapsed(AffineMap map,
                            ArrayRef<ReassociationIndices> groups) {
  MLIRContext *context = map.getContext();
  if (map.isIdentity())
    return AffineMap::getMultiDimIdentityMap(groups.size(), context);
  SmallVector<AffineExpr> dims(map.getNumDims());
  for (auto [i, group] : llvm::enumerate(groups))
    if (group.size() == 1)
      dims[group.front()] = getAffineDimExpr(i, context);
  SmallVector<AffineExpr> exprs;
  for (AffineExpr expr : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (dim && dims[dim.getPosition()])
      exprs.push_back(dims[dim.getPosition()]);
    else if (isa<AffineConstantExpr>(expr))
      exprs.push_back(expr);
    else
      return {};
  }
  return AffineMap::get(groups.size(), 0, exprs, context);
}

Value Sinker::collapse(Value value, tensor::ExpandShapeOp expand) {
  SmallVector<ReassociationIndices> groups = expand.getReassociationIndices();
  if (auto other = value.getDefiningOp<tensor::ExpandShapeOp>())
    if (other.getReassociationIndices() == groups)
      return other.getSrc();
  auto element = cast<RankedTensorType>(value.getType()).getElementType();
  auto type = RankedTensorType::get(
      cast<RankedTensorType>(expand.getSrcType()).getShape(), element);
  auto collapsed =
      tensor::CollapseShapeOp::create(rewriter, value.getLoc(), value, groups);
  if (collapsed.getType() == type)
    return collapsed;
  return tensor::CastOp::create(rewriter, value.getLoc(), type, collapsed);
}

void Sinker::visit(Operation *op) {
  FusionRole role = fusionRole(op);
  if (role == FusionRole::Contraction) {
    products.insert(op->result_begin(), op->result_end());
    return;
  }
  if (role != FusionRole::Map || op->getNumResults() != 1)
    return;
  if (llvm::any_of(op->getOperands(),
                   [&](Value value) { return products.contains(value); })) {
    products.insert(op->getResult(0));
    return;
  }
  tensor::ExpandShapeOp expand = expansion(op);
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!expand || (linalgOp && (!isa<linalg::GenericOp>(op) ||
                               linalgOp.hasIndexSemantics())))
    return;
  SmallVector<ReassociationIndices> groups = expand.getReassociationIndices();
  int64_t rank = expand.getResultType().getRank();
  SmallVector<AffineMap> maps;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    AffineMap map =
        linalgOp ? linalgOp.getMatchingIndexingMap(&operand)
                 : AffineMap::getMultiDimIdentityMap(rank, op->getContext());
    if (type && (!map || map.getNumDims() != rank || type.getEncoding()))
      return;
    maps.push_back(type || linalgOp ? collapsed(map, groups) : AffineMap());
    if (type && !maps.back())
      return;
  }
  // The body of a generic reads what is around it as before.
  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  SmallVector<Value> operands;
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps)) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    bool whole = type && map.isIdentity() && type.getRank() == rank;
    operands.push_back(whole ? collapse(operand, expand) : operand);
  }
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto source = cast<RankedTensorType>(expand.getSrcType());
  auto to = RankedTensorType::get(source.getShape(), type.getElementType());
  Operation *moved;
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    unsigned inputs = generic.getNumDpsInputs();
    // What the initial value is does not matter, but its shape does.
    Value init = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, expand.getSrc()),
        to.getElementType());
    SmallVector<utils::IteratorType> iterators(groups.size(),
                                               utils::IteratorType::parallel);
    auto made = linalg::GenericOp::create(rewriter, loc, TypeRange(to),
                                          ArrayRef(operands).take_front(inputs),
                                          ValueRange(init), maps, iterators);
    rewriter.inlineRegionBefore(generic.getRegion(), made.getRegion(),
                                made.getRegion().begin());
    for (NamedAttribute attribute : op->getDiscardableAttrs())
      made->setDiscardableAttr(attribute.getName(), attribute.getValue());
    moved = made;
  } else {
    moved = rewriter.create(loc, op->getName().getIdentifier(), operands, to,
                            op->getAttrs());
  }
  Value result =
      tensor::ExpandShapeOp::create(rewriter, loc, type, moved->getResult(0),
                                    groups, expand.getMixedOutputShape());
  products.insert(moved->getResult(0));
  rewriter.replaceOp(op, result);
}

} // namespace

void mlir::act::sinkReshapes(func::FuncOp func) { Sinker sinker(func); }
