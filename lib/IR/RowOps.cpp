// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Row operations: constraints, shapes, and what they are made of.

#include "Parameters.h"
#include "RowExponentials.h"

using namespace mlir;
using namespace mlir::act;

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

LogicalResult mlir::act::checkDimension(std::optional<Location> loc,
                                        StringRef name, RankedTensorType type,
                                        int64_t dimension) {
  if (dimension >= 0 && dimension < type.getRank())
    return success();
  return emitOptionalError(loc, "'act.", name, "' op dimension ", dimension,
                           " is out of range for rank ", type.getRank());
}

static LogicalResult verifyRow(Operation *op, int64_t dimension) {
  return checkDimension(op->getLoc(), op->getName().stripDialect(),
                        cast<RankedTensorType>(op->getOperand(0).getType()),
                        dimension);
}

LogicalResult SoftmaxOp::verify() { return verifyRow(*this, getDimension()); }
LogicalResult LogSoftmaxOp::verify() {
  return verifyRow(*this, getDimension());
}
LogicalResult LogSumExpOp::verify() { return verifyInferred(*this); }
LogicalResult HardmaxOp::verify() { return verifyRow(*this, getDimension()); }
LogicalResult SoftmaxGradOp::verify() {
  return verifyRow(*this, getDimension());
}
LogicalResult LogSoftmaxGradOp::verify() {
  return verifyRow(*this, getDimension());
}

LogicalResult
LogSumExpOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                              ValueRange operands, DictionaryAttr attributes,
                              OpaqueProperties properties, RegionRange regions,
                              SmallVectorImpl<Type> &types) {
  Adaptor adaptor(operands, attributes, properties, regions);
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t dimension = adaptor.getDimension();
  if (failed(checkDimension(loc, "logsumexp", type, dimension)))
    return failure();
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + dimension);
  types.push_back(RankedTensorType::get(shape, type.getElementType()));
  return success();
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static LogicalResult reifyLike(OpBuilder &b, Operation *op, Value like,
                               ReifiedRankedShapedTypeDims &dims) {
  dims.push_back(tensor::getMixedSizes(b, op->getLoc(), like));
  return success();
}

#define ACT_REIFY_LIKE(Class, like)                                            \
  LogicalResult Class::reifyResultShapes(OpBuilder &b,                         \
                                         ReifiedRankedShapedTypeDims &dims) {  \
    return reifyLike(b, *this, like, dims);                                    \
  }
ACT_REIFY_LIKE(SoftmaxOp, getX())
ACT_REIFY_LIKE(LogSoftmaxOp, getX())
ACT_REIFY_LIKE(HardmaxOp, getX())
ACT_REIFY_LIKE(SoftmaxGradOp, getY())
ACT_REIFY_LIKE(LogSoftmaxGradOp, getY())

LogicalResult
LogSumExpOp::reifyResultShapes(OpBuilder &b,
                               ReifiedRankedShapedTypeDims &dims) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, getLoc(), getX());
  sizes.erase(sizes.begin() + getDimension());
  dims.push_back(sizes);
  return success();
}

//===----------------------------------------------------------------------===//
// What the operations are made of
//===----------------------------------------------------------------------===//

/// What `body` makes of the rows with the builder that is accurate enough.
template <class OpTy, class Body>
static SmallVector<Value> decompose(OpTy op, OpBuilder &b, Body body) {
  Value x = op.getX();
  if (SingleRowBuilder::isEnough(
          getElementTypeOrSelf(x.getType()),
          op->template getAttrOfType<AccuracyAttr>("accuracy")))
    return {body(SingleRowBuilder(b, op, x, op.getDimension()), x)};
  return {body(DoubleRowBuilder(b, op, x, op.getDimension()), x)};
}

FailureOr<SmallVector<Value>> SoftmaxOp::decomposeOperation(OpBuilder &b) {
  return decompose(*this, b, [&](auto row, Value x) {
    // NaN comes through the sum, but a row that has one is not masked.
    bool zero = getMaskedRow() == MaskedRow::Zero;
    Value max = zero ? row.maximum(x) : row.maximumNumber(x);
    return row.softmax(x, max, zero);
  });
}

FailureOr<SmallVector<Value>> LogSoftmaxOp::decomposeOperation(OpBuilder &b) {
  return decompose(*this, b, [](auto row, Value x) {
    return row.logSoftmax(x, row.maximumNumber(x));
  });
}

FailureOr<SmallVector<Value>> LogSumExpOp::decomposeOperation(OpBuilder &b) {
  return decompose(*this, b, [](auto row, Value x) {
    return row.logSumExp(x, row.maximum(x));
  });
}

FailureOr<SmallVector<Value>> HardmaxOp::decomposeOperation(OpBuilder &b) {
  RowBuilder row(b, *this, getX(), getDimension());
  auto position = [&]() -> Value {
    Value index = linalg::IndexOp::create(row, getDimension());
    return arith::IndexCastOp::create(row, row.getI64Type(), index);
  };
  Value max = row.maximum(getX());
  IntegerAttr none = row.getI64IntegerAttr(std::numeric_limits<int64_t>::max());
  Value first =
      row.reduce<arith::MinSIOp>({getX(), max}, none, [&](ValueRange args) {
        Value last = arith::ConstantOp::create(row, none);
        Value hit = row.equal(row.widen(args[0]), row.widen(args[1]));
        return row.select(hit, position(), last);
      });
  Value result = row.map({max, first}, [&](ValueRange args) {
    auto constant = [&](double value) -> Value {
      return arith::ConstantOp::create(row,
                                       row.getFloatAttr(row.element, value));
    };
    Value hit = arith::CmpIOp::create(row, arith::CmpIPredicate::eq, args[1],
                                      position());
    Value one = row.select(hit, constant(1), constant(0));
    return row.select(row.equal(args[0], args[0]), one, row.narrow(args[0]));
  });
  return SmallVector<Value>{result};
}

FailureOr<SmallVector<Value>> SoftmaxGradOp::decomposeOperation(OpBuilder &b) {
  RowBuilder row(b, *this, getY(), getDimension());
  Value sum = row.reduce<arith::AddFOp>(
      {getDy(), getY()}, row.zero(), [&](ValueRange args) {
        return row.mul(row.widen(args[0]), row.widen(args[1]));
      });
  Value result = row.map({getDy(), getY(), sum}, [&](ValueRange args) {
    Value difference = row.sub(row.widen(args[0]), args[2]);
    return row.narrow(row.mul(row.widen(args[1]), difference));
  });
  return SmallVector<Value>{result};
}

FailureOr<SmallVector<Value>>
LogSoftmaxGradOp::decomposeOperation(OpBuilder &b) {
  RowBuilder row(b, *this, getY(), getDimension());
  Value sum = row.reduce<arith::AddFOp>(
      getDy(), row.zero(), [&](ValueRange args) { return row.widen(args[0]); });
  Value result = row.map({getDy(), getY(), sum}, [&](ValueRange args) {
    Value part = row.mul(row.exp(row.widen(args[1])), args[2]);
    return row.narrow(row.sub(row.widen(args[0]), part));
  });
  return SmallVector<Value>{result};
}
