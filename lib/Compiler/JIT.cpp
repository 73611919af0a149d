// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/JIT.h"
#include "../Runtime/Program.h"
#include "act-mlir/Target/GPUExecutor.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemAlloc.h"

using namespace mlir;
using namespace mlir::act;

act_dtype mlir::act::dtypeOf(Type element) {
  uint8_t bits = element.getIntOrFloatBitWidth();
  uint8_t code = 0;
  if (element.isBF16())
    code = 4;
  else if (isa<Float8E4M3FNType>(element))
    code = 10;
  else if (isa<Float8E5M2Type>(element))
    code = 12;
  else if (isa<FloatType>(element))
    code = 2;
  else if (element.isUnsignedInteger())
    code = 1;
  else if (element.isInteger(1))
    code = 6, bits = 8;
  return {code, bits, 1};
}

act_dtype mlir::act::dtypeOf(const Argument &argument) {
  act_dtype dtype = dtypeOf(argument.type.getElementType());
  if (argument.isUnsigned)
    dtype.code = 1;
  return dtype;
}

namespace {
/// Writes to memory that is large enough.
class MemoryStream : public llvm::raw_ostream {
public:
  explicit MemoryStream(char *to) : raw_ostream(/*unbuffered=*/true), to(to) {}

private:
  void write_impl(const char *data, size_t size) override {
    std::memcpy(to + written, data, size);
    written += size;
  }
  uint64_t current_pos() const override { return written; }

  char *to;
  uint64_t written = 0;
};
} // namespace

struct JITModel::State {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::string json;
  std::vector<std::string> names;
  std::vector<SmallVector<int64_t>> shapes;
  std::vector<act_argument> arguments;
  std::vector<act_level> levels;
  std::vector<std::string> texts;
  std::vector<const char *> checks;
  std::vector<Probe> probeData;
  std::vector<act_probe> probes;
  struct Free {
    void operator()(void *p) const { llvm::deallocate_buffer(p, 0, 64); }
  };
  std::unique_ptr<void, Free> weights;
  act_program program;
  act_model model;
};

JITModel::JITModel(std::unique_ptr<State> state) : state(std::move(state)) {}
JITModel::~JITModel() = default;
const act_model *JITModel::get() const { return &state->model; }

llvm::Expected<std::unique_ptr<JITModel>>
JITModel::create(const CompiledProgram &program) {
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  // The only names that compiled code may ask for beside libm's: the host's
  // loop over threads, and the executor's in the place of a device.
  llvm::orc::SymbolMap symbols;
  auto define = [&](StringRef name, auto *address) {
    symbols[(*jit)->mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(address),
        llvm::JITSymbolFlags::Exported};
  };
  define("act_parallel_run", &act_parallel_run);
  define("act_gpu_launch", &act_gpu_launch);
  define("act_gpu_barrier", &act_gpu_barrier);
  define("act_gpu_shuffle", &act_gpu_shuffle);
  define("act_gpu_outside", &act_gpu_outside);
  define("act_gpu_touch", &act_gpu_touch);
  define("act_gpu_load_matrices", &act_gpu_load_matrices);
  define("act_gpu_multiply_matrices", &act_gpu_multiply_matrices);
  define("act_gpu_copy", &act_gpu_copy);
  define("act_gpu_group_copies", &act_gpu_group_copies);
  define("act_gpu_wait_for_copies", &act_gpu_wait_for_copies);
  define("act_gpu_reciprocal", &act_gpu_reciprocal);
  if (llvm::Error error = (*jit)->getMainJITDylib().define(
          llvm::orc::absoluteSymbols(std::move(symbols))))
    return error;
  auto state = std::make_unique<State>();
  for (const Level &level : program.levels) {
    if (llvm::Error error =
            (*jit)->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(
                level.code, program.name + "." + level.name)))
      return error;
    act_level entry = {};
    entry.name = level.name.c_str();
    entry.features = level.features;
    for (auto [name, to] :
         {std::pair<StringRef, act_packed *>("run", &entry.run),
          {"shapes", &entry.shapes},
          {"workspace", &entry.workspace},
          {"probes", &entry.probes},
          {"prepare", &entry.prepare},
          {"prepare_workspace", &entry.prepare_workspace}}) {
      if (name == "probes" ? program.probes.empty()
                           : name.starts_with("prepare") &&
                                 program.signature.constants.empty())
        continue;
      auto address = (*jit)->lookup(program.symbol(level, name));
      if (!address)
        return address.takeError();
      *to = address->toPtr<act_packed>();
    }
    state->names.push_back(level.name);
    state->levels.push_back(entry);
  }
  state->jit = std::move(*jit);
  state->json = program.json;
  for (const std::vector<Argument> *list :
       {&program.signature.inputs, &program.signature.outputs,
        &program.signature.constants, &program.signature.prepared})
    for (const Argument &argument : *list) {
      state->names.push_back(argument.name);
      state->shapes.push_back(argument.extents);
      state->arguments.push_back({nullptr, nullptr,
                                  int32_t(argument.extents.size()),
                                  dtypeOf(argument)});
    }
  // Pointers into the vectors, now that they do not grow any more.
  for (auto [i, level] : llvm::enumerate(state->levels))
    level.name = state->names[i].c_str();
  for (auto [i, argument] : llvm::enumerate(state->arguments)) {
    argument.name = state->names[state->levels.size() + i].c_str();
    argument.shape = state->shapes[i].data();
  }
  state->texts = program.signature.checks;
  for (const std::string &text : state->texts)
    state->checks.push_back(text.c_str());
  state->probeData = program.probes;
  for (const Probe &probe : state->probeData)
    state->probes.push_back({probe.name.c_str(), probe.data.data(),
                             dtypeOf(probe.element), int32_t(probe.operands)});
  int64_t bytes = program.weights.bytes;
  state->weights.reset(llvm::allocate_buffer(std::max<int64_t>(bytes, 64), 64));
  MemoryStream os(static_cast<char *>(state->weights.get()));
  program.weights.write(os);

  state->program = {state->json.c_str(),
                    state->arguments.data(),
                    state->levels.data(),
                    state->weights.get(),
                    uint64_t(bytes),
                    /*weights_file=*/nullptr,
                    /*selftest=*/0,
                    int32_t(program.signature.inputs.size()),
                    int32_t(program.signature.outputs.size()),
                    int32_t(state->levels.size()),
                    /*gpu=*/nullptr,
                    int32_t(state->checks.size()),
                    state->checks.data(),
                    int32_t(state->probes.size()),
                    state->probes.data(),
                    int32_t(program.signature.constants.size()),
                    int32_t(program.signature.prepared.size())};
  state->model = {ACT_ABI_VERSION,       sizeof(act_model), act_rt_describe,
                  act_rt_create,         act_rt_destroy,    act_rt_infer_shapes,
                  act_rt_workspace_size, act_rt_run,        act_rt_selftest,
                  act_rt_last_error,     &state->program,   act_rt_prepare};
  return std::unique_ptr<JITModel>(new JITModel(std::move(state)));
}
