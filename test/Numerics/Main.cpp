// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// act-sweep: each kernel over every stride-th f32 input, over all inputs of the
// shorter types, and over f64 inputs of every exponent. Rows for
// lib/Numerics/Measurements.tsv go to standard output, or to a file from which
// an interrupted sweep goes on.

#include "../Unit/Inputs.h"
#include "Exceptions.h"
#include "Table.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace mlir::act::numerics;

namespace {

struct Options {
  uint64_t stride = 257;
  std::vector<Function> functions;
  std::vector<Type> types;
  unsigned threads = std::thread::hardware_concurrency();
  Sweep sweep = Sweep::All;
  /// Two 16-bit operands: all pairs of finite numbers.
  bool pairs = false;
  std::string out;

  std::string text() const {
    return "stride=" + std::to_string(stride) +
           (sweep == Sweep::Single   ? " single"
            : sweep == Sweep::Double ? " double"
                                     : "") +
           (pairs ? " pairs" : "");
  }
};

volatile std::sig_atomic_t interrupted = 0;

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What a function and a type take: blocks of inputs, or f64 numbers.
struct Job {
  Function function;
  Type type;
  std::vector<Block> blocks;
  std::vector<double> numbers;
  /// Work in about equal units.
  double cost = 0;

  uint64_t size() const {
    return type == Type::F64 ? numbers.size() : blocks.size();
  }
};

void addBlocks(Job &job, uint64_t first, uint64_t step, Others others) {
  constexpr uint64_t most = 1 << 15;
  uint64_t patterns = uint64_t(1) << format(job.type).width;
  uint64_t count = (patterns + step - 1) / step;
  for (uint64_t i = 0; i < count; i += most)
    job.blocks.push_back(
        {first + i * step, step, std::min(most, count - i), others});
}

Job makeJob(Function function, Type type, const Options &options) {
  Job job{function, type, {}, {}};
  const double *p = defaultParameters(function);
  if (type == Type::F64) {
    job.numbers = test::f64Inputs(16);
    job.cost = job.numbers.size() * 2e4;
    return job;
  }
  bool f32 = type == Type::F32, two = numOperands(function) > 1;
  uint64_t stride = f32 ? options.stride : 1;
  addBlocks(job, 0, stride, {});
  if (two && f32) {
    // 10^9 pairs are enough, of other inputs than those above.
    uint64_t step = std::max<uint64_t>(stride, 3);
    addBlocks(job, step / 2, step, {Others::Each, 0});
  } else if (two) {
    bool all = options.pairs || format(type).width == 8;
    uint64_t rounds = all ? uint64_t(1) << format(type).width : 15;
    for (uint64_t i = 0; i < rounds; ++i) {
      Others others{all ? Others::Fixed : Others::Each, i};
      if (std::isfinite(others.at(0, type)))
        addBlocks(job, 0, 1, others);
    }
  }
  unsigned operations = 100;
  for (unsigned k = 0; k < kNumKernels; ++k) {
    Kernel kernel = static_cast<Kernel>(k);
    bool reference = kernel == Kernel::Wide && options.sweep != Sweep::Single;
    if (exists(function, kernel, type, p) &&
        (reference || isPartOf(options.sweep, kernel)))
      operations += countOperations(function, type, kernel);
  }
  for (const Block &block : job.blocks)
    job.cost += double(block.count) * operations;
  return job;
}

void sweep(const Job &job, uint64_t i, const Options &options,
           Results &results) {
  if (job.type == Type::F64) {
    Others others{i & 1 ? Others::One : Others::Each};
    sweepF64(job.function, job.numbers[i], others.at(i, job.type), results);
  } else {
    sweepBlock(job.function, job.type, options.sweep, job.blocks[i], results);
  }
}

class Progress {
public:
  explicit Progress(double total) : total(total) {}

  /// `part` of the job is done, of which `before` was when it began.
  void show(const Job &job, double part, double before) {
    bool terminal = isatty(2);
    if (!terminal && (part == 1 || (&job == last && secondsSince(shown) < 30)))
      return;
    shown = Clock::now();
    last = &job;
    double here = measured + job.cost * (part - before);
    double left = total - skipped - job.cost * before - here;
    double seconds = here > 0 ? secondsSince(start) * left / here : 0;
    std::fprintf(stderr, "%s%s %s: %3.0f%%, all %3.0f%%, %s left%s",
                 terminal ? "\r\033[K" : "", name(job.function),
                 format(job.type).name, 100 * part, 100 * (1 - left / total),
                 time(seconds).c_str(), terminal ? "" : "\n");
    std::fflush(stderr);
  }
  void end(const Job &job, double before) {
    skipped += job.cost * before;
    measured += job.cost * (1 - before);
  }

private:
  static std::string time(double seconds) {
    char text[40];
    long s = std::lround(seconds);
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60,
                  s % 60);
    return text;
  }

  double total, skipped = 0, measured = 0;
  Clock::time_point start = Clock::now(), shown = start;
  const Job *last = nullptr;
};

/// Takes blocks in their order, for a tenth of a second at a time, so that what
/// is done is always a first part of them. False when interrupted.
bool run(const Job &job, const Options &options, State &state,
         Progress &progress) {
  uint64_t size = job.size();
  double before = double(state.next) / size;
  std::mutex mutex;
  while (state.next < size && !interrupted) {
    std::atomic<uint64_t> next{state.next};
    Clock::time_point begin = Clock::now();
    auto work = [&] {
      Results mine;
      while (!interrupted && secondsSince(begin) < 0.1) {
        uint64_t i = next++;
        if (i >= size)
          break;
        sweep(job, i, options, mine);
      }
      std::lock_guard<std::mutex> lock(mutex);
      for (unsigned k = 0; k < kNumKernels; ++k)
        state.results[k].merge(mine[k]);
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options.threads; ++i)
      threads.emplace_back(work);
    for (std::thread &thread : threads)
      thread.join();
    state.next = std::min<uint64_t>(next, size);
    if (!options.out.empty() && state.next < size)
      state.save(options.out + ".state");
    progress.show(job, double(state.next) / size, before);
  }
  progress.end(job, before);
  return state.next == size;
}

std::string rowsOf(const State &state, const Options &options) {
  std::string rows;
  for (unsigned k = 0; k < kNumKernels; ++k) {
    Kernel kernel = static_cast<Kernel>(k);
    bool single = options.sweep == Sweep::Single && state.type == Type::F32;
    if (state.results[k].inputs > 0)
      rows += row(state.function, state.type, kernel, state.results[k],
                  single ? kCoreMargin : 0);
  }
  return rows;
}

bool hasSingle(Function function, Type type) {
  const double *p = defaultParameters(function);
  return type != Type::F64 && (exists(function, Kernel::Plain, type, p) ||
                               exists(function, Kernel::Paired, type, p));
}

int sweepAll(const Options &options) {
  Rows rows;
  if (!options.out.empty()) {
    std::string error = rows.open(options.out, options.text());
    if (!error.empty()) {
      std::fprintf(stderr, "%s\n", error.c_str());
      return 1;
    }
  }
  std::vector<Job> jobs;
  double total = 0;
  for (Function function : options.functions)
    for (Type type : options.types) {
      if (rows.has(function, type) ||
          (options.sweep == Sweep::Single && !hasSingle(function, type)))
        continue;
      jobs.push_back(makeJob(function, type, options));
      total += jobs.back().cost;
    }
  Progress progress(total);
  for (const Job &job : jobs) {
    State state;
    state.options = options.text();
    state.function = job.function;
    state.type = job.type;
    std::string path = options.out + ".state";
    if (!options.out.empty() && state.load(path))
      std::fprintf(stderr, "%s %s: goes on at %.0f%%\n", name(job.function),
                   format(job.type).name, 100.0 * state.next / job.size());
    if (!run(job, options, state, progress)) {
      std::fprintf(stderr, "\ninterrupted\n");
      return 130;
    }
    std::string text = rowsOf(state, options);
    if (options.out.empty()) {
      std::fputs(text.c_str(), stdout);
      std::fflush(stdout);
    } else {
      rows.append(text);
      std::remove(path.c_str());
    }
  }
  if (isatty(2))
    std::fprintf(stderr, "\r\033[K");
  return 0;
}

/// The kernel that each mode takes.
void printChoices() {
  for (Function function : test::allFunctions())
    for (unsigned t = 0; t < kNumTypes; ++t)
      for (Mode mode : {Mode::Highest, Mode::Precise, Mode::Fast}) {
        Type type = static_cast<Type>(t);
        std::optional<double> ulps = bound(mode, function, type);
        const Measurement *m = ulps ? cheapest(function, type, *ulps) : nullptr;
        std::printf("%s\t%s\t%s\t%s\n", name(function), format(type).name,
                    name(mode), m ? name(m->kernel) : "");
      }
}

int usage(const char *program) {
  std::fprintf(stderr,
               "usage: %s [--stride=<n>] [--function=<name>,...] "
               "[--type=<name>,...] [--single|--double] [--pairs] "
               "[--threads=<n>] [--out=<file>] | --choices | --exceptions\n",
               program);
  return 1;
}

/// Calls `add` with each part of a list with commas; false if it says so.
template <class Add>
bool each(const char *list, Add add) {
  std::string text = std::string(list) + ",";
  for (size_t end; (end = text.find(',')) != std::string::npos;
       text.erase(0, end + 1))
    if (!add(text.substr(0, end).c_str()))
      return false;
  return true;
}

bool parse(const char *arg, Options &options) {
  auto value = [&](const char *name) {
    size_t length = std::strlen(name);
    return std::strncmp(arg, name, length) ? nullptr : arg + length;
  };
  if (const char *text = value("--stride="))
    options.stride = std::strtoull(text, nullptr, 10);
  else if (const char *text = value("--threads="))
    options.threads = std::strtoul(text, nullptr, 10);
  else if (const char *text = value("--out="))
    options.out = text;
  else if (const char *text = value("--function="))
    return each(text, [&](const char *name) {
      Function function;
      if (!lookupFunction(name, function))
        return false;
      options.functions.push_back(function);
      return true;
    });
  else if (const char *text = value("--type="))
    return each(text, [&](const char *name) {
      for (unsigned t = 0; t < kNumTypes; ++t)
        if (!std::strcmp(name, format(static_cast<Type>(t)).name)) {
          options.types.push_back(static_cast<Type>(t));
          return true;
        }
      return false;
    });
  else if (!std::strcmp(arg, "--single"))
    options.sweep = Sweep::Single;
  else if (!std::strcmp(arg, "--double"))
    options.sweep = Sweep::Double;
  else if (!std::strcmp(arg, "--pairs"))
    options.pairs = true;
  else
    return false;
  return options.stride > 0 && options.threads > 0;
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 2 && !std::strcmp(argv[1], "--exceptions")) {
    printExceptions();
    return 0;
  }
  if (argc == 2 && !std::strcmp(argv[1], "--choices")) {
    printChoices();
    return 0;
  }
  Options options;
  for (int i = 1; i < argc; ++i)
    if (!parse(argv[i], options)) {
      std::fprintf(stderr, "%s: error: %s\n", argv[0], argv[i]);
      return usage(argv[0]);
    }
  if (options.functions.empty())
    options.functions = test::allFunctions();
  if (options.types.empty())
    for (unsigned t = 0; t < kNumTypes; ++t)
      options.types.push_back(static_cast<Type>(t));
  for (int signal : {SIGINT, SIGTERM})
    std::signal(signal, [](int) { interrupted = 1; });
  return sweepAll(options);
}
