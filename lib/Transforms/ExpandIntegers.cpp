// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ExpandIntegers.h"
#include "act-mlir/IR/Act.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::act;

Value mlir::act::expandInteger(OpBuilder &b, Operation *op) {
  Type type = op->getResult(0).getType();
  Location loc = op->getLoc();
  auto constant = [&](TypedAttr value) -> Value {
    if (auto vector = dyn_cast<VectorType>(type))
      value = DenseElementsAttr::get(vector, cast<Attribute>(value));
    return arith::ConstantOp::create(b, loc, value);
  };
  if (auto clamp = dyn_cast<ClampOp>(op)) {
    Value x =
        arith::MaxSIOp::create(b, loc, clamp.getX(), constant(clamp.getMin()));
    return arith::MinSIOp::create(b, loc, x, constant(clamp.getMax()));
  }
  auto relu = cast<ReluOp>(op);
  return arith::MaxSIOp::create(
      b, loc, relu.getX(),
      constant(b.getIntegerAttr(getElementTypeOrSelf(type), 0)));
}
