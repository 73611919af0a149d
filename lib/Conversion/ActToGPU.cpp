// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Kernels on memrefs become functions of a `gpu.module` and their launches.
// The host's side is here: which plan a loop nest of a kernel gets, what the
// threads are told, how many there are.

#include "GPUKernel.h"
#include "act-mlir/Conversion/Passes.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::act {
#define GEN_PASS_DEF_CONVERTACTTOGPU
#include "act-mlir/Conversion/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// Rows that are read by each pass get a warp each up to this length, longer
/// ones a block.
constexpr int64_t kLongestWarpRow = 1024;
/// Blocks for every multiprocessor of a large device: where fewer would do much
/// each, more of them that do less keep it busy.
constexpr int64_t kManyBlocks = 108;

/// What a launch passes for the operands of a kernel: a memref goes as its
/// base and those sizes, strides and offsets that its type does not know.
class Operands {
public:
  Operands(OpBuilder &b, Location loc, ValueRange values) {
    for (Value value : values) {
      auto type = dyn_cast<MemRefType>(value.getType());
      if (!type) {
        passed.push_back(value);
        continue;
      }
      auto data = memref::ExtractStridedMetadataOp::create(b, loc, value);
      passed.push_back(data.getBaseBuffer());
      auto pass = [&](int64_t known, Value value) {
        if (ShapedType::isDynamic(known))
          passed.push_back(value);
      };
      for (auto [i, size] : llvm::enumerate(type.getShape()))
        pass(size, b.createOrFold<memref::DimOp>(loc, value, i));
      if (type.getLayout().isIdentity())
        continue;
      auto [strides, offset] = type.getStridesAndOffset();
      pass(offset, data.getOffset());
      for (auto [i, stride] : llvm::enumerate(strides))
        pass(stride, data.getStrides()[i]);
    }
  }

  /// The operands again, from what was passed.
  static SmallVector<Value> restore(OpBuilder &b, Location loc,
                                    ValueRange operands,
                                    Block::BlockArgListType passed) {
    SmallVector<Value> result;
    for (Value operand : operands) {
      Value base = passed.front();
      passed = passed.drop_front();
      auto type = dyn_cast<MemRefType>(operand.getType());
      if (!type) {
        result.push_back(base);
        continue;
      }
      auto next = [&](int64_t known) -> OpFoldResult {
        if (!ShapedType::isDynamic(known))
          return b.getIndexAttr(known);
        Value value = passed.front();
        passed = passed.drop_front();
        return value;
      };
      SmallVector<OpFoldResult> sizes, strides(type.getRank());
      for (int64_t size : type.getShape())
        sizes.push_back(next(size));
      OpFoldResult offset = b.getIndexAttr(0);
      auto [known, knownOffset] = type.getStridesAndOffset();
      if (type.getLayout().isIdentity()) {
        OpFoldResult stride = b.getIndexAttr(1);
        for (int64_t i = type.getRank() - 1; i >= 0; --i) {
          strides[i] = stride;
          stride = product(b, loc, stride, sizes[i]);
        }
      } else {
        offset = next(knownOffset);
        for (auto [i, stride] : llvm::enumerate(known))
          strides[i] = next(stride);
      }
      result.push_back(memref::ReinterpretCastOp::create(
          b, loc, type, base, offset, sizes, strides));
    }
    return result;
  }

  SmallVector<Value> passed;

private:
  static OpFoldResult product(OpBuilder &b, Location loc, OpFoldResult lhs,
                              OpFoldResult rhs) {
    std::optional<int64_t> x = getConstantIntValue(lhs),
                           y = getConstantIntValue(rhs);
    if (x && y)
      return b.getIndexAttr(*x * *y);
    if (x && *x == 1)
      return rhs;
    return arith::MulIOp::create(b, loc,
                                 getValueOrCreateConstantIndexOp(b, loc, lhs),
                                 getValueOrCreateConstantIndexOp(b, loc, rhs))
        .getResult();
  }
};

class Converter {
public:
  Converter(ModuleOp module, bool tensorCores)
      : module(module), tensorCores(tensorCores) {}

  LogicalResult convert(KernelOp kernel);

private:
  using Nest = GPUKernel::Nest;

  LogicalResult launch(KernelOp kernel, const Nest &nest, ThreadPlan plan,
                       OpBuilder b);
  LogicalResult launchMatrices(KernelOp kernel, const Nest &nest,
                               ThreadTiles tiles, OpBuilder b);
  LogicalResult launchRows(KernelOp kernel, const Nest &nest, OpBuilder b);
  LogicalResult launchHeldRows(KernelOp kernel, const Nest &nest,
                               ArrayRef<ThreadPlan> plans, Value length,
                               OpBuilder b);
  using Launch = llvm::function_ref<LogicalResult(OpBuilder)>;
  LogicalResult pick(OpBuilder b, Value condition, Launch then,
                     Launch otherwise);
  Value product(OpBuilder &b, Value memory, ArrayRef<int64_t> dims);
  Value addressBits(OpBuilder &b, KernelOp kernel);
  Value countVectors(OpBuilder &b, KernelOp kernel, Value items,
                     ThreadPlan plan, Value memory);
  Value countTiles(OpBuilder &b, Value memory, const ThreadTiles &tiles);
  gpu::GPUModuleOp kernels();
  std::string nextName(KernelOp kernel);

  ModuleOp module;
  bool tensorCores;
  gpu::GPUModuleOp gpuModule;
  llvm::StringMap<unsigned> names;
};

gpu::GPUModuleOp Converter::kernels() {
  if (!gpuModule) {
    OpBuilder b(module.getBodyRegion());
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    b.getUnitAttr());
    gpuModule = gpu::GPUModuleOp::create(b, module.getLoc(), "act_kernels");
  }
  return gpuModule;
}

std::string Converter::nextName(KernelOp kernel) {
  // Functions that kernels have of their own go away again.
  auto function = kernel->getParentOfType<func::FuncOp>();
  if (function.isPrivate())
    function = findEntry(module);
  std::string name = function.getName().str() + "_kernel";
  unsigned number = names[name]++;
  return name + "_" + std::to_string(number);
}

Value Converter::product(OpBuilder &b, Value memory, ArrayRef<int64_t> dims) {
  Location loc = memory.getLoc();
  Value result = arith::ConstantIndexOp::create(b, loc, 1);
  for (int64_t dim : dims)
    result = b.createOrFold<arith::MulIOp>(
        loc, result, b.createOrFold<memref::DimOp>(loc, memory, dim));
  return result;
}

/// The bits that are set in the address of any operand.
Value Converter::addressBits(OpBuilder &b, KernelOp kernel) {
  Location loc = kernel.getLoc();
  Value bits = arith::ConstantIndexOp::create(b, loc, 0);
  for (Value operand : kernel->getOperands()) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (type && type.getRank() != 0)
      bits = b.createOrFold<arith::OrIOp>(
          loc, bits,
          memref::ExtractAlignedPointerAsIndexOp::create(b, loc, operand));
  }
  return bits;
}

/// As many vectors as there are elements for, none where memory is not aligned
/// to them.
Value Converter::countVectors(OpBuilder &b, KernelOp kernel, Value items,
                              ThreadPlan plan, Value memory) {
  Location loc = kernel.getLoc();
  auto constant = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value unaligned =
      arith::AndIOp::create(b, loc, addressBits(b, kernel), constant(15));
  Value vector = constant(plan.vector);
  if (!plan.flat) {
    // A row that is not whole vectors shifts those after it.
    int64_t last = cast<MemRefType>(memory.getType()).getRank() - 1;
    Value length = b.createOrFold<memref::DimOp>(loc, memory, last);
    unaligned = b.createOrFold<arith::OrIOp>(
        loc, unaligned, b.createOrFold<arith::RemUIOp>(loc, length, vector));
  }
  Value aligned = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                        unaligned, constant(0));
  Value vectors = b.createOrFold<arith::DivUIOp>(loc, items, vector);
  return arith::SelectOp::create(b, loc, aligned, vectors, constant(0));
}

Value Converter::countTiles(OpBuilder &b, Value memory,
                            const ThreadTiles &tiles) {
  Location loc = memory.getLoc();
  Value count = product(b, memory, tiles.outer);
  for (ArrayRef<int64_t> dims : {tiles.rows, tiles.columns})
    count = b.createOrFold<arith::MulIOp>(
        loc, count,
        b.createOrFold<arith::CeilDivUIOp>(
            loc, product(b, memory, dims),
            arith::ConstantIndexOp::create(b, loc, tiles.edge)));
  return count;
}

/// One kernel function and its launch at `b`.
LogicalResult Converter::launch(KernelOp kernel, const Nest &nest,
                                ThreadPlan plan, OpBuilder b) {
  Location loc = kernel.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value memory = kernel.getOutputs()[nest.outputs.front()];
  Value items = product(b, memory, nest.order), threads = items, vectors;
  // A launch of no blocks is an error of the driver.
  Value some = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ne,
                                             items, constant(0));
  auto guarded = scf::IfOp::create(b, loc, some, /*withElseRegion=*/false);
  b.setInsertionPointToStart(guarded.thenBlock());
  Operands operands(b, loc, kernel->getOperands());
  SmallVector<Value> passed = operands.passed;
  passed.push_back(items);
  Value blocks;
  if (plan.vector) {
    vectors = countVectors(b, kernel, items, plan, memory);
    passed.push_back(vectors);
    Value inVectors =
        arith::MulIOp::create(b, loc, vectors, constant(plan.vector));
    threads = arith::AddIOp::create(
        b, loc, vectors, arith::SubIOp::create(b, loc, items, inVectors));
  }
  if (plan.vectors > 1) {
    // A block of them takes as much memory as several blocks: where there are
    // few, they leave multiprocessors idle.
    Value perBlock = constant(plan.blockSize() * plan.vectors);
    Value count = b.createOrFold<arith::DivUIOp>(loc, vectors, perBlock);
    Value isMany = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::uge,
                                                 count, constant(kManyBlocks));
    blocks = b.createOrFold<arith::SelectOp>(loc, isMany, count, constant(0));
    passed.push_back(blocks);
    threads = b.createOrFold<arith::SubIOp>(
        loc, threads, b.createOrFold<arith::MulIOp>(loc, blocks, perBlock));
  }
  Value grid = plan.tiles ? countTiles(b, memory, *plan.tiles)
                          : b.createOrFold<arith::CeilDivUIOp>(
                                loc, threads, constant(plan.teamsOfBlock()));
  if (blocks)
    grid = b.createOrFold<arith::AddIOp>(loc, grid, blocks);

  OpBuilder device(kernels().getBodyRegion());
  device.setInsertionPointToEnd(kernels().getBody());
  auto func = gpu::GPUFuncOp::create(
      device, loc, nextName(kernel),
      device.getFunctionType(ValueRange(passed).getTypes(), {}));
  func->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), b.getUnitAttr());
  func.setKnownBlockSizeAttr(
      b.getDenseI32ArrayAttr({int32_t(plan.blockSize()), 1, 1}));
  func->setAttr(kGPUPlanAttr, b.getStringAttr(plan.describe()));
  remark::passed(loc, remark::RemarkOpts::name("Plan")
                          .category("convert-act-to-gpu")
                          .function(func.getName()))
      << plan.describe();
  device.setInsertionPointToStart(&func.getBody().front());
  SmallVector<Value> values = Operands::restore(
      device, loc, kernel->getOperands(), func.getArguments());
  unsigned next = operands.passed.size();
  GPUKernel::Counts counts{func.getArgument(next++), {}, {}};
  if (vectors)
    counts.vectors = func.getArgument(next++);
  if (blocks)
    counts.blocks = func.getArgument(next++);
  if (failed(GPUKernel(kernel).emit(nest, plan, func, values, counts)))
    return failure();

  // What this nest does not read is not passed.
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(func.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
  llvm::BitVector unused(passed.size());
  for (unsigned i = 0; i < passed.size(); ++i)
    if (func.getArgument(i).use_empty())
      unused.set(i);
  if (failed(func.eraseArguments(unused)))
    return failure();
  SmallVector<Value> arguments;
  for (auto [i, value] : llvm::enumerate(passed))
    if (!unused.test(i))
      arguments.push_back(value);
  Value one = constant(1);
  gpu::LaunchFuncOp::create(
      b, loc, func, gpu::KernelDim3{grid, one, one},
      gpu::KernelDim3{constant(plan.blockSize()), one, one},
      /*dynamicSharedMemorySize=*/Value(), arguments);
  return success();
}

/// Two launches, of which the host takes one; one, where it is known which.
LogicalResult Converter::pick(OpBuilder b, Value condition, Launch then,
                              Launch otherwise) {
  if (std::optional<int64_t> known = getConstantIntValue(condition))
    return *known ? then(b) : otherwise(b);
  auto branch = scf::IfOp::create(b, condition.getLoc(), condition,
                                  /*withElseRegion=*/true);
  return success(
      succeeded(then(OpBuilder::atBlockBegin(branch.thenBlock()))) &&
      succeeded(otherwise(OpBuilder::atBlockBegin(branch.elseBlock()))));
}

/// Wide or narrow tiles of whole chunks, or, where memory is not aligned to
/// these, tiles whose elements are brought one by one.
LogicalResult Converter::launchMatrices(KernelOp kernel, const Nest &nest,
                                        ThreadTiles tiles, OpBuilder b) {
  Location loc = kernel.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value unaligned =
      arith::AndIOp::create(b, loc, addressBits(b, kernel), constant(15));
  bool never = false;
  for (auto [operand, dim] : tiles.chunked) {
    Value rest = b.createOrFold<arith::RemUIOp>(
        loc,
        b.createOrFold<memref::DimOp>(loc, kernel->getOperand(operand), dim),
        constant(ThreadTiles::kChunk));
    std::optional<int64_t> known = getConstantIntValue(rest);
    never |= known && *known != 0;
    unaligned = b.createOrFold<arith::OrIOp>(loc, unaligned, rest);
  }
  Value aligned = never
                      ? arith::ConstantIntOp::create(b, loc, 0, 1).getResult()
                      : arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                              unaligned, constant(0));
  auto launchTiles = [&](OpBuilder at, int64_t edge, bool aligned) {
    ThreadPlan plan;
    plan.tiles = tiles;
    plan.tiles->edge = edge;
    plan.tiles->aligned = aligned;
    return launch(kernel, nest, plan, at);
  };
  tiles.edge = ThreadTiles::kWideEdge;
  Value memory = kernel.getOutputs()[nest.outputs.front()];
  return pick(
      b, aligned,
      [&](OpBuilder at) {
        Value isMany = at.createOrFold<arith::CmpIOp>(
            loc, arith::CmpIPredicate::uge, countTiles(at, memory, tiles),
            arith::ConstantIndexOp::create(at, loc, kManyBlocks));
        return pick(
            at, isMany,
            [&](OpBuilder at) {
              return launchTiles(at, ThreadTiles::kWideEdge, true);
            },
            [&](OpBuilder at) {
              return launchTiles(at, ThreadTiles::kEdge, true);
            });
      },
      [&](OpBuilder at) { return launchTiles(at, ThreadTiles::kEdge, false); });
}

/// Each pass reads the row: by a warp or a block, which the host picks where
/// the length is not known.
LogicalResult Converter::launchRows(KernelOp kernel, const Nest &nest,
                                    OpBuilder b) {
  Location loc = kernel.getLoc();
  ThreadPlan warp, block;
  warp.team = ThreadPlan::kWarp;
  block.team = kReductionLanes;
  Value memory = kernel.getOutputs()[nest.outputs.front()];
  Value length = product(b, memory, nest.row);
  Value isShort = b.createOrFold<arith::CmpIOp>(
      loc, arith::CmpIPredicate::ule, length,
      arith::ConstantIndexOp::create(b, loc, kLongestWarpRow));
  if (nest.row.empty())
    isShort = arith::ConstantIntOp::create(b, loc, 0, 1);
  return pick(
      b, isShort, [&](OpBuilder at) { return launch(kernel, nest, warp, at); },
      [&](OpBuilder at) { return launch(kernel, nest, block, at); });
}

/// The first plan whose registers hold rows of this length, else passes of a
/// block over memory.
LogicalResult Converter::launchHeldRows(KernelOp kernel, const Nest &nest,
                                        ArrayRef<ThreadPlan> plans,
                                        Value length, OpBuilder b) {
  if (plans.empty()) {
    ThreadPlan passes;
    passes.team = kReductionLanes;
    return launch(kernel, nest, passes, b);
  }
  Location loc = kernel.getLoc();
  Value fits = b.createOrFold<arith::CmpIOp>(
      loc, arith::CmpIPredicate::ule, length,
      arith::ConstantIndexOp::create(b, loc, plans.front().capacity()));
  return pick(
      b, fits,
      [&](OpBuilder at) { return launch(kernel, nest, plans.front(), at); },
      [&](OpBuilder at) {
        return launchHeldRows(kernel, nest, plans.drop_front(), length, at);
      });
}

LogicalResult Converter::convert(KernelOp kernel) {
  OpBuilder b(kernel);
  Location loc = kernel.getLoc();
  for (Value operand : kernel->getOperands())
    if (isa<TensorType>(operand.getType()))
      return kernel.emitOpError("must be on memrefs before "
                                "convert-act-to-gpu; run act-bufferize first");
  for (const Nest &nest : GPUKernel(kernel).nests()) {
    if (!GPUKernel::isByTeams(nest)) {
      ThreadPlan threads = GPUKernel(kernel).elementwisePlan(nest);
      threads.tiles = GPUKernel(kernel).tiles(nest);
      bool matrices = tensorCores && threads.tiles &&
                      GPUKernel(kernel).takeTensorCores(nest, *threads.tiles);
      if (failed(matrices ? launchMatrices(kernel, nest, *threads.tiles, b)
                          : launch(kernel, nest, threads, b)))
        return failure();
      continue;
    }
    std::optional<GPUKernel::Extent> extent = GPUKernel(kernel).rowExtent(nest);
    std::vector<ThreadPlan> plans;
    if (extent)
      plans = GPUKernel(kernel).heldPlans(*extent);
    if (plans.empty()) {
      if (failed(launchRows(kernel, nest, b)))
        return failure();
      continue;
    }
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, loc, value);
    };
    Value length = b.createOrFold<memref::DimOp>(
        loc, kernel->getOperand(extent->first), extent->second);
    // Registers do not hold rows of no elements.
    Value none = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq,
                                               length, constant(0));
    length = b.createOrFold<arith::SelectOp>(
        loc, none, constant(std::numeric_limits<int64_t>::max()), length);
    if (failed(launchHeldRows(kernel, nest, plans, length, b)))
      return failure();
  }
  kernel.erase();
  return success();
}

/// A copy of memory is a kernel that yields its operand.
void copyToKernel(memref::CopyOp copy) {
  OpBuilder b(copy);
  Location loc = copy.getLoc();
  auto kernel =
      KernelOp::create(b, loc, TypeRange(), copy.getSource(), copy.getTarget());
  Block *body = b.createBlock(&kernel.getBody());
  for (Value operand : kernel->getOperands())
    body->addArgument(memref::getTensorTypeFromMemRefType(operand.getType()),
                      loc);
  YieldOp::create(b, loc, body->getArgument(0));
  copy.erase();
}

struct ConvertActToGPUPass
    : public act::impl::ConvertActToGPUBase<ConvertActToGPUPass> {
  using ConvertActToGPUBase::ConvertActToGPUBase;

  void runOnOperation() override {
    SmallVector<memref::CopyOp> copies;
    getOperation().walk([&](memref::CopyOp op) { copies.push_back(op); });
    llvm::for_each(copies, copyToKernel);
    SmallVector<KernelOp> kernels;
    getOperation().walk([&](KernelOp kernel) { kernels.push_back(kernel); });
    bool lacksThem = bool(getOperation()->removeAttr(kNoTensorCoresAttr));
    Converter converter(getOperation(), tensorCores && !lacksThem);
    for (KernelOp kernel : kernels)
      if (failed(converter.convert(kernel)))
        return signalPassFailure();
    if (failed(verifyHost()))
      signalPassFailure();
  }

  /// The host may not touch memory that is the device's.
  LogicalResult verifyHost() {
    llvm::MapVector<StringRef, SmallVector<Location>> left;
    for (auto func : getOperation().getOps<func::FuncOp>())
      func.walk([&](Operation *op) {
        if (isa<gpu::LaunchFuncOp, memref::AllocOp, memref::DeallocOp>(op) ||
            op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
          return;
        auto effects = dyn_cast<MemoryEffectOpInterface>(op);
        bool computes =
            llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>);
        if (computes ||
            (effects && (effects.hasEffect<MemoryEffects::Read>() ||
                         effects.hasEffect<MemoryEffects::Write>())))
          left[op->getName().getStringRef()].push_back(op->getLoc());
      });
    if (left.empty())
      return success();
    InFlightDiagnostic error =
        emitError(left.front().second.front())
        << "operations that the GPU target cannot take outside kernels:";
    for (auto &[name, locs] : left) {
      error << " " << name << " (" << locs.size() << ")";
      error.attachNote(locs.front()) << "first " << name;
    }
    return error;
  }
};

} // namespace
