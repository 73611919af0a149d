// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/Certify.h"
#include "act-mlir/Compiler/HostTensor.h"
#include "act-mlir/Compiler/JIT.h"
#include "act-mlir/Compiler/Reference.h"
#include "llvm/Support/Format.h"
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

using namespace mlir;
using namespace mlir::act;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// The numbers of a float type in their order: -inf, ..., -0, +0, ..., +inf.
class Ordered {
public:
  explicit Ordered(FloatType type) : type(type), width(type.getWidth()) {
    APFloat inf = APFloat::getLargest(type.getFloatSemantics());
    largest = inf.bitcastToAPInt().getZExtValue();
  }

  /// Finite numbers.
  uint64_t count() const { return 2 * (largest + 1); }
  uint64_t bits(uint64_t position) const {
    uint64_t half = largest + 1;
    return position < half ? (largest - position) | uint64_t(1) << (width - 1)
                           : position - half;
  }
  double number(uint64_t bits) const {
    if (type.isF32())
      return llvm::bit_cast<float>(uint32_t(bits));
    return APFloat(type.getFloatSemantics(), APInt(width, bits))
        .convertToDouble();
  }

private:
  FloatType type;
  unsigned width;
  uint64_t largest;
};

/// One thread's calls of a model.
class Caller {
public:
  Caller(const act_model *model, const Signature &signature, int64_t wanted)
      : model(model) {
    RankedTensorType type = signature.inputs.front().type;
    SmallVector<int64_t> shape(type.getShape());
    for (int64_t &extent : llvm::reverse(shape))
      if (ShapedType::isDynamic(extent)) {
        extent = wanted;
        wanted = 1;
      }
    input = HostTensor(type.getElementType(), shape);
    output = HostTensor(signature.outputs.front().type.getElementType(), shape);
  }
  ~Caller() {
    if (instance)
      model->destroy(instance);
  }

  int64_t size() const { return input.size(); }

  /// Empty, or why not.
  std::string run() {
    if (!instance) {
      act_options options = {};
      options.size = sizeof options;
      options.max_threads = 1;
      if (model->create(model, &options, &instance))
        return model->last_error();
    }
    act_tensor in = view(input), out = view(output);
    if (model->run(instance, &in, 1, &out, 1, nullptr, 0, nullptr))
      return model->last_error();
    return "";
  }

  HostTensor input, output;

private:
  static act_tensor view(HostTensor &tensor) {
    return {tensor.data(),
            {1, 0},
            int32_t(tensor.shape().size()),
            dtypeOf(tensor.element()),
            const_cast<int64_t *>(tensor.shape().data()),
            nullptr,
            0};
  }
  const act_model *model;
  act_instance *instance = nullptr;
};

class Certifier {
public:
  Certifier(const act_model *model, const Signature &signature,
            const ScalarFunction &function, const CertifyOptions &options)
      : model(model), signature(signature), function(function),
        options(options),
        order(cast<FloatType>(signature.inputs.front().type.getElementType())),
        type(cast<FloatType>(signature.outputs.front().type.getElementType())) {
  }

  llvm::Expected<Certificate> run();

private:
  /// Inputs of one call where the program takes any number of them.
  static constexpr int64_t kBlock = 1 << 18;

  void work();
  void look(Certificate &found, const ScalarFunction &function,
            uint64_t position, double x, double y);
  void join(const Certificate &part);
  std::string lookAtSpecials();

  const act_model *model;
  const Signature &signature;
  const ScalarFunction &function;
  const CertifyOptions &options;
  Ordered order;
  FloatType type;

  std::mutex mutex;
  std::atomic<uint64_t> next{0};
  uint64_t samples = 0, reported = 0;
  Certificate certificate;
  std::string error;
};

void Certifier::look(Certificate &found, const ScalarFunction &function,
                     uint64_t position, double x, double y) {
  if (!function.isFinite(x)) {
    ++found.unknown;
    return;
  }
  // The rough value decides all but what is close to a half, or bad.
  double expected = function(x);
  double ulps = ulpError(y, expected, type);
  if (ulps > 0.498) {
    expected = function.inPairs(x);
    ulps = ulpError(y, expected, type);
  }
  found.aboveHalf += ulps > 0.5;
  found.aboveOne += ulps > 1;
  found.aboveFour += ulps > 4;
  double &bin = found.errors[position * Certificate::kBins / order.count()];
  bin = std::max(bin, ulps);
  if (ulps <= found.worst)
    return;
  found.worst = ulps;
  found.worstInput = x;
  found.worstResult = y;
  found.worstExpected = expected;
}

void Certifier::join(const Certificate &part) {
  std::lock_guard<std::mutex> lock(mutex);
  certificate.visited += part.visited;
  certificate.unknown += part.unknown;
  certificate.aboveHalf += part.aboveHalf;
  certificate.aboveOne += part.aboveOne;
  certificate.aboveFour += part.aboveFour;
  certificate.turns += part.turns;
  for (auto [all, one] : llvm::zip(certificate.errors, part.errors))
    all = std::max(all, one);
  // The first of several equal ones, whatever the threads do.
  if (part.worst > certificate.worst ||
      (part.worst == certificate.worst && part.worst > 0 &&
       part.worstInput < certificate.worstInput)) {
    certificate.worst = part.worst;
    certificate.worstInput = part.worstInput;
    certificate.worstResult = part.worstResult;
    certificate.worstExpected = part.worstExpected;
  }
  uint64_t tenth = certificate.visited * 10 / samples;
  if (options.progress && tenth > reported)
    llvm::errs() << (reported = tenth) * 10 << " % of the inputs\n";
}

void Certifier::work() {
  ScalarFunction own(function);
  Caller caller(model, signature, kBlock);
  int64_t size = caller.size(), bytes = type.getWidth() / 8;
  int64_t inputBytes = HostTensor::elementBytes(caller.input.element());
  std::vector<uint64_t> positions(size);
  while (true) {
    uint64_t begin = next.fetch_add(size);
    if (begin >= samples)
      return;
    uint64_t end = std::min<uint64_t>(begin + size, samples);
    for (int64_t i = 0; i < size; ++i) {
      // The last block is filled up with its last input.
      positions[i] = std::min<uint64_t>(begin + i, end - 1) * options.stride;
      uint64_t bits = order.bits(positions[i]);
      std::memcpy(static_cast<char *>(caller.input.data()) + i * inputBytes,
                  &bits, inputBytes);
    }
    if (std::string why = caller.run(); !why.empty()) {
      std::lock_guard<std::mutex> lock(mutex);
      error = why;
      next = samples;
      return;
    }
    Certificate part;
    part.visited = end - begin;
    double before = 0, direction = 0;
    for (uint64_t i = 0; i < end - begin; ++i) {
      uint64_t bits = 0;
      std::memcpy(&bits, static_cast<char *>(caller.output.data()) + i * bytes,
                  bytes);
      double y = type.isF32() ? llvm::bit_cast<float>(uint32_t(bits))
                              : caller.output.get(i);
      look(part, own, positions[i], order.number(order.bits(positions[i])), y);
      if (i > 0 && y != before) {
        part.turns += direction != 0 && (y > before) != (direction > 0);
        direction = y > before ? 1 : -1;
      }
      before = y;
    }
    join(part);
  }
}

std::string Certifier::lookAtSpecials() {
  double inputs[] = {-kInf, -0.0, 0.0, kInf,
                     std::numeric_limits<double>::quiet_NaN()};
  Caller caller(model, signature, 5);
  for (int64_t i = 0; i < caller.size(); ++i)
    caller.input.set(i, inputs[std::min<int64_t>(i, 4)]);
  if (std::string why = caller.run(); !why.empty())
    return why;
  for (int64_t i = 0; i < std::min<int64_t>(caller.size(), 5); ++i)
    certificate.specials.push_back(
        {inputs[i], caller.output.get(i), function.inPairs(inputs[i])});
  return "";
}

llvm::Expected<Certificate> Certifier::run() {
  samples = llvm::divideCeil(order.count(), options.stride);
  unsigned count =
      options.threads ? options.threads : std::thread::hardware_concurrency();
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < count; ++i)
    threads.emplace_back([this] { work(); });
  work();
  for (std::thread &thread : threads)
    thread.join();
  if (error.empty())
    error = lookAtSpecials();
  if (!error.empty())
    return llvm::createStringError(error);
  return std::move(certificate);
}

} // namespace

llvm::Expected<Certificate> mlir::act::certify(const act_model *model,
                                               const Signature &signature,
                                               const ScalarFunction &function,
                                               const CertifyOptions &options) {
  Type element = signature.inputs.front().type.getElementType();
  if (element.getIntOrFloatBitWidth() > 32)
    return llvm::createStringError("there are too many numbers of f64");
  return Certifier(model, signature, function, options).run();
}

void Certificate::print(raw_ostream &os) const {
  os << visited << " inputs";
  if (unknown)
    os << ", " << unknown << " of them without a reference";
  os << llvm::format("\nat most %.4f ULP, at %.9g: %.9g for %.17g\n", worst,
                     worstInput, worstResult, worstExpected)
     << "more than 0.5 ULP: " << aboveHalf << ", 1 ULP: " << aboveOne
     << ", 4 ULP: " << aboveFour << "\nrises and falls by turns: " << turns
     << "\n";
  // The sign of a NaN says nothing.
  auto plain = [](double x) { return std::isnan(x) ? std::fabs(x) : x; };
  for (const Special &special : specials)
    os << llvm::format("at %g: %g, by the formula %g\n", plain(special.input),
                       plain(special.result), plain(special.expected));
}

void Certificate::plot(raw_ostream &os) const {
  constexpr int kWidth = 1024, kHeight = 320, kLeft = 56, kTop = 24;
  double top = 0;
  for (double error : errors)
    top = std::max(top, std::isfinite(error) ? error : worst);
  // Beyond 4 ULP only a logarithm shows the rest.
  bool logarithmic = top > 4 || !std::isfinite(top);
  double high = logarithmic ? std::log2(1 + (std::isfinite(top) ? top : 0x1p32))
                            : std::max(top, 1.0);
  auto y = [&](double error) {
    double value = logarithmic ? std::log2(1 + std::min(error, 0x1p32)) : error;
    return kTop + kHeight * (1 - std::min(value / high, 1.0));
  };
  os << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""
     << kWidth + kLeft + 16 << "\" height=\"" << kHeight + kTop + 40
     << "\" font-family=\"sans-serif\" font-size=\"12\">\n"
     << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  for (double line : {0.0, 0.5, 1.0, 4.0, 0x1p10, 0x1p24}) {
    if (line > 0 && (logarithmic ? std::log2(1 + line) : line) > high)
      continue;
    os << llvm::format("<path d=\"M%d %.1f h%d\" stroke=\"#ccc\"/>"
                       "<text x=\"4\" y=\"%.1f\">%g</text>\n",
                       kLeft, y(line), kWidth, y(line) + 4, line);
  }
  os << "<path fill=\"none\" stroke=\"#1f77b4\" d=\"";
  for (auto [i, error] : llvm::enumerate(errors))
    os << llvm::format("%c%.1f %.1f", i ? 'L' : 'M',
                       kLeft + (i + 0.5) * kWidth / kBins, y(error));
  os << "\"/>\n<text x=\"" << kLeft << "\" y=\"14\">error in ULP</text>\n";
  for (auto [part, name] : {std::pair<double, const char *>{0, "lowest"},
                            {0.5, "0"},
                            {1, "highest"}})
    os << llvm::format("<text x=\"%.0f\" y=\"%d\" text-anchor=\"middle\">%s"
                       "</text>\n",
                       kLeft + part * (kWidth - 40) + 16, kTop + kHeight + 20,
                       name);
  os << "</svg>\n";
}
