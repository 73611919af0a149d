// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/ConstantArguments.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;

bool mlir::act::isConstantArgument(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return false;
  auto function =
      dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
  unsigned i = argument.getArgNumber();
  return function && (function.getArgAttr(i, kConstantAttr) ||
                      function.getArgAttr(i, kPreparedAttr));
}
