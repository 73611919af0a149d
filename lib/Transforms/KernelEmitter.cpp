// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "act-mlir/Transforms/KernelBody.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace mlir::act;

namespace {

/// Loops over vectors of a CPU.
class Emitter : public KernelBody {
public:
  Emitter(KernelOp kernel)
      : KernelBody(kernel, OpBuilder(kernel)),
        width(kernel->getAttrOfType<IntegerAttr>("vector_width")
                  ? kernel->getAttrOfType<IntegerAttr>("vector_width").getInt()
                  : 16) {}

  LogicalResult run();

private:
  FailureOr<Value> reduceRow(linalg::GenericOp generic, unsigned result,
                             Coordinates dims) override;
  LogicalResult loops(ArrayRef<unsigned> outputs, ArrayRef<int64_t> order,
                      unsigned rowLoops, Coordinates &at, Lanes lanes);

  int64_t width;
};

/// A reduction whose position along the lanes is fixed: 64 lanes run over the
/// innermost reduced dimension and are joined in a tree at the end.
FailureOr<Value> Emitter::reduceRow(linalg::GenericOp generic, unsigned result,
                                    Coordinates dims) {
  Operation *combiner = KernelBody::combiner(generic, result);
  SmallVector<Value> extents = loopExtents(generic);
  SmallVector<unsigned> reduced;
  generic.getReductionDims(reduced);
  unsigned inner = reduced.back();
  Type type = getElementTypeOrSelf(generic->getResult(result).getType());
  auto vectorType = VectorType::get({kReductionLanes}, type);
  TypedAttr neutral = *arith::getNeutralElement(combiner);
  Value zero = constant(0), lanes = constant(kReductionLanes);
  Value init = arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(vectorType, cast<Attribute>(neutral)));

  SmallVector<scf::ForOp> outer;
  Value accumulator = init;
  for (unsigned dim : ArrayRef<unsigned>(reduced).drop_back()) {
    auto loop = scf::ForOp::create(b, loc, zero, extents[dim], constant(1),
                                   accumulator);
    b.setInsertionPointToStart(loop.getBody());
    dims[dim] = {loop.getInductionVar(), 0};
    accumulator = loop.getRegionIterArg(0);
    outer.push_back(loop);
  }
  bool broken = false;
  auto step = [&](Value at, Value acc, Lanes active) -> Value {
    dims[inner] = {at, 1};
    FailureOr<SmallVector<Value>> values = body(generic, dims, active, acc);
    if (failed(values)) {
      broken = true;
      return acc;
    }
    Value joined = splat((*values)[result], kReductionLanes);
    if (active.mask)
      joined = arith::SelectOp::create(b, loc, active.mask, joined, acc);
    return joined;
  };
  Value size = extents[inner];
  Value tail = arith::RemUIOp::create(b, loc, size, lanes);
  Value whole = arith::SubIOp::create(b, loc, size, tail);
  auto loop = scf::ForOp::create(b, loc, zero, whole, lanes, accumulator);
  b.setInsertionPointToStart(loop.getBody());
  Value next = step(loop.getInductionVar(), loop.getRegionIterArg(0),
                    Lanes{kReductionLanes, {}, {}});
  scf::YieldOp::create(b, loc, next);
  b.setInsertionPointAfter(loop);
  Value some =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, tail, zero);
  auto rest = scf::IfOp::create(b, loc, vectorType, some, /*withElse=*/true);
  b.setInsertionPointToStart(rest.thenBlock());
  Value mask = vector::CreateMaskOp::create(
      b, loc, VectorType::get({kReductionLanes}, b.getI1Type()), tail);
  Value last = arith::SubIOp::create(b, loc, tail, constant(1));
  next = step(whole, loop.getResult(0), Lanes{kReductionLanes, mask, last});
  scf::YieldOp::create(b, loc, next);
  b.setInsertionPointToStart(rest.elseBlock());
  scf::YieldOp::create(b, loc, loop.getResult(0));
  b.setInsertionPointAfter(rest);
  accumulator = rest.getResult(0);
  for (scf::ForOp loop : llvm::reverse(outer)) {
    scf::YieldOp::create(b, loc, accumulator);
    b.setInsertionPointAfter(loop);
    accumulator = loop.getResult(0);
  }
  if (broken)
    return failure();
  for (int64_t half = kReductionLanes / 2; half >= 1; half /= 2) {
    Value low = vector::ExtractStridedSliceOp::create(
        b, loc, accumulator, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{half},
        ArrayRef<int64_t>{1});
    Value high = vector::ExtractStridedSliceOp::create(
        b, loc, accumulator, ArrayRef<int64_t>{half}, ArrayRef<int64_t>{half},
        ArrayRef<int64_t>{1});
    accumulator = join(combiner, low, high);
  }
  Value total =
      vector::ExtractOp::create(b, loc, accumulator, ArrayRef<int64_t>{0});
  return joinInit(generic, result, dims, total);
}

/// The loops of `order`, outermost first. The last `rowLoops` of them run over
/// a row; the innermost dimension of memory runs in vectors wherever it stands.
LogicalResult Emitter::loops(ArrayRef<unsigned> outputs,
                             ArrayRef<int64_t> order, unsigned rowLoops,
                             Coordinates &at, Lanes lanes) {
  if (order.empty()) {
    FailureOr<SmallVector<Value>> values = evaluate(outputs, at, lanes);
    if (succeeded(values))
      store(outputs, *values, at, lanes);
    return values;
  }
  OpBuilder::InsertionGuard guard(b);
  int64_t dim = order.front();
  Value front = output(outputs.front());
  int64_t rank = cast<MemRefType>(front.getType()).getRank();
  bool outermostOfRow = order.size() == rowLoops;
  Value zero = constant(0), one = constant(1);
  Value size = b.createOrFold<memref::DimOp>(loc, front, dim);
  llvm::scope_exit leave([&] {
    if (outermostOfRow)
      leaveRow();
  });
  auto enter = [&](scf::ForOp loop) {
    if (outermostOfRow)
      enterRow(loop);
  };
  auto inner = order.drop_front();
  if (dim != rank - 1) {
    auto loop = scf::ForOp::create(b, loc, zero, size, one);
    enter(loop);
    b.setInsertionPointToStart(loop.getBody());
    at[dim] = {loop.getInductionVar(), 0};
    return loops(outputs, inner, rowLoops, at, lanes);
  }
  Value step = constant(width);
  Value tail = arith::RemUIOp::create(b, loc, size, step);
  Value whole = arith::SubIOp::create(b, loc, size, tail);
  Value some =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, tail, zero);
  auto loop = scf::ForOp::create(b, loc, zero, whole, step);
  enter(loop);
  {
    OpBuilder::InsertionGuard inside(b);
    b.setInsertionPointToStart(loop.getBody());
    at[dim] = {loop.getInductionVar(), 1};
    if (failed(loops(outputs, inner, rowLoops, at, Lanes{width, {}, {}})))
      return failure();
  }
  if (!llvm::all_of(outputs,
                    [&](unsigned i) { return isContiguous(output(i)); })) {
    // A masked store is contiguous: the tail goes one by one.
    auto each = scf::ForOp::create(b, loc, whole, size, one);
    b.setInsertionPointToStart(each.getBody());
    enter(each);
    at[dim] = {each.getInductionVar(), 0};
    return loops(outputs, inner, rowLoops, at, Lanes());
  }
  auto rest = scf::IfOp::create(b, loc, some, /*withElse=*/false);
  b.setInsertionPointToStart(rest.thenBlock());
  Value mask = vector::CreateMaskOp::create(
      b, loc, VectorType::get({width}, b.getI1Type()), tail);
  Value last = arith::SubIOp::create(b, loc, tail, one);
  at[dim] = {whole, 1};
  return loops(outputs, inner, rowLoops, at, Lanes{width, mask, last});
}

LogicalResult Emitter::run() {
  for (Value output : kernel.getOutputs())
    if (!isa<MemRefType>(output.getType()))
      return kernel.emitOpError("must be on memrefs before act-vectorize; run "
                                "act-bufferize first");
  for (const Nest &nest : nests()) {
    SmallVector<int64_t> order = nest.order;
    llvm::append_range(order, nest.row);
    Coordinates at(order.size());
    if (failed(loops(nest.outputs, order, nest.row.size(), at, Lanes())))
      return failure();
  }
  kernel.erase();
  return success();
}

} // namespace

LogicalResult mlir::act::emitKernel(KernelOp kernel) {
  return Emitter(kernel).run();
}
