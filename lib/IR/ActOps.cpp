// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Parameters.h"
#include "act-mlir/IR/Act.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace mlir::act;

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

void KernelOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand,
                         SideEffects::DefaultResource::get());
    if (isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getNumOperands())
    return emitOpError("has ") << getNumOperands() << " operands, but its body "
                               << block.getNumArguments() << " arguments";
  for (auto [operand, argument] :
       llvm::zip(getOperands(), block.getArguments())) {
    auto outside = dyn_cast<ShapedType>(operand.getType());
    auto inside = dyn_cast<ShapedType>(argument.getType());
    bool same = outside && inside
                    ? outside.getElementType() == inside.getElementType() &&
                          outside.getRank() == inside.getRank()
                    : operand.getType() == argument.getType();
    if (!same)
      return emitOpError("operand of type ")
             << operand.getType() << " does not match the body's argument of "
             << argument.getType();
  }
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getValues().size() != getOutputs().size())
    return emitOpError("must yield one value for each of its ")
           << getOutputs().size() << " outs operands";
  return success();
}

#define GET_OP_CLASSES
#include "act-mlir/IR/ActOps.cpp.inc"
