// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Extents.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::act;

Extents::Extents(func::FuncOp func, Required required) : mode(required) {
  for (BlockArgument argument : func.getArguments()) {
    auto dims =
        func.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "act.dims");
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!dims || !type)
      continue;
    // Extents of one name: the runtime compares them.
    for (auto [i, name] : llvm::enumerate(dims.getAsRange<StringAttr>())) {
      if (int64_t(i) >= type.getRank() || !type.isDynamicDim(i))
        continue;
      auto [found, isNew] = names.try_emplace(name.getValue(), 0);
      if (isNew)
        found->second = of(argument, i);
      else
        join(found->second, of(argument, i));
    }
  }
  for (Block &block : func.getBody())
    for (Operation &op : block)
      visit(&op);
}

Extents::Extents(KernelOp kernel) : mode(Required::Trusted) {
  Block &body = kernel.getBody().front();
  for (Operation &op : body)
    visit(&op);
  // Results are stored in the kernel's last operands.
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
    alias(body.getArgument(kernel.getInputs().size() + i), value);
}

unsigned Extents::fresh(std::optional<int64_t> number) {
  parents.push_back(parents.size());
  numbers.push_back(number);
  return parents.back();
}

unsigned Extents::find(unsigned node) {
  while (parents[node] != node)
    node = parents[node] = parents[parents[node]];
  return node;
}

unsigned Extents::constant(int64_t extent) {
  auto [found, isNew] = constants.try_emplace(extent, 0);
  if (isNew)
    found->second = fresh(extent);
  return find(found->second);
}

unsigned Extents::of(Extent extent) {
  if (extent.dim < 0) {
    if (std::optional<int64_t> number = getConstantIntValue(extent.value))
      return constant(*number);
  } else {
    auto type = cast<RankedTensorType>(extent.value.getType());
    if (!type.isDynamicDim(extent.dim))
      return constant(type.getDimSize(extent.dim));
  }
  auto [found, isNew] = nodes.try_emplace({extent.value, extent.dim}, 0);
  if (isNew)
    found->second = fresh();
  return find(found->second);
}

void Extents::alias(Value tensor, Value from) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  // A freed value may have had this address.
  for (int64_t i = 0; i < rank; ++i)
    nodes[{tensor, i}] = of(from, i);
}

SmallVector<unsigned> Extents::shape(Value tensor) {
  SmallVector<unsigned> classes;
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  for (int64_t i = 0; i < rank; ++i)
    classes.push_back(of(tensor, i));
  return classes;
}

/// False where both are one already, or are different numbers, which is for
/// verifiers to say.
bool Extents::join(unsigned lhs, unsigned rhs) {
  lhs = find(lhs);
  rhs = find(rhs);
  if (lhs == rhs || (numbers[lhs] && numbers[rhs]))
    return false;
  if (numbers[rhs])
    std::swap(lhs, rhs);
  parents[rhs] = lhs;
  return true;
}

void Extents::define(Extent lhs, Extent rhs) { join(of(lhs), of(rhs)); }

void Extents::require(Operation *op, Extent lhs, Extent rhs) {
  if (mode == Required::Trusted)
    join(of(lhs), of(rhs));
  else if (of(lhs) != of(rhs))
    requirements.push_back({op, lhs, rhs});
}

/// The dimension of each group of a reshape that carries its extent, where all
/// others are 1.
static std::optional<int64_t> carrier(RankedTensorType type,
                                      ArrayRef<int64_t> group) {
  std::optional<int64_t> found;
  for (int64_t dim : group) {
    if (type.getDimSize(dim) == 1)
      continue;
    if (found)
      return std::nullopt;
    found = dim;
  }
  return found ? found : std::optional<int64_t>(group.front());
}

template <class OpTy>
static void visitReshape(OpTy op, Value longer, Value shorter,
                         function_ref<void(int64_t, int64_t)> define) {
  auto type = cast<RankedTensorType>(longer.getType());
  for (auto [i, group] : llvm::enumerate(op.getReassociationIndices()))
    if (std::optional<int64_t> dim = carrier(type, group))
      define(*dim, i);
}

void Extents::visit(Operation *op) {
  auto isTensor = llvm::IsaPred<RankedTensorType>;
  auto rankOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getRank();
  };
  // `lhs` and `rhs` have one shape.
  auto same = [&](Value lhs, Value rhs, bool defined) {
    if (rankOf(lhs) != rankOf(rhs))
      return;
    for (int64_t i = 0; i < rankOf(lhs); ++i)
      defined ? define({lhs, i}, {rhs, i}) : require(op, {lhs, i}, {rhs, i});
  };
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    std::optional<int64_t> at = dim.getConstantIndex();
    if (at && isTensor(dim.getSource().getType()) &&
        *at < rankOf(dim.getSource()))
      define({dim.getResult()}, {dim.getSource(), *at});
  } else if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    for (int64_t i = 0; i < rankOf(empty); ++i)
      if (empty.getType().isDynamicDim(i))
        define({empty, i}, {empty.getDynamicSize(i)});
  } else if (auto cast = dyn_cast<tensor::CastOp>(op)) {
    if (isTensor(cast.getSource().getType()) && isTensor(cast.getType()))
      same(cast.getSource(), cast.getResult(), false);
  } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    for (auto [i, size] : llvm::enumerate(expand.getMixedOutputShape()))
      if (auto value = dyn_cast<Value>(size))
        define({expand, int64_t(i)}, {value});
    visitReshape(expand, expand.getResult(), expand.getSrc(),
                 [&](int64_t longer, int64_t shorter) {
                   define({expand, longer}, {expand.getSrc(), shorter});
                 });
  } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    visitReshape(collapse, collapse.getSrc(), collapse.getResult(),
                 [&](int64_t longer, int64_t shorter) {
                   define({collapse, shorter}, {collapse.getSrc(), longer});
                 });
  } else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    if (slice.getSourceType().getRank() == slice.getType().getRank())
      for (auto [i, size] : llvm::enumerate(slice.getMixedSizes()))
        if (auto value = dyn_cast<Value>(size))
          define({slice, int64_t(i)}, {value});
  } else if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    same(insert.getDest(), insert.getResult(), true);
    if (insert.getSourceType().getRank() == insert.getType().getRank())
      for (auto [i, size] : llvm::enumerate(insert.getMixedSizes()))
        if (auto value = dyn_cast<Value>(size))
          require(op, {insert.getSource(), int64_t(i)}, {value});
  } else if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    for (int64_t i = 0; i < rankOf(concat); ++i)
      for (Value input : concat.getInputs())
        if (i != int64_t(concat.getDim())) {
          require(op, {concat.getInputs().front(), i}, {input, i});
          define({concat, i}, {concat.getInputs().front(), i});
        }
  } else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    // Whatever a loop runs over has the loop's extent.
    SmallVector<Extent> loops(linalgOp.getNumLoops());
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isTensor(operand.get().getType()))
        continue;
      AffineMap map = linalgOp.getMatchingIndexingMap(&operand);
      for (auto [i, expr] : llvm::enumerate(map.getResults())) {
        auto dim = dyn_cast<AffineDimExpr>(expr);
        if (!dim)
          continue;
        Extent &loop = loops[dim.getPosition()];
        if (loop.value)
          require(op, loop, {operand.get(), int64_t(i)});
        else
          loop = {operand.get(), int64_t(i)};
      }
    }
    for (OpResult result : op->getResults())
      same(linalgOp.getTiedOpOperand(result)->get(), result, true);
  } else if (auto dst = dyn_cast<DestinationStyleOpInterface>(op)) {
    for (OpResult result : op->getResults())
      if (isTensor(result.getType()))
        same(dst.getTiedOpOperand(result)->get(), result, true);
  } else if (auto row = dyn_cast<LogSumExpOp>(op)) {
    for (int64_t i = 0, to = 0; i < rankOf(row.getX()); ++i)
      if (i != int64_t(row.getDimension()))
        define({row.getX(), i}, {row.getResult(), to++});
  } else if (OpTrait::hasElementwiseMappableTraits(op) ||
             op->hasTrait<OpTrait::SameOperandsAndResultType>()) {
    Value first;
    for (Value operand : op->getOperands()) {
      if (!isTensor(operand.getType()))
        continue;
      if (first)
        same(first, operand, false);
      else
        first = operand;
    }
    for (Value result : op->getResults())
      if (first && isTensor(result.getType()))
        same(first, result, true);
  }
}
