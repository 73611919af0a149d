// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The host's part of a GPU program: launches become calls of the runtime
// (lib/Runtime/Cuda.c), which has the kernels by their numbers.

#include "act-mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::act {
#define GEN_PASS_DEF_CONVERTGPULAUNCHESTOCALLS
#include "act-mlir/Conversion/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

class CallConverter {
public:
  explicit CallConverter(ModuleOp module)
      : module(module), b(module.getBodyRegion()) {}

  LogicalResult run();

private:
  int64_t numberOf(StringRef kernel);
  Value parameter(Location loc, Value operand);
  void convert(gpu::LaunchFuncOp op);
  Value toI64(Location loc, Value value) {
    return arith::IndexCastOp::create(b, loc, b.getI64Type(), value);
  }

  ModuleOp module;
  OpBuilder b;
  LLVM::LLVMFuncOp launch;
  SmallVector<Attribute> names;
};

/// Kernels count in the order of their first launches.
int64_t CallConverter::numberOf(StringRef kernel) {
  auto name = b.getStringAttr(kernel);
  auto *found = llvm::find(names, name);
  if (found == names.end()) {
    names.push_back(name);
    return names.size() - 1;
  }
  return found - names.begin();
}

/// What the kernel's parameter holds: a memref of rank 0 is an address, an
/// index 64 bits.
Value CallConverter::parameter(Location loc, Value operand) {
  if (isa<MemRefType>(operand.getType()))
    operand = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, operand);
  return operand.getType().isIndex() ? toI64(loc, operand) : operand;
}

void CallConverter::convert(gpu::LaunchFuncOp op) {
  Location loc = op.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  auto i64 = b.getI64Type();
  b.setInsertionPoint(op);
  SmallVector<Value> values;
  SmallVector<Type> types;
  for (Value operand : op.getKernelOperands()) {
    values.push_back(parameter(loc, operand));
    types.push_back(values.back().getType());
  }
  auto record = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
  auto array = LLVM::LLVMArrayType::get(pointer, values.size());
  // On the stack of the function, not of a loop in it.
  OpBuilder entry = OpBuilder::atBlockBegin(
      &op->getParentOfType<func::FuncOp>().getBody().front());
  Value one = LLVM::ConstantOp::create(entry, loc, i64, 1);
  Value slots = LLVM::AllocaOp::create(entry, loc, pointer, record, one);
  Value pointers = LLVM::AllocaOp::create(entry, loc, pointer, array, one);
  for (auto [i, value] : llvm::enumerate(values)) {
    SmallVector<LLVM::GEPArg> at = {0, int32_t(i)};
    Value slot = LLVM::GEPOp::create(b, loc, pointer, record, slots, at);
    LLVM::StoreOp::create(b, loc, value, slot);
    Value to = LLVM::GEPOp::create(b, loc, pointer, array, pointers, at);
    LLVM::StoreOp::create(b, loc, slot, to);
  }
  Value number = LLVM::ConstantOp::create(
      b, loc, i64, numberOf(op.getKernelName().getValue()));
  LLVM::CallOp::create(b, loc, launch,
                       ValueRange{number, toI64(loc, op.getGridSizeX()),
                                  toI64(loc, op.getBlockSizeX()), pointers});
  op.erase();
}

LogicalResult CallConverter::run() {
  SmallVector<gpu::LaunchFuncOp> launches;
  LogicalResult result = success();
  for (auto func : module.getOps<func::FuncOp>())
    func.walk([&](Operation *op) {
      if (auto launched = dyn_cast<gpu::LaunchFuncOp>(op))
        launches.push_back(launched);
      // The host has the addresses of tensors, not their contents.
      else if (isa<memref::LoadOp, memref::StoreOp, memref::CopyOp,
                   vector::LoadOp, vector::StoreOp, vector::MaskedLoadOp,
                   vector::MaskedStoreOp>(op))
        result = op->emitOpError("reads or writes a tensor on the host, which "
                                 "has no access to a device's memory");
    });
  if (failed(result))
    return failure();
  b.setInsertionPointToStart(module.getBody());
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  Type i64 = b.getI64Type();
  launch = LLVM::LLVMFuncOp::create(
      b, module.getLoc(), "act_cuda_launch",
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                  {i64, i64, i64, pointer}));
  for (gpu::LaunchFuncOp op : launches)
    convert(op);
  for (Operation &op : llvm::make_early_inc_range(module.getOps()))
    if (isa<gpu::GPUModuleOp, gpu::BinaryOp>(op))
      op.erase();
  module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  module->setAttr(kGPUKernelsAttr, b.getArrayAttr(names));
  return success();
}

struct ConvertGPULaunchesToCallsPass
    : public act::impl::ConvertGPULaunchesToCallsBase<
          ConvertGPULaunchesToCallsPass> {
  void runOnOperation() override {
    if (failed(CallConverter(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
