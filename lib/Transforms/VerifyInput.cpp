// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Analysis/CallGraph.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::act {
#define GEN_PASS_DEF_VERIFYINPUT
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {

constexpr int64_t kMaxVectorElements = 4096;

/// Elements are counted with at least one for each dynamic extent.
bool overflows(ShapedType type) {
  if (!type.hasRank() || !type.getElementType().isIntOrFloat())
    return false;
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  bool empty = llvm::is_contained(type.getShape(), 0);
  for (int64_t extent : type.getShape())
    if (!empty && !ShapedType::isDynamic(extent) &&
        llvm::MulOverflow(bytes, extent, bytes))
      return true;
  return false;
}

struct VerifyInputPass : public act::impl::VerifyInputBase<VerifyInputPass> {
  void runOnOperation() override {
    bool broken = false;
    getOperation().walk([&](Operation *op) {
      for (Type type : op->getResultTypes())
        broken |= failed(verifyType(op->getLoc(), type));
      for (Region &region : op->getRegions())
        for (Block &block : region)
          for (BlockArgument argument : block.getArguments())
            broken |= failed(verifyType(argument.getLoc(), argument.getType()));
      if (auto call = dyn_cast<func::CallOp>(op))
        broken |= failed(verifyCall(call));
    });
    if (!broken)
      broken = failed(verifyNoRecursion());
    if (broken)
      signalPassFailure();
  }

private:
  LogicalResult verifyType(Location loc, Type type) {
    auto shaped = dyn_cast<ShapedType>(type);
    if (!shaped)
      return success();
    if (overflows(shaped))
      return emitError(loc, "size of ") << type << " exceeds 2^63-1 bytes";
    auto vector = dyn_cast<VectorType>(type);
    if (!vector)
      return success();
    if (vector.isScalable())
      return emitError(loc, "scalable vectors need SVE, which is no target "
                            "yet, got ")
             << type;
    if (vector.getNumElements() > kMaxVectorElements)
      return emitError(loc) << "vector too large: " << type << " has "
                            << vector.getNumElements()
                            << " elements, the limit is " << kMaxVectorElements;
    return success();
  }

  LogicalResult verifyCall(func::CallOp call) {
    auto callee = getOperation().lookupSymbol<func::FuncOp>(call.getCallee());
    if (callee && callee.isDeclaration())
      return call.emitError("call of '")
             << call.getCallee() << "', which has no body";
    return success();
  }

  LogicalResult verifyNoRecursion() {
    const CallGraph graph(getOperation());
    for (auto it = llvm::scc_begin(&graph); !it.isAtEnd(); ++it)
      if (it.hasCycle())
        for (CallGraphNode *node : *it)
          if (!node->isExternal())
            return emitError(node->getCallableRegion()->getLoc(),
                             "recursive call of '")
                   << cast<func::FuncOp>(
                          node->getCallableRegion()->getParentOp())
                          .getName()
                   << "'";
    return success();
  }
};

} // namespace
