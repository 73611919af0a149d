// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GPUAccessChecks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::act;

namespace {

/// One access to memory: elements side by side along the last dimension.
struct Access {
  Value memory;
  ValueRange at;
  int64_t lanes = 1;
  bool writes = false;
};

std::optional<Access> accessOf(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return Access{load.getMemRef(), load.getIndices(), 1, false};
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return Access{store.getMemRef(), store.getIndices(), 1, true};
  if (auto load = dyn_cast<vector::LoadOp>(op))
    return Access{load.getBase(), load.getIndices(),
                  load.getVectorType().getNumElements(), false};
  if (auto store = dyn_cast<vector::StoreOp>(op))
    return Access{store.getBase(), store.getIndices(),
                  store.getVectorType().getNumElements(), true};
  return std::nullopt;
}

class Checker {
public:
  Checker(OpBuilder b, LLVM::LLVMFuncOp outside, LLVM::LLVMFuncOp touch)
      : b(b), outside(outside), touch(touch) {}

  void check(Operation *op, const Access &access) {
    b.setInsertionPoint(op);
    loc = op->getLoc();
    for (auto [dim, position] : llvm::enumerate(access.at)) {
      Value last = position;
      if (dim + 1 == access.at.size() && access.lanes > 1)
        last = arith::AddIOp::create(b, loc, position, index(access.lanes - 1));
      checkBounds(last, b.createOrFold<memref::DimOp>(loc, access.memory, dim));
    }
    auto type = cast<MemRefType>(access.memory.getType());
    if (gpu::GPUDialect::isWorkgroupMemoryAddressSpace(type.getMemorySpace()))
      reportTouch(access, type);
  }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value integer(Value position) {
    return arith::IndexCastOp::create(b, loc, b.getI64Type(), position);
  }

  void checkBounds(Value position, Value extent) {
    Value beyond = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge,
                                         position, extent);
    auto guard = scf::IfOp::create(b, loc, beyond, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard inside(b);
    b.setInsertionPointToStart(guard.thenBlock());
    LLVM::CallOp::create(b, loc, outside,
                         ValueRange{integer(position), integer(extent)});
  }

  void reportTouch(const Access &access, MemRefType type) {
    int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    Value address =
        memref::ExtractAlignedPointerAsIndexOp::create(b, loc, access.memory);
    // Workgroup memory and views of it are contiguous.
    Value element = index(0);
    for (auto [position, extent] : llvm::zip(access.at, type.getShape()))
      element = arith::AddIOp::create(
          b, loc, arith::MulIOp::create(b, loc, element, index(extent)),
          position);
    address = arith::AddIOp::create(
        b, loc, address, arith::MulIOp::create(b, loc, element, index(bytes)));
    Value writes =
        LLVM::ConstantOp::create(b, loc, b.getI32IntegerAttr(access.writes));
    LLVM::CallOp::create(b, loc, touch,
                         ValueRange{integer(address),
                                    integer(index(access.lanes * bytes)),
                                    writes});
  }

  OpBuilder b;
  Location loc = b.getUnknownLoc();
  LLVM::LLVMFuncOp outside, touch;
};

} // namespace

void mlir::act::checkAccesses(func::FuncOp code, LLVM::LLVMFuncOp outside,
                              LLVM::LLVMFuncOp touch) {
  Checker checker(OpBuilder(code), outside, touch);
  SmallVector<std::pair<Operation *, Access>> accesses;
  code.walk([&](Operation *op) {
    if (std::optional<Access> access = accessOf(op))
      accesses.push_back({op, *access});
  });
  for (auto &[op, access] : accesses)
    checker.check(op, access);
}
