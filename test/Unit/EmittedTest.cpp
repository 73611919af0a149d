// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Compiled code against the same kernel on the host, bit for bit: every function
// in every type, vectors and tails.

#include "ForEach.h"
#include "Inputs.h"
#include "act-mlir/Compiler/HostTensor.h"
#include "act-mlir/Compiler/JIT.h"
#include "act-mlir/Numerics/Host.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/TargetSelect.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::act;
using namespace mlir::act::numerics::test;
using numerics::Function;
using numerics::Kernel;

namespace {

// The number of operands; 1003 is no multiple of any vector's lanes.
constexpr int64_t kSize = 1003;

/// `dialect.op %0, %1 {attributes}`, or nothing where no operation has it.
std::string operation(Function function) {
  std::string name = numerics::name(function), attributes;
  if (function == Function::ClampOpenGrad)
    return "";
  if (function == Function::GeluTanh || function == Function::GeluTanhGrad) {
    name = function == Function::GeluTanh ? "gelu" : "gelu_grad";
    attributes = " {approximate = tanh}";
  } else if (function == Function::Clamp || function == Function::ClampGrad) {
    attributes = " {min = -1.0, max = 1.0}";
  } else if (function == Function::Threshold ||
             function == Function::ThresholdGrad) {
    attributes = " {theta = 0.0, value = 0.0}";
  }
  bool math = function >= Function::Exp && function <= Function::Rsqrt;
  std::string text = (math ? "math." : "act.") + name;
  for (unsigned i = 0; i < numerics::numOperands(function); ++i)
    text += (i ? ", %" : " %") + std::to_string(i);
  return text + attributes;
}

std::string program(Function function, const std::string &type) {
  std::string tensor = "tensor<?x" + type + ">", arguments;
  for (unsigned i = 0; i < numerics::numOperands(function); ++i)
    arguments += (i ? ", %" : "%") + std::to_string(i) + ": " + tensor;
  return "func.func @main(" + arguments + ") -> " + tensor + " {\n  %y = " +
         operation(function) + " : " + tensor + "\n  return %y : " + tensor +
         "\n}\n";
}

Type elementType(MLIRContext *context, numerics::Type type) {
  return parseType(numerics::format(type).name, context);
}

/// Numbers of every exponent with infinities, NaN, and many near zero.
std::vector<HostTensor> operands(Function function, Type element,
                                 numerics::Type type) {
  std::vector<HostTensor> tensors;
  uint64_t random = 7;
  for (unsigned k = 0; k < numerics::numOperands(function); ++k) {
    HostTensor tensor(element, {kSize});
    for (int64_t i = 0; i < kSize; ++i) {
      random = random * 6364136223846793005 + 1442695040888963407;
      double x =
          i & 1 ? numerics::decode(random >> (64 - numerics::format(type).width),
                                   type)
                : numerics::roundTo((double(random >> 40) - 0x1p23) * 0x1p-20,
                                    type);
      tensor.set(i, x);
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

/// The kernel that the compiler takes.
Kernel kernelOf(Function function, numerics::Type type, double bound) {
  if (function == Function::Sqrt)
    return Kernel::Core;
  bool native = numerics::hasNative(function, type,
                                    numerics::defaultParameters(function));
  return numerics::cheapest(function, type, bound,
                            native ? Kernel::Native : Kernel::Core)
      ->kernel;
}

std::string check(Function function, numerics::Type type, double bound,
                  const char *accuracy) {
  if (operation(function).empty())
    return "";
  DialectRegistry registry;
  registerEverything(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      program(function, numerics::format(type).name), &context);
  if (!module)
    return std::string("does not parse: ") + numerics::name(function);
  CompileOptions options;
  options.accuracy = accuracy;
  auto compiled = compileProgram(*module, options);
  if (!compiled)
    return toString(compiled.takeError());
  auto model = JITModel::create(*compiled);
  if (!model)
    return toString(model.takeError());

  Type element = elementType(&context, type);
  std::vector<HostTensor> tensors = operands(function, element, type);
  tensors.emplace_back(element, ArrayRef<int64_t>(kSize));
  std::vector<act_tensor> views;
  for (HostTensor &tensor : tensors)
    views.push_back({tensor.data(),
                     {1, 0},
                     1,
                     dtypeOf(element),
                     const_cast<int64_t *>(tensor.shape().data()),
                     nullptr,
                     0});
  const act_model *functions = (*model)->get();
  act_options runOptions = {};
  runOptions.size = sizeof runOptions;
  act_instance *instance = nullptr;
  if (functions->create(functions, &runOptions, &instance))
    return functions->last_error();
  unsigned inputs = views.size() - 1;
  int status = functions->run(instance, views.data(), inputs, &views[inputs], 1,
                              nullptr, 0, nullptr);
  functions->destroy(instance);
  if (status)
    return functions->last_error();

  Kernel kernel = kernelOf(function, type, bound);
  for (int64_t i = 0; i < kSize; ++i) {
    double x[3] = {};
    for (unsigned k = 0; k < inputs; ++k)
      x[k] = tensors[k].get(i);
    double expected = numerics::roundTo(
        numerics::evaluate(function, kernel, type,
                           numerics::defaultParameters(function), x),
        type);
    double y = tensors.back().get(i);
    bool same = y == expected && std::signbit(y) == std::signbit(expected);
    if (!same && (y == y || expected == expected))
      return describe(function, x, y, expected, NAN) + " " +
             numerics::format(type).name + " element " + std::to_string(i);
  }
  return "";
}

void sameBits(numerics::Type type, double bound,
              const char *accuracy = "precise") {
  forEach(allFunctions(), [&](Function function) {
    return check(function, type, bound, accuracy);
  });
}

TEST(Emitted, F32) { sameBits(numerics::Type::F32, 1); }
TEST(Emitted, F64) { sameBits(numerics::Type::F64, 2); }
TEST(Emitted, F16) { sameBits(numerics::Type::F16, 0.51); }
TEST(Emitted, BF16) { sameBits(numerics::Type::BF16, 0.51); }
TEST(Emitted, F8E4M3FN) { sameBits(numerics::Type::F8E4M3FN, 0.51); }
TEST(Emitted, F8E5M2) { sameBits(numerics::Type::F8E5M2, 0.51); }

// Correctly rounded f32 comes from pairs.
TEST(Emitted, HighestF32) {
  for (Function function : {Function::Gelu, Function::Silu, Function::Log1p,
                            Function::HardSwish, Function::Elu}) {
    std::string wrong = check(function, numerics::Type::F32,
                              numerics::kCorrectlyRounded, "highest");
    EXPECT_EQ(wrong, "");
  }
}

} // namespace
