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

/// How the threads of a launch share the work.
struct ThreadPlan {
  /// Threads that work on one element, or on one row, together: 1, a warp, or
  /// a block of as many threads as a reduction has lanes.
  int64_t team = 1;
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
  int64_t blockSize() const { return team > kWarp ? team : kThreads; }
  int64_t teamsOfBlock() const { return blockSize() / team; }

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
  LogicalResult emitTiles(const Nest &nest, const ThreadTiles &tiles);
  LogicalResult emitMatrices(const Nest &nest, const ThreadTiles &tiles);
  void place(Coordinates &at, const Nest &nest, ArrayRef<int64_t> dims,
             Value position, Value memory);
  Value shuffle(Value value, int32_t lane, gpu::ShuffleMode mode);
  Value joinWarps(Operation *combiner, Value value);
  Value shuffleTree(Operation *combiner, Value value);

  gpu::GPUFuncOp func;
  ThreadPlan plan;
  Value thread; // in its team
  /// Operands as one dimension.
  SmallVector<Value> flat;
  /// Code that not all threads of a team run together, if any.
  Operation *divergent = nullptr;
};

} // namespace mlir::act

#endif // ACT_LIB_CONVERSION_GPUKERNEL_H
