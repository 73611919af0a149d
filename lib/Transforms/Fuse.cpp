// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Groups tensor operations into `act.kernel` regions.
//
// Operations get a level so that two operations of one level and of different
// groups never depend on each other: the level rises whenever a value crosses
// from one group into another. A group is therefore convex by construction and
// groups of one level can merge, so that one walk over the block suffices.

#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::act {
#define GEN_PASS_DEF_FUSE
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// An operation on tensors of one shape, element by element.
bool isElementwise(Operation *op) {
  if (op->getNumRegions() != 0 || op->getNumResults() != 1)
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getEncoding() || !OpTrait::hasElementwiseMappableTraits(op))
    return false;
  return llvm::all_of(op->getOperandTypes(), [&](Type operand) {
    auto tensor = dyn_cast<RankedTensorType>(operand);
    return !tensor || tensor.getRank() == type.getRank();
  });
}

/// A `linalg.generic` that only maps: parallel loops in the order of its
/// results' dimensions, and no use of the initial values.
bool isParallelGeneric(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || generic.getNumResults() == 0 ||
      generic.getNumParallelLoops() != generic.getNumLoops())
    return false;
  for (OpOperand &init : generic.getDpsInitsMutable()) {
    if (!generic.getMatchingIndexingMap(&init).isIdentity() ||
        generic.payloadUsesValueFromOperand(&init))
      return false;
  }
  return true;
}

bool isMap(Operation *op) { return isElementwise(op) || isParallelGeneric(op); }

/// An operation that becomes a kernel of its own.
bool isSingleKernel(Operation *op) {
  if (isa<linalg::FillOp>(op))
    return false;
  if (isa<linalg::LinalgOp>(op))
    return op->getNumResults() > 0;
  return isa<linalg::AggregatedOpInterface>(op) && op->getDialect() &&
         isa<ActDialect>(op->getDialect());
}

/// Empty tensors and constants cost nothing to repeat inside a kernel.
bool isCloneable(Operation *op) {
  if (isa<tensor::EmptyOp, linalg::FillOp>(op))
    return true;
  auto constant = dyn_cast<arith::ConstantOp>(op);
  if (!constant)
    return false;
  auto type = dyn_cast<ShapedType>(constant.getType());
  if (!type)
    return true;
  auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
  return dense && dense.isSplat();
}

class Fuser {
public:
  Fuser(func::FuncOp func) : func(func) {}

  LogicalResult run(unsigned &kernels, unsigned &fused);

private:
  void group(Block &block);
  LogicalResult emit(ArrayRef<Operation *> members);
  Value emptyLike(OpBuilder &builder, Location loc, Value result,
                  const llvm::SmallPtrSetImpl<Operation *> &inside);
  void emitMaps(OpBuilder &builder, Location loc, ArrayRef<Operation *> members,
                ValueRange results, ValueRange inits, IRMapping &mapping);

  func::FuncOp func;
  llvm::EquivalenceClasses<Operation *> groups;
  DenseMap<Operation *, unsigned> levels;
};

/// The static shape of what an operation computes; dynamic extents are equal
/// where the verifier of the group's own operations says so.
ArrayRef<int64_t> domain(Operation *op) {
  return cast<ShapedType>(op->getResult(0).getType()).getShape();
}

void Fuser::group(Block &block) {
  for (Operation &op : block) {
    unsigned level = 0;
    bool map = isMap(&op);
    if (map)
      groups.insert(&op);
    for (Value operand : op.getOperands()) {
      Operation *producer = operand.getDefiningOp();
      auto found = levels.find(producer);
      if (producer && found != levels.end())
        level = std::max(level, found->second);
    }
    if (!map) {
      levels[&op] = level + !isCloneable(&op);
      continue;
    }
    // Join the producers of the highest level when all of them can be joined;
    // one that cannot raises the level.
    SmallVector<Operation *> joined;
    bool crossing = false;
    for (Value operand : op.getOperands()) {
      Operation *producer = operand.getDefiningOp();
      auto found = levels.find(producer);
      if (!producer || found == levels.end() || found->second != level ||
          isCloneable(producer))
        continue;
      // Dynamic extents of two operations are only known to agree along an
      // elementwise use, which is what an identity operand is.
      if (isMap(producer) && domain(producer) == domain(&op) &&
          (isElementwise(&op) ||
           llvm::all_of(cast<linalg::GenericOp>(op).getDpsInputOperands(),
                        [&](OpOperand *use) {
                          return use->get().getDefiningOp() != producer ||
                                 cast<linalg::GenericOp>(op)
                                     .getMatchingIndexingMap(use)
                                     .isIdentity();
                        })))
        joined.push_back(producer);
      else if (isMap(producer))
        crossing = true;
    }
    if (!crossing)
      for (Operation *producer : joined)
        groups.unionSets(&op, producer);
    levels[&op] = level + crossing;
  }
}

/// An empty tensor of a result's shape, whose dynamic extents are asked of
/// values that exist before the group.
Value Fuser::emptyLike(OpBuilder &builder, Location loc, Value result,
                       const llvm::SmallPtrSetImpl<Operation *> &inside) {
  auto type = cast<RankedTensorType>(result.getType());
  SmallVector<Value> dynamic;
  Operation *op = result.getDefiningOp();
  if (!type.hasStaticShape()) {
    Value shape = result;
    while (Operation *producer = shape.getDefiningOp()) {
      if (!inside.contains(producer))
        break;
      if (auto dst = dyn_cast<DestinationStyleOpInterface>(producer)) {
        shape = dst.getTiedOpOperand(cast<OpResult>(shape))->get();
        continue;
      }
      Value next;
      if (isElementwise(producer))
        for (Value operand : producer->getOperands())
          if (isa<RankedTensorType>(operand.getType()))
            next = operand;
      shape = next;
      if (!next)
        break;
    }
    ReifiedRankedShapedTypeDims dims;
    if (!shape && failed(reifyResultShapes(builder, op, dims)))
      return {};
    for (int64_t i = 0; i < type.getRank(); ++i) {
      if (!type.isDynamicDim(i))
        continue;
      dynamic.push_back(
          shape ? tensor::DimOp::create(builder, loc, shape, i).getResult()
                : getValueOrCreateConstantIndexOp(
                      builder, loc,
                      dims[cast<OpResult>(result).getResultNumber()][i]));
    }
  }
  return tensor::EmptyOp::create(builder, loc, type, dynamic);
}

/// All maps of a group in one `linalg.generic`: each external tensor comes in
/// once for each map that reads it.
void Fuser::emitMaps(OpBuilder &builder, Location loc,
                     ArrayRef<Operation *> members, ValueRange results,
                     ValueRange inits, IRMapping &mapping) {
  llvm::MapVector<std::pair<Value, AffineMap>, unsigned> inputs;
  int64_t rank = cast<RankedTensorType>(results.front().getType()).getRank();
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  llvm::SmallPtrSet<Operation *, 16> inside(members.begin(), members.end());
  auto add = [&](Value value, AffineMap map) {
    if (isa<RankedTensorType>(value.getType()) &&
        !inside.contains(value.getDefiningOp()))
      inputs.insert({{value, map}, unsigned(inputs.size())});
  };
  for (Operation *op : members) {
    if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
      for (OpOperand *operand : generic.getDpsInputOperands())
        add(operand->get(), generic.getMatchingIndexingMap(operand));
      continue;
    }
    for (Value operand : op->getOperands())
      add(operand, identity);
  }
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  for (auto &[key, position] : inputs) {
    operands.push_back(mapping.lookup(key.first));
    maps.push_back(key.second);
  }
  maps.append(inits.size(), identity);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, inits.getTypes(), operands, inits, maps, iterators,
      [&](OpBuilder &b, Location, ValueRange args) {
        IRMapping scalars;
        auto scalar = [&](Value value, AffineMap map) -> Value {
          if (Value known = scalars.lookupOrNull(value))
            return known;
          if (isa<RankedTensorType>(value.getType()))
            return args[inputs.lookup({value, map})];
          return mapping.lookup(value);
        };
        for (Operation *op : members) {
          if (auto member = dyn_cast<linalg::GenericOp>(op)) {
            IRMapping local(mapping);
            for (OpOperand *operand : member.getDpsInputOperands())
              local.map(member.getMatchingBlockArgument(operand),
                        scalar(operand->get(),
                               member.getMatchingIndexingMap(operand)));
            for (Operation &inner : member.getBody()->without_terminator())
              b.clone(inner, local);
            for (auto [result, value] :
                 llvm::zip(member.getResults(),
                           member.getBody()->getTerminator()->getOperands()))
              scalars.map(result, local.lookupOrDefault(value));
            continue;
          }
          SmallVector<Value> values;
          for (Value operand : op->getOperands())
            values.push_back(scalar(operand, identity));
          Type type = getElementTypeOrSelf(op->getResult(0).getType());
          Operation *element =
              b.create(op->getLoc(), op->getName().getIdentifier(), values,
                       type, op->getAttrs());
          scalars.map(op->getResult(0), element->getResult(0));
        }
        SmallVector<Value> yielded;
        for (Value result : results)
          yielded.push_back(scalars.lookup(result));
        linalg::YieldOp::create(b, loc, yielded);
      });
  for (auto [result, value] : llvm::zip(results, generic.getResults()))
    mapping.map(result, value);
}

LogicalResult Fuser::emit(ArrayRef<Operation *> members) {
  Operation *last = members.back();
  Location loc = last->getLoc();
  if (members.size() > 1) {
    SmallVector<Location> locs;
    for (Operation *op : members.take_front(16))
      locs.push_back(op->getLoc());
    loc = FusedLoc::get(func.getContext(), locs);
  }
  OpBuilder builder(last);
  llvm::SmallPtrSet<Operation *, 16> inside(members.begin(), members.end());

  // What comes in, and what is repeated inside.
  llvm::SetVector<Value> inputs;
  llvm::SetVector<Operation *> repeated;
  std::function<void(Value)> addOperand = [&](Value value) {
    Operation *producer = value.getDefiningOp();
    if (producer && inside.contains(producer))
      return;
    if (producer && isCloneable(producer)) {
      for (Value operand : producer->getOperands())
        addOperand(operand);
      repeated.insert(producer);
      return;
    }
    inputs.insert(value);
  };
  for (Operation *op : members) {
    for (Value operand : op->getOperands())
      addOperand(operand);
    // Bodies may read what is defined outside; a kernel's may not.
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    for (Value value : captured)
      addOperand(value);
  }

  SmallVector<Value> results;
  for (Operation *op : members)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !inside.contains(
                user->getBlock() == last->getBlock()
                    ? user
                    : last->getBlock()->findAncestorOpInBlock(*user));
          }))
        results.push_back(result);
  if (results.empty())
    results.push_back(last->getResult(0));

  SmallVector<Value> outs;
  SmallVector<Type> types;
  for (Value result : results) {
    Value out = emptyLike(builder, loc, result, inside);
    if (!out) {
      last->emitOpError("has a result whose shape cannot be resolved");
      return failure();
    }
    outs.push_back(out);
    types.push_back(result.getType());
  }
  auto kernel =
      KernelOp::create(builder, loc, types, inputs.getArrayRef(), outs);
  Block *body = builder.createBlock(&kernel.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), loc));
  SmallVector<Value> inits;
  for (Value out : outs)
    inits.push_back(body->addArgument(out.getType(), loc));
  for (Operation *op : repeated)
    builder.clone(*op, mapping);
  if (isMap(last))
    emitMaps(builder, loc, members, results, inits, mapping);
  else
    builder.clone(*last, mapping);
  SmallVector<Value> yielded;
  for (Value result : results)
    yielded.push_back(mapping.lookup(result));
  YieldOp::create(builder, loc, yielded);
  for (auto [result, replacement] : llvm::zip(results, kernel.getResults()))
    result.replaceUsesWithIf(replacement, [&](OpOperand &use) {
      return !inside.contains(use.getOwner());
    });
  for (Operation *op : llvm::reverse(members))
    op->erase();
  return success();
}

LogicalResult Fuser::run(unsigned &kernels, unsigned &fused) {
  for (Block &block : func.getBody()) {
    group(block);
    llvm::MapVector<Operation *, SmallVector<Operation *>> byLeader;
    for (Operation &op : block) {
      if (isMap(&op))
        byLeader[groups.getLeaderValue(&op)].push_back(&op);
      else if (isSingleKernel(&op))
        byLeader[&op].push_back(&op);
    }
    for (auto &[leader, members] : byLeader) {
      if (failed(emit(members)))
        return failure();
      ++kernels;
      fused += members.size() - 1;
    }
  }
  return success();
}

struct FusePass : public act::impl::FuseBase<FusePass> {
  void runOnOperation() override {
    // A gated unit is slices and an elementwise function: what is around it
    // fuses with it, and its parts are read and written where they stand.
    IRRewriter rewriter(&getContext());
    WalkResult result = getOperation().walk([&](Operation *op) {
      if (!isa<GluOp, GluGradOp>(op))
        return WalkResult::advance();
      rewriter.setInsertionPoint(op);
      FailureOr<SmallVector<Value>> values =
          cast<linalg::AggregatedOpInterface>(op).decomposeOperation(rewriter);
      if (failed(values))
        return WalkResult::interrupt();
      rewriter.replaceOp(op, *values);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    unsigned kernels = 0, fused = 0;
    if (failed(Fuser(getOperation()).run(kernels, fused)))
      return signalPassFailure();
    numKernels += kernels;
    numFused += fused;
    // Operations between the first and the last member of a group that use its
    // results move behind the kernel.
    for (Block &block : getOperation().getBody())
      sortTopologically(&block);
  }
};

} // namespace
