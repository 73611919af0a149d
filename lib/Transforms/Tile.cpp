// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Decomposes row operations inside kernels, brings every operation of a body
// into the form of `linalg.generic`, and writes the schedule as attributes.

#include "act-mlir/IR/Act.h"
#include "act-mlir/Packing/Contraction.h"
#include "act-mlir/Transforms/KernelBody.h"
#include "act-mlir/Transforms/Passes.h"
#include "act-mlir/Transforms/RowPatterns.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

namespace mlir::act {
#define GEN_PASS_DEF_TILE
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// Row operations to their aggregate form.
struct DecomposeRow
    : public OpInterfaceRewritePattern<linalg::AggregatedOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::AggregatedOpInterface op,
                                PatternRewriter &rewriter) const override {
    if (!isa_and_present<ActDialect>(op->getDialect()))
      return failure();
    FailureOr<SmallVector<Value>> values = op.decomposeOperation(rewriter);
    if (failed(values))
      return rewriter.notifyMatchFailure(op, "has no aggregate form");
    rewriter.replaceOp(op, *values);
    return success();
  }
};

/// Row operations to their aggregate form, named operations to generic ones.
LogicalResult decompose(KernelOp kernel, AccuracyAttr accuracy) {
  IRRewriter rewriter(kernel.getContext());
  SmallVector<Operation *> ops;
  kernel.getBody().walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops) {
    rewriter.setInsertionPoint(op);
    if (auto aggregated = dyn_cast<linalg::AggregatedOpInterface>(op)) {
      // What it is made of depends on its accuracy.
      if (isa_and_present<ActDialect>(op->getDialect()) &&
          !op->hasAttr("accuracy"))
        op->setAttr("accuracy", accuracy);
      FailureOr<SmallVector<Value>> values =
          aggregated.decomposeOperation(rewriter);
      if (failed(values))
        return op->emitOpError("cannot be decomposed");
      rewriter.replaceOp(op, *values);
    }
  }
  ops.clear();
  kernel.getBody().walk([&](linalg::LinalgOp op) {
    if (!isa<linalg::GenericOp, linalg::FillOp>(op.getOperation()))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    rewriter.setInsertionPoint(op);
    if (failed(linalg::generalizeNamedOp(rewriter, cast<linalg::LinalgOp>(op))))
      return op->emitOpError("has no generic form");
  }
  return success();
}

/// Where all results are rounded to 16 bits, what an addition in f32 loses does
/// not show: sums of rows are in runs.
void sumInRuns(KernelOp kernel) {
  if (!llvm::all_of(kernel.getOutputs(), [](Value output) {
        auto type = dyn_cast<FloatType>(getElementTypeOrSelf(output));
        return type && type.getWidth() <= 16;
      }))
    return;
  for (auto generic : kernel.getBody().getOps<linalg::GenericOp>()) {
    // Contractions, which read no whole row, have one chain for each sum.
    if (generic.getNumReductionLoops() == 0 ||
        llvm::none_of(generic.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isPermutation(); }))
      continue;
    for (Operation *combiner : KernelBody::combiners(generic)) {
      Type type = combiner->getResult(0).getType();
      bool widens = llvm::any_of(combiner->getOperands(), [](Value operand) {
        auto extended = operand.getDefiningOp<arith::ExtFOp>();
        return extended && extended.getIn().getType().isF32();
      });
      Builder b(combiner);
      if (isa<arith::AddFOp>(combiner) && !combiner->hasAttr(kNarrowSumAttr) &&
          !combiner->hasAttr(kRunSumAttr) &&
          (type.getIntOrFloatBitWidth() <= 32 || widens))
        combiner->setAttr(
            kRunSumAttr,
            b.getArrayAttr({b.getI64IntegerAttr(4), b.getF32FloatAttr(-0.0)}));
    }
  }
}

/// The widest float or integer that the kernel stores, in bits.
unsigned storedBits(KernelOp kernel) {
  unsigned bits = 8;
  for (Value output : kernel.getOutputs())
    bits = std::max(bits, getElementTypeOrSelf(output).getIntOrFloatBitWidth());
  return bits;
}

/// Whether each element is computed from others in bf16 alone, which
/// act-expand-ops takes in pairs.
bool isOnBF16(KernelOp kernel) {
  auto isBF16 = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return element.isBF16() || element.isInteger(1) || element.isIndex();
  };
  if (!llvm::all_of(kernel->getOperandTypes(), isBF16))
    return false;
  return !kernel.getBody()
              .walk([&](linalg::GenericOp generic) {
                if (generic.getNumReductionLoops() != 0)
                  return WalkResult::interrupt();
                for (Operation &op : *generic.getBody())
                  if (!llvm::all_of(op.getOperandTypes(), isBF16) ||
                      !llvm::all_of(op.getResultTypes(), isBF16))
                    return WalkResult::interrupt();
                return WalkResult::advance();
              })
              .wasInterrupted();
}

bool readsPairs(KernelOp kernel) {
  return llvm::any_of(kernel.getBody().front().getOps<linalg::GenericOp>(),
                      [](linalg::GenericOp op) {
                        auto contraction =
                            Contraction::match(cast<linalg::LinalgOp>(*op));
                        return contraction && contraction->paired;
                      });
}

struct TilePass : public act::impl::TileBase<TilePass> {
  using TileBase::TileBase;

  void runOnOperation() override {
    if (vectorBits < 64 || vectorBits > 2048 || vectorBits % 64 != 0) {
      getOperation().emitError("vector-bits must be a multiple of 64 from 64 "
                               "to 2048, got ")
          << vectorBits.getValue();
      return signalPassFailure();
    }
    auto option = AccuracyAttr::parseOption(
        accuracy, [&] { return getOperation().emitError(); });
    if (failed(option))
      return signalPassFailure();
    auto stated = AccuracyAttr::get(&getContext(), option->first,
                                    APFloat(option->second));
    WalkResult result = getOperation().walk([&](KernelOp kernel) {
      if (failed(decompose(kernel, stated)))
        return WalkResult::interrupt();
      sumInRuns(kernel);
      // The f64 core of an activation needs a register for each eight lanes,
      // so two registers of the stored type are enough in flight.
      unsigned bits = isOnBF16(kernel) ? 16 : std::max(storedBits(kernel), 32u);
      int64_t width = std::max<int64_t>(vectorBits / bits, 1);
      kernel->setAttr("vector_width",
                      IntegerAttr::get(IndexType::get(&getContext()), width));
      if (parallel)
        kernel->setAttr("parallel", UnitAttr::get(&getContext()));
      if (bf16Dot && readsPairs(kernel))
        kernel->setAttr("bf16_dot", UnitAttr::get(&getContext()));
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace

void mlir::act::populateRowDecompositionPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeRow>(patterns.getContext());
}
