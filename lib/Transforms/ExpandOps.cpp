// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every activation and every math function becomes its kernel, in f32 or f64,
// between an exact widening and one rounding; f8 and bf16 arithmetic becomes
// f32's.

#include "FloatCasts.h"
#include "act-mlir/Transforms/Expansion.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"

namespace mlir::act {
#define GEN_PASS_DEF_EXPANDOPS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// True for what neither has a kernel nor is machine code.
bool isLibraryFunction(Operation *op) {
  return isa<math::AcosOp, math::AsinOp, math::AtanOp, math::Atan2Op,
             math::CosOp, math::CoshOp, math::FPowIOp, math::PowFOp,
             math::SinOp, math::SinhOp, math::TanOp>(op);
}

struct ExpandOpsPass : public act::impl::ExpandOpsBase<ExpandOpsPass> {
  using ExpandOpsBase::ExpandOpsBase;

  void runOnOperation() override {
    auto option = AccuracyAttr::parseOption(
        accuracy, [&] { return getOperation()->emitError(); });
    if (failed(option))
      return signalPassFailure();
    bool failedAny = false;
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      // Square roots are operations of the machine.
      if (hasKernel(op) && !isa<math::SqrtOp>(op))
        ops.push_back(op);
    });
    Expansion expansion({option->first, option->second}, /*inPairs=*/true);
    for (Operation *op : ops)
      failedAny |= failed(expand(op, expansion));
    ops.clear();
    getOperation()->walk([&](Operation *op) {
      if (isa_and_present<arith::ArithDialect, math::MathDialect>(
              op->getDialect()))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (isLibraryFunction(op))
        remark::missed(
            op->getLoc(),
            remark::RemarkOpts::name("LibraryCall").category("act-expand-ops"))
            << (op->getName().getStringRef() +
                " has no kernel: each element is a call of the C library")
                   .str();
      expandNarrow(op);
    }
    getOperation()->walk(constantToTheRight);
    if (failedAny)
      signalPassFailure();
  }

private:
  /// The canonical order of a commutative operation. Left to the canonicalizer,
  /// each swap makes it visit all loops around, whose bodies it then walks:
  /// quadratic in the length of a chain.
  static void constantToTheRight(Operation *op) {
    if (op->hasTrait<OpTrait::IsCommutative>() && op->getNumOperands() == 2 &&
        matchPattern(op->getOperand(0), m_Constant()) &&
        !matchPattern(op->getOperand(1), m_Constant()))
      op->setOperands({op->getOperand(1), op->getOperand(0)});
  }

  static LogicalResult expand(Operation *op, Expansion &expansion) {
    Type type = op->getResult(0).getType();
    if (isa<ShapedType>(type) && !isa<VectorType>(type))
      return op->emitError("act-expand-ops needs scalars and vectors, got ")
             << type;
    OpBuilder b(op);
    FailureOr<Value> value = expansion.expand(b, op);
    if (failed(value))
      return failure();
    op->getResult(0).replaceAllUsesWith(*value);
    op->erase();
    return success();
  }

  static bool isNarrow(Type type) {
    Type element = getElementTypeOrSelf(type);
    return element.isBF16() || isF8(element);
  }

  /// Conversions from and to bf16 and f8, and from f64 to f16, which is a call
  /// of a function for each lane on most targets.
  bool expandCast(Operation *op) {
    Value x = op->getOperand(0), y = op->getResult(0);
    auto from = cast<FloatType>(getElementTypeOrSelf(x.getType()));
    auto to = cast<FloatType>(getElementTypeOrSelf(y.getType()));
    if (auto cut = dyn_cast<arith::TruncFOp>(op))
      if (cut.getRoundingmode().value_or(
              arith::RoundingMode::to_nearest_even) !=
          arith::RoundingMode::to_nearest_even)
        return false;
    if (!isNarrow(from) && !isNarrow(to) && !(from.isF64() && to.isF16()))
      return false;
    OpBuilder b(op);
    y.replaceAllUsesWith(to.getWidth() > from.getWidth()
                             ? extendFloat(b, op->getLoc(), x, to)
                             : truncateFloat(b, op->getLoc(), x, to));
    op->erase();
    return true;
  }

  /// Arithmetic of bf16 and f8: neither does LLVM know f8, nor do targets agree
  /// on bf16's subnormal numbers.
  void expandNarrow(Operation *op) {
    if (isa<arith::TruncFOp, arith::ExtFOp>(op)) {
      expandCast(op);
      return;
    }
    if ((llvm::none_of(op->getOperandTypes(), isNarrow) &&
         llvm::none_of(op->getResultTypes(), isNarrow)) ||
        isa<arith::BitcastOp, arith::SelectOp, arith::ConstantOp>(op))
      return;
    OpBuilder b(op);
    Location loc = op->getLoc();
    // One operation in a wider type and one rounding: two roundings in all, but
    // f32 has more than twice the bits, so that they are as good as one; for
    // the product in a multiply-add f64 has.
    FloatType wider = isa<math::FmaOp>(op) ? FloatType(b.getF64Type())
                                           : FloatType(b.getF32Type());
    if (op->getNumResults() == 1 && areInPairs(op->getOperandTypes()) &&
        areInPairs(op->getResultTypes())) {
      Value y = computeInPairs(
          b, loc, op->getOperands(), /*exact=*/false, [&](ValueRange operands) {
            IRMapping map;
            for (auto [before, after] : llvm::zip(op->getOperands(), operands))
              map.map(before, extendFloat(b, loc, after, wider));
            Operation *wide = b.clone(*op, map);
            Value result = wide->getResult(0);
            result.setType(map.lookup(op->getOperand(0)).getType());
            return result;
          });
      op->getResult(0).replaceAllUsesWith(y);
      op->erase();
      return;
    }
    IRMapping map;
    for (Value operand : op->getOperands())
      if (isNarrow(operand.getType()))
        map.map(operand, extendFloat(b, loc, operand, wider));
    Operation *wide = b.clone(*op, map);
    for (auto [before, after] :
         llvm::zip(op->getResults(), wide->getResults())) {
      Value y = after;
      Type type = y.getType();
      if (isNarrow(type)) {
        after.setType(withElement(type, wider));
        y = truncateFloat(b, loc, y,
                          cast<FloatType>(getElementTypeOrSelf(type)));
      }
      before.replaceAllUsesWith(y);
    }
    op->erase();
  }
};

} // namespace
