// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Parameters.h"
#include "act-mlir/IR/Act.h"

using namespace mlir;
using namespace mlir::act;

LogicalResult mlir::act::detail::verifyElementwise(ActivationOpInterface op) {
  return verifyParameters([&] { return op->emitOpError(); },
                          op->getName().stripDialect(),
                          op->getAttrDictionary());
}

OpFoldResult mlir::act::detail::foldElementwise(ActivationOpInterface op,
                                     ArrayRef<Attribute> operands) {
  // relu(relu x) = relu x, also for NaN and the sign of zero.
  if (isa<ReluOp>(op))
    if (auto inner = op->getOperand(0).getDefiningOp<ReluOp>())
      return inner.getResult();
  return {};
}
