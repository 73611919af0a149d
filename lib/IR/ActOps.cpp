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

/// Tensors and memrefs of one element type and rank stand for each other.
static bool correspond(Type outside, Type inside) {
  auto from = dyn_cast<ShapedType>(outside), to = dyn_cast<ShapedType>(inside);
  if (!from || !to || !from.hasRank() || !to.hasRank() ||
      isa<VectorType>(outside) || isa<VectorType>(inside))
    return outside == inside;
  return from.getElementType() == to.getElementType() &&
         from.getRank() == to.getRank();
}

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getNumOperands())
    return emitOpError("has ") << getNumOperands() << " operands, but its body "
                               << block.getNumArguments() << " arguments";
  for (auto [operand, argument] :
       llvm::zip(getOperands(), block.getArguments()))
    if (!correspond(operand.getType(), argument.getType()))
      return emitOpError("operand of type ")
             << operand.getType() << " does not match the body's argument of "
             << argument.getType();
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  auto yield = dyn_cast<YieldOp>(getBody().front().getTerminator());
  if (!yield || yield.getValues().size() != getOutputs().size())
    return emitOpError("must yield one value for each of its ")
           << getOutputs().size() << " outs operands";
  for (auto [output, value] : llvm::zip(getOutputs(), yield.getValues()))
    if (!correspond(output.getType(), value.getType()))
      return yield.emitOpError("value of type ")
             << value.getType() << " does not match the outs operand of "
             << output.getType();
  return success();
}

#define GET_OP_CLASSES
#include "act-mlir/IR/ActOps.cpp.inc"
