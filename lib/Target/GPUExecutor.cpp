// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Target/GPUExecutor.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <ucontext.h>
#include <utility>
#include <vector>

namespace {

constexpr int64_t kWarp = 32;
constexpr size_t kStackBytes = 128 << 10;
/// What shared memory holds before a thread writes to it.
constexpr int kPoison = 0xa5;

enum class State { Ready, Barrier, Shuffle, Done };
enum Mode : int32_t { Xor = 0, Down = 1, Up = 2, Idx = 3 };

/// Shared memory is aligned as an array of these.
struct alignas(128) Line {
  char bytes[128];
};

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  State state;
  int32_t value, lane, mode; // of a shuffle
};

/// Who has used a byte of shared memory since the last barrier.
struct Uses {
  static constexpr int32_t kNone = -1, kSeveral = -2;
  int32_t writer = kNone, reader = kNone;

  static bool isOther(int32_t user, int32_t thread) {
    return user != kNone && user != thread;
  }
};

/// The threads of one block, each a fiber; blocks run one after the other.
class Block {
public:
  Block(act_gpu_thread thread, void *arguments, int64_t threads,
        int64_t sharedBytes)
      : thread(thread), arguments(arguments), fibers(threads),
        shared(llvm::divideCeil(sharedBytes, sizeof(Line))), uses(sharedBytes) {
    for (Fiber &fiber : fibers)
      fiber.stack.reset(new char[kStackBytes]);
  }

  /// What went wrong; empty if nothing did.
  std::string run(int64_t index);

  void wait(State state) {
    Fiber &fiber = fibers[running];
    fiber.state = state;
    swapcontext(&fiber.context, &scheduler);
  }

  int32_t shuffle(int32_t value, int32_t lane, int32_t mode) {
    Fiber &fiber = fibers[running];
    fiber.value = value;
    fiber.lane = lane;
    fiber.mode = mode;
    wait(State::Shuffle);
    return fiber.value;
  }

  /// The running thread ends, and the block with it.
  void stop(std::string why) {
    problem = std::move(why);
    wait(State::Done);
  }

  void touch(int64_t address, int64_t bytes, bool writes);

  void enter() {
    thread(arguments, running, index, shared.data());
    fibers[running].state = State::Done;
  }

private:
  const char *exchange(llvm::MutableArrayRef<Fiber> warp, bool &progress);

  act_gpu_thread thread;
  void *arguments;
  int64_t index = 0;
  std::vector<Fiber> fibers;
  std::vector<Line> shared;
  std::vector<Uses> uses;
  std::string problem;
  ucontext_t scheduler;
  int64_t running = 0;
};

thread_local Block *current = nullptr;
thread_local std::string failure;
thread_local std::jmp_buf alone;

void enterFiber() { current->enter(); }

/// Gives the lanes of a warp their values once all of them wait for one.
const char *Block::exchange(llvm::MutableArrayRef<Fiber> warp, bool &progress) {
  auto waits = [](const Fiber &fiber) { return fiber.state == State::Shuffle; };
  if (!llvm::all_of(warp, waits)) {
    // Those that run yet may come; those that ended will not.
    bool stuck = llvm::any_of(warp, waits) &&
                 llvm::none_of(warp, [](const Fiber &fiber) {
                   return fiber.state == State::Ready;
                 });
    return stuck ? "a shuffle that not all lanes of the warp reach" : nullptr;
  }
  if (llvm::any_of(warp, [&](const Fiber &fiber) {
        return fiber.mode != warp[0].mode || fiber.lane != warp[0].lane;
      }))
    return "lanes of a warp at different shuffles";
  int32_t values[kWarp];
  int64_t size = warp.size();
  for (int64_t i = 0; i < size; ++i)
    values[i] = warp[i].value;
  int64_t lane = warp[0].lane;
  for (int64_t i = 0; i < size; ++i) {
    int64_t from = i;
    switch (warp[0].mode) {
    case Xor:
      from = i ^ lane;
      break;
    case Down:
      from = i + lane;
      break;
    case Up:
      from = i - lane;
      break;
    case Idx:
      from = lane;
      break;
    }
    // A lane that is not there leaves the thread its own value.
    warp[i].value = values[from >= 0 && from < size ? from : i];
    warp[i].state = State::Ready;
  }
  progress = true;
  return nullptr;
}

void Block::touch(int64_t address, int64_t bytes, bool writes) {
  int64_t first = address - reinterpret_cast<intptr_t>(shared.data());
  int64_t size = uses.size();
  if (first < 0 || first + bytes > size)
    return stop("thread " + std::to_string(running) + " uses byte " +
                std::to_string(first < 0 ? first : first + bytes - 1) + " of " +
                std::to_string(size) + " bytes of shared memory");
  for (int64_t byte = first; byte < first + bytes; ++byte) {
    Uses &use = uses[byte];
    bool races = Uses::isOther(use.writer, running) ||
                 (writes && Uses::isOther(use.reader, running));
    if (races)
      return stop("thread " + std::to_string(running) +
                  (writes ? " writes" : " reads") + " byte " +
                  std::to_string(byte) +
                  " of shared memory, which another thread " +
                  (use.writer != Uses::kNone ? "wrote" : "read") +
                  " since the last barrier");
    if (writes)
      use.writer = running;
    else
      use.reader = Uses::isOther(use.reader, running) ? Uses::kSeveral
                                                      : int32_t(running);
  }
}

std::string Block::run(int64_t block) {
  index = block;
  std::fill(uses.begin(), uses.end(), Uses());
  std::memset(shared.data(), kPoison, shared.size() * sizeof(Line));
  for (Fiber &fiber : fibers) {
    fiber.state = State::Ready;
    getcontext(&fiber.context);
    fiber.context.uc_stack = {};
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = kStackBytes;
    fiber.context.uc_link = &scheduler;
    makecontext(&fiber.context, enterFiber, 0);
  }
  int64_t count = fibers.size();
  while (true) {
    bool progress = false;
    for (running = 0; running < count; ++running)
      if (fibers[running].state == State::Ready) {
        progress = true;
        swapcontext(&scheduler, &fibers[running].context);
        if (!problem.empty())
          return problem;
      }
    for (int64_t i = 0; i < count; i += kWarp)
      if (const char *why = exchange(llvm::MutableArrayRef(fibers).slice(
                                         i, std::min(kWarp, count - i)),
                                     progress))
        return std::string("waits at ") + why;
    auto inState = [&](State state) {
      return llvm::count_if(
          fibers, [&](const Fiber &fiber) { return fiber.state == state; });
    };
    if (inState(State::Done) == count)
      return {};
    if (inState(State::Barrier) == count) {
      std::fill(uses.begin(), uses.end(), Uses());
      for (Fiber &fiber : fibers)
        fiber.state = State::Ready;
      progress = true;
    }
    if (!progress)
      return "waits at a barrier that not all threads of the block reach";
  }
}

} // namespace

extern "C" void act_gpu_launch(act_gpu_thread thread, void *arguments,
                               int64_t blocks, int64_t threads,
                               int64_t sharedBytes, int32_t synchronizes) {
  if (!synchronizes) {
    // Where a thread stops; its code has nothing to destroy.
    if (setjmp(alone))
      return;
    for (int64_t block = 0; block < blocks; ++block)
      for (int64_t i = 0; i < threads; ++i)
        thread(arguments, i, block, nullptr);
    return;
  }
  Block work(thread, arguments, threads, sharedBytes);
  current = &work;
  for (int64_t block = 0; block < blocks; ++block)
    if (std::string why = work.run(block); !why.empty()) {
      failure = "block " + std::to_string(block) + ": " + why;
      break;
    }
  current = nullptr;
}

extern "C" void act_gpu_barrier() { current->wait(State::Barrier); }

extern "C" int32_t act_gpu_shuffle(int32_t value, int32_t lane, int32_t mode) {
  return current->shuffle(value, lane, mode);
}

static std::string outsideText(int64_t position, int64_t extent) {
  return "a thread's position " + std::to_string(position) +
         " is outside an extent of " + std::to_string(extent);
}

extern "C" void act_gpu_outside(int64_t position, int64_t extent) {
  if (current)
    return current->stop(outsideText(position, extent));
  failure = outsideText(position, extent);
  longjmp(alone, 1);
}

extern "C" void act_gpu_touch(int64_t address, int64_t bytes, int32_t writes) {
  current->touch(address, bytes, writes != 0);
}

std::string mlir::act::takeGPUExecutorError() {
  return std::exchange(failure, {});
}
