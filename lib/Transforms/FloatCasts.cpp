// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FloatCasts.h"
#include "act-mlir/IR/IRNumber.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::act;

Type mlir::act::withElement(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? Type(vector.clone(element)) : element;
}

bool mlir::act::isF8(Type type) {
  return isa<Float8E4M3FNType, Float8E5M2Type>(getElementTypeOrSelf(type));
}

namespace {

constexpr int64_t kUpperHalf = 0xffff0000;

/// Steps on a value's bits, as integers of one width.
struct Steps {
  OpBuilder &b;
  Location loc;
  Type type; // of the integers

  Steps(OpBuilder &b, Location loc, Value like, unsigned width)
      : b(b), loc(loc),
        type(withElement(like.getType(), b.getIntegerType(width))) {}

  Value constant(int64_t value) {
    return IRNumber::splat(b, loc, type,
                           b.getIntegerAttr(getElementTypeOrSelf(type), value));
  }
  Value bits(Value x) { return arith::BitcastOp::create(b, loc, type, x); }
  Value extend(Value x) { return arith::ExtUIOp::create(b, loc, type, x); }
  Value truncate(Value x) { return arith::TruncIOp::create(b, loc, type, x); }
  Value plus(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value plus(Value x, int64_t y) { return plus(x, constant(y)); }
  Value both(Value x, int64_t y) {
    return arith::AndIOp::create(b, loc, x, constant(y));
  }
  Value either(Value x, Value y) { return arith::OrIOp::create(b, loc, x, y); }
  Value left(Value x, int64_t n) {
    return arith::ShLIOp::create(b, loc, x, constant(n));
  }
  Value right(Value x, int64_t n) {
    return arith::ShRUIOp::create(b, loc, x, constant(n));
  }
  Value atMost(Value x, int64_t y) {
    return arith::MinUIOp::create(b, loc, x, constant(y));
  }
  Value less(Value x, int64_t y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, x,
                                 constant(y));
  }
  Value pick(Value mask, Value x, Value y) {
    return arith::SelectOp::create(b, loc, mask, x, y);
  }
  /// x without its low bits, rounded to nearest, ties to even.
  Value roundedRight(Value x, int64_t drop) {
    Value odd = both(right(x, drop), 1);
    return right(plus(plus(x, odd), (int64_t(1) << (drop - 1)) - 1), drop);
  }
  Value asFloat(Value x, FloatType element) {
    return arith::BitcastOp::create(b, loc, withElement(type, element), x);
  }
};

Value fromF8(OpBuilder &b, Location loc, Value x) {
  Value bytes = Steps(b, loc, x, 8).bits(x);
  if (isa<Float8E5M2Type>(getElementTypeOrSelf(x.getType()))) {
    // The upper half of an f16.
    Steps half(b, loc, x, 16);
    Value y = half.asFloat(half.left(half.extend(bytes), 8), b.getF16Type());
    return arith::ExtFOp::create(b, loc,
                                 withElement(x.getType(), b.getF32Type()), y);
  }
  // The magnitude's bits, moved into f32's place, are the number times 2^-120.
  Steps s(b, loc, x, 32);
  Value word = s.extend(bytes), magnitude = s.both(word, 0x7f);
  Value small = s.asFloat(s.left(magnitude, 20), b.getF32Type());
  Value scale =
      IRNumber::splat(b, loc, small.getType(), b.getF32FloatAttr(0x1p120f));
  Value number = s.bits(arith::MulFOp::create(b, loc, small, scale));
  number = s.pick(s.less(magnitude, 0x7f), number, s.constant(0x7fc00000));
  Value sign = s.left(s.both(word, 0x80), 24);
  return s.asFloat(s.either(number, sign), b.getF32Type());
}

Value toF8(OpBuilder &b, Location loc, Value x, FloatType to) {
  bool finite = isa<Float8E4M3FNType>(to);
  const llvm::fltSemantics &semantics = to.getFloatSemantics();
  int fraction = APFloat::semanticsPrecision(semantics) - 1;
  int smallest = APFloat::semanticsMinExponent(semantics);
  int64_t largest = finite ? 0x7e : 0x7c, nan = finite ? 0x7f : 0x7e;
  Steps s(b, loc, x, 32);
  Value bits = s.bits(x), magnitude = s.both(bits, 0x7fffffff);
  // Above the smallest normal number: the fraction's end is rounded off, the
  // exponent gets the other bias.
  Value rounded = s.roundedRight(magnitude, 23 - fraction);
  int64_t bias = int64_t(126 + smallest) << fraction;
  Value normal = s.atMost(s.plus(rounded, -bias), largest);
  // Below it the grid is fixed: a sum with 2^(23 + k) rounds to it.
  int64_t base = int64_t(127 + 23 + smallest - fraction) << 23;
  Value sum =
      arith::AddFOp::create(b, loc, s.asFloat(magnitude, b.getF32Type()),
                            s.asFloat(s.constant(base), b.getF32Type()));
  Value subnormal = s.plus(s.bits(sum), -base);
  Value y = s.pick(s.less(magnitude, int64_t(127 + smallest) << 23), subnormal,
                   normal);
  y = s.pick(s.less(magnitude, 0x7f800001), y, s.constant(nan));
  y = s.either(y, s.both(s.right(bits, 24), 0x80));
  Steps bytes(b, loc, x, 8);
  return bytes.asFloat(bytes.truncate(y), to);
}

/// By integer steps, since a target's own conversion may flush subnormals.
Value toBF16(OpBuilder &b, Location loc, Value x, bool exact) {
  Steps s(b, loc, x, 32), half(b, loc, x, 16);
  Value bits = s.bits(x);
  if (exact)
    return half.asFloat(half.truncate(s.right(bits, 16)), b.getBF16Type());
  Value rounded = s.roundedRight(bits, 16);
  Value quiet = s.right(s.either(bits, s.constant(0x400000)), 16);
  Value nan = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, x);
  return half.asFloat(half.truncate(s.pick(nan, quiet, rounded)),
                      b.getBF16Type());
}

/// The same in the upper halves. Of NaN, which is from arithmetic or of bf16,
/// these say enough, and the lower ones must not carry.
Value roundedUpperHalf(Steps &s, Value x) {
  Value bits = s.bits(x);
  Value odd = s.both(s.right(bits, 16), 1);
  Value number =
      arith::CmpFOp::create(s.b, s.loc, arith::CmpFPredicate::ORD, x, x);
  return s.pick(number, s.plus(s.plus(bits, 0x7fff), odd), bits);
}

/// f64 with `keep` significant bits, the last of which is set where others were
/// cut: with two bits more than the type that it is rounded to afterwards,
/// also through f32, it is rounded once.
Value sticky(OpBuilder &b, Location loc, Value x, int keep) {
  Steps s(b, loc, x, 64);
  int64_t cut = (int64_t(1) << (53 - keep)) - 1;
  Value bits = s.bits(x);
  Value carry = s.plus(s.both(bits, cut), cut);
  return s.asFloat(s.both(s.either(bits, carry), ~cut), b.getF64Type());
}

/// f64 in f32, so that a second rounding, to the type, does no harm.
Value throughF32(OpBuilder &b, Location loc, Value x, FloatType to) {
  Type f32 = withElement(x.getType(), b.getF32Type());
  if (to.getWidth() < 32)
    x = sticky(b, loc, x, to.getFPMantissaWidth() + 2);
  return arith::TruncFOp::create(b, loc, f32, x);
}

} // namespace

Value mlir::act::extendFloat(OpBuilder &b, Location loc, Value x,
                             FloatType to) {
  Type from = getElementTypeOrSelf(x.getType());
  if (from == to)
    return x;
  if (isF8(from)) {
    x = fromF8(b, loc, x);
  } else if (from.isBF16()) {
    // The upper half of an f32.
    Value half = Steps(b, loc, x, 16).bits(x);
    Steps s(b, loc, x, 32);
    x = s.asFloat(s.left(s.extend(half), 16), b.getF32Type());
  }
  Type type = withElement(x.getType(), to);
  if (x.getType() == type)
    return x;
  if (to.getWidth() < 32) // f8 to f16 or bf16, exact
    return truncateFloat(b, loc, x, to);
  return arith::ExtFOp::create(b, loc, type, x);
}

Value mlir::act::truncateFloat(OpBuilder &b, Location loc, Value x,
                               FloatType to, bool exact) {
  auto from = cast<FloatType>(getElementTypeOrSelf(x.getType()));
  if (from == to)
    return x;
  if (from.getWidth() < 32)
    x = extendFloat(b, loc, x, b.getF32Type());
  Type f32 = withElement(x.getType(), b.getF32Type());
  if (from.isF64())
    x = throughF32(b, loc, x, to);
  if (to.isF32())
    return x;
  if (to.isF16())
    return arith::TruncFOp::create(b, loc, withElement(f32, to), x);
  return to.isBF16() ? toBF16(b, loc, x, exact) : toF8(b, loc, x, to);
}

bool mlir::act::areInPairs(TypeRange types) {
  return llvm::all_of(types, [](Type type) {
    auto vector = dyn_cast<VectorType>(type);
    return vector && vector.getElementType().isBF16() &&
           vector.getRank() == 1 && !vector.isScalable() &&
           vector.getDimSize(0) % 2 == 0;
  });
}

Value mlir::act::computeInPairs(OpBuilder &b, Location loc, ValueRange operands,
                                bool exact,
                                llvm::function_ref<Value(ValueRange)> compute) {
  auto type = cast<VectorType>(operands.front().getType());
  auto pairs = VectorType::get(type.getDimSize(0) / 2, b.getI32Type());
  SmallVector<Value> even, odd;
  for (Value operand : operands) {
    Value bits = vector::BitCastOp::create(b, loc, pairs, operand);
    Steps s(b, loc, bits, 32);
    even.push_back(s.asFloat(s.left(bits, 16), b.getF32Type()));
    odd.push_back(s.asFloat(s.both(bits, kUpperHalf), b.getF32Type()));
  }
  auto upperHalf = [&](ValueRange numbers) {
    Value y = compute(numbers);
    if (getElementTypeOrSelf(y.getType()).isF64())
      y = throughF32(b, loc, y, b.getBF16Type());
    Steps s(b, loc, y, 32);
    return exact ? s.bits(y) : roundedUpperHalf(s, y);
  };
  Value low = upperHalf(even), high = upperHalf(odd);
  Steps s(b, loc, low, 32);
  Value joined = s.either(s.right(low, 16), s.both(high, kUpperHalf));
  return vector::BitCastOp::create(b, loc, type, joined);
}
