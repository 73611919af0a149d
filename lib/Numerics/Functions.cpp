// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Functions.h"

const char *mlir::act::numerics::name(Function function) {
  switch (function) {
#define X(id, mnemonic, operands)                                              \
  case Function::id:                                                           \
    return mnemonic;
    ACT_ACTIVATIONS(X)
    ACT_MATH_FUNCTIONS(X)
#undef X
#define X(id, mnemonic, operands)                                              \
  case Function::id##Grad:                                                     \
    return mnemonic "_grad";
    ACT_ACTIVATIONS(X)
#undef X
  case Function::PreluSlopeGrad:
    return "prelu_slope_grad";
  }
  return "";
}
