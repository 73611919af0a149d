// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Row operations: constraints, shapes, and what they are made of. Sums are in
// f64, exponentials in f32 where that is enough.

#include "Parameters.h"
#include "WideBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

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

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// Builds the steps of a row operation: reductions of rows, and maps.
class RowBuilder : public WideBuilder {
public:
  using Body = function_ref<Value(ValueRange)>;

  RowBuilder(OpBuilder &b, Operation *op, Value like, int64_t dimension)
      : WideBuilder(b, op, getElementTypeOrSelf(like.getType())),
        encoding(cast<RankedTensorType>(like.getType()).getEncoding()),
        dimension(dimension), sizes(tensor::getMixedSizes(b, getLoc(), like)),
        reducedSizes(sizes) {
    int64_t rank = sizes.size();
    full = b.getMultiDimIdentityMap(rank);
    reduced = full.dropResult(dimension);
    reducedSizes.erase(reducedSizes.begin() + dimension);
  }

  /// One value for each row: what `body` makes of its elements, joined.
  template <class Join>
  Value reduce(ValueRange inputs, TypedAttr start, Body body) {
    Value init = tensor::EmptyOp::create(*this, reducedSizes, start.getType());
    Value cst = arith::ConstantOp::create(*this, start);
    init = linalg::FillOp::create(*this, cst, init).getResult(0);
    SmallVector<utils::IteratorType> iterators(sizes.size(),
                                               utils::IteratorType::parallel);
    iterators[dimension] = utils::IteratorType::reduction;
    return generic(inputs, init, reduced, iterators, [&](ValueRange args) {
      return Join::create(*this, body(args.drop_back()), args.back())
          .getResult();
    });
  }

  /// A tensor of the row's shape or, after its reductions, without the row.
  Value map(ValueRange inputs, Body body) {
    return mapTo(inputs, sizes, full, encoding, body);
  }
  Value mapReduced(ValueRange inputs, Body body) {
    return mapTo(inputs, reducedSizes,
                 getMultiDimIdentityMap(reducedSizes.size()), {}, body);
  }

  /// The maximum of each row; NaN where the row has one.
  Value maximum(Value x) {
    return reduce<arith::MaximumFOp>(x, getFloatAttr(element, -kInf),
                                     [](ValueRange args) { return args[0]; });
  }
  /// exp(x - max), in f32 where that is enough; there times 1 + `lost`, with
  /// what the difference of two f32 lost, where it is not null.
  struct Exponential {
    Value value, lost;
  };
  Exponential expBelow(Value x, Value max) {
    if (inSingle())
      return expBelowInSingle(x, max);
    return {exp(sub(widen(x), widen(max))), nullptr};
  }
  Value whole(Exponential e) {
    return widen(
        e.lost
            ? math::FmaOp::create(*this, e.value, e.lost, e.value).getResult()
            : e.value);
  }
  /// sum exp(x - max).
  Value sumExp(Value x, Value max) {
    return reduce<arith::AddFOp>({x, max}, zero(), [&](ValueRange args) {
      return whole(expBelow(args[0], args[1]));
    });
  }
  Value quotient(Exponential e, Value sum) {
    if (!inSingle())
      return narrow(arith::DivFOp::create(*this, e.value, sum));
    // The sum's reciprocal is the row's; as a pair of f32 it makes the product
    // round once.
    Type f32 = getF32Type();
    Value inverse = arith::DivFOp::create(*this, number(1), sum);
    Value high = arith::TruncFOp::create(*this, f32, inverse);
    if (!e.lost)
      return narrow(mul(e.value, high));
    Value low = arith::TruncFOp::create(*this, f32, sub(inverse, widen(high)));
    low = math::FmaOp::create(*this, e.lost, high, low);
    return math::FmaOp::create(*this, e.value, high, mul(e.value, low));
  }
  /// sum exp(x - max) over what is below the maximum, and how many are not:
  /// the logarithm of the whole sum is log1p(others + (count - 1)), which
  /// keeps the digits of a sum next to 1.
  std::pair<Value, Value> sumExpApart(Value x, Value max) {
    auto sum = [&](function_ref<Value(Value top, Value x, Value max)> term) {
      return reduce<arith::AddFOp>({x, max}, zero(), [&](ValueRange args) {
        Value top = equal(args[0], args[1]);
        return term(top, args[0], args[1]);
      });
    };
    Value others = sum([&](Value top, Value x, Value max) {
      return select(top, number(0), whole(expBelow(x, max)));
    });
    Value count = sum([&](Value top, Value, Value) {
      return select(top, number(1), number(0));
    });
    return {others, count};
  }
  Value logSum(Value others, Value count) {
    return log1p(add(others, sub(count, number(1))));
  }

  FloatAttr zero() { return getF64FloatAttr(0.0); }

private:
  /// An exponential in f32 keeps 2 ULP of an f32 row, and more than that of
  /// shorter types.
  bool inSingle() const {
    if (element.isF64())
      return false;
    if (!accuracy)
      return true;
    switch (accuracy.getMode()) {
    case AccuracyMode::Highest:
      return false;
    case AccuracyMode::Ulps:
      return accuracy.getUlps() >= 2;
    default:
      return true;
    }
  }

  Exponential expBelowInSingle(Value x, Value max) {
    Type f32 = getF32Type();
    auto single = [&](Value v) {
      return v.getType() == f32
                 ? v
                 : arith::ExtFOp::create(*this, f32, v).getResult();
    };
    auto constant = [&](double v) -> Value {
      return arith::ConstantOp::create(*this, getF32FloatAttr(v));
    };
    Value y = single(x), top = single(max);
    // Below this the exponential is nothing, and infinities leave no NaN.
    Value least = add(top, constant(-110));
    y = select(
        arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, least, y),
        least, y);
    Value difference = sub(y, top);
    bool exact = element.isF32();
    bool fast =
        !exact || (accuracy && (accuracy.getMode() == AccuracyMode::Fast ||
                                (accuracy.getMode() == AccuracyMode::Ulps &&
                                 accuracy.getUlps() >= 4)));
    auto exp = math::ExpOp::create(*this, difference);
    exp->setAttr("accuracy", AccuracyAttr::get(getContext(),
                                               fast ? AccuracyMode::Fast
                                                    : AccuracyMode::Precise,
                                               APFloat(0.0)));
    if (!exact)
      return {exp, nullptr};
    Value back = sub(difference, y);
    Value lost = sub(sub(y, sub(difference, back)), add(top, back));
    return {exp, lost};
  }

  Value mapTo(ValueRange inputs, ArrayRef<OpFoldResult> sizes, AffineMap map,
              Attribute encoding, Body body) {
    Value init = tensor::EmptyOp::create(*this, sizes, element, encoding);
    SmallVector<utils::IteratorType> iterators(map.getNumDims(),
                                               utils::IteratorType::parallel);
    return generic(inputs, init, map, iterators,
                   [&](ValueRange args) { return body(args.drop_back()); });
  }

  Value generic(ValueRange inputs, Value init, AffineMap map,
                ArrayRef<utils::IteratorType> iterators, Body body) {
    // A tensor without the row is the same for all of its elements.
    SmallVector<AffineMap> maps;
    for (Value input : inputs) {
      int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
      maps.push_back(rank == map.getNumDims() ? getMultiDimIdentityMap(rank)
                                              : reduced);
    }
    maps.push_back(map);
    auto build = [&](OpBuilder &inside, Location, ValueRange args) {
      OpBuilder::InsertionGuard guard(*this);
      restoreInsertionPoint(inside.saveInsertionPoint());
      linalg::YieldOp::create(*this, body(args));
    };
    return linalg::GenericOp::create(*this, init.getType(), inputs, init, maps,
                                     iterators, build)
        .getResult(0);
  }

  Attribute encoding;
  int64_t dimension;
  SmallVector<OpFoldResult> sizes, reducedSizes;
  AffineMap full, reduced;
};

} // namespace

FailureOr<SmallVector<Value>> SoftmaxOp::decomposeOperation(OpBuilder &b) {
  RowBuilder row(b, *this, getX(), getDimension());
  Value max = row.maximum(getX());
  Value sum = row.sumExp(getX(), max);
  Value result = row.map({getX(), max, sum}, [&](ValueRange args) {
    Value top = row.widen(args[1]);
    Value y = row.quotient(row.expBelow(args[0], args[1]), args[2]);
    if (getMaskedRow() == MaskedRow::Zero) {
      Value zero = arith::ConstantOp::create(row, row.getZeroAttr(row.element));
      y = row.select(row.equal(top, row.number(-kInf)), zero, y);
    }
    return y;
  });
  return SmallVector<Value>{result};
}

FailureOr<SmallVector<Value>> LogSoftmaxOp::decomposeOperation(OpBuilder &b) {
  RowBuilder row(b, *this, getX(), getDimension());
  Value max = row.maximum(getX());
  auto [others, count] = row.sumExpApart(getX(), max);
  Value result = row.map({getX(), max, others, count}, [&](ValueRange args) {
    Value difference = row.sub(row.widen(args[0]), row.widen(args[1]));
    return row.narrow(row.sub(difference, row.logSum(args[2], args[3])));
  });
  return SmallVector<Value>{result};
}

FailureOr<SmallVector<Value>> LogSumExpOp::decomposeOperation(OpBuilder &b) {
  RowBuilder row(b, *this, getX(), getDimension());
  Value max = row.maximum(getX());
  auto [others, count] = row.sumExpApart(getX(), max);
  Value result = row.mapReduced({max, others, count}, [&](ValueRange args) {
    Value top = row.widen(args[0]);
    Value sum = row.add(top, row.logSum(args[1], args[2]));
    // x - max is NaN where the maximum is infinite; the limit is not.
    Value infinite =
        row.equal(math::AbsFOp::create(row, top), row.number(kInf));
    return row.narrow(row.select(infinite, top, sum));
  });
  return SmallVector<Value>{result};
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
        return row.select(row.equal(args[0], args[1]), position(), last);
      });
  Value result = row.map({max, first}, [&](ValueRange args) {
    auto constant = [&](double value) -> Value {
      return arith::ConstantOp::create(row,
                                       row.getFloatAttr(row.element, value));
    };
    Value hit = arith::CmpIOp::create(row, arith::CmpIPredicate::eq, args[1],
                                      position());
    Value one = row.select(hit, constant(1), constant(0));
    return row.select(row.equal(args[0], args[0]), one, args[0]);
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
