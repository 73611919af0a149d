// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::act {
#define GEN_PASS_DEF_PACKENTRY
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {
struct PackEntryPass : public act::impl::PackEntryBase<PackEntryPass> {
  void runOnOperation() override {
    SmallVector<LLVM::LLVMFuncOp> wrappers;
    for (auto func : getOperation().getOps<LLVM::LLVMFuncOp>())
      if (func.getName().starts_with("_mlir_ciface_"))
        wrappers.push_back(func);
    // What the attributes of arguments say is in the model's interface by now;
    // the translation to LLVM IR would warn about each.
    for (auto func : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      func.removeArgAttrsAttr();
      func.removeResAttrsAttr();
    }
    for (LLVM::LLVMFuncOp func : wrappers)
      pack(func);
  }

  void pack(LLVM::LLVMFuncOp func) {
    OpBuilder b(func);
    Location loc = func.getLoc();
    StringRef name = func.getName();
    name.consume_front("_mlir_ciface_");
    auto pointer = LLVM::LLVMPointerType::get(b.getContext());
    auto packed = LLVM::LLVMFuncOp::create(
        b, loc, ("act_" + name).str(),
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                    pointer));
    Block *block = packed.addEntryBlock(b);
    b.setInsertionPointToStart(block);
    SmallVector<Value> arguments;
    LLVM::LLVMFunctionType type = func.getFunctionType();
    auto argument = [&](unsigned i) -> Value {
      Value at =
          LLVM::GEPOp::create(b, loc, pointer, pointer, block->getArgument(0),
                              ArrayRef<LLVM::GEPArg>{int32_t(i)});
      return LLVM::LoadOp::create(b, loc, pointer, at);
    };
    // Every argument of a C interface is a pointer to a descriptor; a result
    // of several values comes through a pointer that goes first.
    for (unsigned i = 0; i < type.getNumParams(); ++i) {
      Value value = argument(i);
      if (!isa<LLVM::LLVMPointerType>(type.getParamType(i)))
        value = LLVM::LoadOp::create(b, loc, type.getParamType(i), value);
      arguments.push_back(value);
    }
    auto call = LLVM::CallOp::create(b, loc, func, arguments);
    if (call.getNumResults() == 1)
      LLVM::StoreOp::create(b, loc, call.getResult(),
                            argument(type.getNumParams()));
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }
};
} // namespace
