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
  explicit Ordered(FloatType type) : width(type.getWidth()) {
    const llvm::fltSemantics &semantics = type.getFloatSemantics();
    largest = APFloat::getLargest(semantics).bitcastToAPInt().getZExtValue();
    for (uint64_t bits = 0; width <= 16 && bits < uint64_t(1) << width; ++bits)
      numbers.push_back(
          APFloat(semantics, APInt(width, bits)).convertToDouble());
  }

  /// Finite numbers.
  uint64_t count() const { return 2 * (largest + 1); }
  uint64_t bits(uint64_t position) const {
    uint64_t half = largest + 1;
    return position < half ? (largest - position) | uint64_t(1) << (width - 1)
                           : position - half;
  }
  double number(uint64_t bits) const {
    return numbers.empty() ? llvm::bit_cast<float>(uint32_t(bits))
                           : numbers[bits];
  }

private:
  unsigned width;
  uint64_t largest;
  std::vector<double> numbers; // by their bits; of f32 there are too many
};

/// One thread's calls of a model.
class Caller {
public:
  Caller(const act_model *model, const Signature &signature, int64_t wanted)
      : model(model) {
    for (const Argument &argument : signature.inputs)
      inputs.push_back(tensorOf(argument, wanted));
    output = tensorOf(signature.outputs.front(), wanted);
  }
  ~Caller() {
    if (instance)
      model->destroy(instance);
  }

  int64_t size() const { return output.size(); }

  /// Empty, or why not.
  std::string run() {
    if (!instance) {
      act_options options = {};
      options.size = sizeof options;
      options.max_threads = 1;
      if (model->create(model, &options, &instance))
        return model->last_error();
    }
    SmallVector<act_tensor, 2> in = llvm::map_to_vector<2>(inputs, view);
    act_tensor out = view(output);
    if (model->run(instance, in.data(), in.size(), &out, 1, nullptr, 0,
                   nullptr))
      return model->last_error();
    return "";
  }

  std::vector<HostTensor> inputs;
  HostTensor output;

private:
  /// With `wanted` elements if an extent is dynamic.
  static HostTensor tensorOf(const Argument &argument, int64_t wanted) {
    SmallVector<int64_t> shape(argument.type.getShape());
    for (int64_t &extent : llvm::reverse(shape))
      if (ShapedType::isDynamic(extent)) {
        extent = wanted;
        wanted = 1;
      }
    return HostTensor(argument.type.getElementType(), shape);
  }
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
        type(cast<FloatType>(signature.outputs.front().type.getElementType())),
        results(type) {
    for (const Argument &input : signature.inputs)
      orders.emplace_back(cast<FloatType>(input.type.getElementType()));
  }

  llvm::Expected<Certificate> run();

private:
  /// Inputs of one call where the program takes any number of them.
  static constexpr int64_t kBlock = 1 << 18;

  void work();
  /// Bits of the operands at a position: the first one's numbers in their order
  /// for each of the second one's.
  SmallVector<uint64_t, 2> bitsAt(uint64_t position) const;
  /// The operands that such bits are.
  SmallVector<double, 2> numbersOf(ArrayRef<uint64_t> bits) const;
  void look(Certificate &found, const ScalarFunction &function,
            uint64_t position, ArrayRef<double> x, double y);
  void join(const Certificate &part);
  std::string lookAtSpecials();

  const act_model *model;
  const Signature &signature;
  const ScalarFunction &function;
  const CertifyOptions &options;
  FloatType type;
  Ordered results;
  SmallVector<Ordered, 2> orders; // of the operands

  std::mutex mutex;
  std::atomic<uint64_t> next{0};
  uint64_t samples = 0, reported = 0;
  Certificate certificate;
  std::string error;
};

SmallVector<uint64_t, 2> Certifier::bitsAt(uint64_t position) const {
  SmallVector<uint64_t, 2> bits;
  for (const Ordered &order : orders) {
    bits.push_back(order.bits(position % order.count()));
    position /= order.count();
  }
  return bits;
}

SmallVector<double, 2> Certifier::numbersOf(ArrayRef<uint64_t> bits) const {
  SmallVector<double, 2> numbers;
  for (auto [order, pattern] : llvm::zip(orders, bits))
    numbers.push_back(order.number(pattern));
  return numbers;
}

void Certifier::look(Certificate &found, const ScalarFunction &function,
                     uint64_t position, ArrayRef<double> inputs, double y) {
  double x = inputs.front();
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
  uint64_t count = orders.front().count();
  double &bin = found.errors[position % count * Certificate::kBins / count];
  bin = std::max(bin, ulps);
  if (ulps <= found.worst)
    return;
  found.worst = ulps;
  found.worstInputs.assign(inputs.begin(), inputs.end());
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
       part.worstInputs < certificate.worstInputs)) {
    certificate.worst = part.worst;
    certificate.worstInputs = part.worstInputs;
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
  std::vector<SmallVector<uint64_t, 2>> patterns(size);
  while (true) {
    uint64_t begin = next.fetch_add(size);
    if (begin >= samples)
      return;
    uint64_t end = std::min<uint64_t>(begin + size, samples);
    // The last block is filled up with its last input.
    auto position = [&](int64_t i) {
      return std::min<uint64_t>(begin + i, end - 1) * options.stride;
    };
    for (int64_t i = 0; i < size; ++i) {
      patterns[i] = bitsAt(position(i));
      for (auto [input, bits] : llvm::zip(caller.inputs, patterns[i])) {
        int64_t inputBytes = HostTensor::elementBytes(input.element());
        std::memcpy(static_cast<char *>(input.data()) + i * inputBytes, &bits,
                    inputBytes);
      }
    }
    if (std::string why = caller.run(); !why.empty()) {
      std::lock_guard<std::mutex> lock(mutex);
      error = why;
      next = samples;
      return;
    }
    Certificate part;
    part.visited = end - begin;
    double before = 0, direction = 0, other = 0;
    for (uint64_t i = 0; i < end - begin; ++i) {
      uint64_t bits = 0;
      std::memcpy(&bits, static_cast<char *>(caller.output.data()) + i * bytes,
                  bytes);
      double y = results.number(bits);
      SmallVector<double, 2> x = numbersOf(patterns[i]);
      bool same = i > 0 && (x.size() == 1 || x[1] == other);
      if (x.size() == 2)
        own.setOther(other = x[1]);
      look(part, own, position(i), x, y);
      if (!same) {
        direction = 0;
      } else if (y != before) {
        part.turns += direction != 0 && (y > before) != (direction > 0);
        direction = y > before ? 1 : -1;
      }
      before = y;
    }
    join(part);
  }
}

std::string Certifier::lookAtSpecials() {
  const double numbers[] = {-kInf, -0.0, 0.0, kInf,
                            std::numeric_limits<double>::quiet_NaN()};
  int64_t count = orders.size() == 1 ? 5 : 25;
  Caller caller(model, signature, count);
  ScalarFunction own(function);
  for (int64_t i = 0; i < caller.size(); ++i) {
    int64_t which = std::min(i, count - 1);
    for (HostTensor &input : caller.inputs) {
      input.set(i, numbers[which % 5]);
      which /= 5;
    }
  }
  if (std::string why = caller.run(); !why.empty())
    return why;
  for (int64_t i = 0; i < std::min(caller.size(), count); ++i) {
    SmallVector<double, 2> inputs;
    for (int64_t which = i; inputs.size() < orders.size(); which /= 5)
      inputs.push_back(numbers[which % 5]);
    own.setOther(inputs.back());
    certificate.specials.push_back(
        {inputs, caller.output.get(i), own.inPairs(inputs.front())});
  }
  return "";
}

llvm::Expected<Certificate> Certifier::run() {
  uint64_t count = 1;
  for (const Ordered &order : orders)
    count *= order.count();
  samples = llvm::divideCeil(count, options.stride);
  unsigned all =
      options.threads ? options.threads : std::thread::hardware_concurrency();
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < all; ++i)
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
  unsigned bits = 0;
  for (const Argument &input : signature.inputs) {
    bits += input.type.getElementTypeBitWidth();
    if (input.type.getShape() != signature.outputs.front().type.getShape())
      return llvm::createStringError(
          "operands and result must be of one shape");
  }
  if (bits > 32)
    return llvm::createStringError(
        "there are too many inputs: operands have at most 32 bits together, "
        "got " +
        llvm::Twine(bits));
  return Certifier(model, signature, function, options).run();
}

void Certificate::print(raw_ostream &os) const {
  // The sign of a NaN says nothing.
  auto plain = [](double x) { return std::isnan(x) ? std::fabs(x) : x; };
  auto list = [&](ArrayRef<double> numbers, const char *format) {
    llvm::interleaveComma(numbers, os, [&](double number) {
      os << llvm::format(format, plain(number));
    });
  };
  os << visited << " inputs";
  if (unknown)
    os << ", " << unknown << " of them without a reference";
  os << llvm::format("\nat most %.4f ULP, at ", worst);
  if (worstInputs.empty())
    os << "any";
  list(worstInputs, "%.9g");
  os << llvm::format(": %.9g for %.17g\n", worstResult, worstExpected)
     << "more than 0.5 ULP: " << aboveHalf << ", 1 ULP: " << aboveOne
     << ", 4 ULP: " << aboveFour << "\nrises and falls by turns: " << turns
     << "\n";
  for (const Special &special : specials) {
    os << "at ";
    list(special.inputs, "%g");
    os << llvm::format(": %g, by the formula %g\n", plain(special.result),
                       plain(special.expected));
  }
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
