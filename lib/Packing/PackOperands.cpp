// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CopyKernel.h"
#include "act-mlir/IR/ConstantArguments.h"
#include "act-mlir/Packing/Contraction.h"
#include "act-mlir/Packing/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::act {
#define GEN_PASS_DEF_PACKOPERANDS
#include "act-mlir/Packing/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// Rows that read a packed operand, from which on packing pays, and bytes that
/// the first-level cache holds anyway.
constexpr int64_t kRows = 16, kSmallBytes = 32 * 1024;

/// Whether reading the operand where it is would cost more than a copy.
bool pays(const Packing &packing, OpOperand &operand) {
  linalg::LinalgOp op = packing.op;
  auto type = cast<RankedTensorType>(operand.get().getType());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  // Vectors need elements side by side.
  if (map.getResults().back() !=
      getAffineDimExpr(packing.column, op.getContext()))
    return true;
  int64_t rows = 1;
  for (auto [loop, extent] : llvm::enumerate(op.getStaticLoopRanges())) {
    if (op.getIteratorTypesArray()[loop] != utils::IteratorType::parallel ||
        map.isFunctionOfDim(loop))
      continue;
    if (ShapedType::isDynamic(extent))
      return false;
    rows *= extent;
  }
  int64_t bytes = type.hasStaticShape() ? type.getNumElements() *
                                              type.getElementTypeBitWidth() / 8
                                        : INT64_MAX;
  return rows >= kRows && bytes > kSmallBytes;
}

/// What an operand's elements are multiplied as.
Type factorType(linalg::LinalgOp op, OpOperand &operand) {
  BlockArgument element = op.getMatchingBlockArgument(&operand);
  for (Operation *user : element.getUsers())
    if (isa<arith::ExtFOp>(user))
      return user->getResult(0).getType();
  return element.getType();
}

/// The operand in panels, made by a kernel of its own.
Value packed(OpBuilder &b, Location loc, Value source, const Packing &packing,
             Type element) {
  auto type = cast<RankedTensorType>(source.getType());
  SmallVector<int64_t> shape = packing.shape(type);
  auto to = RankedTensorType::get(shape, element);
  int64_t panelDim = packing.batch.size(), rank = to.getRank();
  unsigned columnDim = packing.dimOf.at(packing.column);
  SmallVector<unsigned> sources; // of each dimension but the last
  for (unsigned loop : packing.batch)
    sources.push_back(packing.dimOf.at(loop));
  sources.push_back(columnDim);
  for (unsigned loop : packing.reduced)
    sources.push_back(packing.dimOf.at(loop));
  SmallVector<Value> sizes;
  for (auto [i, dim] : llvm::enumerate(sources)) {
    if (!to.isDynamicDim(i))
      continue;
    Value size = tensor::DimOp::create(b, loc, source, dim);
    if (int64_t(i) == panelDim)
      size = arith::CeilDivUIOp::create(
          b, loc, size, arith::ConstantIndexOp::create(b, loc, packing.width));
    sizes.push_back(size);
  }
  Value empty = tensor::EmptyOp::create(b, loc, to, sizes);

  // Where each element comes from.
  AffineExpr lane = b.getAffineDimExpr(rank - 1);
  AffineExpr column = b.getAffineDimExpr(panelDim) * packing.width + lane;
  SmallVector<AffineExpr> reads(type.getRank());
  for (auto [i, dim] : llvm::enumerate(sources))
    reads[dim] = int64_t(i) == panelDim ? column : b.getAffineDimExpr(i);
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  int64_t columns = type.getDimSize(columnDim);
  if (!ShapedType::isDynamic(columns) && columns % packing.width == 0)
    return copyKernel(b, loc, source, empty,
                      AffineMap::get(rank, 0, reads, b.getContext()), identity);

  // A column that does not exist is a copy of the last one: nobody reads it.
  auto kernel = KernelOp::create(b, loc, TypeRange(to), ValueRange(source),
                                 ValueRange(empty));
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&kernel.getBody());
  Value from = body->addArgument(type, loc), out = body->addArgument(to, loc);
  SmallVector<utils::IteratorType> loops(rank, utils::IteratorType::parallel);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value last = arith::SubIOp::create(
      b, loc, tensor::DimOp::create(b, loc, from, columnDim), one);
  auto generic = linalg::GenericOp::create(
      b, loc, to, ValueRange(), out, ArrayRef{identity}, loops,
      [&](OpBuilder &b, Location loc, ValueRange) {
        SmallVector<Value> at(type.getRank());
        for (auto [i, dim] : llvm::enumerate(sources))
          at[dim] = linalg::IndexOp::create(b, loc, i);
        Value width = arith::ConstantIndexOp::create(b, loc, packing.width);
        Value position = arith::AddIOp::create(
            b, loc, arith::MulIOp::create(b, loc, at[columnDim], width),
            linalg::IndexOp::create(b, loc, rank - 1));
        at[columnDim] = arith::MinSIOp::create(b, loc, position, last);
        Value value = tensor::ExtractOp::create(b, loc, from, at);
        linalg::YieldOp::create(b, loc, widened(b, loc, value, element));
      });
  YieldOp::create(b, loc, generic.getResults());
  return kernel.getResult(0);
}

/// The operand in a wider type, made by a kernel of its own.
Value widenedTensor(OpBuilder &b, Location loc, Value source, Type element) {
  auto type = cast<RankedTensorType>(source.getType());
  auto to = RankedTensorType::get(type.getShape(), element);
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i))
      sizes.push_back(tensor::DimOp::create(b, loc, source, i));
  Value empty = tensor::EmptyOp::create(b, loc, to, sizes);
  AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
  return copyKernel(b, loc, source, empty, identity, identity);
}

/// Lets a body take an operand's elements in the type it widens them to.
void takeWide(linalg::GenericOp generic, unsigned operand, Type element) {
  BlockArgument argument = generic.getBody()->getArgument(operand);
  for (Operation *user : llvm::make_early_inc_range(argument.getUsers()))
    if (isa<arith::ExtFOp>(user)) {
      user->getResult(0).replaceAllUsesWith(argument);
      user->erase();
    }
  argument.setType(element);
}

struct PackOperandsPass : public act::impl::PackOperandsBase<PackOperandsPass> {
  void runOnOperation() override {
    SmallVector<KernelOp> kernels;
    getOperation().walk([&](KernelOp kernel) { kernels.push_back(kernel); });
    for (KernelOp kernel : kernels)
      for (auto op :
           llvm::to_vector(kernel.getBody().front().getOps<linalg::LinalgOp>()))
        if (Contraction::isMultiplyAdd(op))
          pack(kernel, op);
  }

  /// The kernel's operand that an operation reads, if it alone does.
  static OpOperand *sourceOf(KernelOp kernel, OpOperand &operand) {
    auto argument = dyn_cast<BlockArgument>(operand.get());
    if (!argument || argument.getOwner()->getParentOp() != kernel ||
        !isa<RankedTensorType>(argument.getType()) || !argument.hasOneUse())
      return nullptr;
    OpOperand *use = &kernel->getOpOperand(argument.getArgNumber());
    return use->get().getDefiningOp<arith::ConstantOp>() ||
                   kernel.isDpsInit(use)
               ? nullptr
               : use;
  }

  void pack(KernelOp kernel, linalg::LinalgOp op) {
    OpBuilder b(kernel);
    Location loc = kernel.getLoc();
    unsigned packedOperand = 2;
    auto replace = [&](OpOperand &use, Value value) {
      kernel.getBody()
          .getArgument(use.getOperandNumber())
          .setType(value.getType());
      use.set(value);
    };
    // The innermost columns first: vectors run along the result's memory.
    for (unsigned i : {1, 0}) {
      OpOperand &operand = op->getOpOperand(i);
      OpOperand *use = sourceOf(kernel, operand);
      std::optional<Packing> packing =
          use ? Packing::choose(op, operand) : std::nullopt;
      // What is packed once needs no gain to pay, and stays narrow.
      bool isConstant = use && isConstantArgument(use->get());
      if (!packing || (!isConstant && !pays(*packing, operand)))
        continue;
      Type element = isConstant ? getElementTypeOrSelf(use->get().getType())
                                : factorType(op, operand);
      Value value = packed(b, loc, use->get(), *packing, element);
      op = cast<linalg::LinalgOp>(packing->readPacked(operand).getOperation());
      if (!isConstant)
        takeWide(cast<linalg::GenericOp>(op.getOperation()), i, element);
      replace(*use, value);
      packedOperand = i;
      ++numPacked;
      break;
    }
    // An element that meets a vector would be widened again for each vector.
    std::optional<Contraction> contraction = Contraction::match(op);
    // Pairs are read as they are.
    if (!contraction || contraction->left == packedOperand ||
        contraction->paired)
      return;
    OpOperand &left = op->getOpOperand(contraction->left);
    OpOperand *use = sourceOf(kernel, left);
    Type element = factorType(op, left);
    if (!use || element == getElementTypeOrSelf(use->get().getType()))
      return;
    IRRewriter rewriter(&getContext());
    rewriter.setInsertionPoint(op);
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    if (!generic)
      generic = *linalg::generalizeNamedOp(rewriter, op);
    replace(*use, widenedTensor(b, loc, use->get(), element));
    takeWide(generic, contraction->left, element);
  }
};

} // namespace
