// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Tails on targets that cannot mask a memory access: by way of a buffer on the
// stack, so that what is computed stays a vector.

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::act {
#define GEN_PASS_DEF_EMULATEMASKS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {

/// How many lanes from the first on exist; null for a mask of another form.
Value countLanes(OpBuilder &b, Location loc, Value mask) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto type = cast<VectorType>(mask.getType());
  if (type.getRank() != 1 || type.isScalable())
    return {};
  if (auto fixed = mask.getDefiningOp<vector::ConstantMaskOp>())
    return constant(fixed.getMaskDimSizes()[0]);
  auto created = mask.getDefiningOp<vector::CreateMaskOp>();
  if (!created)
    return {};
  // The mask's number may lie outside of the vector.
  Value count =
      arith::MaxSIOp::create(b, loc, created.getOperand(0), constant(0));
  return arith::MinSIOp::create(b, loc, count, constant(type.getDimSize(0)));
}

/// A vector's place on the stack of the function around an operation: not in a
/// loop, where it would grow.
Value makeBuffer(Operation *op, VectorType type) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  OpBuilder b = OpBuilder::atBlockBegin(&function.getFunctionBody().front());
  auto memory = MemRefType::get(type.getShape(), type.getElementType());
  return memref::AllocaOp::create(b, op->getLoc(), memory,
                                  b.getI64IntegerAttr(64));
}

/// `element(i)` for the lanes that exist.
void forLanes(OpBuilder &b, Location loc, Value count,
              function_ref<void(OpBuilder &, Value)> element) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  auto loop = scf::ForOp::create(b, loc, zero, count, one);
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  element(inner, loop.getInductionVar());
}

/// The indices of a lane's element.
SmallVector<Value> indicesOf(OpBuilder &b, Location loc, ValueRange first,
                             Value lane) {
  SmallVector<Value> indices(first);
  indices.back() = arith::AddIOp::create(b, loc, indices.back(), lane);
  return indices;
}

struct EmulateMasksPass : public act::impl::EmulateMasksBase<EmulateMasksPass> {
  using EmulateMasksBase::EmulateMasksBase;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (auto load = dyn_cast<vector::MaskedLoadOp>(op)) {
        if (!isMaskable(load.getMemRefType()))
          ops.push_back(op);
      } else if (auto store = dyn_cast<vector::MaskedStoreOp>(op)) {
        if (!isMaskable(store.getMemRefType()))
          ops.push_back(op);
      }
    });
    for (Operation *op : ops)
      if (auto load = dyn_cast<vector::MaskedLoadOp>(op))
        rewrite(load);
      else
        rewrite(cast<vector::MaskedStoreOp>(op));
  }

private:
  bool isMaskable(MemRefType type) {
    Type element = type.getElementType();
    return maskBits > 0 && element.isIntOrFloat() &&
           element.getIntOrFloatBitWidth() >= unsigned(maskBits);
  }

  static void rewrite(vector::MaskedLoadOp op) {
    OpBuilder b(op);
    Location loc = op.getLoc();
    Value count = countLanes(b, loc, op.getMask());
    if (!count)
      return;
    Value buffer = makeBuffer(op, op.getVectorType());
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    vector::StoreOp::create(b, loc, op.getPassThru(), buffer, zero);
    forLanes(b, loc, count, [&](OpBuilder &b, Value lane) {
      Value element = memref::LoadOp::create(
          b, loc, op.getBase(), indicesOf(b, loc, op.getIndices(), lane));
      memref::StoreOp::create(b, loc, element, buffer, lane);
    });
    op.replaceAllUsesWith(
        vector::LoadOp::create(b, loc, op.getVectorType(), buffer, zero)
            .getResult());
    op.erase();
  }

  static void rewrite(vector::MaskedStoreOp op) {
    OpBuilder b(op);
    Location loc = op.getLoc();
    Value count = countLanes(b, loc, op.getMask());
    if (!count)
      return;
    Value buffer = makeBuffer(op, op.getVectorType());
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    vector::StoreOp::create(b, loc, op.getValueToStore(), buffer, zero);
    forLanes(b, loc, count, [&](OpBuilder &b, Value lane) {
      Value element = memref::LoadOp::create(b, loc, buffer, lane);
      memref::StoreOp::create(b, loc, element, op.getBase(),
                              indicesOf(b, loc, op.getIndices(), lane));
    });
    op.erase();
  }
};

} // namespace
