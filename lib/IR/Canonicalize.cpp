// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Canonical forms. Without fast-math flags no pattern changes a NaN, an
// infinity or the sign of a zero; each one says which flags it needs.

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;
using arith::FastMathFlags;

static FastMathFlags flagsOf(Operation *op) {
  auto interface = dyn_cast<arith::ArithFastMathInterface>(op);
  auto flags = interface ? interface.getFastMathFlagsAttr() : nullptr;
  return flags ? flags.getValue() : FastMathFlags::none;
}

static bool allows(Operation *op, FastMathFlags needed) {
  return arith::bitEnumContainsAll(flagsOf(op), needed);
}

static arith::FastMathFlagsAttr commonFlags(Operation *a, Operation *b) {
  return arith::FastMathFlagsAttr::get(a->getContext(),
                                       flagsOf(a) & flagsOf(b));
}

namespace {

/// The interval that an operation limits its operand to.
struct Limits {
  TypedAttr low, high;

  static std::optional<Limits> of(Operation *op) {
    if (auto clamp = dyn_cast_or_null<ClampOp>(op))
      return Limits{clamp.getMin(), clamp.getMax()};
    if (isa_and_present<ReluOp>(op))
      return relu(op->getResult(0).getType());
    return std::nullopt;
  }

  static Limits relu(Type type) {
    Builder b(type.getContext());
    Type element = getElementTypeOrSelf(type);
    if (isa<FloatType>(element))
      return Limits{b.getF64FloatAttr(0.0),
                    b.getF64FloatAttr(std::numeric_limits<double>::infinity())};
    unsigned width = element.getIntOrFloatBitWidth();
    return Limits{b.getIntegerAttr(element, 0),
                  b.getIntegerAttr(element, APInt::getSignedMaxValue(width))};
  }

  /// minimum(maximum(x, low), high).
  TypedAttr limit(TypedAttr x) const {
    if (auto number = dyn_cast<FloatAttr>(x)) {
      APFloat value =
          maximum(number.getValue(), cast<FloatAttr>(low).getValue());
      return FloatAttr::get(x.getType(),
                            minimum(value, cast<FloatAttr>(high).getValue()));
    }
    APInt value = cast<IntegerAttr>(x).getValue();
    APInt least = cast<IntegerAttr>(low).getValue();
    APInt most = cast<IntegerAttr>(high).getValue();
    value = value.slt(least) ? least : value;
    return IntegerAttr::get(x.getType(), value.sgt(most) ? most : value);
  }

  bool operator==(const Limits &other) const {
    return low == other.low && high == other.high;
  }
};

/// clamp(clamp x), relu(clamp x), clamp(relu x) -> one clamp, or relu.
///
/// Rounding is monotone, so that doing it once changes nothing.
template <class OpTy>
struct MergeLimits : public OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &b) const override {
    Operation *inner = op.getX().getDefiningOp();
    std::optional<Limits> second = Limits::of(op), first = Limits::of(inner);
    if (!first)
      return failure();
    Limits both{second->limit(first->low), second->limit(first->high)};
    Value x = inner->getOperand(0);
    arith::FastMathFlagsAttr flags = commonFlags(op, inner);
    if (both == Limits::relu(x.getType()))
      b.replaceOpWithNewOp<ReluOp>(op, x.getType(), x, op.getAccuracyAttr(),
                                   flags);
    else
      b.replaceOpWithNewOp<ClampOp>(op, x.getType(), x, both.low, both.high,
                                    op.getAccuracyAttr(), flags);
    return success();
  }
};

/// clamp {min = 0, max = inf} -> relu, which says more.
struct ClampToRelu : public OpRewritePattern<ClampOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ClampOp op, PatternRewriter &b) const override {
    if (!(*Limits::of(op) == Limits::relu(op.getType())))
      return failure();
    b.replaceOpWithNewOp<ReluOp>(op, op.getType(), op.getX(),
                                 op.getAccuracyAttr(), op.getFastmathAttr());
    return success();
  }
};

/// True for a constant whose elements are all positive and finite.
bool isPositiveConstant(Value value) {
  Attribute attribute;
  if (!matchPattern(value, m_Constant(&attribute)))
    return false;
  auto positive = [](const APFloat &number) {
    return number.isFiniteNonZero() && !number.isNegative();
  };
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return positive(number.getValue());
  auto dense = dyn_cast<DenseFPElementsAttr>(attribute);
  return dense && (dense.isSplat() ? positive(dense.getSplatValue<APFloat>())
                                   : llvm::all_of(dense, positive));
}

/// relu(a x) -> a relu(x) for constant finite a > 0: what scales a rectifier
/// moves behind it. Bit for bit the same, so that no flag is needed: a x is
/// positive where x is, a (+0) = +0 elsewhere, and NaN stays.
struct ScaleAfterRelu : public OpRewritePattern<ReluOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReluOp op, PatternRewriter &b) const override {
    auto product = op.getX().getDefiningOp<arith::MulFOp>();
    if (!product || !product->hasOneUse())
      return failure();
    Value x = product.getLhs(), scale = product.getRhs();
    if (isPositiveConstant(x))
      std::swap(x, scale);
    if (!isPositiveConstant(scale))
      return failure();
    Value relu = ReluOp::create(b, op.getLoc(), x.getType(), x,
                                op.getAccuracyAttr(), op.getFastmathAttr());
    b.replaceOpWithNewOp<arith::MulFOp>(op, relu, scale,
                                        product.getFastmathAttr());
    return success();
  }
};

/// True where a tensor has one value along a dimension.
bool isUniformAlong(Value value, int64_t dimension) {
  SplatElementsAttr splat;
  if (matchPattern(value, m_Constant(&splat)))
    return true;
  Operation *op = value.getDefiningOp();
  if (isa_and_present<tensor::SplatOp, linalg::FillOp>(op))
    return true;
  if (auto broadcast = dyn_cast_or_null<linalg::BroadcastOp>(op))
    return llvm::is_contained(broadcast.getDimensions(), dimension);
  // A copy through a map without the dimension.
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getNumResults() != 1 ||
      !generic.getIndexingMapsArray().back().isIdentity())
    return false;
  Operation *yield = generic.getBody()->getTerminator();
  return yield->getOperand(0) == generic.getBody()->getArgument(0) &&
         !generic.getIndexingMapsArray().front().isFunctionOfDim(dimension);
}

/// softmax(x + c) -> softmax(x) for c that is constant in each row, and the
/// same for log_softmax. Needs nnan and ninf of either operation: x + c may be
/// infinite, or NaN, where x is neither.
template <class OpTy>
struct DropShift : public OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &b) const override {
    Operation *shift = op.getX().getDefiningOp();
    if (!isa_and_present<arith::AddFOp, arith::SubFOp>(shift))
      return failure();
    FastMathFlags finite = FastMathFlags::nnan | FastMathFlags::ninf;
    if (!allows(op, finite) && !allows(shift, finite))
      return failure();
    int64_t dimension = op.getDimension();
    Value x = shift->getOperand(0), c = shift->getOperand(1);
    if (isa<arith::AddFOp>(shift) && isUniformAlong(x, dimension))
      std::swap(x, c);
    if (!isUniformAlong(c, dimension))
      return failure();
    b.modifyOpInPlace(op, [&] { op.getXMutable().assign(x); });
    return success();
  }
};

/// log(softmax x) -> log_softmax x, log(sigmoid x) -> log_sigmoid x. Needs
/// ninf of the logarithm, which is -inf where the inner result underflows and
/// the joint one does not.
struct LogOfProbability : public OpRewritePattern<math::LogOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::LogOp op,
                                PatternRewriter &b) const override {
    Operation *inner = op.getOperand().getDefiningOp();
    if (!allows(op, FastMathFlags::ninf) || !inner || !inner->hasOneUse())
      return failure();
    if (auto softmax = dyn_cast<SoftmaxOp>(inner)) {
      // A masked row's logarithm is -inf, not NaN.
      if (softmax.getMaskedRow() == MaskedRow::Zero)
        return failure();
      b.replaceOpWithNewOp<LogSoftmaxOp>(
          op, op.getType(), softmax.getX(), softmax.getDimensionAttr(),
          softmax.getAccuracyAttr(), commonFlags(op, softmax));
      return success();
    }
    auto sigmoid = dyn_cast<SigmoidOp>(inner);
    if (!sigmoid)
      return failure();
    b.replaceOpWithNewOp<LogSigmoidOp>(op, op.getType(), sigmoid.getX(),
                                       sigmoid.getAccuracyAttr(),
                                       commonFlags(op, sigmoid));
    return success();
  }
};

/// exp(x) - 1, exp(x) + -1 -> expm1(x). Needs nsz of the outer operation:
/// expm1(-0) is -0, exp(-0) - 1 is +0.
template <class OpTy>
struct ExpMinusOne : public OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &b) const override {
    constexpr bool isSub = std::is_same_v<OpTy, arith::SubFOp>;
    Value x = op.getLhs(), one = op.getRhs();
    if (!isSub && !x.template getDefiningOp<math::ExpOp>())
      std::swap(x, one);
    auto exp = x.template getDefiningOp<math::ExpOp>();
    APFloat number(0.0);
    if (!allows(op, FastMathFlags::nsz) || !exp || !exp->hasOneUse() ||
        !matchPattern(one, m_ConstantFloat(&number)) ||
        !number.isExactlyValue(isSub ? 1.0 : -1.0))
      return failure();
    b.replaceOpWithNewOp<math::ExpM1Op>(op, exp.getOperand(),
                                        commonFlags(op, exp));
    return success();
  }
};

/// log(1 + x) -> log1p(x). Needs nsz of the logarithm: log1p(-0) is -0,
/// log(1 + -0) is +0.
struct LogOfOnePlus : public OpRewritePattern<math::LogOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::LogOp op,
                                PatternRewriter &b) const override {
    auto sum = op.getOperand().getDefiningOp<arith::AddFOp>();
    if (!sum || !allows(op, FastMathFlags::nsz))
      return failure();
    Value x = sum.getLhs(), one = sum.getRhs();
    auto isOne = [](Value value) {
      APFloat number(0.0);
      return matchPattern(value, m_ConstantFloat(&number)) &&
             number.isExactlyValue(1.0);
    };
    if (isOne(x))
      std::swap(x, one);
    if (!isOne(one))
      return failure();
    b.replaceOpWithNewOp<math::Log1pOp>(op, x, commonFlags(op, sum));
    return success();
  }
};

/// Activations of other dialects fold as those of this one: an external model
/// brings no folder.
struct FoldForeign : public OpInterfaceRewritePattern<ActivationOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(ActivationOpInterface op,
                                PatternRewriter &b) const override {
    if (isa_and_present<ActDialect>(op->getDialect()))
      return failure();
    SmallVector<Attribute> operands(op->getNumOperands());
    for (auto [operand, value] : llvm::zip(op->getOperands(), operands))
      matchPattern(operand, m_Constant(&value));
    OpFoldResult folded = foldActivation(op, operands);
    if (!folded)
      return failure();
    auto value = dyn_cast<Value>(folded);
    if (!value)
      value = arith::ConstantOp::create(
          b, op->getLoc(), cast<TypedAttr>(cast<Attribute>(folded)));
    b.replaceOp(op, value);
    return success();
  }
};

} // namespace

void ActDialect::getCanonicalizationPatterns(
    RewritePatternSet &patterns) const {
  patterns.add<MergeLimits<ReluOp>, MergeLimits<ClampOp>, ClampToRelu,
               ScaleAfterRelu, DropShift<SoftmaxOp>, DropShift<LogSoftmaxOp>,
               LogOfProbability, ExpMinusOne<arith::AddFOp>,
               ExpMinusOne<arith::SubFOp>, LogOfOnePlus, FoldForeign>(
      getContext());
}
