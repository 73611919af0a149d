// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The number type of the kernels that emits IR: f64 scalars or vectors.

#ifndef ACT_LIB_TRANSFORMS_IRNUMBER_H
#define ACT_LIB_TRANSFORMS_IRNUMBER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

namespace mlir::act {

struct IRNumber {
  using Mask = Value;
  OpBuilder *b = nullptr;
  Location loc;
  Value v;

  IRNumber(OpBuilder &b, Location loc, Value v) : b(&b), loc(loc), v(v) {}

  IRNumber with(Value value) const { return IRNumber(*b, loc, value); }

  Type integers() const {
    Type i64 = b->getI64Type();
    auto vector = dyn_cast<VectorType>(v.getType());
    return vector ? Type(vector.clone(i64)) : i64;
  }

  static Value splat(OpBuilder &b, Location loc, Type type, Attribute value) {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(
          b, loc, DenseElementsAttr::get(vector, value));
    return arith::ConstantOp::create(b, loc, cast<TypedAttr>(value));
  }

  Value integer(uint64_t value) const {
    return splat(*b, loc, integers(), b->getI64IntegerAttr(int64_t(value)));
  }
  Value bits() const {
    return arith::BitcastOp::create(*b, loc, integers(), v);
  }
  IRNumber fromBits(Value value) const {
    return with(arith::BitcastOp::create(*b, loc, v.getType(), value));
  }

  IRNumber constant(double value) const {
    return with(splat(*b, loc, v.getType(), b->getF64FloatAttr(value)));
  }
  template <typename Op> IRNumber binary(const IRNumber &o) const {
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

  /// 2^v for an integral v: the low bits of v + 1.5 * 2^52 are v's.
  IRNumber pow2() const {
    Value n = (*this + constant(6755399441055744.0)).bits();
    n = arith::AddIOp::create(*b, loc, n, integer(1023));
    return fromBits(arith::ShLIOp::create(*b, loc, n, integer(52)));
  }

  /// m in [sqrt(1/2), sqrt(2)) with v = 2^n m, for positive v.
  IRNumber split(IRNumber &n) const {
    Value shifted = arith::SubIOp::create(*b, loc, bits(),
                                          integer(0x3fe6a09e667f3bcdull));
    Value k = arith::ShRSIOp::create(*b, loc, shifted, integer(52));
    Value high = arith::ShLIOp::create(*b, loc, k, integer(52));
    IRNumber magic = constant(6755399441055744.0);
    // An integer added to the bits of 1.5 * 2^52 is added to its value.
    IRNumber sum =
        fromBits(arith::AddIOp::create(*b, loc, magic.bits(), k));
    n = sum - magic;
    return fromBits(arith::SubIOp::create(*b, loc, bits(), high));
  }
};

inline IRNumber fma(const IRNumber &x, const IRNumber &y, const IRNumber &z) {
  return x.with(math::FmaOp::create(*x.b, x.loc, x.v, y.v, z.v));
}
inline IRNumber sqrt(const IRNumber &x) {
  return x.with(math::SqrtOp::create(*x.b, x.loc, x.v));
}
inline IRNumber abs(const IRNumber &x) {
  return x.with(math::AbsFOp::create(*x.b, x.loc, x.v));
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

#endif // ACT_LIB_TRANSFORMS_IRNUMBER_H
