// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Images between kernels with their channels side by side. What shares a
// layout is a class of values: the result of a kernel, what maps it or is added
// to it, the padded form of it. All of a class move, or none.

#include "CopyKernel.h"
#include "act-mlir/IR/ConstantArguments.h"
#include "act-mlir/Packing/Contraction.h"
#include "act-mlir/Packing/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::act {
#define GEN_PASS_DEF_CHANNELSLAST
#include "act-mlir/Packing/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// The order of an image's dimensions: that of the channels becomes the last.
struct Order {
  unsigned rank, channel;

  template <typename T>
  SmallVector<T> operator()(ArrayRef<T> list) const {
    SmallVector<T> result(list);
    std::rotate(result.begin() + channel, result.begin() + channel + 1,
                result.end());
    return result;
  }
  AffineMap operator()(AffineMap map) const {
    return AffineMap::get(map.getNumDims(), 0,
                          (*this)(ArrayRef(map.getResults())),
                          map.getContext());
  }
  Type operator()(Type type) const {
    auto tensor = cast<RankedTensorType>(type);
    return RankedTensorType::get((*this)(tensor.getShape()),
                                 tensor.getElementType());
  }
  int64_t operator()(int64_t dim) const {
    return dim == channel ? rank - 1 : dim > channel ? dim - 1 : dim;
  }
};

/// A tensor of which each element is the same, or undefined: made anew in the
/// order that is needed.
bool isBlank(Value value) {
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return isBlank(fill.getOutputs()[0]);
  DenseElementsAttr elements;
  return value.getDefiningOp<tensor::EmptyOp>() ||
         (matchPattern(value, m_Constant(&elements)) && elements.isSplat());
}

/// The same with its dimensions in another order, and some channels more.
Value blankIn(OpBuilder &b, const Order &order, Value value, int64_t more = 0) {
  Location loc = value.getLoc();
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return linalg::FillOp::create(b, loc, fill.getInputs()[0],
                                  blankIn(b, order, fill.getOutputs()[0], more))
        .getResult(0);
  auto type = cast<RankedTensorType>(order(value.getType()));
  SmallVector<int64_t> shape(type.getShape());
  if (more)
    shape.back() += more;
  type = type.clone(shape);
  if (auto empty = value.getDefiningOp<tensor::EmptyOp>()) {
    SmallVector<Value> sizes;
    for (OpFoldResult size : order(ArrayRef(empty.getMixedSizes())))
      if (auto dynamic = dyn_cast<Value>(size))
        sizes.push_back(dynamic);
    return tensor::EmptyOp::create(b, loc, type, sizes);
  }
  DenseElementsAttr elements;
  matchPattern(value, m_Constant(&elements));
  return arith::ConstantOp::create(b, loc, elements.resizeSplat(type));
}

/// A convolution with constant filters whose images may be in either order.
struct Convolution {
  linalg::LinalgOp op;
  OpOperand *image;
  /// The dimension of the channels in the image and in the result.
  unsigned imageChannel, resultChannel;
};

std::optional<unsigned> positionOf(AffineMap map, unsigned loop) {
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    if (expr == getAffineDimExpr(loop, map.getContext()))
      return i;
  return std::nullopt;
}

/// The kernel's operand that a value inside it is.
OpOperand *operandOf(KernelOp kernel, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner()->getParentOp() == kernel
             ? &kernel->getOpOperand(argument.getArgNumber())
             : nullptr;
}

std::optional<Convolution> convolution(KernelOp kernel, linalg::LinalgOp op) {
  if (!Contraction::isMultiplyAdd(op))
    return std::nullopt;
  for (unsigned filters : {1, 0}) {
    OpOperand &operand = op->getOpOperand(filters);
    OpOperand *source = operandOf(kernel, operand.get());
    if (!source ||
        (!source->get().getDefiningOp<arith::ConstantOp>() &&
         !isConstantArgument(source->get())) ||
        isBlank(source->get()))
      continue;
    std::optional<Packing> packing = Packing::choose(op, operand);
    if (!packing)
      continue;
    OpOperand &image = op->getOpOperand(1 - filters);
    AffineMap reads = op.getMatchingIndexingMap(&image);
    AffineMap writes = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    std::optional<unsigned> to = positionOf(writes, packing->column);
    std::optional<unsigned> from = positionOf(reads, packing->reduced.front());
    if (to && from)
      return Convolution{op, &image, *from, *to};
  }
  return std::nullopt;
}

/// A reduction over windows: each of its results has a chain of its own,
/// whatever lies side by side.
bool isWindow(linalg::LinalgOp op) {
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  AffineMap reads = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  return !reads.isProjectedPermutation() &&
         reads.isFunctionOfDim(reduced.back()) &&
         !Contraction::isMultiplyAdd(op);
}

/// Whether all that a kernel does can be written for either order: no row,
/// whose sums depend on what lies side by side, and no product but a
/// convolution.
bool isMovable(KernelOp kernel) {
  auto isOutput = [&](Value init) {
    OpOperand *operand = operandOf(kernel, init);
    return operand && kernel.isDpsInit(operand);
  };
  auto rank = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getRank();
  };
  if (kernel->getNumResults() == 0 ||
      !llvm::all_equal(llvm::map_range(kernel.getResults(), rank)) ||
      !llvm::all_of(kernel.getOutputs(), isBlank))
    return false;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (isa<linalg::FillOp, tensor::EmptyOp, arith::ConstantOp>(op))
      continue;
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp || linalgOp.getNumDpsInputs() == 0 ||
        !llvm::all_of(linalgOp.getDpsInits(), [&](Value init) {
          return isOutput(init) || isBlank(init) ||
                 init.getDefiningOp<linalg::LinalgOp>();
        }))
      return false;
    if (linalgOp.getNumReductionLoops() != 0 && !isWindow(linalgOp) &&
        !convolution(kernel, linalgOp))
      return false;
  }
  return true;
}

class Images {
public:
  explicit Images(func::FuncOp func) : b(func.getContext()) {
    func.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto kernel = dyn_cast<KernelOp>(op)) {
        visit(kernel);
        return WalkResult::skip();
      }
      if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
        visit(insert);
      return WalkResult::advance();
    });
  }

  /// How many have moved.
  unsigned move();

private:
  void visit(KernelOp kernel);
  void visit(tensor::InsertSliceOp insert);
  void take(OpOperand &use, Value result);
  void want(Value image, unsigned channel);
  std::optional<Order> orderFor(ArrayRef<Value> members);
  void move(Value image, const Order &order);
  void rewrite(KernelOp kernel);
  void rewrite(tensor::InsertSliceOp insert);

  bool isMoving(OpOperand &use) const { return moving.contains(&use); }

  OpBuilder b;
  /// What may move, in order, and which of these move together.
  llvm::SetVector<Value> images;
  llvm::EquivalenceClasses<Value> classes;
  /// Images whose producers can make either order; uses that can take either.
  DenseSet<Value> made;
  DenseSet<OpOperand *> moving;
  /// For each convolution that makes or reads an image, the dimension of its
  /// channels.
  DenseMap<Value, SmallVector<unsigned>> wanted;
  SmallVector<KernelOp> kernels;
  SmallVector<tensor::InsertSliceOp> inserts;
  /// Where images have moved.
  DenseMap<Value, Order> orders;
};

void Images::want(Value image, unsigned channel) {
  images.insert(image);
  classes.insert(image);
  wanted[image].push_back(channel);
}

void Images::take(OpOperand &use, Value result) {
  moving.insert(&use);
  images.insert(use.get());
  classes.unionSets(use.get(), result);
}

void Images::visit(tensor::InsertSliceOp insert) {
  Value result = insert.getResult();
  if (insert.getSourceType().getRank() != insert.getType().getRank())
    return;
  inserts.push_back(insert);
  made.insert(result);
  images.insert(result);
  take(insert.getSourceMutable(), result);
  if (!isBlank(insert.getDest()))
    take(insert.getDestMutable(), result);
}

void Images::visit(KernelOp kernel) {
  if (!isMovable(kernel))
    return;
  kernels.push_back(kernel);
  Value front = kernel.getResult(0);
  for (Value result : kernel.getResults()) {
    made.insert(result);
    images.insert(result);
    classes.unionSets(result, front);
  }
  DenseMap<OpOperand *, unsigned> channelOf;
  for (auto op : kernel.getBody().front().getOps<linalg::LinalgOp>())
    if (std::optional<Convolution> found = convolution(kernel, op)) {
      want(front, found->resultChannel);
      channelOf[found->image] = found->imageChannel;
    }
  unsigned rank = cast<RankedTensorType>(front.getType()).getRank();
  // Whether a use inside reads at the positions of the result.
  auto follows = [&](OpOperand &inner) {
    auto op = dyn_cast<linalg::LinalgOp>(inner.getOwner());
    if (!op || !op.isDpsInput(&inner) || Contraction::isMultiplyAdd(op))
      return false;
    AffineMap reads = op.getMatchingIndexingMap(&inner);
    return isWindow(op)
               ? reads.getNumResults() == rank
               : reads == op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  };
  for (OpOperand &use : kernel->getOpOperands()) {
    if (kernel.isDpsInit(&use) || !isa<RankedTensorType>(use.get().getType()))
      continue;
    BlockArgument argument =
        kernel.getBody().getArgument(use.getOperandNumber());
    if (!llvm::all_of(argument.getUses(), [&](OpOperand &inner) {
          return channelOf.contains(&inner) || follows(inner);
        }))
      continue;
    moving.insert(&use);
    for (OpOperand &inner : argument.getUses())
      if (auto found = channelOf.find(&inner); found != channelOf.end())
        want(use.get(), found->second);
      else
        take(use, front);
  }
}

/// A convolution takes an image faster with its channels last, in which order
/// it also makes one faster: vectors of channels and elements that meet them
/// are side by side. An image that comes in the other order, or is read in it
/// too, costs a copy. Both weigh the same.
std::optional<Order> Images::orderFor(ArrayRef<Value> members) {
  SmallVector<unsigned> channels;
  unsigned copies = 0;
  for (Value image : members) {
    channels.append(wanted.lookup(image));
    copies += !made.contains(image);
    copies += made.contains(image) &&
              !llvm::all_of(image.getUses(),
                            [&](OpOperand &use) { return isMoving(use); });
  }
  unsigned rank = cast<RankedTensorType>(members.front().getType()).getRank();
  if (channels.size() <= copies || !llvm::all_equal(channels) ||
      channels.front() + 1 == rank)
    return std::nullopt;
  return Order{rank, channels.front()};
}

unsigned Images::move() {
  llvm::MapVector<Value, SmallVector<Value>> members;
  for (Value image : images)
    members[classes.getLeaderValue(image)].push_back(image);
  for (auto &[leader, together] : members)
    if (std::optional<Order> order = orderFor(together))
      for (Value image : together)
        move(image, *order);
  for (KernelOp kernel : kernels)
    rewrite(kernel);
  for (tensor::InsertSliceOp insert : inserts)
    rewrite(insert);
  return orders.size();
}

void Images::move(Value image, const Order &order) {
  Location loc = image.getLoc();
  auto type = cast<RankedTensorType>(image.getType());
  AffineMap plain = b.getMultiDimIdentityMap(order.rank);
  b.setInsertionPointAfterValue(image);
  if (!made.contains(image)) {
    Value init = tensor::EmptyOp::create(
        b, loc, order(ArrayRef(tensor::getMixedSizes(b, loc, image))),
        type.getElementType());
    Value copy = copyKernel(b, loc, image, init, plain, order(plain));
    image.replaceUsesWithIf(copy,
                            [&](OpOperand &use) { return isMoving(use); });
    orders.insert({copy, order});
    return;
  }
  image.setType(order(type));
  orders.insert({image, order});
  SmallVector<OpOperand *> others;
  for (OpOperand &use : image.getUses())
    if (!isMoving(use))
      others.push_back(&use);
  if (others.empty())
    return;
  SmallVector<OpFoldResult> moved = tensor::getMixedSizes(b, loc, image), sizes;
  for (unsigned dim = 0; dim < order.rank; ++dim)
    sizes.push_back(moved[order(dim)]);
  Value init = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
  Value copy = copyKernel(b, loc, image, init, order(plain), plain);
  for (OpOperand *use : others)
    use->set(copy);
}

/// The loops of a kernel stay as they are; where they read and write moves.
void Images::rewrite(KernelOp kernel) {
  Block &body = kernel.getBody().front();
  auto found = orders.find(kernel.getResult(0));
  std::optional<Order> written;
  if (found != orders.end())
    written = found->second;
  DenseMap<Value, Order> inner;
  for (OpOperand &use : kernel->getOpOperands()) {
    BlockArgument argument = body.getArgument(use.getOperandNumber());
    auto read = orders.find(use.get());
    if (kernel.isDpsInit(&use) ? written.has_value()
                               : isMoving(use) && read != orders.end())
      inner.insert(
          {argument, kernel.isDpsInit(&use) ? *written : read->second});
  }
  if (inner.empty())
    return;
  IRRewriter rewriter(b.getContext());
  for (auto op : llvm::to_vector(body.getOps<linalg::LinalgOp>())) {
    rewriter.setInsertionPoint(op);
    if (!isa<linalg::GenericOp, linalg::FillOp>(op.getOperation()))
      (void)*linalg::generalizeNamedOp(rewriter, op);
  }
  b.setInsertionPoint(kernel);
  for (OpOperand &use : kernel->getOpOperands()) {
    BlockArgument argument = body.getArgument(use.getOperandNumber());
    auto order = inner.find(argument);
    if (order == inner.end())
      continue;
    if (kernel.isDpsInit(&use))
      use.set(blankIn(b, *written, use.get()));
    argument.setType(use.get().getType());
  }
  for (auto generic : body.getOps<linalg::GenericOp>()) {
    b.setInsertionPoint(generic);
    SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
    for (OpOperand &use : generic->getOpOperands()) {
      AffineMap &map = maps[use.getOperandNumber()];
      if (written && generic.isDpsInit(&use)) {
        if (isBlank(use.get()))
          use.set(blankIn(b, *written, use.get()));
        map = (*written)(map);
      } else if (auto order = inner.find(use.get()); order != inner.end()) {
        map = order->second(map);
      }
    }
    generic.setIndexingMapsAttr(b.getAffineMapArrayAttr(maps));
    if (written)
      for (Value result : generic.getResults()) {
        result.setType((*written)(result.getType()));
        inner.insert({result, *written});
      }
  }
}

/// Pixels whose distance is a multiple of this many bytes meet in a few sets of
/// the first-level cache; what lies between them otherwise: a line.
constexpr int64_t kConflict = 1024, kLine = 64;

/// What is made anew, as for padding, may have a gap behind its channels, so
/// that windows read pixels of different sets.
void Images::rewrite(tensor::InsertSliceOp insert) {
  auto found = orders.find(insert.getResult());
  if (found == orders.end())
    return;
  Order order = found->second;
  Location loc = insert.getLoc();
  b.setInsertionPoint(insert);
  Value into = insert.getDest();
  auto type = cast<RankedTensorType>(insert.getResult().getType());
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  bool gap = isBlank(into) && !type.isDynamicDim(order.rank - 1) &&
             type.getShape().back() * bytes % kConflict == 0;
  if (isBlank(into))
    into = blankIn(b, order, into, gap ? kLine / bytes : 0);
  Value result =
      tensor::InsertSliceOp::create(b, loc, insert.getSource(), into,
                                    order(ArrayRef(insert.getMixedOffsets())),
                                    order(ArrayRef(insert.getMixedSizes())),
                                    order(ArrayRef(insert.getMixedStrides())));
  if (gap) {
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, result);
    sizes.back() = b.getIndexAttr(type.getShape().back());
    result = tensor::ExtractSliceOp::create(
        b, loc, type, result,
        SmallVector<OpFoldResult>(order.rank, b.getIndexAttr(0)), sizes,
        SmallVector<OpFoldResult>(order.rank, b.getIndexAttr(1)));
  }
  insert.replaceAllUsesWith(result);
  insert.erase();
}

struct ChannelsLastPass : public act::impl::ChannelsLastBase<ChannelsLastPass> {
  void runOnOperation() override { numMoved += Images(getOperation()).move(); }
};

} // namespace
