// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Arithmetic between operands and the one rounding at the end: in f64.

#ifndef ACT_LIB_IR_WIDEBUILDER_H
#define ACT_LIB_IR_WIDEBUILDER_H

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::act {

class WideBuilder : public ImplicitLocOpBuilder {
public:
  /// For an operation on elements of this type, with its accuracy.
  WideBuilder(OpBuilder &b, Operation *op, Type element)
      : ImplicitLocOpBuilder(op->getLoc(), b), element(element),
        accuracy(op->getAttrOfType<AccuracyAttr>("accuracy")) {}

  Value number(double value) {
    return arith::ConstantOp::create(*this, getF64FloatAttr(value));
  }
  Value widen(Value x) {
    Type f64 = getF64Type();
    return x.getType() == f64
               ? x
               : arith::ExtFOp::create(*this, f64, x).getResult();
  }
  Value narrow(Value x) {
    return x.getType() == element
               ? x
               : arith::TruncFOp::create(*this, element, x).getResult();
  }
  Value sub(Value x, Value y) { return arith::SubFOp::create(*this, x, y); }
  Value add(Value x, Value y) { return arith::AddFOp::create(*this, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(*this, x, y); }
  Value equal(Value x, Value y) {
    return arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, x, y);
  }
  Value select(Value mask, Value x, Value y) {
    return arith::SelectOp::create(*this, mask, x, y);
  }
  Value exp(Value x) { return core(math::ExpOp::create(*this, x)); }
  Value log1p(Value x) { return core(math::Log1pOp::create(*this, x)); }

  /// Marks a function as part of the operation's own evaluation in f64, so that
  /// the bounds of f64 results need not apply where these are rounded further.
  Value core(Operation *op) {
    if (!element.isF64())
      op->setAttr("act.core", getUnitAttr());
    if (accuracy)
      op->setAttr("accuracy", accuracy);
    return op->getResult(0);
  }

  const Type element;

protected:
  AccuracyAttr accuracy;
};

} // namespace mlir::act

#endif // ACT_LIB_IR_WIDEBUILDER_H
