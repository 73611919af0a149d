// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// act-hashes: what compiled code returns for a fixed set of inputs, as one hash
// for each operation, type and mode, in every form that this machine can run,
// against the committed table.

#include "HashForms.h"
#include "HashTable.h"
#include "act-mlir/Compiler/Program.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include <atomic>
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
                                     "the table, then compare the others"),
                            cl::cat(category));

static int fail(const llvm::Twine &message) {
  llvm::errs() << "act-hashes: error: " << message << "\n";
  return 1;
}

/// What a form gives against the table.
struct Comparison {
  HashTable &table;
  unsigned column; // of f32
  std::mutex mutex;
  unsigned equal = 0, unequal = 0, unknown = 0;

  unsigned columnOf(const HashedProgram &program) const {
    return program.type == Type::F32 && program.file.empty() ? column : 0;
  }

  void add(const HashForm &form, const HashedProgram &program,
           const std::vector<std::string> &hashes, bool write) {
    std::lock_guard<std::mutex> lock(mutex);
    for (auto [row, hash] : llvm::zip(program.rows(), hashes)) {
      if (write)
        table.set(row, columnOf(program), hash);
      std::string expected = table.get(row, columnOf(program));
      if (expected == hash) {
        ++equal;
        continue;
      }
      ++(expected == "-" ? unknown : unequal);
      llvm::errs() << row << ": " << form.name << " gives " << hash
                   << ", the table has " << expected << "\n";
    }
  }
};

static bool isChosen(const HashedProgram &program) {
  if (!modes.empty() && !llvm::is_contained(modes, program.mode))
    return false;
  return only.empty() ||
         llvm::any_of(program.rows(), [](const std::string &row) {
           llvm::SmallVector<llvm::StringRef> words;
           llvm::StringRef(row).split(words, ' ');
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
      fail(programs[i].rows().front() + " and others, " + form.name + ": " +
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
  // All numbers keep a core busy for minutes: small programs share the cores
  // better.
  std::vector<HashedProgram> programs = hashedPrograms(stride == 1 ? 4 : 99);
  std::vector<std::string> rows;
  for (const HashedProgram &program : programs)
    for (const std::string &row : program.rows())
      rows.push_back(row);
  table->keep(rows);
  llvm::erase_if(programs, [](const auto &p) { return !isChosen(p); });
  bool good = true, write = update;
  for (const HashForm &form : chosen) {
    Comparison comparison{*table, unsigned(found - kHashStrides)};
    good &= runForm(form, programs, comparison, write);
    good &= comparison.unequal + comparison.unknown == 0;
    llvm::outs() << form.name << ": " << comparison.equal << " equal, "
                 << comparison.unequal << " unequal, " << comparison.unknown
                 << " not in the table\n";
    llvm::outs().flush();
    if (write && good)
      if (llvm::Error error = table->write(tablePath))
        return fail(llvm::toString(std::move(error)));
    write = false;
  }
  return good ? 0 : 1;
}
