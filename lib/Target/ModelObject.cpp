// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Target/ModelObject.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace mlir::act;

namespace {

/// Builds constants in the layouts of lib/Runtime/Program.h and
/// act-mlir-c/Runtime.h.
class Builder {
public:
  Builder(LLVMContext &context, const ModelImage &image)
      : context(context), image(image),
        module(std::make_unique<Module>(image.name, context)),
        pointer(PointerType::get(context, 0)) {}

  std::unique_ptr<Module> build(bool library);

private:
  Constant *i32(uint64_t value) {
    return ConstantInt::get(Type::getInt32Ty(context), value);
  }
  Constant *i64(uint64_t value) {
    return ConstantInt::get(Type::getInt64Ty(context), value);
  }
  Constant *null() { return ConstantPointerNull::get(pointer); }
  Constant *record(ArrayRef<Constant *> fields) {
    return ConstantStruct::getAnon(context, fields);
  }
  Constant *array(ArrayRef<Constant *> elements) {
    if (elements.empty())
      return null();
    return global(ConstantArray::get(
        ArrayType::get(elements.front()->getType(), elements.size()),
        elements));
  }
  Constant *global(Constant *value) {
    return new GlobalVariable(*module, value->getType(), /*isConstant=*/true,
                              GlobalValue::PrivateLinkage, value);
  }
  Constant *dtype(uint8_t code, uint8_t bits) {
    auto *i8 = Type::getInt8Ty(context);
    return record({ConstantInt::get(i8, code), ConstantInt::get(i8, bits),
                   ConstantInt::get(Type::getInt16Ty(context), 1)});
  }
  Constant *text(StringRef string) {
    return global(ConstantDataArray::getString(context, string));
  }
  Constant *function(StringRef name) {
    auto *type = FunctionType::get(Type::getVoidTy(context), pointer, false);
    auto *result =
        cast<Function>(module->getOrInsertFunction(name, type).getCallee());
    result->setVisibility(GlobalValue::HiddenVisibility);
    return result;
  }
  Constant *argument(const ModelImage::Argument &argument);
  Constant *weights();
  Constant *gpu();
  Constant *program();
  Constant *model();
  void getter(StringRef name, Constant *model);

  LLVMContext &context;
  const ModelImage &image;
  std::unique_ptr<Module> module;
  PointerType *pointer;
};

Constant *Builder::argument(const ModelImage::Argument &argument) {
  SmallVector<Constant *> shape;
  for (int64_t extent : argument.shape)
    shape.push_back(i64(extent));
  return record({text(argument.name), array(shape), i32(argument.shape.size()),
                 dtype(argument.code, argument.bits)});
}

/// Room for the weights, which are written into the object file: as an LLVM
/// constant they would cost several times their size.
Constant *Builder::weights() {
  if (!image.weightsBytes || !image.externalWeights.empty())
    return null();
  auto *type = ArrayType::get(Type::getInt8Ty(context), image.weightsBytes);
  auto *result = new GlobalVariable(
      *module, type, true, GlobalValue::ExternalLinkage,
      ConstantAggregateZero::get(type), image.name + "_weights");
  result->setVisibility(GlobalValue::HiddenVisibility);
  result->setSection(kWeightsSection);
  result->setAlignment(Align(64));
  return result;
}

Constant *Builder::gpu() {
  if (!image.gpu)
    return null();
  SmallVector<Constant *> images, kernels;
  for (const ModelImage::GPU::Image &one : image.gpu->images)
    images.push_back(record({i32(one.chip), text(one.text)}));
  for (const std::string &name : image.gpu->kernels)
    kernels.push_back(text(name));
  // The runtime's part for GPUs is linked for this name.
  auto *ops =
      new GlobalVariable(*module, Type::getInt8Ty(context), true,
                         GlobalValue::ExternalLinkage, nullptr, "act_cuda_ops");
  ops->setVisibility(GlobalValue::HiddenVisibility);
  return global(record({array(images), array(kernels), function(image.gpu->run),
                        function(image.gpu->workspace), ops, i32(images.size()),
                        i32(kernels.size())}));
}

Constant *Builder::program() {
  SmallVector<Constant *> arguments, levels, checks, probes;
  for (const ModelImage::Probe &probe : image.probes)
    probes.push_back(record(
        {text(probe.name),
         global(ConstantDataArray::getString(context, probe.data, false)),
         dtype(probe.code, probe.bits), i32(probe.operands)}));
  for (const std::string &check : image.checks)
    checks.push_back(text(check));
  for (auto *list :
       {&image.inputs, &image.outputs, &image.constants, &image.prepared})
    for (const ModelImage::Argument &one : *list)
      arguments.push_back(argument(one));
  auto optional = [&](StringRef name) {
    return name.empty() ? null() : function(name);
  };
  for (const ModelImage::Level &level : image.levels)
    levels.push_back(
        record({text(level.name), i64(level.features), function(level.run),
                function(level.shapes), function(level.workspace),
                optional(level.probes), optional(level.prepare),
                optional(level.prepareWorkspace)}));
  return global(record(
      {text(image.json), array(arguments), array(levels), weights(),
       i64(image.weightsBytes),
       image.externalWeights.empty() ? null() : text(image.externalWeights),
       i64(image.selftest), i32(image.inputs.size()), i32(image.outputs.size()),
       i32(image.levels.size()), gpu(), i32(checks.size()), array(checks),
       i32(probes.size()), array(probes), i32(image.constants.size()),
       i32(image.prepared.size())}));
}

Constant *Builder::model() {
  SmallVector<Constant *> fields = {i32(/*abi_version=*/1), nullptr};
  for (StringRef name : {"act_rt_describe", "act_rt_create", "act_rt_destroy",
                         "act_rt_infer_shapes", "act_rt_workspace_size",
                         "act_rt_run", "act_rt_selftest", "act_rt_last_error"})
    fields.push_back(function(name));
  fields.push_back(program());
  fields.push_back(function("act_rt_prepare"));
  fields[1] = i32(8 + 8 * (fields.size() - 2));
  return global(record(fields));
}

/// `const act_model *name(uint32_t abi_version)`.
void Builder::getter(StringRef name, Constant *model) {
  Type *i32Type = Type::getInt32Ty(context);
  auto *result = Function::Create(FunctionType::get(pointer, i32Type, false),
                                  GlobalValue::ExternalLinkage, name, *module);
  IRBuilder<> b(BasicBlock::Create(context, "", result));
  Value *known = b.CreateICmpEQ(result->getArg(0), i32(1));
  b.CreateRet(b.CreateSelect(known, model, null()));
}

std::unique_ptr<Module> Builder::build(bool library) {
  getter(library ? "act_model_get" : image.name + "_get", model());
  return std::move(module);
}

} // namespace

std::unique_ptr<Module> mlir::act::buildModelModule(LLVMContext &context,
                                                    const ModelImage &image,
                                                    bool library) {
  return Builder(context, image).build(library);
}
