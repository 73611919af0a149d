// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HashForms.h"
#include "../Unit/Inputs.h"
#include "act-mlir/Compiler/JIT.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Target/GPUExecutor.h"
#include "act-mlir/Transforms/Expansion.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir::act;
using namespace mlir::act::numerics;

std::vector<HashForm> mlir::act::numerics::hashForms() {
  std::vector<HashForm> forms = {{"native"}};
  auto features = llvm::sys::getHostCPUFeatures();
  for (auto [cpu, needs] :
       {std::pair<const char *, const char *>("x86-64-v3", "avx2"),
        {"x86-64-v4", "avx512bw"}})
    if (features.lookup(needs))
      forms.push_back({cpu, HashForm::Compiled, cpu});
  for (int64_t bits : {64, 128, 256, 512, 1024}) {
    forms.push_back({"vectors-" + std::to_string(bits)});
    forms.back().vectorBits = bits;
  }
  forms.push_back({"tails"});
  forms.back().longest = 67;
  forms.push_back({"scalars"});
  forms.back().spelling = Spelling::Scalars;
  forms.push_back({"fused"});
  forms.back().spelling = Spelling::Fused;
  for (int32_t threads : {2, 3, 4}) {
    forms.push_back({"threads-" + std::to_string(threads)});
    forms.back().threads = threads;
  }
  forms.push_back({"host", HashForm::Host});
  forms.push_back({"gpu-sim", HashForm::Executor});
  if (llvm::sys::findProgramByName("qemu-aarch64") &&
      llvm::sys::findProgramByName(std::string(kForeignTriple) + "-gcc") &&
      llvm::sys::fs::exists(std::string(ACT_BUILD) + "/lib/" + kForeignTriple +
                            "/libActRuntime.a")) {
    forms.push_back({"aarch64-neon", HashForm::Foreign, "generic"});
    forms.back().emulatedCPU = "cortex-a57";
    forms.push_back({"aarch64-sve", HashForm::Foreign, "armv8-a+sve"});
    forms.back().emulatedCPU = "max";
  }
  return forms;
}

bool mlir::act::numerics::appliesTo(const HashForm &form,
                                    const HashedProgram &program) {
  bool whole = !program.file.empty();
  if (form.threads > 1)
    return whole;
  return !whole || (form.kind != HashForm::Host && form.longest == 0 &&
                    form.spelling == Spelling::Vectors);
}

HashInputs::HashInputs(const HashedProgram &program, uint64_t stride)
    : program(program), patterns(program.type, stride) {
  count = program.file.empty() ? patterns.size() : 1 << 14;
  rounds = program.inputs();
}

uint64_t HashInputs::bits(unsigned k, uint64_t i) const {
  if (!program.file.empty())
    return moderatePattern(i, program.type);
  if (k == 0)
    return patterns[i % count];
  return i < count ? encode(1, program.type) : otherPattern(i, program.type);
}

template <class T, class Bits>
static void store(std::vector<uint8_t> &bytes, uint64_t count, T sign,
                  Bits bits) {
  bytes.resize(count * sizeof(T));
  T *data = reinterpret_cast<T *>(bytes.data());
  for (uint64_t i = 0; i < count; ++i)
    data[i] = T(bits(i)) ^ sign;
}

uint64_t HashInputs::fill(unsigned k, uint64_t first, uint64_t most,
                          bool negate, std::vector<uint8_t> &bytes) const {
  uint64_t at = first % count;
  most = std::min(most, count - at);
  auto storeAll = [&](auto bits) {
    switch (int width = format(program.type).width) {
    case 8:
      return store<uint8_t>(bytes, most, uint8_t(negate) << (width - 1), bits);
    case 16:
      return store<uint16_t>(bytes, most, uint16_t(negate) << (width - 1),
                             bits);
    case 32:
      return store<uint32_t>(bytes, most, uint32_t(negate) << (width - 1),
                             bits);
    default:
      return store<uint64_t>(bytes, most, uint64_t(negate) << (width - 1),
                             bits);
    }
  };
  // What is most of all inputs, in loops that become vectors.
  if (!program.file.empty()) {
    storeAll([&](uint64_t i) { return bits(k, first + i); });
  } else if (k > 0 && first < count) {
    uint64_t one = encode(1, program.type);
    storeAll([&](uint64_t) { return one; });
  } else if (k > 0) {
    storeAll([&](uint64_t i) { return otherPattern(first + i, program.type); });
  } else if (patterns.isRegular(at, most)) {
    uint64_t start = patterns[at], step = patterns.step();
    storeAll([&](uint64_t i) { return start + i * step; });
  } else {
    storeAll([&](uint64_t i) { return patterns[at + i]; });
  }
  return most;
}

static std::vector<std::string> asText(llvm::ArrayRef<act_hash> hashes) {
  std::vector<std::string> result;
  for (const act_hash &hash : hashes)
    result.push_back(llvm::utohexstr(act_hash_value(&hash), true, 16));
  return result;
}

static std::vector<act_hash> emptyHashes(size_t count) {
  std::vector<act_hash> hashes(count);
  for (act_hash &hash : hashes)
    act_hash_start(&hash);
  return hashes;
}

static std::vector<std::string> hashOnHost(const HashedProgram &program,
                                           uint64_t stride) {
  HashInputs inputs(program, stride);
  Type type = program.type;
  act_element element = elementOf(type);
  std::vector<act_hash> hashes = emptyHashes(program.functions.size());
  for (auto [function, hash] : llvm::zip(program.functions, hashes)) {
    Kernel kernel = kernelOf(function, type, program.mode);
    for (uint64_t i = 0; i < inputs.size(); ++i) {
      double x = decode(inputs.bits(0, i), type);
      double y = program.inputs() > 1 ? decode(inputs.bits(1, i), type) : 0;
      test::Operands operands(function, x, y);
      uint64_t bits =
          encode(roundTo(evaluate(function, kernel, type,
                                  defaultParameters(function), operands.v),
                         type),
                 type);
      act_hash_add(&hash, &bits, 1, &element, false);
    }
  }
  return asText(hashes);
}

llvm::Expected<CompiledProgram> mlir::act::numerics::compileForm(
    mlir::MLIRContext &context, const HashForm &form,
    const HashedProgram &program, CompileOptions options) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  context.appendDialectRegistry(registry);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceString<mlir::ModuleOp>(program.text(form.spelling),
                                              &context);
  if (!module)
    return llvm::createStringError("the program does not parse");
  options.accuracy = program.mode;
  options.reproducible = true;
  options.cpus = {form.cpu};
  options.probes = false;
  return compileProgram(*module, options);
}

static llvm::Expected<std::vector<std::string>>
hashCompiled(const HashForm &form, const HashedProgram &program,
             uint64_t stride) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  CompileOptions options;
  options.vectorBits = form.vectorBits;
  options.gpuExecutor = form.kind == HashForm::Executor;
  // What is between two negations may be another activation.
  options.raise = form.spelling != Spelling::Fused;
  auto compiled = compileForm(context, form, program, options);
  if (!compiled)
    return compiled.takeError();
  auto model = JITModel::create(*compiled);
  if (!model)
    return model.takeError();

  act_run_plan plan = {};
  plan.element = elementOf(program.type);
  plan.inputs = program.inputs();
  plan.outputs = program.rows().size();
  plan.rank = form.spelling == Spelling::Scalars ? 0 : 1;
  plan.longest = form.longest;
  plan.negate = form.spelling == Spelling::Fused;
  plan.threads = form.threads;
  HashInputs inputs(program, stride);
  std::vector<act_hash> hashes = emptyHashes(plan.outputs);
  std::vector<uint8_t> x, y;
  uint64_t block = program.file.empty() ? 1 << 13 : inputs.size();
  for (uint64_t i = 0; i < inputs.size();) {
    uint64_t count = inputs.fill(0, i, block, plan.negate, x);
    if (plan.inputs > 1)
      inputs.fill(1, i, block, plan.negate, y);
    const void *data[] = {x.data(), y.data()};
    const act_model *functions = (*model)->get();
    if (act_run_hashed(functions, &plan, data, count, hashes.data()))
      return llvm::createStringError(functions->last_error());
    if (std::string why = takeGPUExecutorError(); !why.empty())
      return llvm::createStringError(why);
    i += count;
  }
  return asText(hashes);
}

llvm::Expected<std::vector<std::string>> mlir::act::numerics::computeHashes(
    const HashForm &form, const HashedProgram &program, uint64_t stride) {
  if (form.kind == HashForm::Host)
    return hashOnHost(program, stride);
  if (form.kind == HashForm::Foreign)
    return computeForeign(form, program, stride);
  return hashCompiled(form, program, stride);
}
