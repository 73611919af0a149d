// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What row operations are made of: reductions of rows, and maps. Sums are in
// f64.

#ifndef ACT_LIB_IR_ROWBUILDER_H
#define ACT_LIB_IR_ROWBUILDER_H

#include "WideBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <limits>

namespace mlir::act {

class RowBuilder : public WideBuilder {
public:
  using Values = SmallVector<Value>;
  using Body = function_ref<Value(ValueRange)>;
  using Bodies = function_ref<Values(ValueRange)>;
  static constexpr double kInf = std::numeric_limits<double>::infinity();

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
    return reduceTo(inputs, start, [&](ValueRange args, ValueRange totals) {
      return Values{Join::create(*this, body(args), totals.front())};
    })[0];
  }
  Value sum(ValueRange inputs, Body body) {
    return reduce<arith::AddFOp>(inputs, zero(), body);
  }
  /// The sums of the values that `body` makes of the elements. Those in f32 are
  /// of numbers whose rounding does not show. In runs, the elements of sums in
  /// f64 are added in f32, four of each lane.
  Values sums(ValueRange inputs, ArrayRef<TypedAttr> starts, bool inRuns,
              Bodies body) {
    return reduceTo(inputs, starts, [&](ValueRange args, ValueRange totals) {
      Values results;
      for (auto [value, total] : llvm::zip(body(args), totals)) {
        auto sum = arith::AddFOp::create(*this, value, total);
        if (value.getType().isF32())
          sum->setAttr(kNarrowSumAttr, getUnitAttr());
        else if (inRuns)
          sum->setAttr(kRunSumAttr, run(4, -0.0));
        results.push_back(sum);
      }
      return results;
    });
  }
  /// The sum of the first input, in f32 and at most `largest`, and that of what
  /// `lacks` makes of all inputs and the number that the sum grew by. In runs,
  /// eight elements of each lane: as these begin with the largest number, f32
  /// has the growth.
  Values sumAndRest(ValueRange inputs, double largest,
                    function_ref<Value(ValueRange args, Value growth)> lacks) {
    return reduceTo(
        inputs, {zero(), zero()}, [&](ValueRange args, ValueRange totals) {
          auto sum = arith::AddFOp::create(*this, widen(args[0]), totals[0]);
          sum->setAttr(kRunSumAttr, run(8, largest));
          Value growth =
              arith::TruncFOp::create(*this, getF32Type(), sub(sum, totals[0]));
          auto rest = arith::AddFOp::create(*this, widen(lacks(args, growth)),
                                            totals[1]);
          rest->setAttr(kRunSumAttr, run(8, -0.0));
          return Values{sum, rest};
        });
  }
  FloatAttr zero() { return getF64FloatAttr(0.0); }

  /// The maximum of each row; NaN where the row has one. Of types shorter than
  /// f32 it is in f32, which has the comparisons.
  Value maximum(Value x) { return maximumBy<arith::MaximumFOp>(x); }
  /// The maximum of each row's numbers, -inf where it has none.
  Value maximumNumber(Value x) { return maximumBy<arith::MaxNumFOp>(x); }

  /// 0 for the elements of a row that is all -inf, else `y`.
  Value zeroIfNothing(Value max, Value y) {
    Value none =
        arith::ConstantOp::create(*this, getFloatAttr(max.getType(), -kInf));
    Value zero = arith::ConstantOp::create(*this, getZeroAttr(element));
    return select(equal(max, none), zero, y);
  }
  /// The limit where the maximum is infinite: x - max is NaN there.
  Value topIfInfinite(Value top, Value y) {
    Value size = math::AbsFOp::create(*this, top);
    return select(equal(size, number(kInf)), top, y);
  }

  /// A tensor of the row's shape or, after its reductions, without the row.
  Value map(ValueRange inputs, Body body) {
    return maps(inputs, element,
                [&](ValueRange args) { return Values{body(args)}; })[0];
  }
  Values maps(ValueRange inputs, TypeRange types, Bodies body) {
    return mapTo(inputs, types, sizes, full, encoding, body);
  }
  Value mapReduced(ValueRange inputs, Body body) {
    return mapsReduced(inputs, element,
                       [&](ValueRange args) { return Values{body(args)}; })[0];
  }
  Values mapsReduced(ValueRange inputs, TypeRange types, Bodies body) {
    return mapTo(inputs, types, reducedSizes,
                 getMultiDimIdentityMap(reducedSizes.size()), {}, body);
  }

private:
  ArrayAttr run(int64_t length, double start) {
    return getArrayAttr({getI64IntegerAttr(length), getF32FloatAttr(start)});
  }

  template <class Join>
  Value maximumBy(Value x) {
    Type type = element.isF64() ? getF64Type() : Type(getF32Type());
    return reduce<Join>(x, getFloatAttr(type, -kInf), [&](ValueRange args) {
      return args[0].getType() == type
                 ? args[0]
                 : arith::ExtFOp::create(*this, type, args[0]).getResult();
    });
  }

  Values reduceTo(ValueRange inputs, ArrayRef<TypedAttr> starts,
                  function_ref<Values(ValueRange, ValueRange)> body) {
    Values inits;
    for (TypedAttr start : starts) {
      Value init =
          tensor::EmptyOp::create(*this, reducedSizes, start.getType());
      Value number = arith::ConstantOp::create(*this, start);
      inits.push_back(linalg::FillOp::create(*this, number, init).getResult(0));
    }
    SmallVector<utils::IteratorType> iterators(sizes.size(),
                                               utils::IteratorType::parallel);
    iterators[dimension] = utils::IteratorType::reduction;
    return generic(inputs, inits, reduced, iterators, [&](ValueRange args) {
      return body(args.take_front(inputs.size()),
                  args.drop_front(inputs.size()));
    });
  }

  Values mapTo(ValueRange inputs, TypeRange types, ArrayRef<OpFoldResult> sizes,
               AffineMap map, Attribute encoding, Bodies body) {
    Values inits;
    for (Type type : types)
      inits.push_back(tensor::EmptyOp::create(*this, sizes, type, encoding));
    SmallVector<utils::IteratorType> iterators(map.getNumDims(),
                                               utils::IteratorType::parallel);
    return generic(inputs, inits, map, iterators, [&](ValueRange args) {
      return body(args.take_front(inputs.size()));
    });
  }

  Values generic(ValueRange inputs, ValueRange inits, AffineMap map,
                 ArrayRef<utils::IteratorType> iterators, Bodies body) {
    // A tensor without the row is the same for all of its elements.
    SmallVector<AffineMap> maps;
    for (Value input : inputs) {
      int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
      maps.push_back(rank == map.getNumDims() ? getMultiDimIdentityMap(rank)
                                              : reduced);
    }
    maps.resize(inputs.size() + inits.size(), map);
    auto build = [&](OpBuilder &inside, Location, ValueRange args) {
      OpBuilder::InsertionGuard guard(*this);
      restoreInsertionPoint(inside.saveInsertionPoint());
      linalg::YieldOp::create(*this, body(args));
    };
    return Values(linalg::GenericOp::create(*this, TypeRange(inits), inputs,
                                            inits, maps, iterators, build)
                      .getResults());
  }

  Attribute encoding;
  int64_t dimension;
  SmallVector<OpFoldResult> sizes, reducedSizes;
  AffineMap full, reduced;
};

} // namespace mlir::act

#endif // ACT_LIB_IR_ROWBUILDER_H
