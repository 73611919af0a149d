// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Registers everything that the project has: what each front end calls.

#ifndef ACT_MLIR_INITALL_H
#define ACT_MLIR_INITALL_H

namespace mlir {
class DialectRegistry;
namespace act {

/// The `act` dialect and its external models, without upstream's dialects.
void registerAllDialects(DialectRegistry &registry);

/// The passes and the pipelines.
void registerAllPasses();

} // namespace act
} // namespace mlir

#endif // ACT_MLIR_INITALL_H
