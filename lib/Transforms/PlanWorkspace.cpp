// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::act {
#define GEN_PASS_DEF_PLANWORKSPACE
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;

namespace {

constexpr int64_t kAlignment = 64;

/// A buffer with the positions of its first and last use in the block.
struct Buffer {
  memref::AllocOp alloc;
  int64_t first, last;
  int64_t bytes = -1; // unknown where an extent is dynamic
  int64_t offset = 0;
};

/// The last position at which a buffer or a view of it is used.
int64_t lastUse(Value value, const DenseMap<Operation *, int64_t> &position,
                Block *block) {
  int64_t last = -1;
  for (Operation *user : value.getUsers()) {
    last = std::max(last, position.lookup(block->findAncestorOpInBlock(*user)));
    if (isa<ViewLikeOpInterface>(user))
      for (Value view : user->getResults())
        last = std::max(last, lastUse(view, position, block));
  }
  return last;
}

std::optional<int64_t> staticBytes(MemRefType type) {
  if (!type.hasStaticShape())
    return std::nullopt;
  return (type.getNumElements() *
              llvm::divideCeil(type.getElementTypeBitWidth(), 8) +
          kAlignment - 1) /
         kAlignment * kAlignment;
}

struct PlanWorkspacePass
    : public act::impl::PlanWorkspaceBase<PlanWorkspacePass> {
  void runOnOperation() override {
    func::FuncOp entry = act::findEntry(getOperation());
    if (!entry)
      return signalPassFailure();
    if (func::FuncOp prepare = act::findPrepare(entry))
      plan(prepare);
    plan(entry);
  }

  void plan(func::FuncOp entry) {
    Block *block = &entry.getBody().front();
    DenseMap<Operation *, int64_t> position;
    int64_t next = 0;
    for (Operation &op : *block)
      position[&op] = next++;

    SmallVector<Buffer> fixed, dynamic;
    for (auto alloc : block->getOps<memref::AllocOp>()) {
      Buffer buffer{alloc, position[alloc], lastUse(alloc, position, block)};
      if (std::optional<int64_t> bytes = staticBytes(alloc.getType())) {
        buffer.bytes = *bytes;
        fixed.push_back(buffer);
      } else {
        dynamic.push_back(buffer);
      }
    }
    // First fit, the largest first; the order is that of the program where
    // sizes are equal.
    SmallVector<Buffer *> order;
    for (Buffer &buffer : fixed)
      order.push_back(&buffer);
    llvm::sort(order, [](Buffer *a, Buffer *b) {
      return std::make_pair(-a->bytes, a->first) <
             std::make_pair(-b->bytes, b->first);
    });
    int64_t total = 0;
    SmallVector<Buffer *> placed;
    for (Buffer *buffer : order) {
      bool moved = true;
      while (moved) {
        moved = false;
        for (Buffer *other : placed) {
          bool together =
              buffer->first <= other->last && other->first <= buffer->last;
          bool overlap = buffer->offset < other->offset + other->bytes &&
                         other->offset < buffer->offset + buffer->bytes;
          if (together && overlap) {
            buffer->offset = other->offset + other->bytes;
            moved = true;
          }
        }
      }
      placed.push_back(buffer);
      total = std::max(total, buffer->offset + buffer->bytes);
    }
    rewrite(entry, fixed, dynamic, total);
  }

  void rewrite(func::FuncOp entry, MutableArrayRef<Buffer> fixed,
               MutableArrayRef<Buffer> dynamic, int64_t total) {
    OpBuilder b(entry);
    Location loc = entry.getLoc();
    auto bytesType = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
    unsigned inputs = entry.getNumArguments();
    (void)entry.insertArgument(inputs, bytesType, {}, loc);
    Value workspace = entry.getArgument(inputs);

    auto place = [&](memref::AllocOp alloc, Value offset) {
      OpBuilder at(alloc);
      Value view =
          memref::ViewOp::create(at, alloc.getLoc(), alloc.getType(), workspace,
                                 offset, alloc.getDynamicSizes());
      alloc.replaceAllUsesWith(view);
      alloc.erase();
    };
    for (Buffer &buffer : fixed) {
      OpBuilder at(buffer.alloc);
      place(buffer.alloc,
            arith::ConstantIndexOp::create(at, loc, buffer.offset));
    }
    // Buffers of dynamic size stand behind each other.
    Block *body = &entry.getBody().front();
    b.setInsertionPointToStart(body);
    Value end = arith::ConstantIndexOp::create(b, loc, total);
    for (Buffer &buffer : dynamic) {
      OpBuilder at(buffer.alloc);
      MemRefType type = buffer.alloc.getType();
      int64_t factor = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
      for (int64_t extent : type.getShape())
        if (!ShapedType::isDynamic(extent))
          factor *= extent;
      Value size = arith::ConstantIndexOp::create(at, loc, factor);
      for (Value extent : buffer.alloc.getDynamicSizes())
        size = arith::MulIOp::create(at, loc, size, extent);
      Value up = arith::ConstantIndexOp::create(at, loc, kAlignment - 1);
      Value down = arith::ConstantIndexOp::create(at, loc, -kAlignment);
      size = arith::AndIOp::create(
          at, loc, arith::AddIOp::create(at, loc, size, up), down);
      Value offset = end;
      end = arith::AddIOp::create(at, loc, end, size);
      place(buffer.alloc, offset);
    }

    // <entry>_workspace: the slice of the entry that computes the end.
    OpBuilder after(entry->getContext());
    after.setInsertionPointAfter(entry);
    SmallVector<Type> types(entry.getArgumentTypes().drop_back());
    auto helper = func::FuncOp::create(
        after, loc, (entry.getName() + "_workspace").str(),
        after.getFunctionType(types, after.getIndexType()));
    helper->setAttr("act.helper", after.getUnitAttr());
    helper->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                    after.getUnitAttr());
    Block *block = helper.addEntryBlock();
    after.setInsertionPointToStart(block);
    IRMapping mapping;
    mapping.map(entry.getArguments().drop_back(), block->getArguments());
    llvm::SetVector<Operation *> slice;
    BackwardSliceOptions options;
    options.inclusive = true;
    (void)getBackwardSlice(end, &slice, options);
    for (Operation *op : slice)
      after.clone(*op, mapping);
    func::ReturnOp::create(after, loc, mapping.lookup(end));
  }
};

} // namespace
