// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Makes `act.kernel` regions of the groups that a FusionPlan finds.

#include "FusionPlan.h"
#include "SinkReshapes.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::act {
#define GEN_PASS_DEF_FUSE
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// Writes one group as a kernel.
class KernelFormer {
public:
  KernelFormer(Extents &extents, const FusionPlan::Group &group)
      : extents(extents), group(group), builder(group.members.back()),
        inside(group.members.begin(), group.members.end()) {}

  LogicalResult emit();

private:
  using Sizes = DenseMap<unsigned, Extents::Extent>;

  void collect();
  void addOperand(Value value);
  void addSizes(Sizes &sizes, Value value);
  bool isInside(Value value) const {
    return inside.contains(value.getDefiningOp());
  }
  bool escapes(Value value);
  Value emptyLike(Value like, Sizes &sizes);
  LogicalResult coverExtents();
  Value freeElement(Operation *producer);
  void emitMaps(ArrayRef<Operation *> members);
  void emitBody();
  Attribute decisions();

  Extents &extents;
  const FusionPlan::Group &group;
  OpBuilder builder;
  llvm::SmallPtrSet<Operation *, 16> inside;
  /// What comes in, and what is repeated inside.
  llvm::SetVector<Value> inputs;
  llvm::SetVector<Operation *> repeated;
  /// Reshapes of members that members alone read.
  llvm::SetVector<Operation *> views;
  SmallVector<Value> results;
  /// Where extents can be had, before the kernel and inside it.
  Sizes before, within;
  IRMapping mapping, inits;
  Location loc = builder.getUnknownLoc();
};

void KernelFormer::addSizes(Sizes &sizes, Value value) {
  if (auto type = dyn_cast<RankedTensorType>(value.getType())) {
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.try_emplace(extents.of(value, i), Extents::Extent{value, i});
  } else if (value.getType().isIndex()) {
    sizes.try_emplace(extents.of({value}), Extents::Extent{value});
  }
}

void KernelFormer::addOperand(Value value) {
  Operation *producer = value.getDefiningOp();
  if (producer && inside.contains(producer))
    return;
  if (producer && fusionRole(producer) == FusionRole::Free) {
    for (Value operand : producer->getOperands())
      addOperand(operand);
    repeated.insert(producer);
    return;
  }
  inputs.insert(value);
}

void KernelFormer::collect() {
  for (Operation *op : group.members) {
    bool isMap = fusionRole(op) == FusionRole::Map;
    if (isMap) {
      for (const FusionRead &read : fusionReads(op)) {
        Operation *producer = read.value.getDefiningOp();
        if (producer && fusionRole(producer) == FusionRole::Free) {
          if (auto fill = dyn_cast<linalg::FillOp>(producer))
            addOperand(fill.getInputs()[0]);
        } else {
          addOperand(read.value);
        }
      }
    }
    for (Value operand : op->getOperands())
      if (!isMap || !isa<RankedTensorType>(operand.getType()))
        addOperand(operand);
    // Bodies may read what is defined outside; a kernel's may not.
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    for (Value value : captured)
      addOperand(value);
    // Initial values that are not read still have a shape.
    auto dst = dyn_cast<DestinationStyleOpInterface>(op);
    if (!isMap || !dst)
      continue;
    for (Value init : dst.getDpsInits()) {
      Operation *producer = init.getDefiningOp();
      if (!producer || fusionRole(producer) == FusionRole::Other)
        addSizes(before, init);
      else if (auto empty = dyn_cast<tensor::EmptyOp>(producer))
        for (Value size : empty.getDynamicSizes())
          addSizes(before, size);
    }
  }
  for (Value input : inputs)
    addSizes(before, input);
}

/// Whether anything but this group reads a value.
bool KernelFormer::escapes(Value value) {
  Block *block = group.members.front()->getBlock();
  bool result = false;
  for (Operation *user : value.getUsers()) {
    if (fusionRole(user) == FusionRole::View && user->getBlock() == block) {
      if (!escapes(user->getResult(0)))
        views.insert(user);
      else
        result = true;
      continue;
    }
    result |= !inside.contains(block->findAncestorOpInBlock(*user));
  }
  return result;
}

/// An empty tensor of the shape of a value that is not there yet; null where
/// an extent is not to be had.
Value KernelFormer::emptyLike(Value like, Sizes &sizes) {
  auto type = cast<RankedTensorType>(like.getType());
  SmallVector<Value> dynamic;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (!type.isDynamicDim(i))
      continue;
    unsigned extent = extents.of(like, i);
    auto found = sizes.find(extent);
    if (found == sizes.end()) {
      std::optional<int64_t> number = extents.known(extent);
      if (!number)
        return {};
      dynamic.push_back(arith::ConstantIndexOp::create(builder, loc, *number));
      continue;
    }
    auto [value, dim] = found->second;
    dynamic.push_back(
        dim < 0 ? value
                : tensor::DimOp::create(builder, loc, value, dim).getResult());
  }
  return tensor::EmptyOp::create(builder, loc, type, dynamic);
}

/// Every extent of what the body computes is one of an operand of the kernel:
/// what gives another one comes in as well.
LogicalResult KernelFormer::coverExtents() {
  Sizes covered;
  for (ArrayRef<Value> values : {inputs.getArrayRef(), ArrayRef(results)})
    for (Value value : values)
      addSizes(covered, value);
  for (Operation *op : group.members)
    for (Value result : op->getResults()) {
      auto type = cast<RankedTensorType>(result.getType());
      for (int64_t i = 0; i < type.getRank(); ++i) {
        unsigned extent = extents.of(result, i);
        if (extents.known(extent) || covered.contains(extent))
          continue;
        auto found = before.find(extent);
        if (found == before.end())
          return op->emitOpError("has a result whose shape cannot be resolved");
        inputs.insert(found->second.value);
        addSizes(covered, found->second.value);
      }
    }
  return success();
}

/// The number that all elements of a fill or constant are.
Value KernelFormer::freeElement(Operation *producer) {
  if (auto fill = dyn_cast<linalg::FillOp>(producer))
    return mapping.lookup(fill.getInputs()[0]);
  auto constant = dyn_cast<arith::ConstantOp>(producer);
  Type type = getElementTypeOrSelf(producer->getResult(0).getType());
  TypedAttr value =
      constant ? cast<TypedAttr>(cast<DenseElementsAttr>(constant.getValue())
                                     .getSplatValue<Attribute>())
               : builder.getZeroAttr(type);
  return arith::ConstantOp::create(builder, loc, value);
}

/// Maps of one shape in one `linalg.generic`: each tensor from elsewhere comes
/// in once for each map that reads it.
void KernelFormer::emitMaps(ArrayRef<Operation *> members) {
  llvm::SmallPtrSet<Operation *, 16> here(members.begin(), members.end());
  using Key = std::pair<Value, AffineMap>;
  llvm::MapVector<Key, unsigned> inputs;
  DenseMap<Value, Value> scalars;
  DenseMap<Operation *, SmallVector<FusionRead>> reads;
  for (Operation *op : members) {
    for (const FusionRead &read : reads[op] = fusionReads(op)) {
      Operation *producer = read.value.getDefiningOp();
      if (!read.map || here.contains(producer))
        continue;
      if (producer && fusionRole(producer) == FusionRole::Free) {
        Value &scalar = scalars[read.value];
        if (!scalar)
          scalar = freeElement(producer);
        continue;
      }
      inputs.insert({{read.value, read.map}, unsigned(inputs.size())});
    }
  }
  SmallVector<Value> operands, made, outs;
  SmallVector<AffineMap> maps;
  for (auto &[key, position] : inputs) {
    operands.push_back(mapping.lookup(key.first));
    maps.push_back(key.second);
  }
  for (Operation *op : members)
    for (Value result : op->getResults()) {
      bool used = inits.contains(result);
      for (Operation *user : result.getUsers())
        used |=
            inside.contains(user) ? !here.contains(user) : views.contains(user);
      if (!used)
        continue;
      made.push_back(result);
      outs.push_back(inits.contains(result) ? inits.lookup(result)
                                            : emptyLike(result, within));
    }
  if (made.empty())
    return;
  int64_t rank = cast<RankedTensorType>(made.front().getType()).getRank();
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  maps.append(outs.size(), identity);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, ValueRange(outs).getTypes(), operands, outs, maps,
      iterators, [&](OpBuilder &b, Location, ValueRange args) {
        auto element = [&](const FusionRead &read) -> Value {
          auto known = scalars.find(read.value);
          return known != scalars.end()
                     ? known->second
                     : args[inputs.lookup({read.value, read.map})];
        };
        for (Operation *op : members) {
          ArrayRef<FusionRead> next = reads[op];
          auto operand = [&](Value value) -> Value {
            if (!isa<RankedTensorType>(value.getType()))
              return mapping.lookup(value);
            Value result = element(next.front());
            next = next.drop_front();
            return result;
          };
          auto member = dyn_cast<linalg::LinalgOp>(op);
          if (!member) {
            SmallVector<Value> values =
                llvm::map_to_vector(op->getOperands(), operand);
            Type type = getElementTypeOrSelf(op->getResult(0).getType());
            Operation *scalar =
                b.create(op->getLoc(), op->getName().getIdentifier(), values,
                         type, op->getAttrs());
            scalars[op->getResult(0)] = scalar->getResult(0);
            continue;
          }
          IRMapping local(mapping);
          for (OpOperand *input : member.getDpsInputOperands())
            local.map(member.getMatchingBlockArgument(input),
                      operand(input->get()));
          for (Operation &inner : member.getBlock()->without_terminator())
            b.clone(inner, local);
          for (auto [result, value] :
               llvm::zip(op->getResults(),
                         member.getBlock()->getTerminator()->getOperands()))
            scalars[result] = local.lookupOrDefault(value);
        }
        SmallVector<Value> yielded;
        for (Value result : made)
          yielded.push_back(scalars.lookup(result));
        linalg::YieldOp::create(b, loc, yielded);
      });
  for (auto [result, value] : llvm::zip(made, generic.getResults()))
    mapping.map(result, value);
}

void KernelFormer::emitBody() {
  for (Operation *op : repeated)
    builder.clone(*op, mapping);
  ArrayRef<Operation *> rest = group.members;
  while (!rest.empty()) {
    auto isMap = [](Operation *op) {
      return fusionRole(op) == FusionRole::Map;
    };
    // A row's reductions evaluate what they need: maps stay apart, so that
    // none is evaluated for another's sake.
    size_t count = rest.take_while(isMap).size();
    if (group.kind == FusionKind::Rows)
      count = std::min<size_t>(count, 1);
    if (count) {
      emitMaps(rest.take_front(count));
    } else {
      count = 1;
      builder.clone(*rest.front(), mapping);
    }
    rest = rest.drop_front(count);
  }
}

Attribute KernelFormer::decisions() {
  auto text = [&](StringRef value) { return builder.getStringAttr(value); };
  auto named = [&](StringRef name, Attribute value) {
    return builder.getNamedAttr(name, value);
  };
  SmallVector<NamedAttribute> attributes = {
      named("kind", text(stringify(group.kind)))};
  SmallVector<Attribute> apart;
  for (const FusionPlan::Apart &edge : group.apart)
    apart.push_back(builder.getDictionaryAttr(
        {named("consumer", text(edge.consumer)),
         named("consumer_loc", LocationAttr(edge.consumerLoc)),
         named("producer", text(edge.producer)),
         named("producer_loc", LocationAttr(edge.producerLoc)),
         named("reason", text(stringify(edge.reason)))}));
  if (!apart.empty())
    attributes.push_back(named("apart", builder.getArrayAttr(apart)));
  return builder.getDictionaryAttr(attributes);
}

LogicalResult KernelFormer::emit() {
  Operation *last = group.members.back();
  loc = last->getLoc();
  if (group.members.size() > 1) {
    SmallVector<Location> locs;
    for (Operation *op : ArrayRef(group.members).take_front(16))
      locs.push_back(op->getLoc());
    loc = FusedLoc::get(last->getContext(), locs);
  }
  collect();
  for (Operation *op : group.members)
    for (Value result : op->getResults())
      if (escapes(result))
        results.push_back(result);
  if (results.empty())
    results.push_back(last->getResult(0));
  SmallVector<Value> outs;
  for (Value result : results) {
    outs.push_back(emptyLike(result, before));
    if (!outs.back())
      return last->emitOpError("has a result whose shape cannot be resolved");
  }
  if (failed(coverExtents()))
    return failure();
  auto kernel = KernelOp::create(builder, loc, ValueRange(outs).getTypes(),
                                 inputs.getArrayRef(), outs);
  kernel->setAttr(kFusionAttr, decisions());
  if (outs.size() > 1)
    kernel->setAttr(kOneDomainAttr, builder.getUnitAttr());
  Block *body = builder.createBlock(&kernel.getBody());
  for (Value input : inputs) {
    Value argument = body->addArgument(input.getType(), loc);
    mapping.map(input, argument);
    // Extents of an input are those of its argument.
    if (auto type = dyn_cast<RankedTensorType>(input.getType())) {
      for (int64_t i = 0; i < type.getRank(); ++i)
        if (type.isDynamicDim(i))
          within.try_emplace(extents.of(input, i),
                             Extents::Extent{argument, i});
    } else if (input.getType().isIndex()) {
      within.try_emplace(extents.of({input}), Extents::Extent{argument});
    }
  }
  for (auto [result, out] : llvm::zip(results, outs)) {
    Value argument = body->addArgument(out.getType(), loc);
    inits.map(result, argument);
    auto type = cast<RankedTensorType>(out.getType());
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        within.try_emplace(extents.of(result, i), Extents::Extent{argument, i});
  }
  emitBody();
  SmallVector<Value> yielded;
  for (Value result : results)
    yielded.push_back(mapping.lookup(result));
  YieldOp::create(builder, loc, yielded);
  for (auto [result, replacement] : llvm::zip(results, kernel.getResults())) {
    extents.alias(replacement, result);
    result.replaceUsesWithIf(replacement, [&](OpOperand &use) {
      return !inside.contains(use.getOwner()) &&
             !views.contains(use.getOwner());
    });
  }
  SmallVector<Operation *> dead(group.members);
  llvm::append_range(dead, views);
  for (Operation *op : dead)
    op->dropAllReferences();
  for (Operation *op : dead)
    op->erase();
  return success();
}

struct FusePass : public act::impl::FuseBase<FusePass> {
  using FuseBase::FuseBase;

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
    if (maxOps > 1)
      sinkReshapes(getOperation());
    Extents extents(getOperation());
    for (Block &block : getOperation().getBody()) {
      std::vector<FusionPlan::Group> groups =
          FusionPlan(block, extents, std::max(maxOps.getValue(), 1u)).take();
      for (const FusionPlan::Group &group : groups) {
        if (failed(KernelFormer(extents, group).emit()))
          return signalPassFailure();
        ++numKernels;
        numFused += group.members.size() - 1;
      }
      // Operations between the first and the last member of a group that use
      // its results move behind the kernel.
      sortTopologically(&block);
    }
  }
};

} // namespace
