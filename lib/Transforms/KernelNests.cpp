// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which outputs of a kernel share loops, and in what order these run.

#include "act-mlir/Transforms/Fusion.h"
#include "act-mlir/Transforms/KernelBody.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::act;

static AffineMap resultMap(OpResult result) {
  auto generic = cast<linalg::GenericOp>(result.getOwner());
  return generic.getMatchingIndexingMap(
      generic.getDpsInitOperand(result.getResultNumber()));
}

/// The dimension of an output that each loop runs along, from those of a
/// result's dimensions; -1: none.
static SmallVector<int64_t> loopsOf(AffineMap map, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> loops(map.getNumDims(), -1);
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      loops[dim.getPosition()] = dims[i];
  return loops;
}

/// The same for the dimensions of what is read.
static SmallVector<int64_t> dimsOf(AffineMap map, ArrayRef<int64_t> loops) {
  SmallVector<int64_t> dims;
  for (AffineExpr expr : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    dims.push_back(dim ? loops[dim.getPosition()] : -1);
  }
  return dims;
}

/// Finds the dimensions of an output that its reductions depend on, and along
/// which of its dimensions these read memory.
void KernelBody::findRows(Value tensor, ArrayRef<int64_t> dims,
                          RowSearch &search) {
  while (auto cast = tensor.getDefiningOp<tensor::CastOp>())
    tensor = cast.getSource();
  auto generic = tensor.getDefiningOp<linalg::GenericOp>();
  if (!generic ||
      !search.visited.insert({generic, SmallVector<int64_t>(dims)}).second)
    return;
  AffineMap map = resultMap(cast<OpResult>(tensor));
  SmallVector<int64_t> loops = loopsOf(map, dims);
  if (generic.getNumReductionLoops() != 0) {
    search.found = true;
    for (int64_t dim : dims)
      if (dim >= 0)
        search.used.set(dim);
    SmallVector<unsigned> reduced;
    generic.getReductionDims(reduced);
    for (OpOperand *input : generic.getDpsInputOperands()) {
      AffineMap read = generic.getMatchingIndexingMap(input);
      if (read.getNumResults() == 0)
        continue;
      AffineExpr last = read.getResults().back();
      // A sum of products of what not all loops read is a contraction: one
      // chain, whatever lies side by side in memory.
      bool whole = read.isPermutation();
      search.alongRow |= whole && last.isFunctionOfDim(reduced.back());
      search.alongResult |= !whole && read.isFunctionOfDim(reduced.back());
      for (auto [loop, dim] : llvm::enumerate(loops))
        if (dim >= 0 && dim + 1 == int64_t(search.used.size()))
          search.alongResult |= last.isFunctionOfDim(loop);
    }
    return;
  }
  for (OpOperand *input : generic.getDpsInputOperands()) {
    AffineMap read = generic.getMatchingIndexingMap(input);
    findRows(input->get(), dimsOf(read, loops), search);
  }
}

/// Outputs of one shape share a nest. Where they depend on reductions of a row,
/// the loops over the row come last, so that each reduction is done once.
SmallVector<KernelBody::Nest> KernelBody::nests() {
  SmallVector<Nest> nests;
  auto shape = [&](unsigned i) {
    return cast<MemRefType>(kernel.getOutputs()[i].getType()).getShape();
  };
  for (unsigned i = 0; i < kernel.getOutputs().size(); ++i) {
    Operation *producer = yield().getOperand(i).getDefiningOp();
    Nest *joined = nullptr;
    for (Nest &nest : nests) {
      unsigned front = nest.outputs.front();
      Operation *other = yield().getOperand(front).getDefiningOp();
      // A dynamic extent is only known to agree within one operation, or where
      // fusion says so.
      bool agrees = !ShapedType::isDynamicShape(shape(i)) ||
                    producer == other || kernel->hasAttr(kOneDomainAttr);
      if (shape(i) == shape(front) && agrees) {
        joined = &nest;
        break;
      }
    }
    if (!joined)
      joined = &nests.emplace_back();
    joined->outputs.push_back(i);
  }
  for (Nest &nest : nests) {
    int64_t rank = shape(nest.outputs.front()).size();
    RowSearch search;
    search.used.resize(rank);
    for (unsigned output : nest.outputs)
      findRows(yield().getOperand(output),
               llvm::to_vector(llvm::seq<int64_t>(0, rank)), search);
    nest.reduces = search.found;
    for (int64_t dim = 0; dim < rank; ++dim)
      (nest.reduces && !search.used.test(dim) ? nest.row : nest.order)
          .push_back(dim);
    nest.byRow = nest.reduces && nest.row.empty() && search.alongRow &&
                 !search.alongResult;
  }
  return nests;
}

bool KernelBody::findReductions(Value output, SetVector<Operation *> &found) {
  int64_t rank = cast<RankedTensorType>(output.getType()).getRank();
  return findReductions(output, llvm::to_vector(llvm::seq<int64_t>(0, rank)),
                        found);
}

bool KernelBody::findReductions(Value tensor, ArrayRef<int64_t> dims,
                                SetVector<Operation *> &found) {
  auto generic = tensor.getDefiningOp<linalg::GenericOp>();
  if (!generic)
    return true;
  AffineMap map = resultMap(cast<OpResult>(tensor));
  if (generic.getNumReductionLoops() != 0) {
    found.insert(generic);
    for (auto [i, dim] : llvm::enumerate(dims))
      if (dim != int64_t(i))
        return false;
    return map.isProjectedPermutation();
  }
  if (!map.isPermutation())
    return false;
  SmallVector<int64_t> loops = loopsOf(map, dims);
  for (OpOperand *input : generic.getDpsInputOperands()) {
    AffineMap read = generic.getMatchingIndexingMap(input);
    if (!findReductions(input->get(), dimsOf(read, loops), found))
      return false;
  }
  return true;
}
