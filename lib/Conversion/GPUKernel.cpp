// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GPUKernel.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::act;

std::string ThreadPlan::describe() const {
  auto number = [](int64_t value) { return std::to_string(value); };
  if (tiles) {
    std::string edge = number(tiles->edge) + " x " + number(tiles->edge);
    if (!tiles->tensorCores)
      return "tiles of " + edge + " by multiply-adds";
    return "tiles of " + edge + " by tensor cores, from copies of " +
           (tiles->aligned ? "16 bytes" : "single elements");
  }
  if (team > 1)
    return (team == kWarp ? "a warp" : number(team) + " threads") +
           " for each row" +
           (slots ? " of up to " + number(capacity()) +
                        " elements, held in registers"
                  : ", read by each pass");
  if (vectors > 1)
    return number(vectors) + " vectors of 16 bytes a thread";
  return vector ? "vectors of 16 bytes" : "single elements";
}

GPUKernel::GPUKernel(KernelOp kernel) : KernelBody(kernel, OpBuilder(kernel)) {}

bool GPUKernel::isByTeams(const Nest &nest) {
  // The last dimension runs along the lanes: a reduction keeps its position
  // for all of them if it runs over that dimension, or if there is none.
  if (!nest.reduces)
    return false;
  int64_t last = nest.order.size() + nest.row.size() - 1;
  return nest.byRow || last < 0 || llvm::is_contained(nest.row, last);
}

/// What a thread of an elementwise kernel loads before it computes: with about
/// 800 threads on a multiprocessor, the 48 KiB on their way that keep the
/// memory of recent devices busy.
constexpr int64_t kBytesInFlight = 64;

unsigned mlir::act::vectorElementBits(Type type) {
  if (!type.isIntOrFloat())
    return 0;
  unsigned bits = type.getIntOrFloatBitWidth();
  return bits >= 8 && bits <= 64 && llvm::isPowerOf2_32(bits) ? bits : 0;
}

/// Inputs that are read at the positions of the results.
SmallVector<BlockArgument> GPUKernel::streams(const Nest &nest) {
  int64_t rank = nest.order.size();
  auto isAtPosition = [&](OpOperand &use) {
    auto generic = dyn_cast<linalg::GenericOp>(use.getOwner());
    return isa<YieldOp>(use.getOwner()) ||
           (generic && generic.getNumLoops() == rank &&
            generic.getMatchingIndexingMap(&use).isIdentity());
  };
  SmallVector<BlockArgument> result;
  for (BlockArgument argument :
       kernel.getBody().front().getArguments().take_front(
           kernel.getInputs().size())) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (type && type.getRank() == rank && rank != 0 &&
        llvm::any_of(argument.getUses(), isAtPosition))
      result.push_back(argument);
  }
  return result;
}

/// Whether what an operation reads and writes for neighbours along its last
/// loop is the same element, or neighbours along the last dimension of memory.
static bool isAlongLastLoop(linalg::GenericOp generic) {
  unsigned last = generic.getNumLoops() - 1;
  for (OpOperand &operand : generic->getOpOperands()) {
    AffineMap map = generic.getMatchingIndexingMap(&operand);
    if (map.isIdentity() || map.getNumResults() == 0)
      continue;
    if (generic.isDpsInit(&operand) ||
        !map.isProjectedPermutation(/*allowZeroInResults=*/true) ||
        (map.isFunctionOfDim(last) &&
         !map.getResults().back().isFunctionOfDim(last)))
      return false;
  }
  return llvm::all_of(
      generic.getBody()->without_terminator(), [](Operation &op) {
        return OpTrait::hasElementwiseMappableTraits(&op) ||
               op.hasTrait<OpTrait::ConstantLike>() || isa<linalg::IndexOp>(op);
      });
}

bool GPUKernel::takesChunksAfter(linalg::GenericOp product) {
  auto isWhole = [](Value operand) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    return !type || type.getRank() == 0 ||
           (vectorElementBits(type.getElementType()) != 0 &&
            type.getLayout().isIdentity());
  };
  return llvm::all_of(kernel->getOperands(), isWhole) &&
         llvm::all_of(kernel.getBody().front().getOps<linalg::GenericOp>(),
                      [&](linalg::GenericOp generic) {
                        return generic == product ||
                               (generic.getNumReductionLoops() == 0 &&
                                isAlongLastLoop(generic));
                      });
}

ThreadPlan GPUKernel::elementwisePlan(const Nest &nest) {
  ThreadPlan plan, single;
  unsigned bits = 64;
  auto isContiguous = [&](Value operand) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (!type || type.getRank() == 0)
      return true;
    unsigned element = vectorElementBits(type.getElementType());
    bits = std::min(bits, element);
    return element != 0 && type.getLayout().isIdentity();
  };
  auto first = cast<MemRefType>(output(nest.outputs.front()).getType());
  if (nest.reduces || first.getRank() == 0 ||
      !llvm::all_of(kernel->getOperands(), isContiguous))
    return single;
  // One position for all, as long as there are identity maps, scalars, and
  // nothing that asks where it is.
  plan.flat = true;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (isa<linalg::FillOp, tensor::EmptyOp, arith::ConstantOp, tensor::DimOp>(
            op))
      continue;
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (!generic || generic.getNumReductionLoops() != 0)
      return single;
    if (!isAlongLastLoop(generic))
      return single;
    plan.flat &=
        !generic.hasIndexSemantics() &&
        llvm::all_of(generic.getIndexingMapsArray(), [](AffineMap map) {
          return map.isIdentity() || map.getNumResults() == 0;
        });
  }
  plan.vector = 128 / bits;
  plan.vectors = std::max<int64_t>(
      1, kBytesInFlight / 16 / std::max<size_t>(1, streams(nest).size()));
  int64_t length = first.getShape().back();
  bool wholeRows = ShapedType::isDynamic(length) || length % plan.vector == 0;
  return plan.flat || wholeRows ? plan : single;
}

LogicalResult GPUKernel::emit(const Nest &nest, ThreadPlan plan,
                              gpu::GPUFuncOp func, ArrayRef<Value> values,
                              Counts counts) {
  this->plan = plan;
  this->func = func;
  operands.assign(values.begin(), values.end());
  b.setInsertionPointToEnd(&func.getBody().front());
  auto emitCode = [&] {
    if (plan.tiles)
      return plan.tiles->tensorCores ? emitMatrices(nest, *plan.tiles)
                                     : emitTiles(nest, *plan.tiles);
    return plan.vector ? emitVectors(nest, counts) : emitTeam(nest, counts);
  };
  LogicalResult result = emitCode();
  b.setInsertionPointToEnd(&func.getBody().front());
  gpu::ReturnOp::create(b, loc);
  return result;
}

//===----------------------------------------------------------------------===//
// Vectors of memory
//===----------------------------------------------------------------------===//

std::pair<Value, KernelBody::Coordinates>
GPUKernel::access(unsigned operand, ArrayRef<Index> at) {
  if (!plan.flat || at.empty())
    return KernelBody::access(operand, at);
  return {flat[operand], Coordinates{{at.back().base, 1}}};
}

LogicalResult GPUKernel::emitElements(const Nest &nest,
                                      ArrayRef<Value> positions,
                                      int64_t lanes) {
  Lanes of{lanes, {}, {}};
  SmallVector<Coordinates> tile;
  for (Value position : positions) {
    Coordinates &at = tile.emplace_back(nest.order.size(), Index{position, 0});
    at.back().step = 1;
    if (!plan.flat)
      place(at, nest, nest.order, position, output(nest.outputs.front()));
  }
  // All that memory has to bring is asked for before anything waits for it.
  if (tile.size() > 1)
    for (const Coordinates &at : tile)
      for (BlockArgument input : streams(nest)) {
        FailureOr<Value> value = load(input.getArgNumber(), at, of);
        if (failed(value))
          return failure();
        provide(input, at, of, *value);
      }
  FailureOr<SmallVector<Value>> elements = evaluate(nest.outputs, tile, of);
  forgetProvided();
  if (failed(elements))
    return failure();
  ArrayRef<Value> left = *elements;
  for (const Coordinates &at : tile) {
    store(nest.outputs, left.take_front(nest.outputs.size()), at, of);
    left = left.drop_front(nest.outputs.size());
  }
  return success();
}

/// Threads of the first blocks take several vectors each, those after them one,
/// and the last ones the elements that are left.
LogicalResult GPUKernel::emitVectors(const Nest &nest, Counts counts) {
  alignment = 16;
  for (Value operand : operands) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (!plan.flat || !type || type.getRank() == 0) {
      flat.push_back(operand);
      continue;
    }
    // From the base, so that extents need not be known.
    Value base = operand.getDefiningOp<memref::ReinterpretCastOp>().getSource();
    flat.push_back(memref::ReinterpretCastOp::create(
        b, loc, MemRefType::get({ShapedType::kDynamic}, type.getElementType()),
        base, OpFoldResult(b.getIndexAttr(0)),
        ArrayRef<OpFoldResult>{counts.items},
        ArrayRef<OpFoldResult>{b.getIndexAttr(1)}));
  }
  auto times = [&](Value value, int64_t factor) -> Value {
    return arith::MulIOp::create(b, loc, value, constant(factor));
  };
  auto isBelow = [&](Value value, Value end) -> Value {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, value, end);
  };
  auto split = [&](Value condition, bool hasElse) {
    auto branch = scf::IfOp::create(b, loc, condition, hasElse);
    b.setInsertionPointToStart(branch.thenBlock());
    return branch;
  };
  Value block = gpu::BlockIdOp::create(b, loc, gpu::Dimension::x);
  Value thread = gpu::ThreadIdOp::create(b, loc, gpu::Dimension::x);
  int64_t size = plan.blockSize();
  // In vectors.
  Value position;
  if (plan.vectors > 1) {
    scf::IfOp several = split(isBelow(block, counts.blocks), true);
    Value first = add(times(block, size * plan.vectors), thread);
    SmallVector<Value> positions;
    for (int64_t i = 0; i < plan.vectors; ++i)
      positions.push_back(times(add(first, constant(i * size)), plan.vector));
    if (failed(emitElements(nest, positions, plan.vector)))
      return failure();
    b.setInsertionPointToStart(several.elseBlock());
    Value past = arith::SubIOp::create(b, loc, block, counts.blocks);
    position = add(times(counts.blocks, size * plan.vectors),
                   add(times(past, size), thread));
  } else {
    position = add(times(block, size), thread);
  }
  scf::IfOp one = split(isBelow(position, counts.vectors), true);
  if (failed(emitElements(nest, times(position, plan.vector), plan.vector)))
    return failure();
  b.setInsertionPointToStart(one.elseBlock());
  Value past = arith::SubIOp::create(b, loc, position, counts.vectors);
  position = add(times(counts.vectors, plan.vector), past);
  split(isBelow(position, counts.items), false);
  return emitElements(nest, position, 0);
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// A position counted over some dimensions of memory, the last one fastest.
void GPUKernel::place(Coordinates &at, const Nest &nest, ArrayRef<int64_t> dims,
                      Value position, Value memory) {
  for (auto [i, dim] : llvm::enumerate(llvm::reverse(dims))) {
    Value base = position;
    if (i + 1 != dims.size()) {
      Value size = b.createOrFold<memref::DimOp>(loc, memory, dim);
      base = arith::RemUIOp::create(b, loc, position, size);
      position = arith::DivUIOp::create(b, loc, position, size);
    }
    // With the step of a vector of the CPU, so that the same reductions go by
    // the fixed tree.
    at[dim] = {base, nest.step(dim)};
  }
}
