// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Divisions in f32 on targets that divide slowly but have an approximate
// reciprocal.

#ifndef ACT_MLIR_NUMERICS_DIVISION_H
#define ACT_MLIR_NUMERICS_DIVISION_H

namespace mlir::act::numerics {

/// a / d, off by 2^-23.9 of it at most, from a number next to 1 / d: within one
/// place of f32. A zero keeps its sign since the residual is negated.
template <class N>
N nearQuotient(N a, N d, N reciprocal) {
  N q = a * reciprocal;
  return fma(-fma(q, d, -a), reciprocal, q);
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_DIVISION_H
