// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::act {
#define GEN_PASS_DEF_OUTLINEPARALLEL
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {
struct OutlineParallelPass
    : public act::impl::OutlineParallelBase<OutlineParallelPass> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk([&](scf::ParallelOp loop) { loops.push_back(loop); });
    if (loops.empty())
      return;
    SymbolTable symbols(getOperation());
    for (scf::ParallelOp loop : loops) {
      if (loop.getNumLoops() != 1 || loop.getNumReductions() != 0 ||
          !isConstantIntValue(loop.getLowerBound().front(), 0) ||
          !isConstantIntValue(loop.getStep().front(), 1)) {
        loop.emitOpError("must be one loop from 0 in steps of 1, without "
                         "reductions");
        return signalPassFailure();
      }
      outline(loop, symbols);
    }
  }

private:
  Value cast(OpBuilder &b, Location loc, Value value, Type type) {
    if (value.getType() == type)
      return value;
    return UnrealizedConversionCastOp::create(b, loc, type, value).getResult(0);
  }

  void outline(scf::ParallelOp loop, SymbolTable &symbols) {
    MLIRContext *context = &getContext();
    Location loc = loop.getLoc();
    OpBuilder b(loop);
    LLVMTypeConverter types(context);
    Type pointer = LLVM::LLVMPointerType::get(context);
    Type i64 = b.getI64Type();

    // What the body captures; constants are made again inside.
    llvm::SetVector<Value> used;
    getUsedValuesDefinedAbove(loop.getRegion(), used);
    SmallVector<Value> captured;
    SmallVector<Operation *> constants;
    SmallVector<Type> fields;
    for (Value value : used) {
      Operation *op = value.getDefiningOp();
      if (op && op->hasTrait<OpTrait::ConstantLike>()) {
        constants.push_back(op);
        continue;
      }
      captured.push_back(value);
      fields.push_back(types.convertType(value.getType()));
    }
    Type record = LLVM::LLVMStructType::getLiteral(context, fields);

    auto parent = loop->getParentOfType<func::FuncOp>();
    auto body =
        func::FuncOp::create(loc, (parent.getName() + "_body").str(),
                             b.getFunctionType({pointer, i64}, TypeRange()));
    body.setPrivate();
    body->setAttr("llvm.linkage",
                  LLVM::LinkageAttr::get(context, LLVM::Linkage::Internal));
    symbols.insert(body, ++Block::iterator(parent));
    Block *entry = body.addEntryBlock();
    b.setInsertionPointToStart(entry);
    IRMapping mapping;
    for (Operation *op : constants)
      b.clone(*op, mapping);
    auto field = [&](Value base, size_t i) -> Value {
      return LLVM::GEPOp::create(
          b, loc, pointer, record, base,
          ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    };
    for (auto [i, value] : llvm::enumerate(captured)) {
      Value loaded = LLVM::LoadOp::create(b, loc, fields[i],
                                          field(entry->getArgument(0), i));
      mapping.map(value, cast(b, loc, loaded, value.getType()));
    }
    mapping.map(loop.getInductionVars().front(),
                arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                           entry->getArgument(1)));
    for (Operation &op : loop.getBody()->without_terminator())
      b.clone(op, mapping);
    func::ReturnOp::create(b, loc);

    // The context lives on the stack of the entry point, once for all calls.
    auto run = symbols.lookup<LLVM::LLVMFuncOp>("act_parallel_run");
    if (!run) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(getOperation().getBody());
      run = LLVM::LLVMFuncOp::create(
          b, loc, "act_parallel_run",
          LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                      {i64, pointer, pointer}));
      symbols.insert(run);
    }
    b.setInsertionPointToStart(&parent.getBody().front());
    Value one = arith::ConstantIntOp::create(b, loc, 1, 64);
    Value memory = LLVM::AllocaOp::create(b, loc, pointer, record, one);
    b.setInsertionPoint(loop);
    for (auto [i, value] : llvm::enumerate(captured))
      LLVM::StoreOp::create(b, loc, cast(b, loc, value, fields[i]),
                            field(memory, i));
    Value count =
        arith::IndexCastOp::create(b, loc, i64, loop.getUpperBound().front());
    // A func.func has no address yet; its LLVM function will have this name.
    Value address = UnrealizedConversionCastOp::create(
                        b, loc, pointer,
                        func::ConstantOp::create(b, loc, body.getFunctionType(),
                                                 body.getName())
                            .getResult())
                        .getResult(0);
    LLVM::CallOp::create(b, loc, run, ValueRange{count, address, memory});
    loop.erase();
  }
};
} // namespace
