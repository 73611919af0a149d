// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// act-sweep: each kernel over every stride-th f32 input, over all inputs of the
// shorter types, and over f64 inputs of every exponent.
//
// Results of at most 32 bits are held against the kernels on pairs, unrounded,
// which are correct to 2^-60; those, and results in f64, against MPFR.

#include "../Unit/Inputs.h"
#include "../Unit/Reference.h"
#include "Lanes.h"
#include "Result.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Numerics/Single.h"
#include "act-mlir/Numerics/Wide.h"
#include <atomic>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

using namespace mlir::act::numerics;

double mlir::act::numerics::otherOperand(uint64_t i, Type type) {
  uint64_t bits = (i + 1) * 0x9e3779b97f4a7c15;
  bits ^= bits >> 29;
  bits *= 0xbf58476d1ce4e5b9;
  double x = decode(bits >> (64 - format(type).width), type);
  return std::isfinite(x) ? x : 1.0;
}

namespace {

struct Options {
  uint64_t stride = 257;
  const char *function = nullptr;
  unsigned threads = std::thread::hardware_concurrency();
  /// The kernels in f32 alone.
  bool single = false;
  std::FILE *registry = nullptr;
};

/// |y - (high + low)| in units of the type's last place.
double distance(double y, double high, double low, Type type) {
  const Format &f = format(type);
  if (y == high && low == 0)
    return 0;
  if (f.saturates && std::fabs(high) >= f.largest)
    return y == std::copysign(f.largest, high) ? 0 : INFINITY;
  if (std::isinf(high) || std::isinf(y)) {
    // Beyond the largest number infinity is the neighbour.
    double end = std::ldexp(1.0, std::ilogb(f.largest) + 1);
    if (std::signbit(y) != std::signbit(high))
      return INFINITY;
    y = std::copysign(std::fmin(std::fabs(y), end), y);
    if (std::fabs(high) >= end)
      return std::fabs(y) == end ? 0 : INFINITY;
  }
  int exponent =
      high == 0 ? f.minExponent : std::max(std::ilogb(high), f.minExponent);
  return std::fabs((y - high) - low) *
         std::ldexp(1.0, f.precision - 1 - exponent);
}

double toOdd(double high, double low) {
  return HostF64{high}.towardsOdd({low}).v;
}

/// The exact value rounded once: the pair's, or MPFR's where the pair is so
/// close to a tie that its own error could decide.
double correctlyRounded(Function function, Type type, const double *operands,
                        double high, double low) {
  double margin = std::fabs(high) * 0x1p-50;
  double below = roundTo(high - margin, type),
         above = roundTo(high + margin, type);
  double x = operands[isGradient(function) ? 1 : 0];
  if (below == above || std::isinf(high) || std::isinf(x) ||
      std::isinf(operands[0]))
    return roundTo(toOdd(high, low), type);
  test::Real exact =
      test::reference(function, defaultParameters(function), operands);
  return test::roundTo(exact, format(type));
}

/// The inputs first, first + step, ... of a type's patterns, all with dy = 1 or
/// each with a dy of its own.
void sweepBlock(Function function, Type type, uint64_t first, uint64_t step,
                uint64_t count, bool others, Results &results) {
  const double *p = defaultParameters(function);
  bool gradient = isGradient(function);
  unsigned main = gradient ? 1 : 0;
  double lastY[kNumKernels] = {NAN, NAN, NAN, NAN, NAN}, lastExact = NAN,
         lastX = NAN;
  for (uint64_t i = 0; i < count; i += kLanes) {
    Lanes args[3] = {};
    for (int lane = 0; lane < kLanes; ++lane) {
      double x = decode(first + std::min(i + lane, count - 1) * step, type);
      double other = others ? otherOperand(first + i + lane, type) : 1.0;
      for (unsigned k = 0; k < 3; ++k)
        args[k].v[lane] = k == main ? x : other;
    }
    Lanes core =
        Kernels<Lanes>(args[0], breaksTies(type)).evaluate(function, p, args);
    DoubleDouble<Lanes> exact = evaluateWide(function, p, args);
    for (int lane = 0; lane < kLanes && i + lane < count; ++lane) {
      double x = args[main].v[lane];
      double high = exact.high.v[lane], low = exact.low.v[lane];
      if (low != low)
        low = 0;
      double v[] = {args[0].v[lane], args[1].v[lane], args[2].v[lane]};
      double best = correctlyRounded(function, type, v, high, low);
      for (unsigned k = 0; k < kNumKernels; ++k) {
        Kernel kernel = static_cast<Kernel>(k);
        if (!isOffered(function, kernel, type, p))
          continue;
        double y = kernel == Kernel::Core ? core.v[lane]
                   : kernel == Kernel::Wide
                       ? toOdd(high, low)
                       : evaluate(function, kernel, type, p, v);
        y = roundTo(y, type);
        if (high != high || y != y) {
          // NaN for NaN.
          results[k].add(high != high && y != y ? 0 : INFINITY, x);
          continue;
        }
        results[k].misrounded +=
            y != best || std::signbit(y) != std::signbit(best);
        results[k].add(distance(y, high, low, type), x);
        bool neighbours = !others && std::signbit(x) == std::signbit(lastX);
        if (neighbours && (high - lastExact) * (y - lastY[k]) < 0)
          ++results[k].unordered;
        lastY[k] = y;
      }
      lastExact = high;
      lastX = x;
    }
  }
}

void sweep(Function function, Type type, uint64_t stride,
           const Options &options, Results &results) {
  uint64_t patterns = uint64_t(1) << format(type).width;
  if (type != Type::F32)
    stride = 1;
  uint64_t count = (patterns + stride - 1) / stride;
  constexpr uint64_t block = 1 << 15;
  bool two = numOperands(function) > 1;
  // With other second operands: the short types 15 times, f32 fewer inputs.
  uint64_t rounds = !two ? 1 : type == Type::F32 ? 2 : 16;
  uint64_t blocks = (count + block - 1) / block;
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  auto work = [&] {
    Results mine;
    for (uint64_t i = next++; i < blocks * rounds; i = next++) {
      uint64_t start = i % blocks * block;
      uint64_t size = std::min(block, count - start);
      // The phase makes each round's pairs different ones.
      uint64_t phase = type == Type::F32 ? i / blocks * (stride / 2) : 0;
      uint64_t first = (start * stride + phase) % patterns;
      if (options.single && type == Type::F32)
        sweepSingle(function, first, stride, size, i >= blocks, mine);
      else
        sweepBlock(function, type, first, stride, size, i >= blocks, mine);
      if (i % (blocks / 100 + 1) == 0)
        std::fprintf(stderr, "\r%s %s: %3.0f%% ", name(function),
                     format(type).name, 100.0 * i / (blocks * rounds));
    }
    std::lock_guard<std::mutex> lock(mutex);
    for (unsigned k = 0; k < kNumKernels; ++k)
      results[k].merge(mine[k]);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i)
    threads.emplace_back(work);
  for (std::thread &thread : threads)
    thread.join();
}

/// Both kernels against MPFR in f64.
void sweepF64(Function function, Results &results) {
  const double *p = defaultParameters(function);
  std::vector<double> inputs = test::f64Inputs(16);
  std::atomic<size_t> next{0};
  std::mutex mutex;
  auto work = [&] {
    Results mine;
    for (size_t i = next++; i < inputs.size(); i = next++) {
      if (!test::inDomain(function, inputs[i]))
        continue;
      double other = i & 1 ? 1.0 : otherOperand(i, Type::F64);
      test::Operands operands(function, inputs[i], other);
      test::Real exact = test::reference(function, p, operands.v);
      double rounded = test::roundTo(exact, format(Type::F64));
      for (unsigned k = unsigned(Kernel::Core); k < kNumKernels; ++k) {
        double y = evaluate(function, static_cast<Kernel>(k), Type::F64, p,
                            operands.v);
        mine[k].misrounded += y != rounded;
        double error =
            y != y ? INFINITY : test::ulpError(y, exact, format(Type::F64));
        mine[k].add(error, inputs[i]);
      }
    }
    std::lock_guard<std::mutex> lock(mutex);
    for (unsigned k = 0; k < kNumKernels; ++k)
      results[k].merge(mine[k]);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i)
    threads.emplace_back(work);
  for (std::thread &thread : threads)
    thread.join();
}

/// A decimal that is no smaller than the error, for bounds that are kept.
double roundedUp(double ulps) { return std::ceil(ulps * 1e5) / 1e5; }

const char *const kTypeNames[] = {"F64",  "F32",      "F16",
                                  "BF16", "F8E4M3FN", "F8E5M2"};
const char *const kKernelNames[] = {"Native", "Plain", "Paired", "Core",
                                    "Wide"};

const char *enumerator(Function function) {
  switch (function) {
#define X(id, mnemonic, operands, ...)                                         \
  case Function::id:                                                           \
    return #id;
    ACT_ACTIVATIONS(X)
    ACT_MATH_FUNCTIONS(X)
#undef X
#define X(id, mnemonic, operands, ...)                                         \
  case Function::id##Grad:                                                     \
    return #id "Grad";
    ACT_ACTIVATIONS(X)
#undef X
  case Function::PreluSlopeGrad:
    return "PreluSlopeGrad";
  case Function::ClampOpenGrad:
    return "ClampOpenGrad";
  }
  return "";
}

/// Results at -inf, -0, 0, inf and NaN, of a gradient with dy = 1.
std::string specials(Function function, Type type, Kernel kernel) {
  std::string text;
  for (double x : {-HUGE_VAL, -0.0, 0.0, HUGE_VAL, std::nan("")}) {
    test::Operands operands(function, x, 1.0);
    double y = evaluate(function, kernel, type, defaultParameters(function),
                        operands.v);
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.4g", roundTo(y, type));
    text += text.empty() ? "" : ", ";
    text += y != y ? "nan" : buffer;
  }
  return text;
}

void printRow(Function function, Type type, Kernel kernel, Result r,
              std::FILE *registry, double margin) {
  r.ulps += margin;
  unsigned operations = countOperations(function, type, kernel);
  std::printf("| %s | %s | %s | %.5f | %a | %" PRIu64 " | %" PRIu64
              " | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %s | %u |\n",
              name(function), format(type).name, name(kernel),
              roundedUp(r.ulps), r.worst, r.inputs, r.misrounded, r.above1,
              r.above4, r.unordered, specials(function, type, kernel).c_str(),
              operations);
  // A kernel that misses every mode's bound is not offered.
  if (!registry || !(r.ulps <= 4))
    return;
  char worst[40];
  if (std::isinf(r.worst))
    std::snprintf(worst, sizeof worst, "%sINFINITY", r.worst < 0 ? "-" : "");
  else
    std::snprintf(worst, sizeof worst, "%a", r.worst);
  bool all = type != Type::F64 && r.inputs >> format(type).width;
  std::fprintf(registry,
               "ACT_MEASURED(%s, %s, %s, %.5f, %s, %" PRIu64
               ", %d, %u, 0x%" PRIx64 ")\n",
               enumerator(function), kTypeNames[unsigned(type)],
               kKernelNames[unsigned(kernel)], roundedUp(r.ulps), worst,
               r.misrounded, all, operations,
               fingerprint(function, type, kernel));
}

/// The table of inputs of 16 bits for which a kernel in f32 needs one.
template <bool paired>
void printExceptions(Function function, Type type) {
  const double *p = defaultParameters(function);
  std::string rows;
  unsigned count = 0;
  for (uint64_t bits = 0; bits < uint64_t(1) << format(type).width; ++bits) {
    double x = decode(bits, type);
    HostF32 arg{static_cast<float>(x)};
    double y =
        SingleKernels<HostF32, paired>(arg, type).value(function, p, &arg).v;
    double exact = evaluate(function, Kernel::Wide, type, p, &x);
    y = roundTo(y, type);
    exact = roundTo(exact, type);
    if (y == exact || exact != exact)
      continue;
    char row[160];
    std::snprintf(row, sizeof row, "ACT_EXCEPTION(%s, %s, %d, %af, %af)\n",
                  enumerator(function), kTypeNames[unsigned(type)], paired, x,
                  exact);
    rows += row;
    ++count;
  }
  // More of them cost more than another kernel.
  if (count <= 12)
    std::printf("%s", rows.c_str());
}

void printExceptions() {
  std::printf("// Part of act-mlir, under the Apache License v2.0 with LLVM "
              "Exceptions.\n// SPDX-License-Identifier: Apache-2.0 WITH "
              "LLVM-exception\n\n// Written by act-sweep --exceptions.\n");
  for (unsigned f = 0; f < kNumFunctions; ++f) {
    Function function = static_cast<Function>(f);
    for (Type type : {Type::F16, Type::BF16}) {
      if (numOperands(function) > 1 || !isOffered(function, Kernel::Plain, type,
                                                  defaultParameters(function)))
        continue;
      printExceptions<false>(function, type);
      printExceptions<true>(function, type);
    }
  }
}

int usage(const char *program) {
  std::fprintf(
      stderr,
      "usage: %s --exceptions | [--stride=<n>] [--function=<name>] [--single] "
      "[--threads=<n>] [--registry=<file>]\n",
      program);
  return 1;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  if (argc == 2 && !std::strcmp(argv[1], "--exceptions")) {
    printExceptions();
    return 0;
  }
  for (int i = 1; i < argc; ++i) {
    if (!std::strncmp(argv[i], "--stride=", 9))
      options.stride = std::strtoull(argv[i] + 9, nullptr, 10);
    else if (!std::strncmp(argv[i], "--function=", 11))
      options.function = argv[i] + 11;
    else if (!std::strncmp(argv[i], "--threads=", 10))
      options.threads = std::strtoul(argv[i] + 10, nullptr, 10);
    else if (!std::strcmp(argv[i], "--single"))
      options.single = true;
    else if (!std::strncmp(argv[i], "--registry=", 11) &&
             (options.registry = std::fopen(argv[i] + 11, "w")))
      continue;
    else
      return usage(argv[0]);
  }
  Function only;
  if (options.stride == 0 || options.threads == 0 ||
      (options.function && !lookupFunction(options.function, only)))
    return usage(argv[0]);
  for (unsigned f = 0; f < kNumFunctions; ++f) {
    Function function = static_cast<Function>(f);
    if (options.function && function != only)
      continue;
    const double *p = defaultParameters(function);
    if (options.single && !isOffered(function, Kernel::Plain, Type::F16, p))
      continue;
    for (unsigned t = 0; t < kNumTypes; ++t) {
      Type type = static_cast<Type>(t);
      if (options.single && type == Type::F64)
        continue;
      Results results;
      if (type == Type::F64)
        sweepF64(function, results);
      else
        sweep(function, type, options.stride, options, results);
      for (unsigned k = 0; k < kNumKernels; ++k)
        if (results[k].inputs > 0 &&
            isOffered(function, static_cast<Kernel>(k), type, p) &&
            (!options.single || isSingle(static_cast<Kernel>(k))))
          printRow(function, type, static_cast<Kernel>(k), results[k],
                   options.registry,
                   options.single && type == Type::F32 ? kCoreMargin : 0);
    }
    std::fflush(stdout);
    if (options.registry)
      std::fflush(options.registry);
  }
  if (options.registry)
    std::fclose(options.registry);
}
