// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/Program.h"
#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Target/Codegen.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ThreadSafeModule.h"

using namespace mlir;
using namespace mlir::act;

FailureOr<Signature> mlir::act::getSignature(ModuleOp module) {
  func::FuncOp entry = findEntry(module);
  if (!entry)
    return failure();
  Signature signature;
  signature.entry = entry.getName().str();
  auto add = [&](Type type, SmallVector<RankedTensorType> &to) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.getElementType().isIntOrFloat())
      return entry.emitError("an entry point takes and returns ranked tensors "
                             "of integers or floats, got ")
             << type;
    to.push_back(tensor);
    return success();
  };
  for (Type type : entry.getArgumentTypes())
    if (failed(add(type, signature.inputs)))
      return failure();
  for (Type type : entry.getResultTypes())
    if (failed(add(type, signature.outputs)))
      return failure();
  return signature;
}

namespace {

/// A memref descriptor of any rank: allocated, aligned, offset, sizes, strides.
std::vector<int64_t> descriptor(const JITProgram::Buffer &buffer) {
  std::vector<int64_t> result(3 + 2 * buffer.shape.size());
  result[0] = result[1] = reinterpret_cast<int64_t>(buffer.data);
  int64_t stride = 1;
  for (size_t i = buffer.shape.size(); i-- > 0;) {
    result[3 + i] = buffer.shape[i];
    result[3 + buffer.shape.size() + i] = stride;
    stride *= buffer.shape[i];
  }
  return result;
}

struct Call {
  std::vector<std::vector<int64_t>> descriptors;

  void add(ArrayRef<JITProgram::Buffer> buffers) {
    for (const JITProgram::Buffer &buffer : buffers)
      descriptors.push_back(descriptor(buffer));
  }

  std::vector<void *> arguments() {
    std::vector<void *> result;
    for (std::vector<int64_t> &one : descriptors)
      result.push_back(one.data());
    return result;
  }
};

} // namespace

JITProgram::JITProgram() = default;
JITProgram::~JITProgram() = default;

llvm::Expected<std::unique_ptr<JITProgram>>
JITProgram::create(ModuleOp module, Options options) {
  FailureOr<Signature> signature = getSignature(module);
  if (failed(signature))
    return llvm::createStringError("");
  CPUTarget target;
  target.cpu = options.cpu;
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  PassManager passes(module.getContext());
  LLVMPipelineOptions pipeline;
  pipeline.accuracy = options.accuracy;
  pipeline.vectorBits =
      options.vectorBits ? options.vectorBits : act::vectorBits(**machine);
  buildLowerToLLVMPipeline(passes, pipeline);
  if (failed(passes.run(module)))
    return llvm::createStringError("");
  auto context = std::make_unique<llvm::LLVMContext>();
  auto code = translateToLLVM(module, *context, **machine, target.optLevel);
  if (!code)
    return code.takeError();
  auto object =
      emitMachineCode(**code, **machine, llvm::CodeGenFileType::ObjectFile);
  if (!object)
    return object.takeError();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  if (llvm::Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(*object, "act")))
    return error;
  auto program = std::unique_ptr<JITProgram>(new JITProgram());
  program->sig = *signature;
  auto lookup = [&](const std::string &name,
                    void (*&to)(void **)) -> llvm::Error {
    auto symbol = (*jit)->lookup(name);
    if (!symbol)
      return symbol.takeError();
    to = symbol->toPtr<void (*)(void **)>();
    return llvm::Error::success();
  };
  std::string name = "act_" + signature->entry;
  if (llvm::Error error = lookup(name, program->entry))
    return error;
  if (llvm::Error error = lookup(name + "_shapes", program->shapesOf))
    return error;
  if (llvm::Error error = lookup(name + "_workspace", program->workspaceOf))
    return error;
  program->jit = std::move(*jit);
  return program;
}

std::vector<SmallVector<int64_t>> JITProgram::shapes(ArrayRef<Buffer> inputs) {
  Call call;
  call.add(inputs);
  std::vector<void *> arguments = call.arguments();
  size_t count = 0;
  for (RankedTensorType type : sig.outputs)
    count += type.getRank();
  std::vector<int64_t> extents(std::max<size_t>(count, 1));
  // A single index comes back as a value, several through a pointer that goes
  // first, none at all not.
  if (count == 1)
    arguments.push_back(extents.data());
  else if (count > 1)
    arguments.insert(arguments.begin(), extents.data());
  shapesOf(arguments.data());
  std::vector<SmallVector<int64_t>> result;
  const int64_t *at = extents.data();
  for (RankedTensorType type : sig.outputs) {
    result.push_back(SmallVector<int64_t>(at, at + type.getRank()));
    at += type.getRank();
  }
  return result;
}

int64_t JITProgram::workspaceBytes(ArrayRef<Buffer> inputs,
                                   ArrayRef<Buffer> outputs) {
  Call call;
  call.add(inputs);
  call.add(outputs);
  std::vector<void *> arguments = call.arguments();
  int64_t bytes = 0;
  arguments.push_back(&bytes);
  workspaceOf(arguments.data());
  return bytes;
}

void JITProgram::run(ArrayRef<Buffer> inputs, ArrayRef<Buffer> outputs,
                     const Buffer &workspace) {
  Call call;
  call.add(inputs);
  call.add(outputs);
  call.add(workspace);
  std::vector<void *> arguments = call.arguments();
  entry(arguments.data());
}
