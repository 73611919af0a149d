// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Row operations: constraints, shapes, and what they are made of. Sums are in
// f64, exponentials in f32 where that is enough; rows of f64 keep what x - max
// and the sums lose.

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
    return mapTo(inputs, element, sizes, full, encoding, body);
  }
  Value mapReduced(ValueRange inputs, Body body) {
    return mapTo(inputs, element, reducedSizes,
                 getMultiDimIdentityMap(reducedSizes.size()), {}, body);
  }

  /// The maximum of each row; NaN where the row has one.
  Value maximum(Value x) {
    return reduce<arith::MaximumFOp>(x, getFloatAttr(element, -kInf),
                                     [](ValueRange args) { return args[0]; });
  }
  /// exp(x - max), in f32 where that is enough; times 1 + `lost`, with what the
  /// difference lost to its rounding, where it is not null.
  struct Exponential {
    Value value, lost;
  };
  Exponential expBelow(Value x, Value max) {
    if (inSingle())
      return expBelowInSingle(x, max);
    auto [difference, lost] = below(x, max);
    return {exp(difference), lost};
  }
  /// x - max and, for f64, what its rounding lost.
  std::pair<Value, Value> below(Value x, Value max) {
    if (!inPairs())
      return {sub(widen(x), widen(max)), nullptr};
    return twoSum(x, arith::NegFOp::create(*this, max));
  }
  /// x + y + rest, rounded once where the rest is small.
  Value sumOf(Value x, Value y, Value rest) {
    auto [sum, lost] = twoSum(x, y);
    return add(sum, finite(sum, add(lost, rest)));
  }
  Value whole(Exponential e) {
    return widen(
        e.lost
            ? math::FmaOp::create(*this, e.value, e.lost, e.value).getResult()
            : e.value);
  }
  /// Whether one value for each exponential is enough: as a precise f32 it
  /// would be rounded once more than 2 ULP allow.
  bool hasExponentials() {
    return !inPairs() && (!element.isF32() || !inSingle() || isFast());
  }
  /// exp(x - max) of each element: a tensor of its own, so that a row's memory
  /// can keep what both its sum and its result read.
  Value exponentials(Value x, Value max) {
    return mapTo({x, max}, inSingle() ? getF32Type() : getF64Type(), sizes,
                 full, encoding, [&](ValueRange args) -> Value {
                   Exponential e = expBelow(args[0], args[1]);
                   return e.lost ? math::FmaOp::create(*this, e.value, e.lost,
                                                       e.value)
                                       .getResult()
                                 : e.value;
                 });
  }
  Value sum(Value x) {
    return reduce<arith::AddFOp>(
        x, zero(), [&](ValueRange args) { return widen(args[0]); });
  }
  /// sum exp(x - max), for f64 in two parts.
  SmallVector<Value> sumExp(Value x, Value max) {
    if (inPairs())
      return sumInParts({x, max}, [&](ValueRange args) {
        return partsOf(expBelow(args[0], args[1]), number(kGrid));
      });
    return {reduce<arith::AddFOp>({x, max}, zero(), [&](ValueRange args) {
      return whole(expBelow(args[0], args[1]));
    })};
  }
  Value quotient(Exponential e, ValueRange sums) {
    if (inPairs())
      return quotientOfPairs(e, sums[0], sums[1]);
    Value sum = sums[0];
    if (!inSingle())
      return narrow(arith::DivFOp::create(*this, e.value, sum));
    // The sum's reciprocal is the row's; as a pair of f32 it makes the product
    // round once.
    Type f32 = getF32Type();
    Value inverse = arith::DivFOp::create(*this, number(1), sum);
    Value high = arith::TruncFOp::create(*this, f32, inverse);
    if (!element.isF32())
      return narrow(mul(e.value, high));
    Value low = arith::TruncFOp::create(*this, f32, sub(inverse, widen(high)));
    if (e.lost)
      low = math::FmaOp::create(*this, e.lost, high, low);
    return math::FmaOp::create(*this, e.value, high, mul(e.value, low));
  }
  /// How many elements are the maximum, and sum exp(x - max) over the others,
  /// for f64 in two parts: the logarithm of the whole sum is
  /// log1p(others + (count - 1)), which keeps the digits of a sum next to 1.
  SmallVector<Value> sumExpApart(Value x, Value max) {
    Value count = reduce<arith::AddFOp>({x, max}, zero(), [&](ValueRange args) {
      return select(equal(args[0], args[1]), number(1), number(0));
    });
    if (!inPairs())
      return {count,
              reduce<arith::AddFOp>({x, max}, zero(), [&](ValueRange args) {
                return select(equal(args[0], args[1]), number(0),
                              whole(expBelow(args[0], args[1])));
              })};
    // The others may all be small: their grid is that of the largest of them.
    Value second = reduce<arith::MaximumFOp>(
        {x, max}, getF64FloatAttr(-kInf), [&](ValueRange args) {
          return select(equal(args[0], args[1]), number(-kInf), args[0]);
        });
    Value grid = mapReduced({second, max}, [&](ValueRange args) {
      return mul(exp(sub(args[0], args[1])), number(kGrid));
    });
    SmallVector<Value> sums = sumInParts({x, max, grid}, [&](ValueRange args) {
      auto [high, low] = partsOf(expBelow(args[0], args[1]), args[2]);
      Value top = equal(args[0], args[1]);
      return std::pair(select(top, number(0), high),
                       select(top, number(0), low));
    });
    sums.insert(sums.begin(), count);
    return sums;
  }
  /// The logarithm of the sum, and for f64 what it lacks.
  std::pair<Value, Value> logSum(ValueRange sums) {
    Value more = sub(sums[0], number(1));
    if (!inPairs())
      return {log1p(add(sums[1], more)), nullptr};
    auto [sum, lost] = twoSum(sums[1], more);
    lost = add(lost, sums[2]);
    Value near = add(sum, lost);
    lost = sub(lost, sub(near, sum));
    Value slope = arith::DivFOp::create(*this, lost, add(near, number(1)));
    return {log1p(near), slope};
  }

  FloatAttr zero() { return getF64FloatAttr(0.0); }

private:
  /// Numbers up to `kGrid` * 2^-21 are cut to multiples of 2^-53 of what 2^21
  /// of them may sum to, so that such sums are exact.
  static constexpr double kGrid = 0x1.8p+21;

  /// The arithmetic in f64 loses nothing of shorter types that shows.
  bool inPairs() const { return element.isF64(); }

  /// The sum and what its rounding lost; nothing where it is infinite.
  std::pair<Value, Value> twoSum(Value x, Value y) {
    Value sum = add(x, y);
    Value back = sub(sum, x);
    Value lost = add(sub(x, sub(sum, back)), sub(y, back));
    return {sum, finite(sum, lost)};
  }
  Value finite(Value sum, Value lost) {
    Value below = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, sum,
                                        number(-kInf));
    return select(below, lost, number(0));
  }

  using Parts = std::pair<Value, Value>;
  /// An exponential as a multiple of the grid's last place, and the rest.
  Parts partsOf(Exponential e, Value grid) {
    Value high = sub(add(e.value, grid), grid);
    return {high,
            math::FmaOp::create(*this, e.value, e.lost, sub(e.value, high))};
  }
  SmallVector<Value> sumInParts(ValueRange inputs,
                                function_ref<Parts(ValueRange)> body) {
    Value high = reduce<arith::AddFOp>(
        inputs, zero(), [&](ValueRange args) { return body(args).first; });
    Value low = reduce<arith::AddFOp>(
        inputs, zero(), [&](ValueRange args) { return body(args).second; });
    return {high, low};
  }

  /// The row's reciprocal as a pair makes the product round once.
  Value quotientOfPairs(Exponential e, Value high, Value low) {
    Value sum = add(high, low);
    Value lost = sub(low, sub(sum, high));
    Value inverse = arith::DivFOp::create(*this, number(1), sum);
    Value minus = arith::NegFOp::create(*this, inverse);
    Value rest = math::FmaOp::create(*this, minus, sum, number(1));
    rest = mul(math::FmaOp::create(*this, minus, lost, rest), inverse);
    rest = math::FmaOp::create(*this, e.lost, inverse, rest);
    return math::FmaOp::create(*this, e.value, inverse, mul(e.value, rest));
  }

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

  /// Whether an f32 row may be off by 4 ULP.
  bool isFast() const {
    return accuracy && (accuracy.getMode() == AccuracyMode::Fast ||
                        (accuracy.getMode() == AccuracyMode::Ulps &&
                         accuracy.getUlps() >= 4));
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
    bool fast = !exact || isFast();
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

  Value mapTo(ValueRange inputs, Type type, ArrayRef<OpFoldResult> sizes,
              AffineMap map, Attribute encoding, Body body) {
    Value init = tensor::EmptyOp::create(*this, sizes, type, encoding);
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
  bool apart = row.hasExponentials();
  Value x = apart ? row.exponentials(getX(), max) : getX();
  SmallVector<Value> inputs = {x, max};
  llvm::append_range(inputs, apart ? SmallVector<Value>{row.sum(x)}
                                   : row.sumExp(x, max));
  Value result = row.map(inputs, [&](ValueRange args) {
    Value top = row.widen(args[1]);
    Value y = row.quotient(apart ? RowBuilder::Exponential{args[0], nullptr}
                                 : row.expBelow(args[0], args[1]),
                           args.drop_front(2));
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
  SmallVector<Value> inputs = {getX(), max};
  llvm::append_range(inputs, row.sumExpApart(getX(), max));
  Value result = row.map(inputs, [&](ValueRange args) {
    auto [difference, lost] = row.below(args[0], args[1]);
    auto [log, more] = row.logSum(args.drop_front(2));
    if (!lost)
      return row.narrow(row.sub(difference, log));
    Value minus = arith::NegFOp::create(row, log);
    return row.sumOf(difference, minus, row.sub(lost, more));
  });
  return SmallVector<Value>{result};
}

FailureOr<SmallVector<Value>> LogSumExpOp::decomposeOperation(OpBuilder &b) {
  RowBuilder row(b, *this, getX(), getDimension());
  Value max = row.maximum(getX());
  SmallVector<Value> inputs = {max};
  llvm::append_range(inputs, row.sumExpApart(getX(), max));
  Value result = row.mapReduced(inputs, [&](ValueRange args) {
    Value top = row.widen(args[0]);
    auto [log, more] = row.logSum(args.drop_front());
    Value sum = more ? row.sumOf(top, log, more) : row.add(top, log);
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
