// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/Program.h"
#include "../Runtime/Program.h"
#include "LevelCode.h"
#include "act-mlir/IR/ConstantArguments.h"
#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Transforms/Fusion.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Support/JSON.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::act;

void mlir::act::printVersion(raw_ostream &os) {
  os << "act-mlir " ACT_VERSION ", LLVM " LLVM_VERSION_STRING "\n";
}

/// Types that have a DLPack name and whole bytes in memory.
static bool isElementOfEntry(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.getWidth() == 1 || integer.getWidth() == 8 ||
           integer.getWidth() == 16 || integer.getWidth() == 32 ||
           integer.getWidth() == 64;
  return isa<Float64Type, Float32Type, Float16Type, BFloat16Type,
             Float8E4M3FNType, Float8E5M2Type>(type);
}

FailureOr<Signature> mlir::act::getSignature(ModuleOp module) {
  func::FuncOp entry = findEntry(module);
  if (!entry)
    return failure();
  Signature signature;
  signature.entry = entry.getName().str();
  llvm::StringMap<int64_t> symbols;
  auto add = [&](Type type, DictionaryAttr attributes, StringRef otherwise,
                 std::vector<Argument> &to) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !isElementOfEntry(tensor.getElementType()))
      return entry.emitError("an entry point takes and returns ranked tensors "
                             "of f64, f32, f16, bf16, f8E4M3FN, f8E5M2, i1, "
                             "i8, i16, i32 or i64, got ")
             << type;
    auto get = [&](StringRef name) {
      return attributes ? attributes.get(name) : Attribute();
    };
    auto text = dyn_cast_or_null<StringAttr>(get("act.name"));
    auto dims = dyn_cast_or_null<ArrayAttr>(get("act.dims"));
    Argument argument{text ? text.str()
                           : (otherwise + llvm::Twine(to.size())).str(),
                      tensor, SmallVector<int64_t>(tensor.getShape()),
                      isa_and_nonnull<UnitAttr>(get("act.unsigned"))};
    for (auto [d, extent] : llvm::enumerate(argument.extents)) {
      if (!ShapedType::isDynamic(extent))
        continue;
      auto symbol = dims && d < dims.size() ? dyn_cast<StringAttr>(dims[d])
                                            : StringAttr();
      // A number that operations need the extent to be.
      if (symbol && !symbol.getValue().getAsInteger(10, extent))
        continue;
      extent = symbol
                   ? symbols.try_emplace(symbol, -2 - int64_t(symbols.size()))
                         .first->second
                   : -1;
    }
    to.push_back(std::move(argument));
    return success();
  };
  for (BlockArgument argument : entry.getArguments()) {
    unsigned i = argument.getArgNumber();
    auto [name, to] = entry.getArgAttr(i, kConstantAttr)
                          ? std::pair("constant", &signature.constants)
                      : entry.getArgAttr(i, kPreparedAttr)
                          ? std::pair("prepared", &signature.prepared)
                          : std::pair("input", &signature.inputs);
    if (failed(add(argument.getType(), entry.getArgAttrDict(i), name, *to)))
      return failure();
    to->back().isRead = !argument.use_empty();
  }
  for (auto [i, type] : llvm::enumerate(entry.getResultTypes()))
    if (failed(
            add(type, entry.getResultAttrDict(i), "output", signature.outputs)))
      return failure();
  auto shapes = module.lookupSymbol<func::FuncOp>(signature.entry + "_shapes");
  if (auto checks =
          shapes ? shapes->getAttrOfType<ArrayAttr>(kChecksAttr) : ArrayAttr())
    for (auto text : checks.getAsRange<StringAttr>())
      signature.checks.push_back(text.str());
  return signature;
}

LogicalResult mlir::act::refuseConstants(ModuleOp module, StringRef target) {
  func::FuncOp entry = findEntry(module);
  if (!entry || llvm::none_of(entry.getArguments(), isConstantArgument))
    return success();
  return entry.emitError("constant arguments need a program for CPUs alone, "
                         "not one for ")
         << target;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static void writeValue(raw_ostream &os, ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    ArrayRef<char> data = resource.getRawHandle().getBlob()->getData();
    os.write(data.data(), data.size());
    return;
  }
  auto dense = cast<DenseElementsAttr>(value);
  if (dense.getElementType().isInteger(1)) {
    for (bool bit : dense.getValues<bool>())
      os << char(bit);
    return;
  }
  ArrayRef<char> data = dense.getRawData();
  for (int64_t i = 0, e = dense.isSplat() ? dense.getNumElements() : 1; i < e;
       ++i)
    os.write(data.data(), data.size());
}

void Weights::write(raw_ostream &os) const {
  uint64_t begin = os.tell();
  for (auto [value, offset] : llvm::zip(values, offsets)) {
    os.write_zeros(begin + offset - os.tell());
    writeValue(os, value);
  }
  os.write_zeros(begin + bytes - os.tell());
}

/// What act-extract-weights left on the module.
FailureOr<Weights> mlir::act::takeWeights(ModuleOp module) {
  Weights weights;
  auto values = module->getAttrOfType<ArrayAttr>(kWeightsAttr);
  auto offsets = module->getAttrOfType<DenseI64ArrayAttr>(kWeightOffsetsAttr);
  for (auto [value, offset] :
       llvm::zip(values.getAsRange<ElementsAttr>(), offsets.asArrayRef())) {
    auto type = cast<ShapedType>(value.getType());
    int64_t bytes = type.getNumElements() *
                    llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
      AsmResourceBlob *blob = resource.getRawHandle().getBlob();
      if (!blob || int64_t(blob->getData().size()) != bytes)
        return module.emitError("resource '")
               << resource.getRawHandle().getKey() << "' "
               << (blob ? "does not have the size of its type" : "has no data");
    }
    weights.values.push_back(value);
    weights.offsets.push_back(offset);
    weights.bytes = llvm::alignTo(offset + bytes, 64);
  }
  module->removeAttr(kWeightsAttr);
  module->removeAttr(kWeightOffsetsAttr);
  return weights;
}

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

/// What the runtime asks of a CPU before it calls code for `cpu`. "native" and
/// names that are no levels are for the machine that compiles.
static uint64_t requiredFeatures(StringRef cpu,
                                 const llvm::TargetMachine &machine) {
  if (machine.getTargetTriple().isAArch64())
    return machine.getMCSubtargetInfo()->checkFeatures("+sve") ? ACT_CPU_ARM_SVE
                                                               : ACT_CPU_ANY;
  return llvm::StringSwitch<uint64_t>(cpu)
      .Case("x86-64-v3", ACT_CPU_X86_V3)
      .Case("x86-64-v4", ACT_CPU_X86_V3 | ACT_CPU_X86_V4)
      .Cases({"znver4", "znver5", "sapphirerapids", "graniterapids"},
             ACT_CPU_X86_V3 | ACT_CPU_X86_V4 | ACT_CPU_X86_BF16 |
                 ACT_CPU_X86_VBMI)
      .Case("native", act_cpu_features())
      .Default(ACT_CPU_ANY);
}

std::string CompiledProgram::symbol(const Level &level,
                                    StringRef function) const {
  std::string result = name + "_" + level.name + "_" + function.str();
  for (char &c : result)
    if (!llvm::isAlnum(c))
      c = '_';
  return result;
}

static LogicalResult runStages(ModuleOp module, ArrayRef<Stage> stages,
                               const LLVMPipelineOptions &pipeline,
                               const CompileOptions &options) {
  PassManager passes(module.getContext());
  if (options.instrument && failed(options.instrument(passes)))
    return failure();
  if (options.gpuExecutor && stages.back() == Stage::Lower)
    buildGPUExecutorStages(passes, pipeline);
  else
    for (Stage stage : stages)
      buildStage(passes, stage, pipeline);
  return passes.run(module);
}

llvm::Expected<std::string>
mlir::act::emitLevel(ModuleOp module, llvm::TargetMachine &machine,
                     const CompiledProgram &program, const Level &level,
                     const CompileOptions &options, CodeKind kind) {
  llvm::LLVMContext context;
  auto code = translateToLLVM(module, context, machine);
  if (!code)
    return code.takeError();
  for (llvm::Function &function : **code)
    if (!function.isDeclaration())
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
  std::string packed = "act_" + program.signature.entry;
  for (auto [suffix, name] : {std::pair<StringRef, StringRef>("", "run"),
                              {"_shapes", "shapes"},
                              {"_workspace", "workspace"},
                              {kProbesSuffix, "probes"},
                              {kPrepareSuffix, "prepare"},
                              {"_prepare_workspace", "prepare_workspace"}}) {
    llvm::Function *function = (*code)->getFunction((packed + suffix).str());
    if (!function)
      continue; // nothing to probe, or to prepare
    function->setName(program.symbol(level, name));
    function->setLinkage(llvm::GlobalValue::ExternalLinkage);
    function->setVisibility(llvm::GlobalValue::HiddenVisibility);
  }
  optimize(**code, machine, options.optLevel);
  if (kind == CodeKind::LLVMIR) {
    std::string text;
    llvm::raw_string_ostream os(text);
    (*code)->print(os, nullptr);
    return text;
  }
  return emitMachineCode(**code, machine,
                         kind == CodeKind::Object
                             ? llvm::CodeGenFileType::ObjectFile
                             : llvm::CodeGenFileType::AssemblyFile);
}

/// One error for the program, where each pass would have one for each function.
static LogicalResult checkAccuracy(ModuleOp module,
                                   const CompileOptions &options) {
  return AccuracyAttr::parseOption(options.accuracy,
                                   [&] { return module.emitError(); });
}

/// Whether products of bf16 may take the instructions for pairs: where all of
/// these CPUs have them, since they share the packed weights, and subnormal
/// numbers may count as zeros.
static llvm::Expected<bool> takesBF16Dot(ArrayRef<std::string> cpus,
                                         const CompileOptions &options) {
  if (options.reproducible || options.accuracy == "highest")
    return false;
  CPUTarget target;
  target.triple = options.triple;
  for (const std::string &cpu : cpus) {
    target.cpu = cpu;
    auto machine = createTargetMachine(target);
    if (!machine)
      return machine.takeError();
    if (!multipliesBF16(**machine))
      return false;
  }
  return true;
}

/// What is the same for all CPUs of a program.
static void setCommonOptions(LLVMPipelineOptions &pipeline,
                             const CompileOptions &options, bool bf16Dot) {
  pipeline.bf16Dot = bf16Dot;
  pipeline.accuracy = options.accuracy;
  pipeline.raise = options.raise;
  pipeline.roundOnce = options.roundOnce;
  pipeline.reproducible = options.reproducible;
  pipeline.parallel = options.parallel;
}

static llvm::Error compileLevel(ModuleOp module, CompiledProgram &program,
                                Level &level, llvm::json::Array &activations,
                                const CompileOptions &options, CodeKind kind,
                                bool bf16Dot) {
  CPUTarget target;
  target.triple = options.triple;
  target.cpu = level.name;
  target.optLevel = options.optLevel;
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  program.triple = (*machine)->getTargetTriple().str();
  level.features = requiredFeatures(level.name, **machine);
  LLVMPipelineOptions pipeline;
  setCommonOptions(pipeline, options, bf16Dot);
  pipeline.vectorBits =
      options.vectorBits ? options.vectorBits : act::vectorBits(**machine);
  pipeline.maskBits = act::maskBits(**machine);
  // What people read has the program's own functions only.
  pipeline.probes =
      options.probes && kind == CodeKind::Object && !options.gpuExecutor;
  if (failed(runStages(module, stagesOfTarget(), pipeline, options)))
    return reported();
  // The same for each level.
  program.probes = readProbes(module);
  activations = probesAsJSON(module);
  module->removeAttr(kProbesAttr);
  FailureOr<Weights> weights = takeWeights(module);
  if (failed(weights))
    return reported();
  program.weights = std::move(*weights);

  auto code = emitLevel(module, **machine, program, level, options, kind);
  if (!code)
    return code.takeError();
  level.code = std::move(*code);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

static std::string describe(const CompiledProgram &program,
                            const CompileOptions &options,
                            llvm::json::Array kernels,
                            llvm::json::Array activations) {
  auto arguments = [](ArrayRef<Argument> list) {
    llvm::json::Array array;
    for (const Argument &argument : list) {
      llvm::json::Array shape;
      for (int64_t extent : argument.type.getShape()) {
        if (ShapedType::isDynamic(extent))
          shape.push_back("?");
        else
          shape.push_back(extent);
      }
      std::string dtype;
      llvm::raw_string_ostream(dtype)
          << (argument.isUnsigned ? "u" : "") << argument.type.getElementType();
      array.push_back(llvm::json::Object{{"name", argument.name},
                                         {"dtype", dtype},
                                         {"shape", std::move(shape)}});
    }
    return array;
  };
  llvm::json::Array constants = arguments(program.signature.constants);
  for (auto [argument, value] :
       llvm::zip(program.signature.constants, constants))
    value.getAsObject()->insert({"kept", argument.isRead});
  int64_t preparedBytes = 0;
  for (const Argument &argument : program.signature.prepared)
    preparedBytes +=
        argument.type.getNumElements() *
        llvm::divideCeil(argument.type.getElementTypeBitWidth(), 8);
  llvm::json::Array levels;
  for (const Level &level : program.levels)
    levels.push_back(level.name);
  llvm::json::Array chips;
  for (const std::string &chip : options.chips)
    chips.push_back(chip);
  llvm::json::Object object{{"name", program.name},
                            {"inputs", arguments(program.signature.inputs)},
                            {"outputs", arguments(program.signature.outputs)},
                            {"constants", std::move(constants)},
                            {"prepared_bytes", preparedBytes},
                            {"levels", std::move(levels)},
                            {"chips", std::move(chips)},
                            {"accuracy", options.accuracy},
                            {"weights_bytes", program.weights.bytes},
                            {"aliases", llvm::json::Array()},
                            {"kernels", std::move(kernels)},
                            {"activations", std::move(activations)},
                            {"abi_version", ACT_ABI_VERSION},
                            {"compiler", "act-mlir " ACT_VERSION}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(object));
  return text;
}

llvm::Expected<CompiledProgram>
mlir::act::compileProgram(ModuleOp module, const CompileOptions &options,
                          CodeKind kind) {
  if (failed(checkAccuracy(module, options)) || failed(getSignature(module)))
    return reported();
  if ((options.gpuExecutor || !options.chips.empty()) &&
      failed(refuseConstants(module, "GPUs")))
    return reported();
  CompiledProgram program;
  program.name = options.name;
  OwningOpRef<ModuleOp> original;
  if (!options.chips.empty())
    original = module.clone();
  llvm::Expected<bool> bf16Dot = takesBF16Dot(options.cpus, options);
  if (!bf16Dot)
    return bf16Dot.takeError();
  LLVMPipelineOptions pipeline;
  setCommonOptions(pipeline, options, *bf16Dot);
  // Panels are the CPU's: a GPU's code, beside it or alone, shares the weights
  // as they are.
  pipeline.pack = !options.gpuExecutor && options.chips.empty();
  if (failed(runStages(module, stagesBeforeTarget(), pipeline, options)))
    return reported();
  // Now with what operations need of the extents.
  FailureOr<Signature> signature = getSignature(module);
  if (failed(signature))
    return reported();
  program.signature = std::move(*signature);
  llvm::json::Array kernels = fusionAsJSON(module);
  llvm::raw_string_ostream explanation(program.explanation);
  printFusion(module, explanation);
  llvm::json::Array activations;
  for (const std::string &cpu : options.cpus) {
    Level level;
    level.name = cpu;
    OwningOpRef<ModuleOp> clone(module.clone());
    if (llvm::Error error = compileLevel(*clone, program, level, activations,
                                         options, kind, *bf16Dot))
      return error;
    program.levels.push_back(std::move(level));
  }
  if (original) {
    auto gpu = compileGPUCode(*original, program, options);
    if (!gpu)
      return gpu.takeError();
    program.gpu = std::move(*gpu);
  }
  program.json =
      describe(program, options, std::move(kernels), std::move(activations));
  return program;
}

SmallVector<std::string> mlir::act::defaultCPUs(StringRef triple) {
  llvm::Triple machine(triple.empty() ? llvm::sys::getDefaultTargetTriple()
                                      : triple.str());
  if (machine.isX86())
    return {"x86-64-v4", "x86-64-v3"};
  return {"generic"};
}

llvm::Expected<std::string>
mlir::act::textAfter(ModuleOp module, Stage last,
                     const CompileOptions &options) {
  if (failed(checkAccuracy(module, options)))
    return reported();
  CPUTarget target;
  target.triple = options.triple;
  target.cpu = options.cpus.front();
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::Expected<bool> bf16Dot = takesBF16Dot(target.cpu, options);
  if (!bf16Dot)
    return bf16Dot.takeError();
  LLVMPipelineOptions pipeline;
  setCommonOptions(pipeline, options, *bf16Dot);
  pipeline.vectorBits = act::vectorBits(**machine);
  pipeline.maskBits = act::maskBits(**machine);
  PassManager passes(module.getContext());
  if (options.instrument && failed(options.instrument(passes)))
    return reported();
  for (Stage stage : kStages)
    if (stage <= last)
      buildStage(passes, stage, pipeline);
  if (failed(passes.run(module)))
    return reported();
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  os << "\n";
  return text;
}
