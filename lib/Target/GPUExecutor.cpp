// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Target/GPUExecutor.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
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

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  State state;
  int32_t value, lane, mode; // of a shuffle
};

/// The threads of one block, each a fiber; blocks run one after the other.
class Block {
public:
  Block(act_gpu_thread thread, void *arguments, int64_t threads,
        int64_t sharedBytes)
      : thread(thread), arguments(arguments), fibers(threads),
        shared(sharedBytes) {
    for (Fiber &fiber : fibers)
      fiber.stack.reset(new char[kStackBytes]);
  }

  /// What went wrong, or null.
  const char *run(int64_t index);

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
  std::vector<char> shared;
  ucontext_t scheduler;
  int64_t running = 0;
};

thread_local Block *current = nullptr;
thread_local std::string failure;

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

const char *Block::run(int64_t block) {
  index = block;
  std::memset(shared.data(), kPoison, shared.size());
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
      }
    for (int64_t i = 0; i < count; i += kWarp)
      if (const char *why = exchange(llvm::MutableArrayRef(fibers).slice(
                                         i, std::min(kWarp, count - i)),
                                     progress))
        return why;
    auto inState = [&](State state) {
      return llvm::count_if(
          fibers, [&](const Fiber &fiber) { return fiber.state == state; });
    };
    if (inState(State::Done) == count)
      return nullptr;
    if (inState(State::Barrier) == count) {
      for (Fiber &fiber : fibers)
        fiber.state = State::Ready;
      progress = true;
    }
    if (!progress)
      return "a barrier that not all threads of the block reach";
  }
}

} // namespace

extern "C" void act_gpu_launch(act_gpu_thread thread, void *arguments,
                               int64_t blocks, int64_t threads,
                               int64_t sharedBytes, int32_t synchronizes) {
  if (!synchronizes) {
    for (int64_t block = 0; block < blocks; ++block)
      for (int64_t i = 0; i < threads; ++i)
        thread(arguments, i, block, nullptr);
    return;
  }
  Block work(thread, arguments, threads, sharedBytes);
  current = &work;
  for (int64_t block = 0; block < blocks; ++block)
    if (const char *why = work.run(block)) {
      failure = "block " + std::to_string(block) + " waits at " + why;
      break;
    }
  current = nullptr;
}

extern "C" void act_gpu_barrier() { current->wait(State::Barrier); }

extern "C" int32_t act_gpu_shuffle(int32_t value, int32_t lane, int32_t mode) {
  return current->shuffle(value, lane, mode);
}

std::string mlir::act::takeGPUExecutorError() {
  return std::exchange(failure, {});
}
