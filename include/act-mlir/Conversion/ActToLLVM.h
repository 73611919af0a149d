// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the stock convert-to-llvm needs to take act operations.

#ifndef ACT_MLIR_CONVERSION_ACTTOLLVM_H
#define ACT_MLIR_CONVERSION_ACTTOLLVM_H

namespace mlir {
class DialectRegistry;
namespace act {

/// Lets `convert-to-llvm` take elementwise act operations on scalars and
/// vectors: each becomes its kernel (Transforms/Expansion.h) with the accuracy
/// that it states, `precise` where it states none. Those on tensors stay, which
/// a full conversion reports.
void registerConvertToLLVMInterface(DialectRegistry &registry);

} // namespace act
} // namespace mlir

#endif // ACT_MLIR_CONVERSION_ACTTOLLVM_H
