// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Which rows the registers of a warp or of a block can hold.

#include "GPUKernel.h"
#include "act-mlir/Transforms/Extents.h"

using namespace mlir;
using namespace mlir::act;

namespace {

/// The elements of a row that a thread holds at most, and the operations on
/// them in straight code.
constexpr int64_t kMostSlots = 32, kMostOperations = 8192;
/// Threads for a row, and the 32-bit registers that what each reads of it may
/// take: as much as ptxas needs no other memory for.
struct Team {
  int64_t threads, registers;
};
constexpr Team kTeams[] = {
    {8, 64}, {16, 64}, {ThreadPlan::kWarp, 64}, {256, 64}, {512, 32}};
/// What neighbours of a team read at a time, at least: what memory gives.
constexpr int64_t kSectorBytes = 32;

} // namespace

Type GPUKernel::exchangedType(Operation *combiner) {
  Type type = combiner->getResult(0).getType();
  Type f32 = Float32Type::get(combiner->getContext());
  auto isWidened = [&](Value operand) {
    auto widened = operand.getDefiningOp<arith::ExtFOp>();
    return widened && type.isF64() && widened.getIn().getType() == f32;
  };
  bool narrow = combiner->hasAttr(kRunSumAttr) ||
                llvm::any_of(combiner->getOperands(), isWidened);
  return narrow ? f32 : type;
}

int64_t GPUKernel::exchangedBytes(linalg::GenericOp generic) {
  int64_t bytes = 0;
  for (Operation *combiner : combiners(generic)) {
    int64_t size = exchangedType(combiner).getIntOrFloatBitWidth() / 8;
    bytes += combiner->hasAttr(kRunSumAttr) ? size : ThreadPlan::kRun * size;
  }
  return bytes;
}

std::optional<GPUKernel::Extent> GPUKernel::rowExtent(const Nest &nest) {
  if (!isByTeams(nest) || nest.row.size() > 1)
    return std::nullopt;
  Block &body = kernel.getBody().front();
  Extents extents(kernel);
  Value row;
  int64_t rowDim = 0;
  if (!nest.row.empty()) {
    row = body.getArgument(kernel.getInputs().size() + nest.outputs.front());
    rowDim = nest.row.front();
  }
  for (auto generic : body.getOps<linalg::GenericOp>()) {
    if (generic.getNumReductionLoops() == 0)
      continue;
    SmallVector<unsigned> reduced;
    generic.getReductionDims(reduced);
    SmallVector<Operation *> joins = combiners(generic);
    // Threads hold as many elements of a run as they hand over together, before
    // they know what is summed already.
    int64_t run = runElements(generic);
    bool asksForSum = llvm::any_of(
        generic.getRegionOutputArgs(),
        [](BlockArgument accumulator) { return !accumulator.hasOneUse(); });
    if (asksForSum || (run && run != ThreadPlan::kRunElements))
      return std::nullopt;
    if (reduced.size() != 1 || joins.empty() ||
        !llvm::all_of(joins, [](Operation *combiner) {
          return vectorElementBits(treeNeutral(combiner).getType()) != 0;
        }))
      return std::nullopt;
    bool found = false;
    for (OpOperand *input : generic.getDpsInputOperands())
      for (auto [i, expr] : llvm::enumerate(
               generic.getMatchingIndexingMap(input).getResults())) {
        if (expr != getAffineDimExpr(reduced.front(), expr.getContext()))
          continue;
        if (!row) {
          row = input->get();
          rowDim = i;
        }
        if (extents.of(row, rowDim) != extents.of(input->get(), i))
          return std::nullopt;
        found = true;
      }
    if (!found)
      return std::nullopt;
  }
  if (!row)
    return std::nullopt;
  for (BlockArgument argument : body.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
      if (extents.of(row, rowDim) == extents.of(argument, dim))
        return Extent(argument.getArgNumber(), dim);
  }
  return std::nullopt;
}

std::vector<ThreadPlan> GPUKernel::heldPlans(Extent extent) {
  auto memory = cast<MemRefType>(kernel->getOperand(extent.first).getType());
  int64_t length = memory.getDimSize(extent.second), registers = 0;
  int64_t elementBytes = llvm::divideCeil(memory.getElementTypeBitWidth(), 8);
  for (Value input : kernel.getInputs()) {
    auto type = dyn_cast<MemRefType>(input.getType());
    if (type && type.getRank() != 0)
      registers += llvm::divideCeil(
          getElementTypeOrSelf(type).getIntOrFloatBitWidth(), 32);
  }
  auto mostSlots = [&](const Team &team) -> int64_t {
    return llvm::bit_floor(uint64_t(
        std::min({kMostSlots, team.registers / std::max<int64_t>(1, registers),
                  kMostOperations / std::max<int64_t>(1, countOperations())})));
  };
  int64_t bytes = 0;
  for (auto generic : kernel.getBody().getOps<linalg::GenericOp>())
    if (generic.getNumReductionLoops() != 0)
      bytes = std::max(bytes, exchangedBytes(generic));
  std::vector<ThreadPlan> plans;
  auto add = [&](int64_t team, int64_t slots) {
    ThreadPlan plan;
    plan.team = team;
    plan.slots = slots;
    if (plans.empty() || plan.capacity() > plans.back().capacity())
      plans.push_back(plan);
  };
  for (const Team &team : kTeams) {
    bool inWarp = team.threads <= ThreadPlan::kWarp;
    if (team.threads * elementBytes < kSectorBytes &&
        team.threads < ThreadPlan::kWarp)
      continue;
    if (!inWarp && team.threads * bytes > ThreadPlan::kExchangeBytes)
      break;
    // A thread of a block has a slot in each of the trees that make a run.
    int64_t together = inWarp ? 1 : ThreadPlan::kRun, most = mostSlots(team);
    if (ShapedType::isDynamic(length)) {
      for (int64_t slots = inWarp ? 4 : 2 * together; slots <= most; slots *= 2)
        add(team.threads, slots);
      continue;
    }
    // Of a known length, exactly as many as there are.
    int64_t slots =
        llvm::alignTo(llvm::divideCeil(length, team.threads), together);
    if (plans.empty() && slots != 0 && slots <= most)
      add(team.threads, slots);
  }
  return plans;
}
