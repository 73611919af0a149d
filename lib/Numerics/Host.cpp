// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"

double mlir::act::numerics::evaluate(Function function, const double *parameters,
                               const double *operands) {
  HostF64 args[3] = {{operands[0]}, {0}, {0}};
  unsigned count = 1;
  if (function >= Function::ReluGrad || function == Function::Prelu)
    count = 2;
  if (function == Function::PreluGrad || function == Function::PreluSlopeGrad)
    count = 3;
  for (unsigned i = 1; i < count; ++i)
    args[i].v = operands[i];
  return Kernels<HostF64>(args[0]).evaluate(function, parameters, args).v;
}
