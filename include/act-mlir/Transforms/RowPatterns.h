// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Row operations in parts, for compilers that tile and fuse by themselves.

#ifndef ACT_MLIR_TRANSFORMS_ROWPATTERNS_H
#define ACT_MLIR_TRANSFORMS_ROWPATTERNS_H

namespace mlir {
class RewritePatternSet;
namespace act {

/// %y = act.softmax %x dimension(1) : tensor<?x?xf32>  and the other operations
/// on rows become linalg.generic, as act-tile makes them inside of kernels.
void populateRowDecompositionPatterns(RewritePatternSet &patterns);

} // namespace act
} // namespace mlir

#endif // ACT_MLIR_TRANSFORMS_ROWPATTERNS_H
