// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The code of one thread of a GPU, from a kernel's body.

#ifndef ACT_LIB_CONVERSION_GPUKERNEL_H
#define ACT_LIB_CONVERSION_GPUKERNEL_H

#include "act-mlir/Transforms/KernelBody.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::act {

/// Sums of products that blocks of threads compute by tiles of the result.
struct ThreadTiles {
  /// Rows and columns of a tile.
  static constexpr int64_t kEdge = 64, kWideEdge = 128;
  /// Elements of 16 bits in one access.
  static constexpr int64_t kChunk = 8;

  linalg::GenericOp product;
  /// The operands that run along the rows of a tile, and along its columns.
  unsigned left, right;
  /// Dimensions of the result: those of the left operand alone, of the right
  /// one alone, and all others.
  SmallVector<int64_t> rows, columns, outer;
  int64_t edge = kEdge;

  /// Tensor cores multiply, from copies of whole chunks if `aligned`: memory
  /// is, and so many elements have these dimensions of the kernel's operands.
  bool tensorCores = false, aligned = false;
  SmallVector<std::pair<unsigned, int64_t>> chunked;
  /// What follows the sums can be done by chunks, too.
  bool endsInChunks = false;
};

/// The bits of an element that vectors in memory, and threads that exchange
/// elements, can have; else 0.
unsigned vectorElementBits(Type type);

/// How the threads of a launch share the work.
struct ThreadPlan {
  /// Threads that work on one element, or on one row, together: 1, a warp or a
  /// part of it, or a block, of as many threads as a reduction has lanes or,
  /// for rows in registers, of more.
  int64_t team = 1;
  /// Elements of its row that a thread has in registers; 0: each pass over a
  /// row reads it again.
  int64_t slots = 0;
  /// Elements of one access along the last dimension; 0: each thread has one
  /// position.
  int64_t vector = 0;
  /// Such vectors that the threads of the first blocks take, 256 x 16 bytes
  /// apart: more bytes are on their way from memory at a time.
  int64_t vectors = 1;
  /// One position is that of all operands, as if memory had one dimension.
  bool flat = false;
  /// Blocks compute tiles.
  std::optional<ThreadTiles> tiles;

  static constexpr int64_t kWarp = 32, kThreads = 256;
  /// Elements of a run that one thread has, those of all lanes, and shared
  /// memory by which threads of a block tell each other of elements.
  static constexpr int64_t kRun = 4, kRunElements = kRun * kReductionLanes,
                           kExchangeBytes = 24 << 10;
  int64_t blockSize() const { return team > kWarp ? team : kThreads; }
  int64_t teamsOfBlock() const { return blockSize() / team; }
  /// The longest row that the registers of a team hold.
  int64_t capacity() const { return team * slots; }

  /// What a person wants to know of it.
  std::string describe() const;
};

class GPUKernel : public KernelBody {
public:
  explicit GPUKernel(KernelOp kernel);

  using KernelBody::Nest;
  using KernelBody::nests;

  /// A vector a thread, of as many elements as one access of 128 bits has,
  /// where operands are contiguous and all that are read along the last
  /// dimension have neighbours there; else an element a thread.
  ThreadPlan elementwisePlan(const Nest &nest);

  /// How blocks share sums of products, where these are all that is reduced
  /// and there are enough rows and columns.
  std::optional<ThreadTiles> tiles(const Nest &nest);

  /// Lets tensor cores multiply these tiles if they can: elements in f16 or
  /// bf16, sums in f32, neighbours in memory along the sum or the result.
  bool takeTensorCores(const Nest &nest, ThreadTiles &tiles);

  /// Whether rows are reduced by the lanes of the fixed tree.
  static bool isByTeams(const Nest &nest);

  /// An operand and its dimension that is as long as a row.
  using Extent = std::pair<unsigned, int64_t>;
  /// What is as long as the rows of a nest, where every reduction is of one of
  /// these.
  std::optional<Extent> rowExtent(const Nest &nest);
  /// How registers hold such rows: the plans for longer and longer ones, or the
  /// one for a length that is known.
  std::vector<ThreadPlan> heldPlans(Extent extent);

  /// What the host tells each thread beside the operands: how many positions
  /// there are, how many vectors these make, and how many blocks take several
  /// of them a thread.
  struct Counts {
    Value items, vectors, blocks;
  };
  /// Emits the code of one thread at the end of `func`, whose operands are
  /// given by `values`.
  LogicalResult emit(const Nest &nest, ThreadPlan plan, gpu::GPUFuncOp func,
                     ArrayRef<Value> values, Counts counts);

private:
  class TileCode;
  class TileEmitter;
  class MatrixEmitter;
  /// An element of the row that a thread holds: its distance from the thread's
  /// first one, where it is, and whether the row has it; null: it does. One
  /// that the row does not have is read where its last one is.
  struct Slot {
    int64_t offset;
    Index at;
    Value exists;
  };

  std::pair<Value, Coordinates> access(unsigned operand,
                                       ArrayRef<Index> at) override;
  FailureOr<SmallVector<Value>> reduceRow(linalg::GenericOp generic,
                                          Coordinates dims) override;
  bool takesChunksAfter(linalg::GenericOp product);
  LogicalResult emitVectors(const Nest &nest, Counts counts);
  LogicalResult emitElements(const Nest &nest, ArrayRef<Value> positions,
                             int64_t lanes);
  SmallVector<BlockArgument> streams(const Nest &nest);
  LogicalResult emitTeam(const Nest &nest, Counts counts);
  void enterFirstThread();
  LogicalResult emitHeldRow(const Nest &nest, Coordinates at);
  void makeSlots(Extent extent);
  LogicalResult emitTiles(const Nest &nest, const ThreadTiles &tiles);
  LogicalResult emitMatrices(const Nest &nest, const ThreadTiles &tiles);
  void place(Coordinates &at, const Nest &nest, ArrayRef<int64_t> dims,
             Value position, Value memory);
  Value shuffle(Value value, int32_t lane, gpu::ShuffleMode mode);
  FailureOr<SmallVector<Value>> reduceHeldRow(linalg::GenericOp generic,
                                              Coordinates dims);
  FailureOr<SmallVector<Value>> reduceInWarp(linalg::GenericOp generic,
                                             Coordinates dims);
  FailureOr<SmallVector<Value>> reduceInBlock(linalg::GenericOp generic,
                                              Coordinates dims);
  /// How a thread of a block tells others of an element that is joined, or of
  /// a run; and the bytes for four elements of the same lane.
  static Type exchangedType(Operation *combiner);
  static int64_t exchangedBytes(linalg::GenericOp generic);
  void joinLanes(linalg::GenericOp generic, ArrayRef<Value> buffers,
                 Value count, MutableArrayRef<Value> accumulators);
  Value isLane();
  Value joinIf(Value exists, Operation *combiner, Value accumulator,
               Value value);
  Value joinWarps(Operation *combiner, Value value);
  Value shuffleTree(Operation *combiner, Value value);

  gpu::GPUFuncOp func;
  ThreadPlan plan;
  Value thread; // in its team
  /// Operands as one dimension.
  SmallVector<Value> flat;
  /// Code that not all threads of a team run together, if any.
  Operation *divergent = nullptr;
  /// What a thread holds of its row, how long that is, and the memory by which
  /// the threads of a block exchange elements.
  SmallVector<Slot> slots;
  Value rowLength, firstElement, exchange;
  /// Whether there is a row for a part of a warp; null: there is.
  Value rowExists;
};

} // namespace mlir::act

#endif // ACT_LIB_CONVERSION_GPUKERNEL_H
