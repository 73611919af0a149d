// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Compiled.h"
#include "act-mlir/Compiler/HostTensor.h"
#include "act-mlir/Compiler/JIT.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;
using namespace mlir::act::numerics::test;

std::string numerics::test::run(const std::string &program,
                                const std::string &accuracy,
                                const std::vector<Column> &inputs,
                                Column &output) {
  DialectRegistry registry;
  registerCompilerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(program, &context);
  if (!module)
    return "does not parse: " + program;
  CompileOptions options;
  options.accuracy = accuracy;
  options.probes = false;
  auto compiled = compileProgram(*module, options);
  if (!compiled)
    return toString(compiled.takeError());
  auto model = JITModel::create(*compiled);
  if (!model)
    return toString(model.takeError());

  std::vector<HostTensor> tensors;
  auto add = [&](const Column &column, int64_t size) {
    mlir::Type element = parseType(format(column.type).name, &context);
    HostTensor tensor(element, {size});
    for (size_t i = 0; i < column.numbers.size(); ++i)
      tensor.set(i, column.numbers[i]);
    tensors.push_back(std::move(tensor));
  };
  for (const Column &input : inputs)
    add(input, input.numbers.size());
  output.numbers.clear();
  add(output, inputs[0].numbers.size());
  std::vector<act_tensor> views;
  for (HostTensor &tensor : tensors)
    views.push_back({tensor.data(),
                     {1, 0},
                     1,
                     dtypeOf(tensor.element()),
                     const_cast<int64_t *>(tensor.shape().data()),
                     nullptr,
                     0});

  const act_model *functions = (*model)->get();
  act_options runOptions = {};
  runOptions.size = sizeof runOptions;
  act_instance *instance = nullptr;
  if (functions->create(functions, &runOptions, &instance))
    return functions->last_error();
  int status = functions->run(instance, views.data(), inputs.size(),
                              &views.back(), 1, nullptr, 0, nullptr);
  functions->destroy(instance);
  if (status)
    return functions->last_error();
  for (int64_t i = 0; i < tensors.back().size(); ++i)
    output.numbers.push_back(tensors.back().get(i));
  return "";
}

Column numerics::test::randomColumn(Type type, uint64_t seed, int64_t size) {
  Column column{type, {}};
  uint64_t random = seed;
  for (int64_t i = 0; i < size; ++i) {
    random = random * 6364136223846793005 + 1442695040888963407;
    column.numbers.push_back(
        i & 1 ? decode(random >> (64 - format(type).width), type)
              : roundTo((double(random >> 40) - 0x1p23) * 0x1p-20, type));
  }
  return column;
}

Column numerics::test::allNumbers(Type type) {
  Column column{type, {}};
  for (uint64_t bits = 0; bits < uint64_t(1) << format(type).width; ++bits)
    column.numbers.push_back(decode(bits, type));
  return column;
}

bool numerics::test::same(double a, double b) {
  return a != a ? b != b : a == b && std::signbit(a) == std::signbit(b);
}
