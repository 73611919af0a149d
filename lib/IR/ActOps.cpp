// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/OpImplementation.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;

//===----------------------------------------------------------------------===//
// Elementwise operations
//===----------------------------------------------------------------------===//

/// Parameters that no function allows.
static LogicalResult verifyParameters(Operation *op) {
  for (NamedAttribute attribute : op->getAttrs()) {
    auto number = dyn_cast<FloatAttr>(attribute.getValue());
    if (!number)
      continue;
    double value = number.getValueAsDouble();
    StringRef name = attribute.getName();
    bool bound = name == "min" || name == "max";
    if (std::isnan(value) || (std::isinf(value) && !bound))
      return op->emitOpError() << "'" << name << "' must be "
                               << (bound ? "a number" : "finite") << ", got "
                               << value;
    if (name == "lambda" && value < 0)
      return op->emitOpError("'lambda' must not be negative, got ") << value;
    if (name == "b" && value < 0)
      return op->emitOpError("'b' must not be negative, got ") << value;
  }
  return success();
}

static double parameter(Operation *op, StringRef name) {
  auto number = op->getAttrOfType<FloatAttr>(name);
  return number ? number.getValueAsDouble() : 1.0;
}

static LogicalResult verifyActivation(Operation *op) {
  if (failed(verifyParameters(op)))
    return failure();
  StringRef name = op->getName().stripDialect();
  name.consume_back("_grad");
  if (name == "clamp" && parameter(op, "min") > parameter(op, "max"))
    return op->emitOpError("'min' = ")
           << parameter(op, "min") << " is greater than 'max' = "
           << parameter(op, "max");
  if (name == "celu" && parameter(op, "alpha") == 0)
    return op->emitOpError("'alpha' must not be 0");
  if (name == "softplus" && !(parameter(op, "beta") > 0))
    return op->emitOpError("'beta' must be positive, got ")
           << parameter(op, "beta");
  return success();
}

#define ACT_ELEMENTWISE(Class)                                                 \
  LogicalResult Class::verify() { return verifyActivation(*this); }            \
  OpFoldResult Class::fold(FoldAdaptor) { return {}; }
#define X(id, mnemonic, operands)                                              \
  ACT_ELEMENTWISE(id##Op)                                                      \
  ACT_ELEMENTWISE(id##GradOp)
#define ACT_UNARY_OPERATIONS(X)                                                \
  X(LeakyRelu, , ) X(Clamp, , ) X(Threshold, , ) X(ReluSquared, , )            \
  X(Elu, , ) X(Celu, , ) X(Selu, , ) X(Sigmoid, , ) X(LogSigmoid, , )          \
  X(HardSigmoid, , ) X(Tanh, , ) X(TanhShrink, , ) X(Gelu, , ) X(Silu, , )     \
  X(HardSwish, , ) X(Mish, , ) X(Softplus, , ) X(Squareplus, , )               \
  X(Softsign, , ) X(HardShrink, , ) X(SoftShrink, , ) X(SparsePlus, , )        \
  X(SparseSigmoid, , ) X(Prelu, , )
ACT_UNARY_OPERATIONS(X)
#undef X
ACT_ELEMENTWISE(ReluGradOp)
ACT_ELEMENTWISE(PreluSlopeGradOp)

LogicalResult ReluOp::verify() { return verifyActivation(*this); }

OpFoldResult ReluOp::fold(FoldAdaptor) {
  // relu(relu x) = relu x, also for NaN and the sign of zero.
  if (auto inner = getX().getDefiningOp<ReluOp>())
    return inner.getResult();
  return {};
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

static LogicalResult verifyRow(Operation *op, int64_t dimension) {
  auto type = cast<RankedTensorType>(op->getOperand(0).getType());
  if (dimension < 0 || dimension >= type.getRank())
    return op->emitOpError("dimension ")
           << dimension << " is out of range for rank " << type.getRank();
  return success();
}

LogicalResult SoftmaxOp::verify() { return verifyRow(*this, getDimension()); }
LogicalResult LogSoftmaxOp::verify() {
  return verifyRow(*this, getDimension());
}

static LogicalResult reifyLike(OpBuilder &b, Operation *op, Value like,
                               ReifiedRankedShapedTypeDims &dims) {
  dims.push_back(tensor::getMixedSizes(b, op->getLoc(), like));
  return success();
}

LogicalResult SoftmaxOp::reifyResultShapes(OpBuilder &b,
                                           ReifiedRankedShapedTypeDims &dims) {
  return reifyLike(b, *this, getX(), dims);
}
LogicalResult
LogSoftmaxOp::reifyResultShapes(OpBuilder &b,
                                ReifiedRankedShapedTypeDims &dims) {
  return reifyLike(b, *this, getX(), dims);
}

namespace {

/// The two reductions of a row: its maximum, and the sum of exponentials in
/// f64, so that neither the sum nor the quotient adds to the error.
struct Row {
  Value max, sum;
  AffineMap full, reduced;
  SmallVector<utils::IteratorType> parallel;
};

Value widen(OpBuilder &b, Location loc, Value x) {
  Type f64 = b.getF64Type();
  return x.getType() == f64 ? x
                            : arith::ExtFOp::create(b, loc, f64, x).getResult();
}

Value narrow(OpBuilder &b, Location loc, Value x, Type type) {
  return x.getType() == type
             ? x
             : arith::TruncFOp::create(b, loc, type, x).getResult();
}

/// Marks a function as part of a row's own evaluation in f64, to which the
/// 2 ULP of f64 results need not apply.
Value core(Operation *op) {
  op->setAttr("act.core", UnitAttr::get(op->getContext()));
  return op->getResult(0);
}

Row reduceRow(OpBuilder &b, Location loc, Value x, int64_t dimension) {
  auto type = cast<RankedTensorType>(x.getType());
  Type element = type.getElementType(), f64 = b.getF64Type();
  int64_t rank = type.getRank();
  Row row;
  row.full = b.getMultiDimIdentityMap(rank);
  row.reduced = row.full.dropResult(dimension);
  row.parallel.assign(rank, utils::IteratorType::parallel);
  SmallVector<utils::IteratorType> iterators = row.parallel;
  iterators[dimension] = utils::IteratorType::reduction;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, x);
  sizes.erase(sizes.begin() + dimension);
  auto fill = [&](Type type, TypedAttr value) {
    Value empty = tensor::EmptyOp::create(b, loc, sizes, type);
    Value cst = arith::ConstantOp::create(b, loc, value);
    return linalg::FillOp::create(b, loc, cst, empty).getResult(0);
  };
  double inf = std::numeric_limits<double>::infinity();
  row.max =
      linalg::GenericOp::create(
          b, loc, RankedTensorType::get(
                      cast<ShapedType>(fill(element, b.getFloatAttr(element, -inf)).getType()).getShape(), element),
          x, fill(element, b.getFloatAttr(element, -inf)),
          ArrayRef<AffineMap>{row.full, row.reduced}, iterators,
          [&](OpBuilder &b, Location loc, ValueRange args) {
            Value max = arith::MaximumFOp::create(b, loc, args[0], args[1]);
            linalg::YieldOp::create(b, loc, max);
          })
          .getResult(0);
  Value zero = fill(f64, b.getF64FloatAttr(0.0));
  row.sum = linalg::GenericOp::create(
                b, loc, zero.getType(), ValueRange{x, row.max}, zero,
                ArrayRef<AffineMap>{row.full, row.reduced, row.reduced},
                iterators,
                [&](OpBuilder &b, Location loc, ValueRange args) {
                  Value d = arith::SubFOp::create(b, loc, widen(b, loc, args[0]),
                                                  widen(b, loc, args[1]));
                  Value e = core(math::ExpOp::create(b, loc, d));
                  Value s = arith::AddFOp::create(b, loc, e, args[2]);
                  linalg::YieldOp::create(b, loc, s);
                })
                .getResult(0);
  return row;
}

using RowBody = function_ref<Value(OpBuilder &, Location, Value difference,
                                   Value sum, Value max)>;

SmallVector<Value> mapRow(OpBuilder &b, Location loc, Value x,
                          int64_t dimension, RowBody body) {
  Row row = reduceRow(b, loc, x, dimension);
  auto type = cast<RankedTensorType>(x.getType());
  Value empty = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, x), type.getElementType());
  auto generic = linalg::GenericOp::create(
      b, loc, type, ValueRange{x, row.max, row.sum}, empty,
      ArrayRef<AffineMap>{row.full, row.reduced, row.reduced, row.full},
      row.parallel, [&](OpBuilder &b, Location loc, ValueRange args) {
        Value max = widen(b, loc, args[1]);
        Value d = arith::SubFOp::create(b, loc, widen(b, loc, args[0]), max);
        Value result = body(b, loc, d, args[2], max);
        linalg::YieldOp::create(b, loc,
                                narrow(b, loc, result, type.getElementType()));
      });
  return {generic.getResult(0)};
}

} // namespace

FailureOr<SmallVector<Value>> SoftmaxOp::decomposeOperation(OpBuilder &b) {
  bool zero = getMaskedRow() == MaskedRow::Zero;
  return mapRow(b, getLoc(), getX(), getDimension(),
                [&](OpBuilder &b, Location loc, Value d, Value sum, Value max) {
                  Value e = core(math::ExpOp::create(b, loc, d));
                  Value q = arith::DivFOp::create(b, loc, e, sum);
                  if (!zero)
                    return q;
                  Value none = arith::ConstantOp::create(
                      b, loc,
                      b.getF64FloatAttr(
                          -std::numeric_limits<double>::infinity()));
                  Value nothing = arith::ConstantOp::create(
                      b, loc, b.getF64FloatAttr(0.0));
                  Value masked = arith::CmpFOp::create(
                      b, loc, arith::CmpFPredicate::OEQ, max, none);
                  return arith::SelectOp::create(b, loc, masked, nothing, q)
                      .getResult();
                });
}

FailureOr<SmallVector<Value>> LogSoftmaxOp::decomposeOperation(OpBuilder &b) {
  return mapRow(b, getLoc(), getX(), getDimension(),
                [&](OpBuilder &b, Location loc, Value d, Value sum, Value) {
                  Value log = core(math::LogOp::create(b, loc, sum));
                  return arith::SubFOp::create(b, loc, d, log).getResult();
                });
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

void KernelOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand,
                         SideEffects::DefaultResource::get());
    if (isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getNumOperands())
    return emitOpError("has ") << getNumOperands() << " operands, but its body "
                               << block.getNumArguments() << " arguments";
  for (auto [operand, argument] :
       llvm::zip(getOperands(), block.getArguments())) {
    auto outside = dyn_cast<ShapedType>(operand.getType());
    auto inside = dyn_cast<ShapedType>(argument.getType());
    bool same = outside && inside
                    ? outside.getElementType() == inside.getElementType() &&
                          outside.getRank() == inside.getRank()
                    : operand.getType() == argument.getType();
    if (!same)
      return emitOpError("operand of type ")
             << operand.getType() << " does not match the body's argument of "
             << argument.getType();
  }
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getValues().size() != getOutputs().size())
    return emitOpError("must yield one value for each of its ")
           << getOutputs().size() << " outs operands";
  return success();
}

#define GET_OP_CLASSES
#include "act-mlir/IR/ActOps.cpp.inc"
