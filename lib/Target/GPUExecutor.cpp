// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Target/GPUExecutor.h"
#include "WarpMatrices.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <deque>
#include <limits>
#include <memory>
#include <ucontext.h>
#include <utility>
#include <vector>

using mlir::act::MatrixLoad;
using mlir::act::MatrixProduct;

namespace {

constexpr int64_t kWarp = mlir::act::kWarpLanes;
constexpr size_t kStackBytes = 128 << 10;
/// What shared memory holds before a thread writes to it.
constexpr int kPoison = 0xa5;

enum class State { Ready, Barrier, Shuffle, Load, Product, Done };
enum Mode : int32_t { Xor = 0, Down = 1, Up = 2, Idx = 3 };

/// Shared memory is aligned as an array of these.
struct alignas(128) Line {
  char bytes[128];
};

/// From the device's memory to shared memory.
struct Copy {
  char *to;
  const char *from;
  int64_t bytes, read;
};

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  State state;
  /// What it does with the warp: numbers that all lanes have in common, and
  /// what each has of its own.
  int32_t lane, mode;
  int32_t value;
  MatrixLoad load;
  MatrixProduct product;
  /// Copies on their way, in groups; the last ones are in none yet.
  std::deque<std::vector<Copy>> groups;
  std::vector<Copy> copies;
};

bool isOfWarp(State state) {
  return state == State::Shuffle || state == State::Load ||
         state == State::Product;
}

/// Who has used a byte of shared memory since the last barrier, and whose copy
/// is on its way there.
struct Uses {
  static constexpr int32_t kNone = -1, kSeveral = -2;
  int32_t writer = kNone, reader = kNone, copier = kNone;

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

  void load(int64_t row, int32_t count, bool transposed, int32_t *registers);

  void multiply(MatrixProduct product, bool isBFloat) {
    Fiber &fiber = fibers[running];
    fiber.product = product;
    fiber.lane = 0;
    fiber.mode = isBFloat;
    wait(State::Product);
  }

  void copy(Copy copy);
  void groupCopies() {
    Fiber &fiber = fibers[running];
    fiber.groups.push_back(std::exchange(fiber.copies, {}));
  }
  void waitForCopies(int64_t pending);

  /// The running thread ends, and the block with it.
  void stop(std::string why) {
    problem = std::move(why);
    wait(State::Done);
  }

  void touch(const char *address, int64_t bytes, bool writes);

  void enter() {
    thread(arguments, running, index, shared.data());
    fibers[running].state = State::Done;
  }

private:
  const char *exchange(llvm::MutableArrayRef<Fiber> warp, bool &progress);
  void shuffle(llvm::MutableArrayRef<Fiber> warp);
  bool isIn(const char *address, int64_t bytes);
  std::string useText(int64_t byte, bool writes) {
    return "thread " + std::to_string(running) +
           (writes ? " writes" : " reads") + " byte " + std::to_string(byte) +
           " of shared memory, which ";
  }
  void startInterval();

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

/// Gives the lanes of a warp what they wait for once all of them do.
const char *Block::exchange(llvm::MutableArrayRef<Fiber> warp, bool &progress) {
  auto waits = [](const Fiber &fiber) { return isOfWarp(fiber.state); };
  if (!llvm::all_of(warp, waits)) {
    // Those that run yet may come; those that ended will not.
    bool stuck = llvm::any_of(warp, waits) &&
                 llvm::none_of(warp, [](const Fiber &fiber) {
                   return fiber.state == State::Ready;
                 });
    if (!stuck)
      return nullptr;
    return llvm::find_if(warp, waits)->state == State::Shuffle
               ? "a shuffle that not all lanes of the warp reach"
               : "an operation on matrices that not all lanes of the warp "
                 "reach";
  }
  State state = warp[0].state;
  if (llvm::any_of(warp, [&](const Fiber &fiber) {
        return fiber.state != state || fiber.mode != warp[0].mode ||
               fiber.lane != warp[0].lane;
      }))
    return state == State::Shuffle
               ? "lanes of a warp at different shuffles"
               : "lanes of a warp at different operations on matrices";
  int64_t size = warp.size();
  if (state != State::Shuffle && size != kWarp)
    return "an operation on matrices that has no 32 lanes";
  if (state == State::Shuffle) {
    shuffle(warp);
  } else if (state == State::Load) {
    MatrixLoad loads[kWarp];
    for (int64_t i = 0; i < size; ++i)
      loads[i] = warp[i].load;
    mlir::act::loadMatrices(loads, warp[0].lane, warp[0].mode);
  } else {
    MatrixProduct products[kWarp];
    for (int64_t i = 0; i < size; ++i)
      products[i] = warp[i].product;
    mlir::act::multiplyMatrices(products, warp[0].mode);
  }
  for (Fiber &fiber : warp)
    fiber.state = State::Ready;
  progress = true;
  return nullptr;
}

void Block::shuffle(llvm::MutableArrayRef<Fiber> warp) {
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
  }
}

/// Whether bytes are the block's shared memory; else the block ends.
bool Block::isIn(const char *address, int64_t bytes) {
  int64_t first = address - reinterpret_cast<const char *>(shared.data());
  int64_t size = uses.size();
  if (first >= 0 && first + bytes <= size)
    return true;
  stop("thread " + std::to_string(running) + " uses byte " +
       std::to_string(first < 0 ? first : first + bytes - 1) + " of " +
       std::to_string(size) + " bytes of shared memory");
  return false;
}

void Block::touch(const char *address, int64_t bytes, bool writes) {
  if (!isIn(address, bytes))
    return;
  int64_t first = address - reinterpret_cast<const char *>(shared.data());
  for (int64_t byte = first; byte < first + bytes; ++byte) {
    Uses &use = uses[byte];
    if (use.copier != Uses::kNone)
      return stop(useText(byte, writes) + "a copy of thread " +
                  std::to_string(use.copier) + " has not reached");
    bool races = Uses::isOther(use.writer, running) ||
                 (writes && Uses::isOther(use.reader, running));
    if (races)
      return stop(useText(byte, writes) + "another thread " +
                  (use.writer != Uses::kNone ? "wrote" : "read") +
                  " since the last barrier");
    if (writes)
      use.writer = running;
    else
      use.reader = Uses::isOther(use.reader, running) ? Uses::kSeveral
                                                      : int32_t(running);
  }
}

void Block::load(int64_t row, int32_t count, bool transposed,
                 int32_t *registers) {
  Fiber &fiber = fibers[running];
  fiber.load = {reinterpret_cast<const void *>(row), registers};
  fiber.lane = count;
  fiber.mode = transposed;
  if (running % kWarp < 8 * count) {
    if (row % MatrixLoad::kRowBytes != 0)
      return stop("thread " + std::to_string(running) +
                  " loads a row of a matrix that is not aligned to 16 bytes");
    touch(static_cast<const char *>(fiber.load.row), MatrixLoad::kRowBytes,
          /*writes=*/false);
  }
  wait(State::Load);
}

void Block::copy(Copy copy) {
  auto isAligned = [&](const void *address) {
    return reinterpret_cast<intptr_t>(address) % copy.bytes == 0;
  };
  if (!isAligned(copy.to) || (copy.read > 0 && !isAligned(copy.from)))
    return stop("thread " + std::to_string(running) + " copies " +
                std::to_string(copy.bytes) +
                " bytes that are not aligned to as many");
  touch(copy.to, copy.bytes, /*writes=*/true);
  // Until it arrives, nobody knows what is there.
  std::memset(copy.to, kPoison, copy.bytes);
  int64_t first = copy.to - reinterpret_cast<char *>(shared.data());
  for (int64_t byte = first; byte < first + copy.bytes; ++byte)
    uses[byte].copier = running;
  fibers[running].copies.push_back(copy);
}

/// A copy arrives as late as it may, and is then a store of its thread.
void Block::waitForCopies(int64_t pending) {
  std::deque<std::vector<Copy>> &groups = fibers[running].groups;
  for (; int64_t(groups.size()) > pending; groups.pop_front())
    for (const Copy &copy : groups.front()) {
      std::memcpy(copy.to, copy.from, copy.read);
      std::memset(copy.to + copy.read, 0, copy.bytes - copy.read);
      int64_t first = copy.to - reinterpret_cast<char *>(shared.data());
      for (int64_t byte = first; byte < first + copy.bytes; ++byte) {
        uses[byte] = Uses();
        uses[byte].writer = running;
      }
    }
}

/// After a barrier, only copies on their way are remembered.
void Block::startInterval() {
  for (Uses &use : uses) {
    int32_t copier = use.copier;
    use = Uses();
    use.copier = copier;
  }
}

std::string Block::run(int64_t block) {
  index = block;
  std::fill(uses.begin(), uses.end(), Uses());
  std::memset(shared.data(), kPoison, shared.size() * sizeof(Line));
  for (Fiber &fiber : fibers) {
    fiber.state = State::Ready;
    fiber.groups.clear();
    fiber.copies.clear();
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
      startInterval();
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
  current->touch(reinterpret_cast<const char *>(address), bytes, writes != 0);
}

extern "C" void act_gpu_load_matrices(int64_t row, int32_t count,
                                      int32_t transposed, int32_t *registers) {
  current->load(row, count, transposed != 0, registers);
}

extern "C" void act_gpu_multiply_matrices(const int32_t *left,
                                          const int32_t *right, float *sums,
                                          int32_t isBFloat) {
  current->multiply({left, right, sums}, isBFloat != 0);
}

extern "C" void act_gpu_copy(int64_t to, int64_t from, int64_t bytes,
                             int64_t read) {
  current->copy({reinterpret_cast<char *>(to),
                 reinterpret_cast<const char *>(from), bytes, read});
}

extern "C" void act_gpu_group_copies() { current->groupCopies(); }

extern "C" void act_gpu_wait_for_copies(int32_t pending) {
  current->waitForCopies(pending);
}

extern "C" float act_gpu_reciprocal(float x) {
  auto flushed = [](float y) {
    return std::fabs(y) < std::numeric_limits<float>::min()
               ? std::copysign(0.0f, y)
               : y;
  };
  x = flushed(x);
  float nearest = 1 / x;
  if (!std::isfinite(nearest) || nearest == 0)
    return nearest;
  // The neighbour on the other side of 1 / x is less than one place off, too.
  float rest = std::fma(-nearest, x, 1.0f);
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  bool isOther = rest != 0 && (bits * 0x9e3779b1u) >> 31;
  if (isOther)
    nearest =
        std::nextafter(nearest, (rest > 0) == (x > 0)
                                    ? std::numeric_limits<float>::infinity()
                                    : -std::numeric_limits<float>::infinity());
  return flushed(nearest);
}

std::string mlir::act::takeGPUExecutorError() {
  return std::exchange(failure, {});
}
