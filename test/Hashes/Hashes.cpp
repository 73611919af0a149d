// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// act-hashes: what compiled code returns for a fixed set of inputs, as one hash
// for each operation, type and mode, in every form that this machine can run,
// against the committed table.

#include "HashForms.h"
#include "HashTable.h"
#include "act-mlir/Compiler/Program.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>

using namespace mlir::act::numerics;
namespace cl = llvm::cl;

static cl::OptionCategory category("act-hashes options");
static cl::list<std::string>
    formNames("form", cl::CommaSeparated,
              cl::desc("How to compute, of those of --list; all unless given"),
              cl::cat(category));
static cl::opt<bool> list("list",
                          cl::desc("The forms that this machine can run"),
                          cl::cat(category));
static cl::opt<uint64_t> stride("stride", cl::init(257),
                                cl::desc("Of f32, every n-th input: 65537, "
                                         "257 or 1"),
                                cl::cat(category));
static cl::list<std::string>
    only("only", cl::CommaSeparated,
         cl::desc("Words of which a row must have one, such as gelu or f32"),
         cl::cat(category));
static cl::list<std::string>
    modes("modes", cl::CommaSeparated,
          cl::desc("highest, precise, fast; all unless given"),
          cl::cat(category));
static cl::opt<unsigned> jobs("jobs",
                              cl::init(std::thread::hardware_concurrency()),
                              cl::desc("Programs at a time"),
                              cl::cat(category));
static cl::opt<std::string>
    tablePath("table", cl::init(ACT_SOURCE "/test/Hashes/hashes.txt"),
              cl::desc("The table"), cl::cat(category));
static cl::opt<bool> update("update",
                            cl::desc("Write what the first form computes into "
                                     "the table, program by program, then "
                                     "compare the others"),
                            cl::cat(category));
static cl::opt<bool> missing("missing",
                             cl::desc("Only what the table has no hash of"),
                             cl::cat(category));

static int fail(const llvm::Twine &message) {
  llvm::errs() << "act-hashes: error: " << message << "\n";
  return 1;
}

using Clock = std::chrono::steady_clock;

static unsigned columnOf(const HashedProgram &program, unsigned ofF32) {
  return program.type == Type::F32 && program.file.empty() ? ofF32 : 0;
}

/// What a form gives against the table.
struct Comparison {
  HashTable &table;
  unsigned column; // of f32
  size_t programs;
  std::mutex mutex{};
  size_t done = 0;
  unsigned equal = 0, unequal = 0, unknown = 0;
  Clock::time_point start = Clock::now(), said = start;

  void add(const HashForm &form, const HashedProgram &program,
           const std::vector<std::string> &hashes, bool write) {
    std::lock_guard<std::mutex> lock(mutex);
    for (auto [rows, hash] : llvm::zip(program.rows(), hashes))
      for (const std::string &row : rows)
        add(form, row, columnOf(program, column), hash, write);
    if (llvm::Error error =
            write ? table.write(tablePath) : llvm::Error::success())
      std::exit(fail(llvm::toString(std::move(error))));
    ++done;
    double seconds =
        std::chrono::duration<double>(Clock::now() - start).count();
    if (Clock::now() - said < std::chrono::seconds(30))
      return;
    said = Clock::now();
    llvm::errs() << llvm::formatv(
        "{0}: {1} of {2} programs, about {3} minutes left\n", form.name, done,
        programs, std::lround(seconds / done * (programs - done) / 60));
  }

private:
  void add(const HashForm &form, const std::string &row, unsigned column,
           const std::string &hash, bool write) {
    if (write)
      table.set(row, column, hash);
    std::string expected = table.get(row, column);
    if (expected == hash) {
      ++equal;
      return;
    }
    ++(expected == "-" ? unknown : unequal);
    llvm::errs() << row << ": " << form.name << " gives " << hash
                 << ", the table has " << expected << "\n";
  }
};

static bool isChosen(const HashedProgram &program, const HashTable &table,
                     unsigned column) {
  auto rows = program.rows();
  if (missing && llvm::all_of(rows, [&](const auto &same) {
        return llvm::all_of(same, [&](const std::string &row) {
          return table.get(row, columnOf(program, column)) != "-";
        });
      }))
    return false;
  return only.empty() || llvm::any_of(rows, [](const auto &same) {
           llvm::SmallVector<llvm::StringRef> words;
           llvm::StringRef(same[0]).split(words, ' ');
           return llvm::any_of(words, [](llvm::StringRef w) {
             return llvm::is_contained(only, w);
           });
         });
}

/// False where a program did not compile or run.
static bool runForm(const HashForm &form,
                    const std::vector<HashedProgram> &programs,
                    Comparison &comparison, bool write) {
  std::atomic<size_t> next{0};
  std::atomic<bool> good{true};
  auto work = [&] {
    for (size_t i = next++; i < programs.size(); i = next++) {
      if (!appliesTo(form, programs[i]))
        continue;
      auto hashes = computeHashes(form, programs[i], stride);
      if (hashes) {
        comparison.add(form, programs[i], *hashes, write);
        continue;
      }
      good = false;
      std::lock_guard<std::mutex> lock(comparison.mutex);
      fail(programs[i].rows()[0][0] + " and others, " + form.name + ": " +
           llvm::toString(hashes.takeError()));
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1u, unsigned(jobs)); ++i)
    workers.emplace_back(work);
  for (std::thread &worker : workers)
    worker.join();
  return good;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "Compares the bits of results with a table of hashes.\n",
          &llvm::errs()))
    return 2;
  std::vector<HashForm> forms = hashForms();
  if (list) {
    for (const HashForm &form : forms)
      llvm::outs() << form.name << "\n";
    return 0;
  }
  auto found = llvm::find(kHashStrides, stride);
  if (found == std::end(kHashStrides))
    return fail("--stride must be 65537, 257 or 1");
  std::vector<HashForm> chosen;
  for (const std::string &name : formNames) {
    auto form = llvm::find_if(
        forms, [&](const HashForm &form) { return form.name == name; });
    if (form == forms.end())
      return fail("this machine cannot run '" + name + "', see --list");
    chosen.push_back(*form);
  }
  if (chosen.empty())
    chosen = forms;

  auto table = HashTable::read(tablePath);
  if (!table)
    return fail(llvm::toString(table.takeError()));
  std::vector<std::string> rows;
  for (const HashedProgram &program : hashedPrograms(99, kHashModes, false))
    for (const auto &same : program.rows())
      rows.push_back(same[0]);
  table->keep(rows);
  // All numbers keep a core busy for minutes: small programs share the cores
  // better, and those of one kernel are run once.
  unsigned column = found - kHashStrides;
  std::vector<std::string> chosenModes = kHashModes;
  llvm::erase_if(chosenModes, [](const std::string &mode) {
    return !modes.empty() && !llvm::is_contained(modes, mode);
  });
  std::vector<HashedProgram> programs =
      stride == 1 ? hashedPrograms(4, chosenModes, true)
                  : hashedPrograms(99, chosenModes, false);
  llvm::erase_if(programs,
                 [&](const auto &p) { return !isChosen(p, *table, column); });
  bool good = true, write = update;
  for (const HashForm &form : chosen) {
    Comparison comparison{*table, column, programs.size()};
    good &= runForm(form, programs, comparison, write);
    good &= comparison.unequal + comparison.unknown == 0;
    llvm::outs() << form.name << ": " << comparison.equal << " equal, "
                 << comparison.unequal << " unequal, " << comparison.unknown
                 << " not in the table\n";
    llvm::outs().flush();
    write = false;
  }
  return good ? 0 : 1;
}
