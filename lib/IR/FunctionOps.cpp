// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// From a function with its parameters to the operation that computes it.

#include "Parameters.h"
#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::act;
using numerics::Function;

SmallVector<double> mlir::act::detail::defaultParameters(Function function) {
  const double *values = numerics::defaultParameters(function);
  return SmallVector<double>(values,
                             values + numerics::numParameters(function));
}

bool mlir::act::isActFloat(Type element) {
  return isa<Float64Type, Float32Type, Float16Type, BFloat16Type,
             Float8E4M3FNType, Float8E5M2Type>(element);
}

/// The function whose name the operation has: forms of one are told apart by
/// an attribute.
static Function withoutForm(Function function) {
  switch (function) {
  case Function::GeluTanh:
    return Function::Gelu;
  case Function::GeluTanhGrad:
    return Function::GeluGrad;
  case Function::ClampOpenGrad:
    return Function::ClampGrad;
  default:
    return function;
  }
}

std::string mlir::act::getOperationName(Function function) {
  StringRef dialect = numerics::isMath(function)
                          ? math::MathDialect::getDialectNamespace()
                          : ActDialect::getDialectNamespace();
  return (dialect + "." + numerics::name(withoutForm(function))).str();
}

/// Bounds and thresholds are always written.
static bool isRequired(StringRef parameter) {
  return llvm::is_contained({"min", "max", "theta", "value"}, parameter);
}

NamedAttrList mlir::act::getOperationAttributes(Function function,
                                                ArrayRef<double> parameters,
                                                MLIRContext *context) {
  Builder b(context);
  NamedAttrList list;
  if (function == Function::GeluTanh || function == Function::GeluTanhGrad)
    list.append("approximate", GeluFormAttr::get(context, GeluForm::Tanh));
  if (function == Function::ClampOpenGrad)
    list.append("boundary_grad", b.getI64IntegerAttr(0));
  const double *defaults = numerics::defaultParameters(function);
  for (auto [i, value] : llvm::enumerate(parameters)) {
    StringRef name = numerics::parameterName(function, i);
    // The bias of soft_shrink is lambda where it is not given.
    double implied = name == "bias" ? parameters[0] : defaults[i];
    if (isRequired(name) || value != implied)
      list.append(name, b.getF64FloatAttr(value));
  }
  return list;
}

Operation *mlir::act::buildFunction(OpBuilder &b, Location loc,
                                    Function function,
                                    ArrayRef<double> parameters,
                                    ValueRange operands,
                                    ArrayRef<NamedAttribute> extra) {
  OperationState state(
      loc, getOperationName(function), operands, operands.front().getType(),
      getOperationAttributes(function, parameters, b.getContext()));
  state.addAttributes(extra);
  return b.create(state);
}

SmallVector<Value> mlir::act::buildGradients(Operation *op, OpBuilder &b,
                                             Location loc, Value dy) {
  auto activation = cast<ActivationOpInterface>(op);
  Function gradient;
  if (!isActFloat(getElementTypeOrSelf(dy.getType())) ||
      !numerics::lookupGradient(activation.getFunction(), gradient))
    return {};
  SmallVector<Value> operands = {dy};
  llvm::append_range(operands, op->getOperands());
  SmallVector<NamedAttribute> extra;
  if (Attribute accuracy = op->getAttrOfType<AccuracyAttr>("accuracy"))
    extra.push_back(b.getNamedAttr("accuracy", accuracy));
  if (auto flags = dyn_cast<arith::ArithFastMathInterface>(op))
    if (arith::FastMathFlagsAttr fastmath = flags.getFastMathFlagsAttr())
      extra.push_back(b.getNamedAttr("fastmath", fastmath));
  SmallVector<double> parameters = activation.getParameters();
  auto build = [&](Function function) {
    return buildFunction(b, loc, function, parameters, operands, extra)
        ->getResult(0);
  };
  if (gradient == Function::PreluGrad)
    return {build(gradient), build(Function::PreluSlopeGrad)};
  return {build(gradient)};
}
