// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The number type of the kernels that emits IR: f64 or f32, scalars or vectors.

#ifndef ACT_MLIR_IR_IRNUMBER_H
#define ACT_MLIR_IR_IRNUMBER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include <limits>
#include <tuple>
#include <utility>

namespace mlir::act {

struct IRNumber {
  using Mask = Value;
  using Exponent = IRNumber;
  static constexpr bool kWide = false;
  static constexpr double kIntegerBase = 6755399441055744.0; // 1.5 * 2^52
  OpBuilder *b = nullptr;
  Location loc;
  Value v;

  IRNumber(OpBuilder &b, Location loc, Value v) : b(&b), loc(loc), v(v) {}

  IRNumber with(Value value) const { return IRNumber(*b, loc, value); }

  Type integers() const {
    Type element = getElementTypeOrSelf(v.getType());
    Type integer = b->getIntegerType(element.getIntOrFloatBitWidth());
    auto vector = dyn_cast<VectorType>(v.getType());
    return vector ? Type(vector.clone(integer)) : integer;
  }

  static Value splat(OpBuilder &b, Location loc, Type type, Attribute value) {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(b, loc,
                                       DenseElementsAttr::get(vector, value));
    return arith::ConstantOp::create(b, loc, cast<TypedAttr>(value));
  }

  Value integer(uint64_t value) const {
    Type type = integers();
    auto element = cast<IntegerType>(getElementTypeOrSelf(type));
    APInt bits(element.getWidth(), value, /*isSigned=*/false,
               /*implicitTrunc=*/true);
    return splat(*b, loc, type, b->getIntegerAttr(element, bits));
  }
  Value bits() const {
    return arith::BitcastOp::create(*b, loc, integers(), v);
  }
  IRNumber fromBits(Value value) const {
    return with(arith::BitcastOp::create(*b, loc, v.getType(), value));
  }

  IRNumber constant(double value) const {
    Type element = getElementTypeOrSelf(v.getType());
    return with(splat(*b, loc, v.getType(), b->getFloatAttr(element, value)));
  }
  IRNumber constant(double value, double) const { return constant(value); }
  IRNumber operator-() const { return with(arith::NegFOp::create(*b, loc, v)); }
  template <typename Op>
  IRNumber binary(const IRNumber &o) const {
    return with(Op::create(*b, loc, v, o.v));
  }
  IRNumber operator+(const IRNumber &o) const {
    return binary<arith::AddFOp>(o);
  }
  IRNumber operator-(const IRNumber &o) const {
    return binary<arith::SubFOp>(o);
  }
  IRNumber operator*(const IRNumber &o) const {
    return binary<arith::MulFOp>(o);
  }
  IRNumber operator/(const IRNumber &o) const {
    return binary<arith::DivFOp>(o);
  }
  Mask compare(arith::CmpFPredicate predicate, const IRNumber &o) const {
    return arith::CmpFOp::create(*b, loc, predicate, v, o.v);
  }
  Mask operator>(const IRNumber &o) const {
    return compare(arith::CmpFPredicate::OGT, o);
  }
  Mask operator<(const IRNumber &o) const {
    return compare(arith::CmpFPredicate::OLT, o);
  }
  Mask operator>=(const IRNumber &o) const {
    return compare(arith::CmpFPredicate::OGE, o);
  }
  Mask operator<=(const IRNumber &o) const {
    return compare(arith::CmpFPredicate::OLE, o);
  }
  Mask operator==(const IRNumber &o) const {
    return compare(arith::CmpFPredicate::OEQ, o);
  }

  Exponent nearest(double factor) const {
    return with(math::FmaOp::create(*b, loc, v, constant(factor).v,
                                    constant(kIntegerBase).v));
  }
  IRNumber integral(const Exponent &n) const {
    return n - constant(kIntegerBase);
  }
  Exponent none() const { return constant(kIntegerBase); }
  Exponent negated(const Exponent &n) const {
    return constant(2 * kIntegerBase) - n;
  }
  Exponent twice(const Exponent &n) const {
    return with(math::FmaOp::create(*b, loc, constant(2).v, n.v,
                                    constant(-kIntegerBase).v));
  }
  /// The base's own bits leave to the left.
  IRNumber power(const Exponent &n) const {
    Value biased = arith::AddIOp::create(*b, loc, n.bits(), integer(1023));
    return fromBits(arith::ShLIOp::create(*b, loc, biased, integer(52)));
  }
  IRNumber inversePower(const Exponent &n) const {
    Value biased = arith::SubIOp::create(*b, loc, integer(1023), n.bits());
    return fromBits(arith::ShLIOp::create(*b, loc, biased, integer(52)));
  }
  std::pair<IRNumber, Exponent> split() const {
    // The bits of sqrt(1/2) lead to those of the power of two.
    Value x = bits();
    Value shifted =
        arith::SubIOp::create(*b, loc, x, integer(0x3fe6a09e667f3bcdull));
    Value n = arith::ShRSIOp::create(*b, loc, shifted, integer(52));
    Value high = arith::ShLIOp::create(*b, loc, n, integer(52));
    // An integer added to the bits of 1.5 * 2^52 is added to its value.
    return {fromBits(arith::SubIOp::create(*b, loc, x, high)),
            fromBits(arith::AddIOp::create(*b, loc, none().bits(), n))};
  }
  /// See HostF32.
  IRNumber exponentField() const {
    return fromBits(arith::ShLIOp::create(*b, loc, bits(), integer(23)));
  }
  IRNumber reciprocalSeed() const {
    return fromBits(
        arith::SubIOp::create(*b, loc, integer(0x7ef34000), bits()));
  }
  std::tuple<IRNumber, IRNumber, IRNumber> parts() const {
    Value x = bits();
    Value shifted = arith::SubIOp::create(*b, loc, x, integer(0x3f3504f3));
    Value n = arith::ShRSIOp::create(*b, loc, shifted, integer(23));
    Value exponent = arith::ShLIOp::create(*b, loc, n, integer(23));
    Value inverse =
        arith::SubIOp::create(*b, loc, integer(0x3f800000), exponent);
    inverse = arith::MaxSIOp::create(*b, loc, inverse, integer(0));
    return {fromBits(arith::SubIOp::create(*b, loc, x, exponent)),
            with(arith::SIToFPOp::create(*b, loc, v.getType(), n)),
            fromBits(inverse)};
  }
  /// See HostF64.
  IRNumber towardsOdd(const IRNumber &rest) const {
    Value x = bits();
    Value differ = arith::XOrIOp::create(*b, loc, x, rest.bits());
    // -1 where the signs differ.
    Value back = arith::ShRSIOp::create(*b, loc, differ, integer(63));
    Value odd = arith::AddIOp::create(*b, loc, x, back);
    odd = arith::OrIOp::create(*b, loc, odd, integer(1));
    IRNumber finite = with(math::AbsFOp::create(*b, loc, v));
    Value rounded = arith::AndIOp::create(
        *b, loc, rest.compare(arith::CmpFPredicate::ONE, constant(0)),
        finite < constant(std::numeric_limits<double>::infinity()));
    return with(arith::SelectOp::create(*b, loc, rounded, fromBits(odd).v, v));
  }
};

inline IRNumber fma(const IRNumber &x, const IRNumber &y, const IRNumber &z) {
  return x.with(math::FmaOp::create(*x.b, x.loc, x.v, y.v, z.v));
}
/// On a division whose quotient may be off by a little more than its rounding.
inline constexpr llvm::StringLiteral kNearQuotientAttr = "act.near";
inline IRNumber nearQuotient(const IRNumber &x, const IRNumber &d) {
  IRNumber y = x / d;
  y.v.getDefiningOp()->setAttr(kNearQuotientAttr, x.b->getUnitAttr());
  return y;
}
inline IRNumber sqrt(const IRNumber &x) {
  return x.with(math::SqrtOp::create(*x.b, x.loc, x.v));
}
inline IRNumber abs(const IRNumber &x) {
  return x.with(math::AbsFOp::create(*x.b, x.loc, x.v));
}
inline IRNumber copysign(const IRNumber &x, const IRNumber &y) {
  return x.binary<math::CopySignOp>(y);
}
inline IRNumber max(const IRNumber &x, const IRNumber &y) {
  return x.binary<arith::MaximumFOp>(y);
}
inline IRNumber min(const IRNumber &x, const IRNumber &y) {
  return x.binary<arith::MinimumFOp>(y);
}
inline IRNumber select(Value mask, const IRNumber &x, const IRNumber &y) {
  return x.with(arith::SelectOp::create(*x.b, x.loc, mask, x.v, y.v));
}

} // namespace mlir::act

#endif // ACT_MLIR_IR_IRNUMBER_H
