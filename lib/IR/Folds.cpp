// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Folds of elementwise operations: constants by the kernels on the host, and
// what holds for every value, NaN and the sign of zero included.

#include "Parameters.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Host.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;

/// Constants of more elements stay: they are weights rather than parameters.
static constexpr int64_t kMaxFoldedElements = 1 << 16;

/// Rounds to nearest even, once; f8E4M3FN saturates.
static APFloat roundTo(double value, FloatType type) {
  if (std::isnan(value))
    return APFloat::getQNaN(type.getFloatSemantics());
  if (isa<Float8E4M3FNType>(type))
    value = std::clamp(value, -448.0, 448.0);
  APFloat result(value);
  bool losesInfo;
  result.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                 &losesInfo);
  return result;
}

/// The correctly rounded value, which meets every accuracy.
static APFloat evaluate(ActivationOpInterface op, ArrayRef<APFloat> operands,
                        FloatType type) {
  SmallVector<double> values, parameters = op.getParameters();
  for (APFloat operand : operands) {
    bool losesInfo;
    operand.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                    &losesInfo);
    values.push_back(operand.convertToDouble());
  }
  return roundTo(
      numerics::evaluate(op.getFunction(), parameters.data(), values.data()),
      type);
}

static APInt evaluateInteger(ActivationOpInterface op, APInt x) {
  auto max = [](APInt a, APInt b) { return a.sgt(b) ? a : b; };
  if (auto clamp = dyn_cast<ClampOp>(op.getOperation())) {
    x = max(x, cast<IntegerAttr>(clamp.getMin()).getValue());
    APInt high = cast<IntegerAttr>(clamp.getMax()).getValue();
    return x.slt(high) ? x : high;
  }
  return max(x, APInt::getZero(x.getBitWidth()));
}

/// Whether the correctly rounded value is what the program would compute: an
/// operation that asks for another accuracy is computed by its kernel.
static bool isFoldedExactly(ActivationOpInterface op) {
  auto accuracy = op->getAttrOfType<AccuracyAttr>("accuracy");
  return !accuracy || (accuracy.getMode() == AccuracyMode::Highest &&
                       op->getNumOperands() == 1);
}

/// A constant from constant operands; null where they are none.
static Attribute foldConstant(ActivationOpInterface op,
                              ArrayRef<Attribute> operands) {
  if (!isFoldedExactly(op))
    return {};
  Type type = op->getResult(0).getType();
  Type element = getElementTypeOrSelf(type);
  auto number = dyn_cast<FloatType>(element);
  // There are kernels on the host for all but f64, and integers.
  bool isKnown =
      number ? isActFloat(number) && !number.isF64() : isa<ReluOp, ClampOp>(op);
  if (!isKnown || llvm::is_contained(operands, Attribute()))
    return {};

  // Scalars and splats have one value to compute.
  auto single = [](Attribute operand) -> Attribute {
    auto splat = dyn_cast<SplatElementsAttr>(operand);
    return splat ? splat.getSplatValue<Attribute>() : operand;
  };
  bool allSingle = llvm::all_of(operands, [&](Attribute operand) {
    return isa<FloatAttr, IntegerAttr>(single(operand));
  });
  auto compute = [&](ArrayRef<Attribute> values) -> Attribute {
    if (!number)
      return IntegerAttr::get(
          element,
          evaluateInteger(op, cast<IntegerAttr>(values[0]).getValue()));
    SmallVector<APFloat> numbers;
    for (Attribute value : values)
      numbers.push_back(cast<FloatAttr>(value).getValue());
    return FloatAttr::get(element, evaluate(op, numbers, number));
  };
  if (allSingle) {
    Attribute value = compute(llvm::map_to_vector(operands, single));
    auto shaped = dyn_cast<ShapedType>(type);
    if (!shaped)
      return value;
    return shaped.hasStaticShape()
               ? Attribute(SplatElementsAttr::get(shaped, value))
               : Attribute();
  }
  SmallVector<DenseElementsAttr> dense;
  for (Attribute operand : operands)
    if (auto elements = dyn_cast<DenseElementsAttr>(operand))
      dense.push_back(elements);
  if (dense.size() != operands.size() ||
      dense.front().getNumElements() > kMaxFoldedElements)
    return {};
  SmallVector<Attribute> results;
  for (int64_t i = 0, e = dense.front().getNumElements(); i < e; ++i) {
    SmallVector<Attribute> values;
    for (DenseElementsAttr elements : dense)
      values.push_back(elements.getValues<Attribute>()[i]);
    results.push_back(compute(values));
  }
  return DenseElementsAttr::get(cast<ShapedType>(type), results);
}

/// True where limiting a function's results to an interval changes none.
static bool isWithin(Value value, double low, double high) {
  auto inner = value.getDefiningOp<ActivationOpInterface>();
  if (!inner)
    return false;
  FunctionRange range = inner.getFunctionRange();
  // Integers beyond 2^53 are no exact f64 values.
  auto isExact = [](double bound) {
    return std::isinf(bound) || std::fabs(bound) <= 0x1p53;
  };
  if (!isa<FloatType>(getElementTypeOrSelf(value.getType())) &&
      !(isExact(low) && isExact(high) && isExact(range.low) &&
        isExact(range.high)))
    return false;
  // max = -0 makes -0 of +0.
  if (high == 0 && std::signbit(high))
    return false;
  // Rounding is monotone, so bounds that hold before it hold after it.
  bool keepsZero =
      low != 0 || (range.low == 0 && !std::signbit(range.low)) || range.low > 0;
  return range.low >= low && range.high <= high && keepsZero;
}

OpFoldResult mlir::act::foldActivation(ActivationOpInterface op,
                                       ArrayRef<Attribute> operands) {
  if (Attribute constant = foldConstant(op, operands))
    return constant;
  bool isFloat =
      isa<FloatType>(getElementTypeOrSelf(op->getResult(0).getType()));
  double inf = std::numeric_limits<double>::infinity();
  if (isa<ReluOp>(op)) {
    // relu(y) = y where y is never negative, relu(relu x) among them.
    if (isWithin(op->getOperand(0), 0, inf))
      return op->getOperand(0);
  }
  if (auto clamp = dyn_cast<ClampOp>(op.getOperation())) {
    SmallVector<double> bounds = clamp.getParameters();
    if (isFloat && bounds[0] == -inf && bounds[1] == inf)
      return clamp.getX();
    if (isWithin(clamp.getX(), bounds[0], bounds[1]))
      return clamp.getX();
  }
  return {};
}

Operation *ActDialect::materializeConstant(OpBuilder &b, Attribute value,
                                           Type type, Location loc) {
  return arith::ConstantOp::materialize(b, value, type, loc);
}
