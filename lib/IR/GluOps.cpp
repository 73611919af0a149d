// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Gated linear units: constraints, shapes, and what they are made of.

#include "Parameters.h"
#include "WideBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::act;

static LogicalResult checkEven(std::optional<Location> loc, StringRef name,
                               RankedTensorType type, int64_t dimension) {
  int64_t extent = type.getDimSize(dimension);
  if (ShapedType::isDynamic(extent) || extent % 2 == 0)
    return success();
  return emitOptionalError(loc, "'act.", name, "' op dimension ", dimension,
                           " = ", extent, " is not even");
}

/// The type of one of the two things that a tensor packs along a dimension.
static RankedTensorType halfOf(RankedTensorType type, int64_t dimension) {
  SmallVector<int64_t> shape(type.getShape());
  if (!ShapedType::isDynamic(shape[dimension]))
    shape[dimension] /= 2;
  return RankedTensorType::get(shape, type.getElementType(),
                               type.getEncoding());
}

LogicalResult
GluOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                        ValueRange operands, DictionaryAttr attributes,
                        OpaqueProperties properties, RegionRange regions,
                        SmallVectorImpl<Type> &types) {
  Adaptor adaptor(operands, attributes, properties, regions);
  auto type = cast<RankedTensorType>(adaptor.getX().getType());
  std::optional<int64_t> dimension = adaptor.getDimension();
  if (operands.size() == 2) {
    types.push_back(type);
    return success();
  }
  if (!dimension)
    return emitOptionalError(
        loc, "'act.glu' op needs 'dimension' for a packed operand");
  if (failed(checkDimension(loc, "glu", type, *dimension)) ||
      failed(checkEven(loc, "glu", type, *dimension)))
    return failure();
  types.push_back(halfOf(type, *dimension));
  return success();
}

template <class OpTy>
static LogicalResult verifyGlu(OpTy op) {
  return verifyParameters([&] { return op.emitOpError(); }, "glu",
                          cast<DictionaryAttr>(op->getPropertiesAsAttribute()));
}

LogicalResult GluOp::verify() {
  if (failed(verifyGlu(*this)) || failed(verifyInferred(*this)))
    return failure();
  if (!getValue()) {
    if (!getGate())
      return emitOpError("needs 'gate', first or second, for a packed operand");
    return success();
  }
  if (getValue().getType() != getX().getType())
    return emitOpError("gate of type ")
           << getX().getType() << " and value of type " << getValue().getType()
           << " differ";
  if (getDimension() || getGate() || getLayout() != GluLayout::Halves)
    return emitOpError("of two operands takes no 'dimension', 'gate' or "
                       "'layout': the first operand gates");
  return success();
}

LogicalResult GluGradOp::verify() {
  if (failed(verifyGlu(*this)))
    return failure();
  auto type = cast<RankedTensorType>(getX().getType());
  int64_t dimension = getDimension();
  if (failed(checkDimension(getLoc(), "glu_grad", type, dimension)) ||
      failed(checkEven(getLoc(), "glu_grad", type, dimension)))
    return failure();
  if (!getGate())
    return emitOpError("needs 'gate', first or second, for a packed operand");
  RankedTensorType half = halfOf(type, dimension);
  if (failed(verifyCompatibleShape(half, getDy().getType())) ||
      half.getElementType() != getElementTypeOrSelf(getDy().getType()))
    return emitOpError("dy must have type ")
           << half << ", got " << getDy().getType();
  return success();
}

/// Half of an extent.
static OpFoldResult halve(OpBuilder &b, Location loc, OpFoldResult extent) {
  if (std::optional<int64_t> cst = getConstantIntValue(extent))
    return b.getIndexAttr(*cst / 2);
  Value two = arith::ConstantIndexOp::create(b, loc, 2);
  return arith::DivSIOp::create(b, loc, cast<Value>(extent), two).getResult();
}

LogicalResult GluOp::reifyResultShapes(OpBuilder &b,
                                       ReifiedRankedShapedTypeDims &dims) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, getLoc(), getX());
  if (!getValue())
    sizes[*getDimension()] = halve(b, getLoc(), sizes[*getDimension()]);
  dims.push_back(sizes);
  return success();
}

LogicalResult GluGradOp::reifyResultShapes(OpBuilder &b,
                                           ReifiedRankedShapedTypeDims &dims) {
  dims.push_back(tensor::getMixedSizes(b, getLoc(), getX()));
  return success();
}

namespace {

/// Where the two parts of a packed tensor stand.
struct Parts {
  SmallVector<OpFoldResult> offsets[2], sizes, strides;

  Parts(OpBuilder &b, Location loc, Value packed, int64_t dimension,
        GluLayout layout) {
    sizes = tensor::getMixedSizes(b, loc, packed);
    sizes[dimension] = halve(b, loc, sizes[dimension]);
    bool halves = layout == GluLayout::Halves;
    for (auto &offset : offsets)
      offset.assign(sizes.size(), b.getIndexAttr(0));
    offsets[1][dimension] = halves ? sizes[dimension] : b.getIndexAttr(1);
    strides.assign(sizes.size(), b.getIndexAttr(1));
    if (!halves)
      strides[dimension] = b.getIndexAttr(2);
  }

  Value extract(OpBuilder &b, Location loc, Value packed, int part) {
    return tensor::ExtractSliceOp::create(b, loc, packed, offsets[part], sizes,
                                          strides);
  }
  Value insert(OpBuilder &b, Location loc, Value value, Value packed,
               int part) {
    return tensor::InsertSliceOp::create(b, loc, value, packed, offsets[part],
                                         sizes, strides);
  }
};

/// The parts of a gated unit on single elements, as f64 values.
class GluBuilder : public WideBuilder {
public:
  template <class OpTy>
  GluBuilder(OpBuilder &b, OpTy op)
      : WideBuilder(b, op, getElementTypeOrSelf(op.getX().getType())),
        activation(op.getActivation()),
        offset(op.getOffset().convertToDouble()) {
    if (std::optional<APFloat> given = op.getLimit())
      limit = given->convertToDouble();
  }

  Value gated(Value gate) {
    return core(
        activation.build(*this, getLoc(), limitedGate(gate)).getDefiningOp());
  }
  Value shifted(Value value) {
    if (limit)
      value = arith::MaximumFOp::create(
          *this, arith::MinimumFOp::create(*this, value, number(*limit)),
          number(-*limit));
    return offset == 0 ? value : add(value, number(offset));
  }
  Value result(Value gate, Value value) {
    return mul(gated(gate), shifted(value));
  }
  Value valueGradient(Value dy, Value gate, Value value) {
    return cut(mul(dy, gated(gate)), value, limit ? -*limit : 0);
  }
  Value gateGradient(Value dy, Value gate, Value value) {
    Value outer = mul(dy, shifted(value));
    Value gradient =
        core(activation.buildGradient(*this, getLoc(), outer, limitedGate(gate))
                 .getDefiningOp());
    return cut(gradient, gate, -std::numeric_limits<double>::infinity());
  }

  using Body = function_ref<Value(ValueRange)>;

  /// An elementwise function of tensors of one shape.
  Value map(ValueRange inputs, Body body) {
    auto type = cast<RankedTensorType>(inputs.front().getType());
    Value init = tensor::EmptyOp::create(
        *this, tensor::getMixedSizes(*this, getLoc(), inputs.front()), element,
        type.getEncoding());
    AffineMap identity = getMultiDimIdentityMap(type.getRank());
    SmallVector<AffineMap> maps(inputs.size() + 1, identity);
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    auto build = [&](OpBuilder &inside, Location, ValueRange args) {
      OpBuilder::InsertionGuard guard(*this);
      restoreInsertionPoint(inside.saveInsertionPoint());
      SmallVector<Value> wide;
      for (Value arg : args.drop_back())
        wide.push_back(widen(arg));
      linalg::YieldOp::create(*this, narrow(body(wide)));
    };
    return linalg::GenericOp::create(*this, init.getType(), inputs, init, maps,
                                     iterators, build)
        .getResult(0);
  }

private:
  Value limitedGate(Value gate) {
    return limit ? arith::MinimumFOp::create(*this, gate, number(*limit))
                       .getResult()
                 : gate;
  }
  Value cut(Value gradient, Value x, double low) {
    if (!limit)
      return gradient;
    return core(ClampGradOp::create(*this, gradient, x, getF64FloatAttr(low),
                                    getF64FloatAttr(*limit), AccuracyAttr()));
  }

  FnAttr activation;
  double offset;
  std::optional<double> limit;
};

} // namespace

FailureOr<SmallVector<Value>> GluOp::decomposeOperation(OpBuilder &b) {
  GluBuilder glu(b, *this);
  Value gate = getX(), value = getValue();
  if (!value) {
    Parts parts(glu, getLoc(), getX(), *getDimension(), getLayout());
    int part = *getGate() == GluGate::First ? 0 : 1;
    gate = parts.extract(glu, getLoc(), getX(), part);
    value = parts.extract(glu, getLoc(), getX(), 1 - part);
  }
  Value result = glu.map({gate, value}, [&](ValueRange args) {
    return glu.result(args[0], args[1]);
  });
  return SmallVector<Value>{result};
}

FailureOr<SmallVector<Value>> GluGradOp::decomposeOperation(OpBuilder &b) {
  GluBuilder glu(b, *this);
  Parts parts(glu, getLoc(), getX(), getDimension(), getLayout());
  int part = *getGate() == GluGate::First ? 0 : 1;
  Value gate = parts.extract(glu, getLoc(), getX(), part);
  Value value = parts.extract(glu, getLoc(), getX(), 1 - part);
  Value packed = tensor::EmptyOp::create(
      glu, tensor::getMixedSizes(glu, getLoc(), getX()), glu.element,
      cast<RankedTensorType>(getX().getType()).getEncoding());
  // One part after the other, so that each is written in place.
  Value dvalue = glu.map({getDy(), gate, value}, [&](ValueRange args) {
    return glu.valueGradient(args[0], args[1], args[2]);
  });
  packed = parts.insert(glu, getLoc(), dvalue, packed, 1 - part);
  Value dgate = glu.map({getDy(), gate, value}, [&](ValueRange args) {
    return glu.gateGradient(args[0], args[1], args[2]);
  });
  packed = parts.insert(glu, getLoc(), dgate, packed, part);
  return SmallVector<Value>{packed};
}
