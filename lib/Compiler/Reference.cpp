// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/Reference.h"
#include "act-mlir/Elementwise/ScalarEvaluation.h"
#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;

double mlir::act::ulpError(double value, double reference, FloatType type) {
  if (std::isnan(value) || std::isnan(reference))
    return std::isnan(value) && std::isnan(reference) ? 0 : INFINITY;
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  int largest = APFloat::semanticsMaxExponent(semantics) + 1;
  // What is out of range counts as the first number that is.
  double end = std::ldexp(1.0, largest);
  auto finite = [&](double x) {
    return std::fabs(x) > end ? std::copysign(end, x) : x;
  };
  if (std::isinf(value) && std::isinf(reference))
    return std::signbit(value) == std::signbit(reference) ? 0 : INFINITY;
  if (value == 0 && reference == 0)
    return std::signbit(value) == std::signbit(reference) ? 0 : INFINITY;
  int exponent =
      std::max(reference == 0 ? -10000 : std::ilogb(finite(reference)),
               APFloat::semanticsMinExponent(semantics));
  double ulp = std::ldexp(
      1.0, exponent - int(APFloat::semanticsPrecision(semantics)) + 1);
  return std::fabs(finite(value) - finite(reference)) / ulp;
}

namespace {

/// A tensor of f64, row by row; rank 0 holds a scalar. Also a scalar value.
struct Array {
  SmallVector<int64_t> shape;
  std::vector<double> values;

  explicit Array(double scalar = 0) : values{scalar} {}
  explicit Array(ArrayRef<int64_t> extents)
      : shape(extents.begin(), extents.end()) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    values.resize(size);
  }

  double &at(ArrayRef<int64_t> index) {
    int64_t flat = 0;
    for (auto [i, extent] : llvm::zip(index, shape))
      flat = flat * extent + i;
    return values[flat];
  }
  double scalar() const { return values.front(); }
};

using Scope = DenseMap<Value, Array>;
using Scalars = DenseMap<Value, double>;

class Evaluator {
public:
  FailureOr<std::vector<std::vector<double>>> run(func::FuncOp function,
                                                  ArrayRef<HostTensor> inputs);

private:
  LogicalResult evaluate(Operation &op);
  LogicalResult constantOp(arith::ConstantOp op);
  LogicalResult structured(linalg::LinalgOp op);
  LogicalResult elementwise(Operation &op);
  FailureOr<SmallVector<double>> body(Block &block, Scalars &scalars,
                                      ArrayRef<int64_t> index);
  SmallVector<int64_t> indices(ArrayRef<OpFoldResult> values) {
    SmallVector<int64_t> result;
    for (OpFoldResult value : values)
      result.push_back(isa<Attribute>(value)
                           ? *getConstantIntValue(value)
                           : int64_t(scope.at(cast<Value>(value)).scalar()));
    return result;
  }

  Scope scope;
};

/// Calls `body` for every index below the extents, in order.
template <typename Body>
LogicalResult forEach(ArrayRef<int64_t> extents, Body body) {
  if (llvm::is_contained(extents, 0))
    return success();
  SmallVector<int64_t> index(extents.size());
  while (true) {
    if (failed(body(index)))
      return failure();
    int64_t dim = extents.size() - 1;
    while (dim >= 0 && ++index[dim] == extents[dim])
      index[dim--] = 0;
    if (dim < 0)
      return success();
  }
}

SmallVector<int64_t> applyMap(AffineMap map, ArrayRef<int64_t> index) {
  return map.compose(index);
}

LogicalResult Evaluator::constantOp(arith::ConstantOp op) {
  if (std::optional<double> number = getConstantNumber(op.getValue())) {
    scope[op.getResult()] = Array(*number);
    return success();
  }
  auto type = cast<ShapedType>(op.getType());
  Array array(type.getShape());
  if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue())) {
    for (auto [value, element] :
         llvm::zip(array.values, dense.getValues<Attribute>()))
      value = *getConstantNumber(element);
  } else if (auto resource =
                 dyn_cast<DenseResourceElementsAttr>(op.getValue())) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return op.emitError("has no data for resource '")
             << resource.getRawHandle().getKey() << "'";
    HostTensor data(type.getElementType(), type.getShape());
    if (int64_t(blob->getData().size()) != data.bytes())
      return op.emitError("resource does not match its type");
    std::memcpy(data.data(), blob->getData().data(), data.bytes());
    for (auto [i, value] : llvm::enumerate(array.values))
      value = data.get(i);
  } else {
    return op.emitError("constant is not known to the reference evaluation");
  }
  scope[op.getResult()] = std::move(array);
  return success();
}

FailureOr<SmallVector<double>> Evaluator::body(Block &block, Scalars &scalars,
                                               ArrayRef<int64_t> index) {
  auto lookup = [&](Value value) {
    auto known = scalars.find(value);
    return known != scalars.end() ? known->second : scope.at(value).scalar();
  };
  for (Operation &op : block.without_terminator()) {
    if (auto number = dyn_cast<arith::ConstantOp>(op)) {
      std::optional<double> value = getConstantNumber(number.getValue());
      if (!value)
        return number.emitError("is not known to the reference evaluation");
      scalars[number.getResult()] = *value;
      continue;
    }
    if (auto position = dyn_cast<linalg::IndexOp>(op)) {
      scalars[position.getResult()] = index[position.getDim()];
      continue;
    }
    if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
      SmallVector<int64_t> at;
      for (Value value : extract.getIndices())
        at.push_back(lookup(value));
      scalars[extract.getResult()] = scope.at(extract.getTensor()).at(at);
      continue;
    }
    SmallVector<double> operands;
    for (Value operand : op.getOperands())
      operands.push_back(lookup(operand));
    std::optional<double> value =
        op.getNumResults() == 1 ? evaluateScalar(&op, operands) : std::nullopt;
    if (!value)
      return op.emitOpError("is not known to the reference evaluation");
    scalars[op.getResult(0)] = *value;
  }
  SmallVector<double> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(lookup(value));
  return results;
}

LogicalResult Evaluator::structured(linalg::LinalgOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<int64_t> extents(op.getNumLoops(), 0);
  std::vector<Array> outputs;
  for (Value init : op.getDpsInits())
    outputs.push_back(scope.at(init));
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps)) {
    auto found = scope.find(operand);
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        extents[dim.getPosition()] = found->second.shape[i];
  }
  unsigned inputs = op.getNumDpsInputs();
  LogicalResult result = forEach(extents, [&](ArrayRef<int64_t> index) {
    Scalars scalars;
    for (auto [i, argument] : llvm::enumerate(op.getBlock()->getArguments())) {
      Array &array =
          i < inputs ? scope.at(op->getOperand(i)) : outputs[i - inputs];
      scalars[argument] = array.shape.empty()
                              ? array.scalar()
                              : array.at(applyMap(maps[i], index));
    }
    FailureOr<SmallVector<double>> values =
        body(*op.getBlock(), scalars, index);
    if (failed(values))
      return LogicalResult::failure();
    for (auto [i, value] : llvm::enumerate(*values))
      outputs[i].at(applyMap(maps[inputs + i], index)) = value;
    return success();
  });
  for (auto [value, array] : llvm::zip(op->getResults(), outputs))
    scope[value] = std::move(array);
  return result;
}

LogicalResult Evaluator::elementwise(Operation &op) {
  Array result;
  for (Value operand : op.getOperands())
    if (isa<ShapedType>(operand.getType()))
      result = Array(scope.at(operand).shape);
  SmallVector<double> numbers(op.getNumOperands());
  for (size_t i = 0; i < result.values.size(); ++i) {
    for (auto [k, operand] : llvm::enumerate(op.getOperands())) {
      Array &array = scope.at(operand);
      numbers[k] =
          isa<ShapedType>(operand.getType()) ? array.values[i] : array.scalar();
    }
    std::optional<double> value = evaluateScalar(&op, numbers);
    if (!value)
      return op.emitOpError("is not known to the reference evaluation");
    result.values[i] = *value;
  }
  scope[op.getResult(0)] = std::move(result);
  return success();
}

LogicalResult Evaluator::evaluate(Operation &op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return constantOp(constant);
  if (auto linalg = dyn_cast<linalg::LinalgOp>(op))
    return structured(linalg);
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    scope[dim.getResult()] =
        Array(double(scope.at(dim.getSource())
                         .shape[size_t(scope.at(dim.getIndex()).scalar())]));
    return success();
  }
  if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    scope[empty.getResult()] = Array(indices(empty.getMixedSizes()));
    return success();
  }
  if (isa<tensor::CastOp>(op)) {
    scope[op.getResult(0)] = Array(scope.at(op.getOperand(0)));
    return success();
  }
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op)) {
    Array array = scope.at(op.getOperand(0));
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
      array.shape = indices(expand.getMixedOutputShape());
    } else {
      auto collapse = cast<tensor::CollapseShapeOp>(op);
      SmallVector<int64_t> shape;
      for (ArrayRef<int64_t> group : collapse.getReassociationIndices()) {
        int64_t extent = 1;
        for (int64_t dim : group)
          extent *= array.shape[dim];
        shape.push_back(extent);
      }
      array.shape = shape;
    }
    scope[op.getResult(0)] = std::move(array);
    return success();
  }
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    Value value = pad.getConstantPaddingValue();
    if (!value)
      return op.emitOpError("pads with more than one value");
    Array source = scope.at(pad.getSource());
    std::optional<double> number;
    if (auto constantValue = value.getDefiningOp<arith::ConstantOp>())
      number = getConstantNumber(constantValue.getValue());
    SmallVector<int64_t> low = indices(pad.getMixedLowPad());
    SmallVector<int64_t> high = indices(pad.getMixedHighPad());
    SmallVector<int64_t> shape = source.shape;
    for (size_t i = 0; i < shape.size(); ++i)
      shape[i] += low[i] + high[i];
    Array result(shape);
    std::fill(result.values.begin(), result.values.end(),
              number ? *number : scope.at(value).scalar());
    (void)forEach(source.shape, [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t> to(index.begin(), index.end());
      for (size_t i = 0; i < to.size(); ++i)
        to[i] += low[i];
      result.at(to) = source.at(index);
      return success();
    });
    scope[pad.getResult()] = std::move(result);
    return success();
  }
  if (isa<tensor::ExtractSliceOp, tensor::InsertSliceOp>(op)) {
    auto slice = cast<OffsetSizeAndStrideOpInterface>(op);
    SmallVector<int64_t> offsets = indices(slice.getMixedOffsets());
    SmallVector<int64_t> sizes = indices(slice.getMixedSizes());
    SmallVector<int64_t> strides = indices(slice.getMixedStrides());
    auto insert = dyn_cast<tensor::InsertSliceOp>(op);
    Array whole = scope.at(insert ? insert.getDest() : op.getOperand(0));
    Array part = insert ? scope.at(insert.getSource()) : Array(sizes);
    // Dropped unit dimensions change the shape, not the order of elements.
    int64_t flat = 0;
    (void)forEach(sizes, [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t> at(index.begin(), index.end());
      for (size_t i = 0; i < at.size(); ++i)
        at[i] = offsets[i] + at[i] * strides[i];
      if (insert)
        whole.at(at) = part.values[flat++];
      else
        part.values[flat++] = whole.at(at);
      return success();
    });
    if (auto extract = dyn_cast<tensor::ExtractSliceOp>(op)) {
      llvm::SmallBitVector dropped = extract.getDroppedDims();
      part.shape.clear();
      for (auto [i, size] : llvm::enumerate(sizes))
        if (!dropped.test(i))
          part.shape.push_back(size);
    }
    scope[op.getResult(0)] = insert ? std::move(whole) : std::move(part);
    return success();
  }
  if (op.getNumResults() == 1 && op.getNumRegions() == 0 &&
      OpTrait::hasElementwiseMappableTraits(&op))
    return elementwise(op);
  return op.emitOpError("is not known to the reference evaluation");
}

FailureOr<std::vector<std::vector<double>>>
Evaluator::run(func::FuncOp function, ArrayRef<HostTensor> inputs) {
  for (auto [argument, tensor] : llvm::zip(function.getArguments(), inputs)) {
    Array array(tensor.shape());
    for (auto [i, value] : llvm::enumerate(array.values))
      value = tensor.get(i);
    scope[argument] = std::move(array);
  }
  Block &block = function.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
    if (failed(evaluate(op)))
      return failure();
  std::vector<std::vector<double>> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(scope.at(value).values);
  return results;
}

} // namespace

FailureOr<std::vector<std::vector<double>>>
mlir::act::evaluateReference(func::FuncOp function,
                             ArrayRef<HostTensor> inputs) {
  // Row operations are evaluated in their decomposed form, in f64.
  OwningOpRef<func::FuncOp> copy(function.clone());
  SmallVector<linalg::AggregatedOpInterface> rows;
  copy->walk([&](linalg::AggregatedOpInterface op) { rows.push_back(op); });
  IRRewriter rewriter(function.getContext());
  for (linalg::AggregatedOpInterface op : rows) {
    rewriter.setInsertionPoint(op);
    // Bits are no numbers: not the form that computes in f32.
    op->setAttr("accuracy",
                AccuracyAttr::get(op.getContext(), AccuracyMode::Highest,
                                  APFloat(0.0)));
    FailureOr<SmallVector<Value>> values = op.decomposeOperation(rewriter);
    if (failed(values))
      return op->emitOpError("cannot be decomposed");
    rewriter.replaceOp(op, *values);
  }
  return Evaluator().run(*copy, inputs);
}
