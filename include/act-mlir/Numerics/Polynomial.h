// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Horner's scheme, over the number types of the kernels.

#ifndef ACT_MLIR_NUMERICS_POLYNOMIAL_H
#define ACT_MLIR_NUMERICS_POLYNOMIAL_H

namespace mlir::act::numerics {

/// The polynomial without its first terms, divided by x^first.
template <int first = 0, class N, int size>
N polynomial(const double (&coefficients)[size], N x) {
  N result = x.constant(coefficients[size - 1]);
  for (int i = size - 2; i >= first; --i)
    result = fma(result, x, x.constant(coefficients[i]));
  return result;
}

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_POLYNOMIAL_H
