// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Passes.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
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
  /// In the units of its pool.
  int64_t size, offset = 0;
};

/// Buffers whose sizes are known multiples of one unit, so that they can be
/// laid out, although the unit may be a number of the call.
struct Pool {
  /// What the unit has as factors: dynamic extents, and bytes.
  SmallVector<Value> extents;
  int64_t unit;
  SmallVector<Buffer> buffers;
  /// In units, once the buffers are placed.
  int64_t size = 0;
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

/// Gives a buffer to the pool of its kind. Blocks of kAlignment bytes for each
/// of the same extents are multiples of each other; other sizes have to be
/// rounded up when they are known, and share with their like alone.
void addTo(SmallVectorImpl<Pool> &pools, Buffer buffer) {
  MemRefType type = buffer.alloc.getType();
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  for (int64_t extent : type.getShape())
    if (!ShapedType::isDynamic(extent))
      bytes *= extent;
  SmallVector<Value> extents(buffer.alloc.getDynamicSizes());
  llvm::sort(extents, [](Value a, Value b) {
    return a.getAsOpaquePointer() < b.getAsOpaquePointer();
  });
  bool blocks = extents.empty() || bytes % kAlignment == 0;
  int64_t unit = blocks ? kAlignment : bytes;
  buffer.size = blocks ? llvm::divideCeil(bytes, kAlignment) : 1;
  Pool *pool = llvm::find_if(pools, [&](const Pool &pool) {
    return pool.unit == unit && pool.extents == extents;
  });
  if (pool == pools.end()) {
    pools.push_back({extents, unit, {}});
    pool = &pools.back();
  }
  pool->buffers.push_back(buffer);
}

/// First fit, the largest first; the order is that of the program where sizes
/// are equal.
void place(Pool &pool) {
  SmallVector<Buffer *> order;
  for (Buffer &buffer : pool.buffers)
    order.push_back(&buffer);
  llvm::sort(order, [](Buffer *a, Buffer *b) {
    return std::make_pair(-a->size, a->first) <
           std::make_pair(-b->size, b->first);
  });
  SmallVector<Buffer *> placed;
  for (Buffer *buffer : order) {
    bool moved = true;
    while (moved) {
      moved = false;
      for (Buffer *other : placed) {
        bool together =
            buffer->first <= other->last && other->first <= buffer->last;
        bool overlap = buffer->offset < other->offset + other->size &&
                       other->offset < buffer->offset + buffer->size;
        if (together && overlap) {
          buffer->offset = other->offset + other->size;
          moved = true;
        }
      }
    }
    placed.push_back(buffer);
    pool.size = std::max(pool.size, buffer->offset + buffer->size);
  }
}

/// The bytes of a unit, a multiple of kAlignment.
Value unitBytes(OpBuilder &b, Location loc, const Pool &pool) {
  Value bytes = arith::ConstantIndexOp::create(b, loc, pool.unit);
  for (Value extent : pool.extents)
    bytes = b.createOrFold<arith::MulIOp>(loc, bytes, extent);
  if (pool.unit % kAlignment == 0)
    return bytes;
  Value up = arith::ConstantIndexOp::create(b, loc, kAlignment - 1);
  Value down = arith::ConstantIndexOp::create(b, loc, -kAlignment);
  bytes = arith::AddIOp::create(b, loc, bytes, up);
  return arith::AndIOp::create(b, loc, bytes, down);
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

    SmallVector<Pool> pools;
    // Static sizes first: their offsets are constants.
    pools.push_back({{}, kAlignment, {}});
    for (auto alloc : block->getOps<memref::AllocOp>())
      addTo(pools,
            {alloc, position[alloc], lastUse(alloc, position, block), 0});
    for (Pool &pool : pools)
      place(pool);
    rewrite(entry, pools);
  }

  void rewrite(func::FuncOp entry, ArrayRef<Pool> pools) {
    OpBuilder b(entry);
    Location loc = entry.getLoc();
    auto bytesType = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
    unsigned inputs = entry.getNumArguments();
    (void)entry.insertArgument(inputs, bytesType, {}, loc);
    Value workspace = entry.getArgument(inputs);

    b.setInsertionPointToStart(&entry.getBody().front());
    Value end = arith::ConstantIndexOp::create(b, loc, 0);
    for (const Pool &pool : pools) {
      if (pool.buffers.empty())
        continue;
      // The extents of a pool are known where its first buffer is; pools are
      // in the order of these.
      if (!pool.extents.empty())
        b.setInsertionPoint(pool.buffers.front().alloc);
      Value start = end, unit = unitBytes(b, loc, pool);
      auto after = [&](int64_t units) {
        Value count = arith::ConstantIndexOp::create(b, loc, units);
        return b.createOrFold<arith::AddIOp>(
            loc, start, b.createOrFold<arith::MulIOp>(loc, unit, count));
      };
      SmallVector<Value> offsets;
      for (const Buffer &buffer : pool.buffers)
        offsets.push_back(after(buffer.offset));
      end = after(pool.size);
      for (auto [buffer, offset] : llvm::zip_equal(pool.buffers, offsets)) {
        memref::AllocOp alloc = buffer.alloc;
        OpBuilder at(alloc);
        Value view =
            memref::ViewOp::create(at, alloc.getLoc(), alloc.getType(),
                                   workspace, offset, alloc.getDynamicSizes());
        alloc.replaceAllUsesWith(view);
        alloc.erase();
      }
    }

    // <entry>_workspace: the slice of the entry that computes the end.
    OpBuilder after(entry->getContext());
    after.setInsertionPointAfter(entry);
    SmallVector<Type> types(entry.getArgumentTypes().drop_back());
    auto helper = func::FuncOp::create(
        after, loc, (entry.getName() + "_workspace").str(),
        after.getFunctionType(types, after.getIndexType()));
    act::markHelper(helper);
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
