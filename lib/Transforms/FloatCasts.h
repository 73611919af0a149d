// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Conversions between floating-point types as compiled code does them: one
// rounding, the same bits on every target.

#ifndef ACT_LIB_TRANSFORMS_FLOATCASTS_H
#define ACT_LIB_TRANSFORMS_FLOATCASTS_H

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::act {

/// The scalar or vector type with another element type.
Type withElement(Type type, Type element);

/// True for f8E4M3FN and f8E5M2, of which LLVM knows nothing.
bool isF8(Type type);

/// x in a wider type; exact.
Value extendFloat(OpBuilder &b, Location loc, Value x, FloatType to);

/// x in a narrower type, rounded once, to nearest and ties to even. f8E4M3FN
/// saturates; other types overflow to infinity; NaN stays NaN. Of a number that
/// the narrower type has, it is enough to cut what is zero: `exact`.
Value truncateFloat(OpBuilder &b, Location loc, Value x, FloatType to,
                    bool exact = false);

/// Whether values of these types are vectors of bf16 in whole pairs.
bool areInPairs(TypeRange types);

/// What `compute` makes of f32 or f64 numbers in each lane, on vectors of bf16
/// in pairs: a pair is 32 bits, of which a mask and a shift make its numbers in
/// f32. So one vector has the odd lanes and one the even ones, and no lane
/// moves. Its NaN are those of the operands and what arithmetic makes.
Value computeInPairs(OpBuilder &b, Location loc, ValueRange operands,
                     bool exact, llvm::function_ref<Value(ValueRange)> compute);

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_FLOATCASTS_H
