// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Target/Codegen.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

/// The CPUs that there is code for.
static void initializeTargets() {
  LLVMInitializeAArch64TargetInfo();
  LLVMInitializeAArch64Target();
  LLVMInitializeAArch64TargetMC();
  LLVMInitializeAArch64AsmPrinter();
  LLVMInitializeAArch64AsmParser();
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
mlir::act::createTargetMachine(const CPUTarget &target) {
  initializeTargets();
  std::string name = target.triple.empty() ? llvm::sys::getDefaultTargetTriple()
                                           : target.triple;
  llvm::Triple triple(name);
  std::string error;
  const llvm::Target *backend =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return llvm::createStringError("unknown target '%s'", name.c_str());
  std::string cpu = target.cpu, features;
  if (cpu == "native") {
    cpu = llvm::sys::getHostCPUName().str();
    for (auto &feature : llvm::sys::getHostCPUFeatures())
      features += (features.empty() ? "" : ",") +
                  std::string(feature.second ? "+" : "-") +
                  feature.first().str();
  }
  // As compilers write it for Arm: an architecture, or a CPU, and extensions.
  if (triple.isAArch64() && target.cpu != "native") {
    SmallVector<StringRef> parts;
    StringRef(target.cpu).split(parts, '+');
    for (StringRef part : ArrayRef(parts).drop_front())
      features += (features.empty() ? "+" : ",+") + part.str();
    cpu = parts.front() == "armv8-a" ? "generic" : parts.front().str();
  }
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      backend->createMCSubtargetInfo(triple, "", ""));
  // LLVM aborts on extensions that it does not know.
  if (info && triple.isAArch64())
    for (StringRef feature : llvm::split(StringRef(features), ',')) {
      feature = feature.drop_while([](char c) { return c == '+' || c == '-'; });
      if (!feature.empty() &&
          llvm::none_of(info->getAllProcessorFeatures(),
                        [&](const llvm::SubtargetFeatureKV &known) {
                          return feature == known.Key;
                        }))
        return llvm::createStringError("unknown extension '%s' for target '%s'",
                                       feature.str().c_str(), name.c_str());
    }
  if (!info || !info->isCPUStringValid(cpu))
    return llvm::createStringError("unknown CPU '%s' for target '%s'",
                                   cpu.c_str(), name.c_str());
  // 512-bit registers are preferred where they are: Zen 4 and the server cores
  // that the levels are for do not slow down.
  if (triple.isX86() && cpu == "x86-64-v4")
    features = "-prefer-256-bit";
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> machine(backend->createTargetMachine(
      triple, cpu, features, options, llvm::Reloc::PIC_));
  if (!machine)
    return llvm::createStringError("no code generator for target '%s'",
                                   name.c_str());
  // Below AVX2 and FMA, a fused multiply-add is a call of libm.
  if (triple.isX86() &&
      !machine->getMCSubtargetInfo()->checkFeatures("+avx2,+fma"))
    return llvm::createStringError("CPU '%s' is below x86-64-v3, the lowest "
                                   "level there is code for",
                                   cpu.c_str());
  machine->setOptLevel(target.optLevel ? llvm::CodeGenOptLevel::Aggressive
                                       : llvm::CodeGenOptLevel::None);
  return machine;
}

int64_t mlir::act::vectorBits(const llvm::TargetMachine &machine) {
  if (!machine.getTargetTriple().isX86())
    return 128;
  return machine.getMCSubtargetInfo()->checkFeatures("+avx512f") ? 512 : 256;
}

bool mlir::act::multipliesBF16(const llvm::TargetMachine &machine) {
  return machine.getTargetTriple().isX86() &&
         machine.getMCSubtargetInfo()->checkFeatures("+avx512bf16,+avx512vl");
}

int64_t mlir::act::maskBits(llvm::TargetMachine &machine) {
  // What LLVM would not take apart, asked of an empty function.
  llvm::LLVMContext context;
  llvm::Module module("", context);
  module.setDataLayout(machine.createDataLayout());
  auto *function = llvm::Function::Create(
      llvm::FunctionType::get(llvm::Type::getVoidTy(context), false),
      llvm::Function::ExternalLinkage, "f", module);
  function->addFnAttr("target-cpu", machine.getTargetCPU());
  function->addFnAttr("target-features", machine.getTargetFeatureString());
  llvm::TargetTransformInfo info = machine.getTargetTransformInfo(*function);
  // Also vectors of several registers, as reductions have them.
  auto isLegal = [&](unsigned bits, unsigned vector) {
    auto *type = llvm::FixedVectorType::get(
        llvm::Type::getIntNTy(context, bits), vector / bits);
    llvm::Align align(bits / 8);
    return info.isLegalMaskedLoad(type, align, 0) &&
           info.isLegalMaskedStore(type, align, 0);
  };
  for (unsigned bits : {8, 16, 32, 64})
    if (isLegal(bits, 128) && isLegal(bits, 2048))
      return bits;
  return 0;
}

llvm::Expected<std::unique_ptr<llvm::Module>>
mlir::act::translateToLLVM(ModuleOp module, llvm::LLVMContext &context,
                           llvm::TargetMachine &machine) {
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context);
  if (!result)
    return llvm::createStringError("translation to LLVM IR failed");
  result->setDataLayout(machine.createDataLayout());
  result->setTargetTriple(machine.getTargetTriple());
  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    int64_t bits = act::vectorBits(machine);
    if (bits == 512)
      function.addFnAttr("prefer-vector-width", "512");
    // A vector that does not fit the registers would be kept across two cache
    // lines, where a load does not get what was just stored without a delay.
    if (bits > 128)
      function.addFnAttr(llvm::Attribute::getWithStackAlignment(
          context, llvm::Align(bits / 8)));
  }
  return result;
}

/// Stores of one lane that is known as scalar stores. LLVM 22 gets them wrong
/// on x86 where the lane was truncated before: reduceMaskedStoreToScalarStore
/// stores the wider element, over what lies behind it.
static void storeSingleLanes(llvm::Module &module) {
  for (llvm::Function &function : module) {
    if (function.getIntrinsicID() != llvm::Intrinsic::masked_store)
      continue;
    for (llvm::User *user : llvm::make_early_inc_range(function.users())) {
      auto *store = cast<llvm::IntrinsicInst>(user);
      auto *mask = dyn_cast<llvm::Constant>(store->getArgOperand(2));
      auto *type =
          dyn_cast<llvm::FixedVectorType>(store->getArgOperand(0)->getType());
      if (!mask || !type)
        continue;
      SmallVector<unsigned> lanes;
      bool known = true;
      for (unsigned i = 0; i < type->getNumElements(); ++i) {
        auto *lane =
            dyn_cast_or_null<llvm::ConstantInt>(mask->getAggregateElement(i));
        known &= lane != nullptr;
        if (lane && lane->isOne())
          lanes.push_back(i);
      }
      if (!known || lanes.size() != 1)
        continue;
      llvm::IRBuilder<> b(store);
      llvm::Type *element = type->getElementType();
      llvm::Value *address = b.CreateConstInBoundsGEP1_64(
          element, store->getArgOperand(1), lanes[0]);
      llvm::Align align = llvm::commonAlignment(
          store->getParamAlign(1).valueOrOne(),
          uint64_t(lanes[0]) * element->getPrimitiveSizeInBits() / 8);
      b.CreateAlignedStore(
          b.CreateExtractElement(store->getArgOperand(0), lanes[0]), address,
          align);
      store->eraseFromParent();
    }
  }
}

void mlir::act::optimize(llvm::Module &module, llvm::TargetMachine &machine,
                         unsigned optLevel) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  llvm::ModulePassManager passes =
      optLevel == 0
          ? builder.buildO0DefaultPipeline(llvm::OptimizationLevel::O0)
          : builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
  passes.run(module, modules);
  storeSingleLanes(module);
}

llvm::Error mlir::act::writeMachineCode(llvm::Module &module,
                                        llvm::TargetMachine &machine,
                                        llvm::CodeGenFileType type,
                                        llvm::raw_pwrite_stream &os) {
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr, type))
    return llvm::createStringError("the target cannot write this kind of file");
  passes.run(module);
  return llvm::Error::success();
}

llvm::Expected<std::string>
mlir::act::emitMachineCode(llvm::Module &module, llvm::TargetMachine &machine,
                           llvm::CodeGenFileType type) {
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  if (llvm::Error error = writeMachineCode(module, machine, type, stream))
    return error;
  return bytes.str().str();
}
