// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Inputs of 16 bits whose results the kernels in f32 look up.

#ifndef ACT_TEST_NUMERICS_EXCEPTIONS_H
#define ACT_TEST_NUMERICS_EXCEPTIONS_H

namespace mlir::act::numerics {

/// Writes SingleExceptions.inc to standard output.
void printExceptions();

} // namespace mlir::act::numerics

#endif // ACT_TEST_NUMERICS_EXCEPTIONS_H
