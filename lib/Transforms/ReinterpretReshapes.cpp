// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::act {
#define GEN_PASS_DEF_REINTERPRETRESHAPES
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {

/// Whether a dimension becomes several of which more than one is dynamic.
bool hasTwoDynamicExtents(memref::ExpandShapeOp op) {
  MemRefType type = op.getResultType();
  return llvm::any_of(op.getReassociationIndices(),
                      [&](ReassociationIndices at) {
                        return llvm::count_if(at, [&](int64_t d) {
                                 return type.isDynamicDim(d);
                               }) > 1;
                      });
}

OpFoldResult multiply(OpBuilder &b, Location loc, OpFoldResult lhs,
                      OpFoldResult rhs) {
  auto x = getConstantIntValue(lhs), y = getConstantIntValue(rhs);
  if (x && y)
    return b.getIndexAttr(*x * *y);
  return arith::MulIOp::create(b, loc,
                               getValueOrCreateConstantIndexOp(b, loc, lhs),
                               getValueOrCreateConstantIndexOp(b, loc, rhs))
      .getResult();
}

void rewrite(memref::ExpandShapeOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  auto source = memref::ExtractStridedMetadataOp::create(b, loc, op.getSrc());
  SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
  SmallVector<OpFoldResult> strides(sizes.size());
  auto inner = source.getConstifiedMixedStrides();
  for (auto [d, group] : llvm::enumerate(op.getReassociationIndices())) {
    OpFoldResult stride = inner[d];
    for (int64_t i : llvm::reverse(group)) {
      strides[i] = stride;
      stride = multiply(b, loc, stride, sizes[i]);
    }
  }
  auto cast = memref::ReinterpretCastOp::create(
      b, loc, op.getResultType(), source.getBaseBuffer(),
      source.getConstifiedMixedOffset(), sizes, strides);
  op.replaceAllUsesWith(cast.getResult());
  op.erase();
}

struct ReinterpretReshapesPass
    : public act::impl::ReinterpretReshapesBase<ReinterpretReshapesPass> {
  void runOnOperation() override {
    getOperation().walk([](memref::ExpandShapeOp op) {
      if (hasTwoDynamicExtents(op))
        rewrite(op);
    });
  }
};

} // namespace
