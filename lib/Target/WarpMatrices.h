// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the 32 lanes of a warp do together with small matrices, as the PTX ISA
// documents it: which lane holds which element, in which register.

#ifndef ACT_LIB_TARGET_WARPMATRICES_H
#define ACT_LIB_TARGET_WARPMATRICES_H

#include <cstdint>

namespace mlir::act {

constexpr int64_t kWarpLanes = 32;

/// What a lane gives to `ldmatrix` and gets from it.
struct MatrixLoad {
  static constexpr int64_t kRowBytes = 16; ///< 8 elements of 16 bits
  const void *row;    ///< of the lane; used if it is one of the first 8 * count
  int32_t *registers; ///< of the lane, `count` of them
};

/// `ldmatrix.m8n8.x<count>[.trans].b16`.
void loadMatrices(MatrixLoad *lanes, int32_t count, bool transposed);

/// What a lane gives to `mma`; the sums are replaced by those of the product.
struct MatrixProduct {
  const int32_t *left, *right; ///< 4 and 2 registers, two elements each
  float *sums;                 ///< 4
};

/// `mma.m16n8k16.row.col.f32`, of elements in f16 or bf16. The order in which
/// devices add is not documented; here it is that of k, each step a fused
/// multiply-add.
void multiplyMatrices(MatrixProduct *lanes, bool isBFloat);

} // namespace mlir::act

#endif // ACT_LIB_TARGET_WARPMATRICES_H
