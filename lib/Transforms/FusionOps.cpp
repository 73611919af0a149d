// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FusionOps.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Registry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::act;

bool mlir::act::isElementwise(Operation *op) {
  if (op->getNumRegions() != 0 || op->getNumResults() != 1)
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getEncoding() || !OpTrait::hasElementwiseMappableTraits(op))
    return false;
  return llvm::all_of(op->getOperandTypes(), [&](Type operand) {
    auto tensor = dyn_cast<RankedTensorType>(operand);
    return !tensor || tensor.getRank() == type.getRank();
  });
}

/// Parallel loops in the order of the results' dimensions that do not use the
/// initial values.
static bool isParallel(linalg::LinalgOp op) {
  if (op->getNumResults() == 0 || op.getNumParallelLoops() != op.getNumLoops())
    return false;
  return llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.getMatchingIndexingMap(&init).isIdentity() &&
           !op.payloadUsesValueFromOperand(&init);
  });
}

/// One result over the dimensions that stay, in their order, of operands that
/// all loops run over; others have no part of what is reduced, or it would be a
/// contraction.
static bool isReduction(linalg::LinalgOp op) {
  if (op->getNumResults() != 1 || op.getNumReductionLoops() == 0)
    return false;
  AffineMap to = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!to.isProjectedPermutation() ||
      to.getNumResults() + op.getNumReductionLoops() != op.getNumLoops())
    return false;
  for (unsigned i = 1; i < to.getNumResults(); ++i)
    if (to.getDimPosition(i - 1) > to.getDimPosition(i))
      return false;
  bool whole = false;
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    if (!map.isProjectedPermutation(/*allowZeroInResults=*/true))
      return false;
    bool isWhole = map.isIdentity();
    whole |= isWhole;
    for (unsigned loop : reduced)
      if (!isWhole && map.isFunctionOfDim(loop))
        return false;
  }
  return whole;
}

static bool isFree(Operation *op) {
  if (isa<tensor::EmptyOp, linalg::FillOp>(op))
    return true;
  auto constant = dyn_cast<arith::ConstantOp>(op);
  if (!constant)
    return false;
  if (!isa<ShapedType>(constant.getType()))
    return true;
  auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
  return dense && dense.isSplat();
}

/// From positions in a reshaped tensor to positions in its source, where one
/// has dimensions of extent 1 that the other does not have; else null.
static AffineMap viewMap(Operation *op) {
  auto build = [&](RankedTensorType longer, unsigned shorterRank,
                   ArrayRef<ReassociationIndices> groups,
                   bool expands) -> AffineMap {
    MLIRContext *context = op->getContext();
    SmallVector<AffineExpr> exprs(expands ? shorterRank : longer.getRank(),
                                  getAffineConstantExpr(0, context));
    if (groups.size() != shorterRank)
      return {};
    for (auto [i, group] : llvm::enumerate(groups)) {
      std::optional<int64_t> carrier;
      for (int64_t dim : group) {
        if (longer.getDimSize(dim) == 1)
          continue;
        if (carrier)
          return {};
        carrier = dim;
      }
      if (!carrier)
        continue;
      if (expands)
        exprs[i] = getAffineDimExpr(*carrier, context);
      else
        exprs[*carrier] = getAffineDimExpr(i, context);
    }
    return AffineMap::get(expands ? longer.getRank() : shorterRank, 0, exprs,
                          context);
  };
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return build(expand.getResultType(), expand.getSrcType().getRank(),
                 expand.getReassociationIndices(), /*expands=*/true);
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return build(collapse.getSrcType(), collapse.getResultType().getRank(),
                 collapse.getReassociationIndices(), /*expands=*/false);
  return {};
}

FusionRole mlir::act::fusionRole(Operation *op) {
  if (isFree(op))
    return FusionRole::Free;
  if (isElementwise(op))
    return FusionRole::Map;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    if (op->getNumResults() == 0)
      return FusionRole::Other;
    if (isParallel(linalgOp))
      return FusionRole::Map;
    return isReduction(linalgOp) ? FusionRole::Reduction
                                 : FusionRole::Contraction;
  }
  if (isa<linalg::AggregatedOpInterface>(op) &&
      isa_and_present<ActDialect>(op->getDialect()))
    return FusionRole::Row;
  return viewMap(op) ? FusionRole::View : FusionRole::Other;
}

SmallVector<FusionRead> mlir::act::fusionReads(Operation *op) {
  SmallVector<FusionRead> reads;
  auto add = [&](Value value, AffineMap map, bool views) {
    if (!isa<RankedTensorType>(value.getType()))
      return;
    bool through = false;
    while (Operation *producer = views ? value.getDefiningOp() : nullptr) {
      AffineMap view = viewMap(producer);
      if (!view)
        break;
      value = producer->getOperand(0);
      map = view.compose(map);
      through = true;
    }
    reads.push_back({value, map, through});
  };
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    // The named forms of contractions have maps of their own. A reduction
    // takes its extents from its operands.
    bool views = linalgOp.getNumReductionLoops() == 0;
    for (OpOperand *input : linalgOp.getDpsInputOperands())
      add(input->get(), linalgOp.getMatchingIndexingMap(input), views);
    for (OpOperand &init : linalgOp.getDpsInitsMutable())
      if (linalgOp.payloadUsesValueFromOperand(&init))
        reads.push_back({init.get(), AffineMap()});
    // Bodies may read what is defined outside.
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    for (Value value : captured)
      if (isa<RankedTensorType>(value.getType()))
        reads.push_back({value, AffineMap()});
    return reads;
  }
  bool views = isElementwise(op);
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
      add(operand,
          AffineMap::getMultiDimIdentityMap(type.getRank(), op->getContext()),
          views);
  return reads;
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

static unsigned scalarCost(Operation *op) {
  // In steps of one vector: an addition, a choice. The dearer ones by their
  // throughput on current CPUs.
  constexpr unsigned kDivision = 8, kFunction = 40, kGather = 24;
  if (op->hasTrait<OpTrait::ConstantLike>() ||
      op->hasTrait<OpTrait::IsTerminator>())
    return 0;
  if (auto activation = dyn_cast<ActivationOpInterface>(op)) {
    // f32 stands for all types; steps in f64 take two vectors.
    if (const numerics::Measurement *kernel = numerics::cheapest(
            activation.getFunction(), numerics::Type::F32, 1.0))
      return kernel->operations *
             (kernel->kernel == numerics::Kernel::Native ? 1 : 2);
    return kFunction;
  }
  if (isa<arith::DivFOp, arith::RemFOp, arith::DivSIOp, arith::DivUIOp,
          arith::RemSIOp, arith::RemUIOp, math::SqrtOp, math::RsqrtOp>(op))
    return kDivision;
  if (isa<math::AbsFOp, math::AbsIOp, math::FmaOp, math::CopySignOp,
          math::FloorOp, math::CeilOp, math::RoundEvenOp, math::TruncOp>(op))
    return 1;
  if (isa_and_present<math::MathDialect>(op->getDialect()))
    return kFunction;
  return isa<tensor::ExtractOp>(op) ? kGather : 1;
}

unsigned mlir::act::elementCost(Operation *op) {
  // Loads, after the first operand of the result's size: less is what a stored
  // element costs anyway. One across the order of memory is a gather.
  unsigned cost = 0, whole = 0;
  for (const FusionRead &read : fusionReads(op)) {
    Operation *producer = read.value.getDefiningOp();
    if (!read.map || read.map.getNumResults() != read.map.getNumDims() ||
        (producer && isFree(producer)))
      continue;
    if (read.map.isIdentity())
      ++whole;
    else if (read.map.isPermutation())
      cost += 16;
  }
  cost += whole > 1 ? whole - 1 : 0;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    for (Operation &inner : *linalgOp.getBlock())
      cost += scalarCost(&inner);
    return cost;
  }
  if (isa<linalg::AggregatedOpInterface>(op))
    return 60; // an exponential and a division
  return cost + scalarCost(op);
}

unsigned mlir::act::passesOverRow(Operation *op) {
  if (isa<LogSoftmaxOp>(op))
    return 4;
  if (isa<SoftmaxOp, LogSumExpOp>(op))
    return 3;
  return isa<linalg::AggregatedOpInterface>(op) ? 2 : 1;
}
