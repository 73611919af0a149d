// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Runs a program on data: compiles it in memory, calls it, prints or stores
// the results, times it, and compares it with the reference evaluation.

#include "act-mlir/Compiler/HostTensor.h"
#include "act-mlir/Compiler/Program.h"
#include "act-mlir/Compiler/Reference.h"
#include "act-mlir/InitAll.h"
#include "act-mlir/Target/Codegen.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include <chrono>
#include <cmath>

using namespace mlir;
using namespace mlir::act;

namespace cl = llvm::cl;

static cl::OptionCategory category("act-run options");
static cl::opt<std::string> inputFile(cl::Positional, cl::Required,
                                      cl::desc("<program.mlir>"),
                                      cl::cat(category));
static cl::list<std::string>
    inputs("input",
           cl::desc("An input, in order: @file.npy or SHAPExTYPE=VALUES with "
                    "linspace(a,b), random(seed), a number, or [a, b, ...]"),
           cl::value_desc("tensor"), cl::cat(category));
static cl::list<std::string> outputs("output",
                                     cl::desc("A result's file, in order"),
                                     cl::value_desc("@file.npy"),
                                     cl::cat(category));
static cl::opt<std::string> entry("e", cl::desc("The entry function"),
                                  cl::value_desc("name"), cl::cat(category));
static cl::opt<unsigned> repeat("repeat", cl::init(0),
                                cl::desc("Time this many runs"),
                                cl::cat(category));
static cl::opt<double>
    expectUlp("expect-ulp", cl::init(-1),
              cl::desc("Fail if a result is farther than this many ULP from "
                       "the reference evaluation in f64"),
              cl::cat(category));
static cl::opt<std::string> accuracy(
    "accuracy", cl::init("precise"),
    cl::desc("highest, precise, fast, or a number of ULP"), cl::cat(category));
static cl::opt<std::string> march("march", cl::init("native"),
                                  cl::desc("The CPU to compile for"),
                                  cl::cat(category));
static cl::opt<int64_t> vectorWidth("vector-bits", cl::init(0),
                                    cl::desc("Bits of a vector (0: the CPU's)"),
                                    cl::cat(category));
static cl::opt<int64_t> printLimit("print-limit", cl::init(64),
                                   cl::desc("Elements printed of a result"),
                                   cl::cat(category));

static int fail(const llvm::Twine &message) {
  llvm::errs() << "act-run: error: " << message << "\n";
  return 1;
}

static int fail(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  // Without a text the error has been reported already.
  return text.empty() ? 1 : fail(text);
}

/// Why a tensor is no input of this type; empty if it is.
static std::string mismatch(const HostTensor &tensor, RankedTensorType type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (tensor.element() != type.getElementType())
    os << "has element type " << tensor.element() << ", the program takes "
       << type;
  else if (int64_t(tensor.shape().size()) != type.getRank())
    os << "has rank " << tensor.shape().size() << ", the program takes " << type;
  else
    for (auto [i, extent] : llvm::enumerate(tensor.shape()))
      if (!type.isDynamicDim(i) && type.getDimSize(i) != extent) {
        os << "has extent " << extent << " in dimension " << i
           << ", the program takes " << type;
        break;
      }
  return text;
}

/// Makes `entry` the only public function.
static LogicalResult selectEntry(ModuleOp module) {
  if (entry.empty())
    return success();
  auto wanted = module.lookupSymbol<func::FuncOp>(entry);
  if (!wanted || wanted.isDeclaration())
    return module.emitError("no function '") << entry << "' with a body";
  for (auto function : module.getOps<func::FuncOp>())
    function.setVisibility(function == wanted ? SymbolTable::Visibility::Public
                                              : SymbolTable::Visibility::Private);
  return success();
}

static int compare(ArrayRef<HostTensor> results,
                   ArrayRef<std::vector<double>> references) {
  int status = 0;
  for (auto [k, pair] : llvm::enumerate(llvm::zip(results, references))) {
    auto &[result, reference] = pair;
    auto type = dyn_cast<FloatType>(result.element());
    double worst = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < result.size(); ++i) {
      double error = type ? ulpError(result.get(i), reference[i], type)
                          : std::fabs(result.get(i) - reference[i]);
      if (error > worst) {
        worst = error;
        at = i;
      }
    }
    llvm::outs() << "result " << k << ": at most "
                 << llvm::format("%.4g", worst) << (type ? " ULP" : "")
                 << " from the reference";
    if (worst > 0)
      llvm::outs() << llvm::format(", at element %lld: %.9g for %.17g",
                                   (long long)at, result.get(at), reference[at]);
    llvm::outs() << "\n";
    if (!(worst <= expectUlp))
      status = fail("result " + llvm::Twine(k) + " is farther than " +
                    llvm::Twine(llvm::formatv("{0}", (double)expectUlp).str()) +
                    " ULP from the reference");
  }
  return status;
}

template <typename Call>
static void timeRuns(Call call) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (unsigned i = 0; i < repeat; ++i) {
    Clock::time_point start = Clock::now();
    call();
    times.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  llvm::sort(times);
  llvm::outs() << llvm::format("best %.1f us, median %.1f us\n", times.front(),
                               times[times.size() / 2]);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, "Runs a program on data.\n");

  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  act::registerAllDialects(registry);
  registerLLVMTranslations(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseProgram(inputFile, &context);
  if (!module || failed(selectEntry(*module)))
    return 1;
  FailureOr<Signature> signature = getSignature(*module);
  if (failed(signature))
    return 1;

  if (inputs.size() != signature->inputs.size())
    return fail("'" + signature->entry + "' takes " +
                llvm::Twine(signature->inputs.size()) + " inputs, got " +
                llvm::Twine(inputs.size()));
  if (outputs.size() > signature->outputs.size())
    return fail("'" + signature->entry + "' returns " +
                llvm::Twine(signature->outputs.size()) + " results, but " +
                llvm::Twine(outputs.size()) + " files are named");
  std::vector<HostTensor> arguments;
  for (auto [i, text] : llvm::enumerate(inputs)) {
    RankedTensorType type = signature->inputs[i];
    auto tensor = parseTensor(text, &context, type.getElementType());
    if (!tensor)
      return fail(tensor.takeError());
    if (std::string why = mismatch(*tensor, type); !why.empty())
      return fail("input " + llvm::Twine(i) + " " + why);
    arguments.push_back(std::move(*tensor));
  }

  std::vector<std::vector<double>> references;
  if (expectUlp >= 0) {
    auto function = module->lookupSymbol<func::FuncOp>(signature->entry);
    auto values = evaluateReference(function, arguments);
    if (failed(values))
      return 1;
    references = std::move(*values);
  }

  JITProgram::Options options;
  options.accuracy = accuracy;
  options.cpu = march;
  options.vectorBits = vectorWidth;
  auto program = JITProgram::create(*module, options);
  if (!program)
    return fail(program.takeError());

  auto buffers = [](ArrayRef<HostTensor> tensors) {
    std::vector<JITProgram::Buffer> result;
    for (const HostTensor &tensor : tensors)
      result.push_back({tensor.data(), llvm::to_vector(tensor.shape())});
    return result;
  };
  std::vector<JITProgram::Buffer> in = buffers(arguments);
  std::vector<HostTensor> results;
  for (auto [type, shape] : llvm::zip(signature->outputs, (*program)->shapes(in)))
    results.emplace_back(type.getElementType(), shape);
  std::vector<JITProgram::Buffer> out = buffers(results);
  int64_t bytes = (*program)->workspaceBytes(in, out);
  HostTensor workspace(IntegerType::get(&context, 8), {bytes});
  JITProgram::Buffer scratch{workspace.data(), {bytes}};
  (*program)->run(in, out, scratch);

  if (expectUlp >= 0) {
    if (int status = compare(results, references))
      return status;
  } else if (outputs.empty() && !repeat) {
    for (auto [i, result] : llvm::enumerate(results)) {
      llvm::outs() << "result " << i << ": ";
      printTensor(llvm::outs(), result, printLimit);
      llvm::outs() << "\n";
    }
  }
  for (auto [path, result] : llvm::zip(outputs, results)) {
    StringRef file(path);
    file.consume_front("@");
    if (llvm::Error error = writeNpy(file, result))
      return fail(std::move(error));
  }
  if (repeat)
    timeRuns([&] { (*program)->run(in, out, scratch); });
  return 0;
}
