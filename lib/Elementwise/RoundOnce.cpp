// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Elementwise work of a kernel in f64, with one rounding at its end.

#include "ElementwiseGraph.h"
#include "act-mlir/Elementwise/Passes.h"
#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::act {
#define GEN_PASS_DEF_ROUNDONCE
#include "act-mlir/Elementwise/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;
using numerics::Function;

namespace {

bool isShort(Type type) {
  auto element = dyn_cast<FloatType>(type);
  return element && element.getWidth() < 64;
}

bool isConversion(Operation *op) {
  return isa<arith::ExtFOp, arith::TruncFOp>(op);
}

/// Whether an operation can be done on f64 instead.
bool isWidenable(Operation *op) {
  return op->getNumResults() == 1 && op->getNumRegions() == 0 &&
         OpTrait::hasElementwiseMappableTraits(op) && getScalarEvaluator(op);
}

/// Whether an operation may round.
bool rounds(Operation *op) {
  return isWidenable(op) && isShort(op->getResult(0).getType()) &&
         !isConversion(op) &&
         !isa<arith::SelectOp, arith::NegFOp, arith::MaximumFOp,
              arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp,
              math::AbsFOp, math::CopySignOp, math::FloorOp, math::CeilOp,
              math::TruncOp, math::RoundEvenOp, ReluOp, ClampOp>(op);
}

class Widener {
public:
  explicit Widener(Block &body)
      : body(body), b(OpBuilder::atBlockBegin(&body)) {}

  void run() {
    for (Operation &op : llvm::make_early_inc_range(body.without_terminator()))
      if (isWidenable(&op))
        widen(&op);
    for (OpOperand &operand : body.getTerminator()->getOpOperands())
      operand.set(narrowed(operand.get()));
    for (Operation *op : llvm::reverse(replaced))
      if (op->use_empty())
        op->erase();
  }

private:
  /// A value in f64.
  Value wide(Value value) {
    if (!isShort(value.getType()))
      return value;
    Value &known = inF64[value];
    if (known)
      return known;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointAfterValue(value);
    return known =
               arith::ExtFOp::create(b, value.getLoc(), b.getF64Type(), value);
  }

  /// The value after its one rounding.
  Value narrowed(Value value) {
    auto found = inF64.find(value);
    if (found == inF64.end())
      return value;
    auto widened = found->second.getDefiningOp<arith::ExtFOp>();
    if (widened && widened.getIn() == value)
      return value;
    Value &known = rounded[value];
    if (!known) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointAfterValue(found->second);
      known = arith::TruncFOp::create(b, value.getLoc(), value.getType(),
                                      found->second);
    }
    return known;
  }

  void widen(Operation *op) {
    bool result = isShort(op->getResult(0).getType());
    if (!result && llvm::none_of(op->getOperandTypes(), isShort))
      return;
    b.setInsertionPoint(op);
    SmallVector<Value> operands = llvm::map_to_vector(
        op->getOperands(), [&](Value v) { return wide(v); });
    b.setInsertionPoint(op);
    if (isConversion(op) && result) {
      inF64[op->getResult(0)] = operands[0];
      others(op);
      return;
    }
    Operation *clone = b.clone(*op);
    clone->setOperands(operands);
    if (result) {
      clone->getResult(0).setType(b.getF64Type());
      inF64[op->getResult(0)] = clone->getResult(0);
      std::optional<Function> function = getMathFunction(op);
      if (auto activation = dyn_cast<ActivationOpInterface>(op))
        function = activation.getFunction();
      if (function) {
        if (coreLacksTails(*function)) {
          clone->setAttr("accuracy", AccuracyAttr::get(op->getContext(),
                                                       AccuracyMode::Precise,
                                                       APFloat(0.0)));
        } else {
          clone->removeAttr("accuracy");
          clone->setAttr("act.core", b.getUnitAttr());
        }
      }
      others(op);
    } else {
      op->getResult(0).replaceAllUsesWith(clone->getResult(0));
      replaced.push_back(op);
    }
  }

  /// Operations that stay read the rounded value.
  void others(Operation *op) {
    Value value = op->getResult(0);
    for (OpOperand &use : llvm::make_early_inc_range(value.getUses()))
      if (!isWidenable(use.getOwner()) &&
          use.getOwner() != body.getTerminator())
        use.set(narrowed(value));
    replaced.push_back(op);
  }

  Block &body;
  OpBuilder b;
  DenseMap<Value, Value> inF64, rounded;
  SmallVector<Operation *> replaced;
};

struct RoundOncePass : public act::impl::RoundOnceBase<RoundOncePass> {
  void runOnOperation() override {
    getOperation()->walk([&](linalg::GenericOp generic) {
      if (!generic->getParentOfType<KernelOp>() || !isMapping(generic))
        return;
      Block &body = *generic.getBody();
      if (llvm::count_if(body, [](Operation &op) { return rounds(&op); }) > 1)
        Widener(body).run();
    });
  }
};

} // namespace
