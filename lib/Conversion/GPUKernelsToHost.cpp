// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Kernels of a GPU as functions of the host, one call a thread, for the
// executor that takes the place of a device (Target/GPUExecutor.h).

#include "GPUAccessChecks.h"
#include "act-mlir/Conversion/Passes.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/AttrTypeSubElements.h"

namespace mlir::act {
#define GEN_PASS_DEF_CONVERTGPUKERNELSTOHOST
#include "act-mlir/Conversion/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// What the host calls for a kernel.
struct HostKernel {
  LLVM::LLVMFuncOp thread;
  LLVM::LLVMStructType arguments;
  int64_t sharedBytes = 0;
  bool synchronizes = false;
};

/// Every workgroup buffer starts at a multiple of this, as does the executor's
/// memory.
constexpr int64_t kSharedAlignment = 128;

class HostConverter {
public:
  explicit HostConverter(ModuleOp module)
      : module(module), b(module.getBodyRegion()), types(module.getContext()) {
    b.setInsertionPointToStart(module.getBody());
    Type i32 = b.getI32Type(), i64 = b.getI64Type();
    Type pointer = LLVM::LLVMPointerType::get(b.getContext());
    Type none = LLVM::LLVMVoidType::get(b.getContext());
    auto declare = [&](StringRef name, Type result, ArrayRef<Type> arguments) {
      return LLVM::LLVMFuncOp::create(
          b, module.getLoc(), name,
          LLVM::LLVMFunctionType::get(result, arguments));
    };
    launch =
        declare("act_gpu_launch", none, {pointer, pointer, i64, i64, i64, i32});
    barrier = declare("act_gpu_barrier", none, {});
    shuffle = declare("act_gpu_shuffle", i32, {i32, i32, i32});
    outside = declare("act_gpu_outside", none, {i64, i64});
    touch = declare("act_gpu_touch", none, {i64, i64, i32});
    loadMatrices =
        declare("act_gpu_load_matrices", none, {i64, i32, i32, pointer});
    multiplyMatrices = declare("act_gpu_multiply_matrices", none,
                               {pointer, pointer, pointer, i32});
    copy = declare("act_gpu_copy", none, {i64, i64, i64, i64});
    groupCopies = declare("act_gpu_group_copies", none, {});
    waitForCopies = declare("act_gpu_wait_for_copies", none, {i32});
    Type f32 = b.getF32Type();
    reciprocal = declare("act_gpu_reciprocal", f32, {f32});
  }

  LogicalResult run();

private:
  FailureOr<HostKernel> convert(gpu::GPUFuncOp func);
  LogicalResult convertThreadOp(Operation *op, Value thread, Value block,
                                HostKernel &kernel);
  void convert(gpu::LaunchFuncOp op, HostKernel kernel);
  void convert(nvgpu::LdMatrixOp op);
  LogicalResult convert(NVVM::MmaOp op);
  void convert(nvgpu::DeviceAsyncCopyOp op);
  Value registers(Operation *op);
  Value address(Location loc, Value memory, ValueRange at);
  Value cast(Location loc, Value value, Type type) {
    return UnrealizedConversionCastOp::create(b, loc, type, value).getResult(0);
  }
  Value integer(Location loc, Type type, int64_t value) {
    return LLVM::ConstantOp::create(b, loc, type,
                                    b.getIntegerAttr(type, value));
  }
  Value field(Location loc, LLVM::LLVMStructType type, Value base,
              int32_t index) {
    return LLVM::GEPOp::create(b, loc, base.getType(), type, base,
                               ArrayRef<LLVM::GEPArg>{0, index});
  }

  ModuleOp module;
  OpBuilder b;
  LLVMTypeConverter types;
  LLVM::LLVMFuncOp launch, barrier, shuffle, outside, touch;
  LLVM::LLVMFuncOp loadMatrices, multiplyMatrices;
  LLVM::LLVMFuncOp copy, groupCopies, waitForCopies, reciprocal;
};

//===----------------------------------------------------------------------===//
// Matrices of a warp, and copies
//===----------------------------------------------------------------------===//

/// Stack for what the executor exchanges: 12 numbers of 32 bits.
Value HostConverter::registers(Operation *op) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(
      &op->getParentOfType<func::FuncOp>().getBody().front());
  Location loc = op->getLoc();
  return LLVM::AllocaOp::create(
      b, loc, LLVM::LLVMPointerType::get(b.getContext()), b.getI32Type(),
      integer(loc, b.getI64Type(), 12));
}

Value HostConverter::address(Location loc, Value memory, ValueRange at) {
  auto type = ::cast<MemRefType>(memory.getType());
  auto data = memref::ExtractStridedMetadataOp::create(b, loc, memory);
  Value element = data.getOffset();
  for (auto [position, stride] : llvm::zip(at, data.getStrides()))
    element = arith::AddIOp::create(
        b, loc, element, arith::MulIOp::create(b, loc, position, stride));
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  Value offset = arith::MulIOp::create(
      b, loc, element, arith::ConstantIndexOp::create(b, loc, bytes));
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memory);
  return arith::IndexCastOp::create(
      b, loc, b.getI64Type(), arith::AddIOp::create(b, loc, base, offset));
}

void HostConverter::convert(nvgpu::LdMatrixOp op) {
  Location loc = op.getLoc();
  Type i32 = b.getI32Type();
  auto type = ::cast<VectorType>(op.getRes().getType());
  Value slots = registers(op);
  LLVM::CallOp::create(
      b, loc, loadMatrices,
      ValueRange{address(loc, op.getSrcMemref(), op.getIndices()),
                 integer(loc, i32, op.getNumTiles()),
                 integer(loc, i32, op.getTranspose()), slots});
  auto flat = VectorType::get({type.getNumElements()}, type.getElementType());
  Value loaded = LLVM::LoadOp::create(b, loc, flat, slots, /*alignment=*/4);
  op.getRes().replaceAllUsesWith(
      vector::ShapeCastOp::create(b, loc, type, loaded).getResult());
}

LogicalResult HostConverter::convert(NVVM::MmaOp op) {
  NVVM::MMAShapeAttr shape = op.getShape();
  std::optional<NVVM::MMATypes> elements = op.getMultiplicandAPtxType();
  bool isBFloat = elements == NVVM::MMATypes::bf16;
  auto sums = dyn_cast<LLVM::LLVMStructType>(op.getRes().getType());
  if (shape.getM() != 16 || shape.getN() != 8 || shape.getK() != 16 ||
      (!isBFloat && elements != NVVM::MMATypes::f16) || !sums ||
      !llvm::all_of(sums.getBody(), llvm::IsaPred<Float32Type>))
    return op.emitError("the executor multiplies matrices of f16 or bf16, 16 x "
                        "8 x 16, with sums in f32 only");
  Location loc = op.getLoc();
  Value slots = registers(op);
  auto slot = [&](int32_t i) -> Value {
    return LLVM::GEPOp::create(b, loc, slots.getType(), b.getI32Type(), slots,
                               ArrayRef<LLVM::GEPArg>{i});
  };
  int32_t next = 0;
  for (ValueRange operands :
       {op.getOperandA(), op.getOperandB(), op.getOperandC()})
    for (Value value : operands)
      LLVM::StoreOp::create(b, loc, value, slot(next++), /*alignment=*/4);
  LLVM::CallOp::create(b, loc, multiplyMatrices,
                       ValueRange{slot(0), slot(4), slot(6),
                                  integer(loc, b.getI32Type(), isBFloat)});
  op.getRes().replaceAllUsesWith(
      LLVM::LoadOp::create(b, loc, sums, slot(6), /*alignment=*/4).getResult());
  return success();
}

void HostConverter::convert(nvgpu::DeviceAsyncCopyOp op) {
  Location loc = op.getLoc();
  auto type = ::cast<MemRefType>(op.getDst().getType());
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  Value size =
      integer(loc, b.getI64Type(), op.getDstElements().getSExtValue() * bytes);
  Value read = size;
  if (Value count = op.getSrcElements())
    read = arith::IndexCastOp::create(
        b, loc, b.getI64Type(),
        arith::MulIOp::create(b, loc, count,
                              arith::ConstantIndexOp::create(b, loc, bytes)));
  LLVM::CallOp::create(b, loc, copy,
                       ValueRange{address(loc, op.getDst(), op.getDstIndices()),
                                  address(loc, op.getSrc(), op.getSrcIndices()),
                                  size, read});
}

/// What asks for a thread's place or for other threads.
LogicalResult HostConverter::convertThreadOp(Operation *op, Value thread,
                                             Value block, HostKernel &kernel) {
  Location loc = op->getLoc();
  b.setInsertionPoint(op);
  auto place = [&](gpu::Dimension dimension, Value value) {
    if (dimension != gpu::Dimension::x)
      value = arith::ConstantIndexOp::create(b, loc, 0);
    op->getResult(0).replaceAllUsesWith(value);
  };
  if (auto id = dyn_cast<gpu::ThreadIdOp>(op)) {
    place(id.getDimension(), thread);
  } else if (auto id = dyn_cast<gpu::BlockIdOp>(op)) {
    place(id.getDimension(), block);
  } else if (isa<gpu::BarrierOp>(op)) {
    LLVM::CallOp::create(b, loc, barrier, ValueRange());
    kernel.synchronizes = true;
  } else if (auto exchange = dyn_cast<gpu::ShuffleOp>(op)) {
    if (!exchange.getValue().getType().isInteger(32) ||
        !matchPattern(exchange.getWidth(), m_Constant()) ||
        !exchange.getValid().use_empty())
      return op->emitError("the executor shuffles i32 within a warp only");
    Value mode = integer(loc, b.getI32Type(), int64_t(exchange.getMode()));
    auto call = LLVM::CallOp::create(
        b, loc, shuffle,
        ValueRange{exchange.getValue(), exchange.getOffset(), mode});
    exchange.getShuffleResult().replaceAllUsesWith(call.getResult());
    kernel.synchronizes = true;
  } else if (isa<gpu::ReturnOp>(op)) {
    func::ReturnOp::create(b, loc);
  } else if (auto inverse = dyn_cast<NVVM::RcpApproxFtzF32Op>(op)) {
    inverse.getRes().replaceAllUsesWith(
        LLVM::CallOp::create(b, loc, reciprocal, inverse.getArg()).getResult());
  } else if (auto load = dyn_cast<nvgpu::LdMatrixOp>(op)) {
    convert(load);
    kernel.synchronizes = true;
  } else if (auto product = dyn_cast<NVVM::MmaOp>(op)) {
    if (failed(convert(product)))
      return failure();
    kernel.synchronizes = true;
  } else if (auto start = dyn_cast<nvgpu::DeviceAsyncCopyOp>(op)) {
    convert(start);
  } else if (isa<nvgpu::DeviceAsyncCreateGroupOp>(op)) {
    LLVM::CallOp::create(b, loc, groupCopies, ValueRange());
  } else if (auto wait = dyn_cast<nvgpu::DeviceAsyncWaitOp>(op)) {
    Value pending =
        integer(loc, b.getI32Type(), wait.getNumGroups().value_or(0));
    LLVM::CallOp::create(b, loc, waitForCopies, pending);
  } else {
    return op->emitError("the executor does not know ") << op->getName();
  }
  op->erase();
  return success();
}

/// `name`: the code of a kernel, with the thread, the block and the block's
/// shared memory as further arguments. `name_thread`: the same from a struct
/// of the arguments.
FailureOr<HostKernel> HostConverter::convert(gpu::GPUFuncOp func) {
  HostKernel kernel;
  Location loc = func.getLoc();
  Type index = b.getIndexType(), i64 = b.getI64Type();
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  unsigned count = func.getFunctionType().getNumInputs();
  SmallVector<int64_t> offsets;
  SmallVector<MemRefType> buffers;
  for (BlockArgument buffer : func.getWorkgroupAttributions()) {
    auto type = ::cast<MemRefType>(buffer.getType());
    offsets.push_back(kernel.sharedBytes);
    buffers.push_back(type);
    kernel.sharedBytes +=
        llvm::alignTo(type.getNumElements() *
                          llvm::divideCeil(type.getElementTypeBitWidth(), 8),
                      kSharedAlignment);
  }
  SmallVector<Type> inputs(func.getArgumentTypes().take_front(count));
  SmallVector<Type> stored;
  for (Type type : inputs)
    stored.push_back(types.convertType(type));
  auto shared = MemRefType::get({kernel.sharedBytes}, b.getI8Type());
  inputs.append({index, index, shared});

  b.setInsertionPointToEnd(module.getBody());
  auto code = func::FuncOp::create(b, loc, func.getName(),
                                   b.getFunctionType(inputs, {}));
  code.setPrivate();
  code.getBody().takeBody(func.getBody());
  Block *entry = &code.getBody().front();
  // The buffers' arguments go; views of the shared memory take their place.
  Value thread = entry->addArgument(index, loc);
  Value block = entry->addArgument(index, loc);
  Value memory = entry->addArgument(shared, loc);
  b.setInsertionPointToStart(entry);
  for (auto [i, buffer] : llvm::enumerate(buffers))
    entry->getArgument(count + i).replaceAllUsesWith(memref::ViewOp::create(
        b, loc, buffer, memory,
        arith::ConstantIndexOp::create(b, loc, offsets[i]), ValueRange()));
  entry->eraseArguments(count, buffers.size());
  // As long as types say which memory is the block's; the host has one space.
  checkAccesses(code, outside, touch);
  AttrTypeReplacer spaces;
  spaces.addReplacement([](MemRefType type) -> std::optional<Type> {
    if (!gpu::GPUDialect::isWorkgroupMemoryAddressSpace(type.getMemorySpace()))
      return std::nullopt;
    return MemRefType::get(type.getShape(), type.getElementType(),
                           type.getLayout());
  });
  spaces.recursivelyReplaceElementsIn(code, /*replaceAttrs=*/false,
                                      /*replaceLocs=*/false,
                                      /*replaceTypes=*/true);
  SmallVector<Operation *> ops;
  code.walk([&](Operation *op) {
    if (isa_and_present<gpu::GPUDialect, nvgpu::NVGPUDialect,
                        NVVM::NVVMDialect>(op->getDialect()))
      ops.push_back(op);
  });
  // Users first: copies leave tokens to groups.
  for (Operation *op : llvm::reverse(ops))
    if (failed(convertThreadOp(op, thread, block, kernel)))
      return failure();

  // Uses of shared memory are a matter of all threads of a block.
  kernel.synchronizes |= kernel.sharedBytes != 0;
  kernel.arguments = LLVM::LLVMStructType::getLiteral(b.getContext(), stored);
  b.setInsertionPointToEnd(module.getBody());
  kernel.thread = LLVM::LLVMFuncOp::create(
      b, loc, (func.getName() + "_thread").str(),
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                  {pointer, i64, i64, pointer}));
  Block *body = kernel.thread.addEntryBlock(b);
  b.setInsertionPointToStart(body);
  SmallVector<Value> arguments;
  for (auto [i, type] : llvm::enumerate(stored)) {
    Value at = field(loc, kernel.arguments, body->getArgument(0), i);
    Value value = LLVM::LoadOp::create(b, loc, type, at);
    arguments.push_back(type == inputs[i] ? value
                                          : cast(loc, value, inputs[i]));
  }
  arguments.push_back(cast(loc, body->getArgument(1), index));
  arguments.push_back(cast(loc, body->getArgument(2), index));
  Value descriptor = MemRefDescriptor::fromStaticShape(b, loc, types, shared,
                                                       body->getArgument(3));
  arguments.push_back(cast(loc, descriptor, shared));
  func::CallOp::create(b, loc, code, arguments);
  LLVM::ReturnOp::create(b, loc, ValueRange());
  return kernel;
}

void HostConverter::convert(gpu::LaunchFuncOp op, HostKernel kernel) {
  Location loc = op.getLoc();
  Type i64 = b.getI64Type(), i32 = b.getI32Type();
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  b.setInsertionPoint(op);
  Value slots = LLVM::AllocaOp::create(b, loc, pointer, kernel.arguments,
                                       integer(loc, i64, 1));
  for (auto [i, value] : llvm::enumerate(op.getKernelOperands())) {
    Type type = kernel.arguments.getBody()[i];
    Value converted = type == value.getType() ? value : cast(loc, value, type);
    LLVM::StoreOp::create(b, loc, converted,
                          field(loc, kernel.arguments, slots, i));
  }
  Value code =
      LLVM::AddressOfOp::create(b, loc, pointer, kernel.thread.getName());
  LLVM::CallOp::create(b, loc, launch,
                       ValueRange{code, slots,
                                  cast(loc, op.getGridSizeX(), i64),
                                  cast(loc, op.getBlockSizeX(), i64),
                                  integer(loc, i64, kernel.sharedBytes),
                                  integer(loc, i32, kernel.synchronizes)});
  op.erase();
}

LogicalResult HostConverter::run() {
  SymbolTableCollection symbols;
  SmallVector<gpu::LaunchFuncOp> launches;
  module.walk([&](gpu::LaunchFuncOp op) { launches.push_back(op); });
  DenseMap<Operation *, HostKernel> kernels;
  // Launches name kernels, so they are looked up before anything moves.
  SmallVector<Operation *> callees;
  for (gpu::LaunchFuncOp op : launches)
    callees.push_back(symbols.lookupNearestSymbolFrom(op, op.getKernelAttr()));
  for (auto gpuModule : module.getOps<gpu::GPUModuleOp>())
    for (auto func : gpuModule.getOps<gpu::GPUFuncOp>()) {
      FailureOr<HostKernel> kernel = convert(func);
      if (failed(kernel))
        return failure();
      kernels[func] = *kernel;
    }
  for (auto [op, callee] : llvm::zip(launches, callees))
    convert(op, kernels.lookup(callee));
  for (auto gpuModule :
       llvm::make_early_inc_range(module.getOps<gpu::GPUModuleOp>()))
    gpuModule.erase();
  module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  return success();
}

struct ConvertGPUKernelsToHostPass
    : public act::impl::ConvertGPUKernelsToHostBase<
          ConvertGPUKernelsToHostPass> {
  void runOnOperation() override {
    if (failed(HostConverter(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace
