// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_LIB_PACKING_COPYKERNEL_H
#define ACT_LIB_PACKING_COPYKERNEL_H

#include "act-mlir/IR/Act.h"

namespace mlir::act {

/// An element as a value of a type, which is its own or a wider one.
Value widened(OpBuilder &b, Location loc, Value value, Type type);

/// A kernel that puts elements of `source`, as `reads` says, where `writes`
/// says, in the type of `init`.
Value copyKernel(OpBuilder &b, Location loc, Value source, Value init,
                 AffineMap reads, AffineMap writes);

} // namespace mlir::act

#endif // ACT_LIB_PACKING_COPYKERNEL_H
