// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Conversions between floating-point types as compiled code does them: one
// rounding, the same bits on every target.

#ifndef ACT_LIB_TRANSFORMS_FLOATCASTS_H
#define ACT_LIB_TRANSFORMS_FLOATCASTS_H

#include "mlir/IR/Builders.h"

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

} // namespace mlir::act

#endif // ACT_LIB_TRANSFORMS_FLOATCASTS_H
