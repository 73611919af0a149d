// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What all elementwise operations do: constraints, shapes, gradients.

#include "Parameters.h"
#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::act;

/// The bounds of `act.clamp` are numbers of the operand's kind.
static LogicalResult verifyBounds(Operation *op) {
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  Type wanted = isa<FloatType>(element)
                    ? Type(Float64Type::get(op->getContext()))
                    : element;
  for (StringRef name : {"min", "max"}) {
    auto bound = op->getAttrOfType<TypedAttr>(name);
    if (bound.getType() != wanted || !isa<FloatAttr, IntegerAttr>(bound))
      return op->emitOpError("'")
             << name << "' must have type " << wanted << " for operands of "
             << element << ", got " << bound;
  }
  auto low = op->getAttrOfType<IntegerAttr>("min");
  auto high = op->getAttrOfType<IntegerAttr>("max");
  if (low && high && low.getValue().sgt(high.getValue()))
    return op->emitOpError("'min' = ")
           << low.getInt() << " is greater than 'max' = " << high.getInt();
  return success();
}

LogicalResult mlir::act::detail::verifyAttributeNames(Operation *op) {
  for (NamedAttribute attribute : op->getDiscardableAttrs())
    if (!attribute.getName().getValue().contains('.'))
      return op->emitOpError()
             << "has no attribute '" << attribute.getName().getValue() << "'";
  return success();
}

LogicalResult mlir::act::detail::verifyElementwise(ActivationOpInterface op) {
  if (isa<ClampOp, ClampGradOp>(op) && failed(verifyBounds(op)))
    return failure();
  return verifyParameters([&] { return op->emitOpError(); },
                          op->getName().stripDialect(),
                          cast<DictionaryAttr>(op->getPropertiesAsAttribute()));
}

LogicalResult
mlir::act::detail::reifyElementwise(Operation *op, OpBuilder &b,
                                    ReifiedRankedShapedTypeDims &dims) {
  if (!isa<RankedTensorType>(op->getResult(0).getType()))
    return failure();
  dims.push_back(
      tensor::getMixedSizes(b, op->getLoc(), op->getOperands().back()));
  return success();
}

SmallVector<double> mlir::act::detail::getBounds(TypedAttr low,
                                                 TypedAttr high) {
  auto value = [](TypedAttr bound) {
    if (auto number = dyn_cast<FloatAttr>(bound))
      return number.getValueAsDouble();
    return double(cast<IntegerAttr>(bound).getInt());
  };
  // A lower bound of -0 means +0.
  return {value(low) + 0.0, value(high)};
}
