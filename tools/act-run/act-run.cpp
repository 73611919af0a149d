// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Runs a program on data: compiles it in memory or loads a compiled library,
// calls it, prints or stores the results, times it, and compares it with the
// reference evaluation.

#include "act-mlir/Compiler/Certify.h"
#include "act-mlir/Compiler/Formula.h"
#include "act-mlir/Compiler/HostTensor.h"
#include "act-mlir/Compiler/Import.h"
#include "act-mlir/Compiler/JIT.h"
#include "act-mlir/Compiler/Output.h"
#include "act-mlir/Compiler/Reference.h"
#include "act-mlir/Target/GPUExecutor.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <chrono>
#include <cmath>

using namespace mlir;
using namespace mlir::act;

namespace cl = llvm::cl;

static cl::OptionCategory category("act-run options");
static cl::opt<std::string>
    inputFile(cl::Positional,
              cl::desc("<program.mlir, model.onnx or model.so>"),
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
static cl::opt<std::string>
    formula("formula",
            cl::desc("A program in one line, of x or of x and y: "
                     "x*tanh(log1p(exp(x))), y*silu(x)"),
            cl::value_desc("expression"), cl::cat(category));
static cl::opt<std::string> formulaType("formula-type", cl::init("f32"),
                                        cl::desc("The formula's element type"),
                                        cl::value_desc("type"),
                                        cl::cat(category));
static cl::opt<bool>
    certifyAll("certify",
               cl::desc("Compare an elementwise program of one operand of up "
                        "to 32 bits, or two of up to 32 together, with its "
                        "evaluation in f64, over all numbers or pairs"),
               cl::cat(category));
static cl::opt<uint64_t>
    certifyStride("certify-stride", cl::init(1),
                  cl::desc("Every n-th number or pair alone"),
                  cl::value_desc("n"), cl::cat(category));
static cl::opt<std::string> plotFile("plot",
                                     cl::desc("The errors found along the "
                                              "first operand, as SVG"),
                                     cl::value_desc("file.svg"),
                                     cl::cat(category));
static cl::opt<bool>
    describe("describe",
             cl::desc("Print inputs, results, kernels and the measured errors "
                      "of activations as JSON, and run nothing"),
             cl::cat(category));
static cl::opt<bool> selftest("selftest",
                              cl::desc("Run the self test of a library first; "
                                       "without inputs, that alone"),
                              cl::cat(category));
static cl::opt<int> maxThreads("max-threads", cl::init(0),
                               cl::desc("Threads to use (0: all)"),
                               cl::cat(category));
static cl::opt<std::string>
    accuracy("accuracy", cl::init("precise"),
             cl::desc("highest, precise, fast, or a number of ULP"),
             cl::cat(category));
static cl::opt<std::string> rounding("round", cl::init("each"),
                                     cl::desc("Round after each operation, or "
                                              "once for a fused chain"),
                                     cl::value_desc("each|once"),
                                     cl::cat(category));
static cl::opt<bool> reproducible("reproducible",
                                  cl::desc("The same bits on every machine"),
                                  cl::cat(category));
static cl::opt<bool>
    noRaise("no-raise", cl::desc("Leave activations in decomposed form alone"),
            cl::cat(category));
static cl::opt<std::string> march("march", cl::init("native"),
                                  cl::desc("The CPU to compile for"),
                                  cl::cat(category));
enum class RunTarget { CPU, GPUExecutor };
static cl::opt<RunTarget> runTarget(
    "target", cl::desc("Where kernels run"),
    cl::values(clEnumValN(RunTarget::CPU, "cpu", "CPU code (default)"),
               clEnumValN(RunTarget::GPUExecutor, "gpu-sim",
                          "GPU kernels, their threads executed on the CPU")),
    cl::init(RunTarget::CPU), cl::cat(category));
static cl::opt<int64_t> vectorWidth("vector-bits", cl::init(0),
                                    cl::desc("Bits of a vector (0: the CPU's)"),
                                    cl::cat(category));
static cl::opt<int64_t> printLimit("print-limit", cl::init(64),
                                   cl::desc("Elements printed of a result"),
                                   cl::cat(category));

static int usage(const llvm::Twine &message) {
  llvm::errs() << "act-run: error: " << message << "\n";
  return 2;
}

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
    os << "has rank " << tensor.shape().size() << ", the program takes "
       << type;
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
    function.setVisibility(function == wanted
                               ? SymbolTable::Visibility::Public
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
                                   (long long)at, result.get(at),
                                   reference[at]);
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
        std::chrono::duration<double, std::micro>(Clock::now() - start)
            .count());
  }
  llvm::sort(times);
  llvm::outs() << llvm::format("best %.1f us, median %.1f us\n", times.front(),
                               times[times.size() / 2]);
}

/// The inputs and results that a library states in its JSON.
static llvm::Expected<Signature> readSignature(StringRef json,
                                               MLIRContext *context) {
  auto value = llvm::json::parse(json);
  if (!value)
    return value.takeError();
  Signature signature;
  const llvm::json::Object *object = value->getAsObject();
  signature.entry = object->getString("name")->str();
  for (auto [key, list] : {std::pair<StringRef, std::vector<Argument> *>(
                               "inputs", &signature.inputs),
                           {"constants", &signature.constants},
                           {"outputs", &signature.outputs}}) {
    // Older libraries have no constants.
    const llvm::json::Array *entries = object->getArray(key);
    for (const llvm::json::Value &entry :
         entries ? *entries : llvm::json::Array()) {
      const llvm::json::Object &argument = *entry.getAsObject();
      SmallVector<int64_t> shape;
      for (const llvm::json::Value &extent : *argument.getArray("shape"))
        shape.push_back(extent.getAsInteger().value_or(ShapedType::kDynamic));
      list->push_back(
          {argument.getString("name")->str(),
           RankedTensorType::get(
               shape, parseType(*argument.getString("dtype"), context)),
           {}});
    }
  }
  return signature;
}

static llvm::Expected<const act_model *> loadLibrary(StringRef path) {
  SmallString<128> absolute(path);
  llvm::sys::fs::make_absolute(absolute);
  std::string why;
  auto library =
      llvm::sys::DynamicLibrary::getPermanentLibrary(absolute.c_str(), &why);
  if (!library.isValid())
    return llvm::createStringError(why);
  auto *get = reinterpret_cast<decltype(&act_model_get)>(
      library.getAddressOfSymbol("act_model_get"));
  if (!get)
    return llvm::createStringError(path + " is no compiled model: it has no "
                                          "act_model_get");
  const act_model *model = get(ACT_ABI_VERSION);
  if (!model)
    return llvm::createStringError(path + " does not serve version " +
                                   llvm::Twine(ACT_ABI_VERSION) +
                                   " of the interface");
  return model;
}

static int printDescription(const act_model *model) {
  auto value = llvm::json::parse(model->describe(model));
  if (!value)
    return fail(value.takeError());
  llvm::outs() << llvm::formatv("{0:2}\n", *value);
  return 0;
}

/// Tensors as the interface takes them; they point into `tensors`.
static std::vector<act_tensor> views(std::vector<HostTensor> &tensors) {
  std::vector<act_tensor> result;
  for (HostTensor &tensor : tensors)
    result.push_back({tensor.data(),
                      {1, 0},
                      int32_t(tensor.shape().size()),
                      dtypeOf(tensor.element()),
                      const_cast<int64_t *>(tensor.shape().data()),
                      nullptr,
                      0});
  return result;
}

static llvm::Expected<std::vector<HostTensor>>
readInputs(const Signature &signature, MLIRContext *context) {
  // Constants are the last arguments.
  std::vector<Argument> arguments = signature.inputs;
  llvm::append_range(arguments, signature.constants);
  if (inputs.size() != arguments.size()) {
    // Whoever has only the library sees here what it takes.
    std::string text;
    llvm::raw_string_ostream os(text);
    os << "'" << signature.entry << "' takes " << arguments.size()
       << " inputs, got " << inputs.size();
    for (auto [i, input] : llvm::enumerate(arguments))
      os << (i ? ", " : ": ") << input.name << ": " << input.type;
    return llvm::createStringError(text);
  }
  if (outputs.size() > signature.outputs.size())
    return llvm::createStringError(
        "'" + signature.entry + "' returns " +
        llvm::Twine(signature.outputs.size()) + " results, but " +
        llvm::Twine(outputs.size()) + " files are named");
  std::vector<HostTensor> result;
  for (auto [i, text] : llvm::enumerate(inputs)) {
    RankedTensorType type = arguments[i].type;
    auto tensor = parseTensor(text, context, type.getElementType());
    if (!tensor)
      return tensor.takeError();
    if (std::string why = mismatch(*tensor, type); !why.empty())
      return llvm::createStringError("input " + llvm::Twine(i) + " " + why);
    result.push_back(std::move(*tensor));
  }
  return result;
}

/// Whether nothing is asked for but the self test of a library.
static bool onlySelftest(const Signature &signature) {
  return selftest && inputs.empty() && expectUlp < 0 &&
         !(signature.inputs.empty() && signature.constants.empty());
}

/// Calls a model, shows what it gives, and times it.
static int runModel(const act_model *model, const Signature &signature,
                    std::vector<HostTensor> &arguments,
                    ArrayRef<std::vector<double>> references) {
  act_options options = {};
  options.size = sizeof options;
  options.max_threads = maxThreads;
  act_instance *instance = nullptr;
  if (model->create(model, &options, &instance))
    return fail(model->last_error());
  std::unique_ptr<act_instance, decltype(model->destroy)> owner(instance,
                                                                model->destroy);
  if (selftest) {
    if (model->selftest(instance))
      return fail(model->last_error());
    llvm::outs() << "self test passed\n";
    if (onlySelftest(signature))
      return 0;
  }
  std::vector<act_tensor> in = views(arguments);
  size_t constants = signature.constants.size();
  if (constants &&
      model->prepare(instance, &in[in.size() - constants], int32_t(constants)))
    return fail(model->last_error());
  in.resize(in.size() - constants);
  std::vector<SmallVector<int64_t>> shapes;
  for (const Argument &output : signature.outputs)
    shapes.emplace_back(output.type.getRank());
  std::vector<act_tensor> out(shapes.size());
  for (auto [tensor, shape] : llvm::zip(out, shapes))
    tensor.shape = shape.data();
  if (model->infer_shapes(instance, in.data(), in.size(), out.data(),
                          out.size()))
    return fail(model->last_error());
  std::vector<HostTensor> results;
  for (auto [output, shape] : llvm::zip(signature.outputs, shapes))
    results.emplace_back(output.type.getElementType(), shape);
  out = views(results);
  size_t bytes = 0;
  if (model->workspace_size(instance, in.data(), in.size(), &bytes))
    return fail(model->last_error());
  HostTensor workspace(
      IntegerType::get(signature.inputs.empty()
                           ? signature.outputs[0].type.getContext()
                           : signature.inputs[0].type.getContext(),
                       8),
      {int64_t(bytes)});
  auto call = [&] {
    return model->run(instance, in.data(), in.size(), out.data(), out.size(),
                      workspace.data(), bytes, nullptr);
  };
  if (call())
    return fail(model->last_error());
  if (std::string why = takeGPUExecutorError(); !why.empty())
    return fail(why);

  if (!references.empty()) {
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
    timeRuns([&] { (void)call(); });
  return 0;
}

static int runLibrary(MLIRContext &context) {
  if (certifyAll)
    return fail("--certify needs the program, not a compiled library");
  if (expectUlp >= 0)
    return fail("--expect-ulp needs the program, not a compiled library");
  auto model = loadLibrary(inputFile);
  if (!model)
    return fail(model.takeError());
  if (describe)
    return printDescription(*model);
  auto signature = readSignature((*model)->describe(*model), &context);
  if (!signature)
    return fail(signature.takeError());
  std::vector<HostTensor> arguments;
  if (!onlySelftest(*signature)) {
    auto values = readInputs(*signature, &context);
    if (!values)
      return fail(values.takeError());
    arguments = std::move(*values);
  }
  return runModel(*model, *signature, arguments, {});
}

/// The program of --formula, or that of the file.
static OwningOpRef<ModuleOp> readProgram(MLIRContext &context,
                                         const char *argv0) {
  if (!formula.empty()) {
    auto text = formulaProgram(formula, formulaType);
    if (!text) {
      fail(text.takeError());
      return nullptr;
    }
    return parseSourceString<ModuleOp>(*text, &context);
  }
  std::string self = llvm::sys::fs::getMainExecutable(
      argv0, reinterpret_cast<void *>(&readProgram));
  return importModel(
      inputFile,
      (llvm::sys::path::parent_path(self) + "/act-import-onnx").str(),
      &context);
}

static int writeCertificate(const act_model *model, const Signature &signature,
                            const ScalarFunction &function) {
  CertifyOptions options;
  options.stride = certifyStride;
  options.threads = maxThreads;
  auto certificate = certify(model, signature, function, options);
  if (!certificate)
    return fail(certificate.takeError());
  certificate->print(llvm::outs());
  if (!plotFile.empty()) {
    std::string plot;
    llvm::raw_string_ostream os(plot);
    certificate->plot(os);
    if (llvm::Error error = writeFile(plotFile, plot))
      return fail(std::move(error));
  }
  if (expectUlp >= 0 && !(certificate->worst <= expectUlp))
    return fail("a result is farther than " +
                llvm::Twine(llvm::formatv("{0}", (double)expectUlp).str()) +
                " ULP from the reference");
  return 0;
}

static int runProgram(MLIRContext &context, const char *argv0) {
  OwningOpRef<ModuleOp> module = readProgram(context, argv0);
  if (!module || failed(selectEntry(*module)))
    return 1;
  FailureOr<Signature> signature = getSignature(*module);
  if (failed(signature) ||
      (certifyAll && failed(refuseConstants(*module, "--certify"))))
    return 1;
  OwningOpRef<ModuleOp> original;
  std::optional<ScalarFunction> scalar;
  std::vector<HostTensor> arguments;
  if (certifyAll) {
    original = module->clone();
    auto function = ScalarFunction::create(
        original->lookupSymbol<func::FuncOp>(signature->entry));
    if (failed(function))
      return 1;
    scalar.emplace(std::move(*function));
  } else if (!describe && !onlySelftest(*signature)) {
    auto values = readInputs(*signature, &context);
    if (!values)
      return fail(values.takeError());
    arguments = std::move(*values);
  }
  std::vector<std::vector<double>> references;
  if (expectUlp >= 0 && !certifyAll && !describe) {
    auto function = module->lookupSymbol<func::FuncOp>(signature->entry);
    auto values = evaluateReference(function, arguments);
    if (failed(values))
      return 1;
    references = std::move(*values);
  }
  CompileOptions options;
  options.accuracy = accuracy;
  options.raise = !noRaise;
  options.roundOnce = rounding == "once";
  options.reproducible = reproducible;
  options.cpus = {march};
  options.vectorBits = vectorWidth;
  options.gpuExecutor = runTarget == RunTarget::GPUExecutor;
  options.probes = selftest || describe;
  auto program = compileProgram(*module, options);
  if (!program)
    return fail(program.takeError());
  auto model = JITModel::create(*program);
  if (!model)
    return fail(model.takeError());
  if (describe)
    return printDescription((*model)->get());
  if (certifyAll)
    return writeCertificate((*model)->get(), *signature, *scalar);
  return runModel((*model)->get(), *signature, arguments, references);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter(printVersion);
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "Runs a program, a model or a compiled library on data. Exit "
          "status: 0, 1 for an\nerror in the input "
          "or too large a distance, 2 for a bad "
          "command line.\n",
          &llvm::errs()))
    return 2;
  if (rounding != "each" && rounding != "once")
    return usage("--round must be each or once, got '" + rounding + "'");
  if (rounding == "once" && reproducible)
    return usage("--round=once and --reproducible contradict each other");
  if (formula.empty() == inputFile.empty())
    return usage("a program is a file or a --formula");
  if (certifyStride == 0)
    return usage("--certify-stride must be positive");
  if (certifyAll && !inputs.empty())
    return usage("--certify takes all numbers; drop --input");
  DialectRegistry registry;
  registerCompilerDialects(registry);
  // One function makes most of the work: threads of passes would only wait for
  // each other.
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  DiagnosticPrinter printer(&context);
  return StringRef(inputFile).ends_with(".so") ? runLibrary(context)
                                               : runProgram(context, argv[0]);
}
