// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GPUAccessChecks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
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
  /// The executor's own operations say what they use.
  bool touches = true;
  /// As many lanes, where that is not a constant.
  Value count = {};
};

/// The elements of one row of a matrix.
constexpr int64_t kMatrixRow = 8;

SmallVector<Access, 1> accessesOf(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return {{load.getMemRef(), load.getIndices(), 1, false}};
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return {{store.getMemRef(), store.getIndices(), 1, true}};
  if (auto load = dyn_cast<vector::LoadOp>(op))
    return {{load.getBase(), load.getIndices(),
             load.getVectorType().getNumElements(), false}};
  if (auto store = dyn_cast<vector::StoreOp>(op))
    return {{store.getBase(), store.getIndices(),
             store.getVectorType().getNumElements(), true}};
  if (auto load = dyn_cast<nvgpu::LdMatrixOp>(op))
    return {{load.getSrcMemref(), load.getIndices(), kMatrixRow, false,
             /*touches=*/false}};
  if (auto copy = dyn_cast<nvgpu::DeviceAsyncCopyOp>(op)) {
    int64_t elements = copy.getDstElements().getSExtValue();
    return {{copy.getDst(), copy.getDstIndices(), elements, true,
             /*touches=*/false},
            {copy.getSrc(), copy.getSrcIndices(), elements, false,
             /*touches=*/false, copy.getSrcElements()}};
  }
  return {};
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
        last = arith::AddIOp::create(b, loc, position, beyondFirst(access));
      checkBounds(last, b.createOrFold<memref::DimOp>(loc, access.memory, dim),
                  access.count);
    }
    auto type = cast<MemRefType>(access.memory.getType());
    if (access.touches &&
        gpu::GPUDialect::isWorkgroupMemoryAddressSpace(type.getMemorySpace()))
      reportTouch(access, type);
  }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value integer(Value position) {
    return arith::IndexCastOp::create(b, loc, b.getI64Type(), position);
  }

  /// How far the last element is from the first one.
  Value beyondFirst(const Access &access) {
    if (!access.count)
      return index(access.lanes - 1);
    return arith::SubIOp::create(b, loc, access.count, index(1));
  }

  /// An access to no elements, `count` of them, may be anywhere.
  void checkBounds(Value position, Value extent, Value count) {
    Value beyond = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge,
                                         position, extent);
    if (count)
      beyond = arith::AndIOp::create(
          b, loc, beyond,
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, count,
                                index(0)));
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
    for (const Access &access : accessesOf(op))
      accesses.push_back({op, access});
  });
  for (auto &[op, access] : accesses)
    checker.check(op, access);
}
