// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Exponentials of rows, their sums, and what softmax and its logarithm make of
// them: in f32 where that is enough, else in f64; rows of f64 keep what x - max
// and the sums lose.

#ifndef ACT_LIB_IR_ROWEXPONENTIALS_H
#define ACT_LIB_IR_ROWEXPONENTIALS_H

#include "RowBuilder.h"
#include "act-mlir/IR/IRNumber.h"
#include "act-mlir/Numerics/SingleRows.h"

namespace mlir::act {

/// Rows of f32 and shorter types, with exponentials in f32.
class SingleRowBuilder : public RowBuilder {
  using Row = numerics::SingleRow<IRNumber>;

public:
  using RowBuilder::RowBuilder;

  /// Whether an exponential in f32 is accurate enough: it keeps 2 ULP of an f32
  /// row, and more than that of shorter types.
  static bool isEnough(Type element, AccuracyAttr accuracy) {
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

  Value softmax(Value x, Value max, bool zeroIfMasked) {
    Values inputs = exponentials(x, max);
    Values sums =
        keepsLost()
            ? sumAndRest(inputs, std::ldexp(1, Row::kScale + 1),
                         [&](ValueRange args, Value growth) {
                           return Row::lacks(
                                      numberOf(growth), numberOf(args[1]),
                                      numberOf(args[2]), numberOf(args[3]))
                               .v;
                         })
            : this->sums(inputs, TypedAttr(zero()), true, [&](ValueRange args) {
                return Values{widen(args[0])};
              });
    Type f32 = getF32Type();
    // The sum's reciprocal is the row's; as a pair of f32 it makes the product
    // round once.
    Values inverse = mapsReduced(sums, {f32, f32}, [&](ValueRange args) {
      Value sum = args.size() > 1 ? add(args[0], args[1]) : args[0];
      Value inverse = arith::DivFOp::create(*this, number(1), sum);
      Value high = single(inverse);
      return Values{high, single(sub(inverse, widen(high)))};
    });
    inputs = {inputs[0], inverse[0], inverse[1]};
    if (zeroIfMasked)
      inputs.push_back(max);
    return map(inputs, [&](ValueRange args) {
      Value y = element.isF32() ? math::FmaOp::create(*this, args[0], args[1],
                                                      mul(args[0], args[2]))
                                      .getResult()
                                : narrow(mul(args[0], args[1]));
      return zeroIfMasked ? zeroIfNothing(args[3], y) : y;
    });
  }

  Value logSoftmax(Value x, Value max) {
    return map({x, max, logSum(x, max)}, [&](ValueRange args) {
      Value difference = sub(single(args[0]), args[1]);
      return narrow(sub(difference, single(args[2])));
    });
  }

  Value logSumExp(Value x, Value max) {
    return mapReduced({max, logSum(x, max)}, [&](ValueRange args) {
      Value top = widen(args[0]);
      return narrow(topIfInfinite(top, add(top, args[1])));
    });
  }

private:
  /// log(sum exp(x - max)) of each row, in f64: log1p of the sum without one of
  /// the maxima keeps the digits of a sum next to 1. What each exponential lost
  /// to its rounding is no more of their sum, and that no more of a logarithm.
  Value logSum(Value x, Value max) {
    Values inputs{x, max};
    llvm::append_range(inputs, shift(max));
    Values sums =
        this->sums(inputs, {zero(), getF32FloatAttr(0)}, !keepsLost(),
                   [&](ValueRange args) {
                     Value top = equal(single(args[0]), args[1]);
                     Value e = roughExponential(args[0], args.drop_front(2));
                     return Values{widen(select(top, numberF32(0), e)),
                                   select(top, numberF32(1), numberF32(0))};
                   });
    return mapsReduced({max, sums[0], sums[1]}, getF64Type(), [&](auto args) {
      IRNumber top = numberOf(args[0]);
      auto [unit, rest] = Row(top).unit(top);
      Value others = mul(mul(args[1], number(std::ldexp(1, -Row::kScale))),
                         add(widen(unit.v), widen(rest.v)));
      return Values{log1p(add(others, sub(widen(args[2]), number(1))))};
    })[0];
  }

  /// Whether a sum of rounded exponentials is not enough for an f32 row, which
  /// may be off by less than 4 ULP.
  bool keepsLost() const {
    return element.isF32() &&
           !(accuracy && (accuracy.getMode() == AccuracyMode::Fast ||
                          (accuracy.getMode() == AccuracyMode::Ulps &&
                           accuracy.getUlps() >= 4)));
  }
  Value numberF32(double value) {
    return arith::ConstantOp::create(*this, getF32FloatAttr(value));
  }
  Value single(Value x) {
    Type f32 = getF32Type();
    if (x.getType() == f32)
      return x;
    return x.getType().isF64()
               ? arith::TruncFOp::create(*this, f32, x).getResult()
               : arith::ExtFOp::create(*this, f32, x).getResult();
  }
  IRNumber numberOf(Value x) { return IRNumber(*this, getLoc(), x); }

  /// What the exponentials of a row share, one tensor each.
  Values shift(Value max) {
    SmallVector<Type> types(3, getF32Type());
    return mapsReduced(max, types, [&](ValueRange args) {
      IRNumber top = numberOf(args[0]);
      auto [base, least, bias] = Row(top).shift(top);
      return Values{base.v, least.v, bias.v};
    });
  }
  Row::Shift shiftOf(ValueRange shift) {
    return {numberOf(shift[0]), numberOf(shift[1]), numberOf(shift[2])};
  }

  Value roughExponential(Value x, ValueRange shift) {
    IRNumber y = numberOf(single(x));
    return Row(y).roughExponential(y, shiftOf(shift), !element.isF32()).v;
  }
  /// Of each element the exponential and, where its loss is kept, what it is
  /// made of: tensors of their own, so that a row's memory can keep what both
  /// its sum and its result read.
  Values exponentials(Value x, Value max) {
    Values inputs{x};
    llvm::append_range(inputs, shift(max));
    if (!keepsLost())
      return maps(inputs, getF32Type(), [&](ValueRange args) {
        return Values{roughExponential(args[0], args.drop_front())};
      });
    llvm::append_range(inputs,
                       mapsReduced(max, getF32Type(), [&](ValueRange args) {
                         IRNumber top = numberOf(args[0]);
                         return Values{Row(top).nudge(top).v};
                       }));
    SmallVector<Type> types(4, getF32Type());
    return maps(inputs, types, [&](ValueRange args) {
      IRNumber y = numberOf(args[0]);
      auto [value, power, exact, low] =
          Row(y).exponential(y, shiftOf(args.drop_front()), numberOf(args[4]));
      return Values{value.v, power.v, exact.v, low.v};
    });
  }
};

/// Rows with exponentials in f64.
class DoubleRowBuilder : public RowBuilder {
public:
  using RowBuilder::RowBuilder;

  Value softmax(Value x, Value max, bool zeroIfMasked) {
    if (!inPairs()) {
      Value e = maps({x, max}, getF64Type(), [&](ValueRange args) {
        return Values{expBelow(args[0], args[1]).value};
      })[0];
      Value total = sum(e, [](ValueRange args) { return args[0]; });
      return map({e, max, total}, [&](ValueRange args) {
        Value y = narrow(arith::DivFOp::create(*this, args[0], args[2]));
        return zeroIfMasked ? zeroIfNothing(args[1], y) : y;
      });
    }
    Values inputs{x, max};
    llvm::append_range(
        inputs, sums({x, max}, {zero(), zero()}, false, [&](ValueRange args) {
          return partsOf(expBelow(args[0], args[1]), number(kGrid));
        }));
    return map(inputs, [&](ValueRange args) {
      Value y = quotient(expBelow(args[0], args[1]), args[2], args[3]);
      return zeroIfMasked ? zeroIfNothing(args[1], y) : y;
    });
  }

  Value logSoftmax(Value x, Value max) {
    Values inputs{x, max};
    llvm::append_range(inputs, logSum(x, max));
    return map(inputs, [&](ValueRange args) {
      auto [difference, lost] = below(args[0], args[1]);
      if (!lost)
        return narrow(sub(difference, args[2]));
      Value minus = arith::NegFOp::create(*this, args[2]);
      return sumOf(difference, minus, sub(lost, args[3]));
    });
  }

  Value logSumExp(Value x, Value max) {
    Values inputs{max};
    llvm::append_range(inputs, logSum(x, max));
    return mapReduced(inputs, [&](ValueRange args) {
      Value top = widen(args[0]);
      Value sum = inPairs() ? sumOf(top, args[1], args[2]) : add(top, args[1]);
      return narrow(topIfInfinite(top, sum));
    });
  }

private:
  /// log(sum exp(x - max)) of each row, and for f64 what it lacks: log1p of the
  /// sum without one of the maxima keeps the digits of a sum next to 1.
  Values logSum(Value x, Value max) {
    SmallVector<Type> types(1 + inPairs(), getF64Type());
    return mapsReduced(sumsApart(x, max), types, [&](ValueRange args) {
      Value more = sub(args[0], number(1));
      if (!inPairs())
        return Values{log1p(add(args[1], more))};
      auto [sum, lost] = twoSum(args[1], more);
      lost = add(lost, args[2]);
      Value near = add(sum, lost);
      lost = sub(lost, sub(near, sum));
      Value slope = arith::DivFOp::create(*this, lost, add(near, number(1)));
      return Values{log1p(near), slope};
    });
  }

  /// x + y + rest, rounded once where the rest is small.
  Value sumOf(Value x, Value y, Value rest) {
    auto [sum, lost] = twoSum(x, y);
    return add(sum, finite(sum, add(lost, rest)));
  }

  /// Numbers up to `kGrid` * 2^-21 are cut to multiples of 2^-53 of what 2^21
  /// of them may sum to, so that such sums are exact.
  static constexpr double kGrid = 0x1.8p+21;

  /// The arithmetic in f64 loses nothing of shorter types that shows.
  bool inPairs() const { return element.isF64(); }

  /// exp(x - max), times 1 + `lost` where that is not null.
  struct Exponential {
    Value value, lost;
  };
  Exponential expBelow(Value x, Value max) {
    auto [difference, lost] = below(x, max);
    return {exp(difference), lost};
  }
  /// x - max and, for f64, what its rounding lost.
  std::pair<Value, Value> below(Value x, Value max) {
    if (!inPairs())
      return {sub(widen(x), widen(max)), nullptr};
    return twoSum(x, arith::NegFOp::create(*this, max));
  }

  /// How many elements are the maximum, and sum exp(x - max) over the others,
  /// for f64 in two parts.
  Values sumsApart(Value x, Value max) {
    if (!inPairs())
      return sums({x, max}, {zero(), zero()}, false, [&](ValueRange args) {
        Value top = equal(widen(args[0]), widen(args[1]));
        Value e = expBelow(args[0], args[1]).value;
        return Values{select(top, number(1), number(0)),
                      select(top, number(0), e)};
      });
    // The others may all be small: their grid is that of the largest of them.
    Value second = reduce<arith::MaximumFOp>(
        {x, max}, getF64FloatAttr(-kInf), [&](ValueRange args) {
          return select(equal(args[0], args[1]), number(-kInf), args[0]);
        });
    Value grid = mapReduced({second, max}, [&](ValueRange args) {
      return mul(exp(sub(args[0], args[1])), number(kGrid));
    });
    return sums({x, max, grid}, {zero(), zero(), zero()}, false,
                [&](ValueRange args) {
                  auto parts = partsOf(expBelow(args[0], args[1]), args[2]);
                  Value top = equal(args[0], args[1]);
                  return Values{select(top, number(1), number(0)),
                                select(top, number(0), parts[0]),
                                select(top, number(0), parts[1])};
                });
  }

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

  /// An exponential as a multiple of the grid's last place, and the rest.
  Values partsOf(Exponential e, Value grid) {
    Value high = sub(add(e.value, grid), grid);
    return {high,
            math::FmaOp::create(*this, e.value, e.lost, sub(e.value, high))};
  }

  /// The row's reciprocal as a pair makes the product round once.
  Value quotient(Exponential e, Value high, Value low) {
    Value sum = add(high, low);
    Value lost = sub(low, sub(sum, high));
    Value inverse = arith::DivFOp::create(*this, number(1), sum);
    Value minus = arith::NegFOp::create(*this, inverse);
    Value rest = math::FmaOp::create(*this, minus, sum, number(1));
    rest = mul(math::FmaOp::create(*this, minus, lost, rest), inverse);
    rest = math::FmaOp::create(*this, e.lost, inverse, rest);
    return math::FmaOp::create(*this, e.value, inverse, mul(e.value, rest));
  }
};

} // namespace mlir::act

#endif // ACT_LIB_IR_ROWEXPONENTIALS_H
