// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Elements of what a kernel computes, whatever loops or threads ask for them:
// what the emitters of all targets share, so that their bits agree.

#ifndef ACT_MLIR_TRANSFORMS_KERNELBODY_H
#define ACT_MLIR_TRANSFORMS_KERNELBODY_H

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include <set>

namespace mlir::act {

/// The lanes of a reduction's fixed tree: what makes its bits independent of
/// the vector width and of the number of threads.
constexpr int64_t kReductionLanes = 64;

class KernelBody {
public:
  /// A position along one dimension: `base + step * lane`.
  struct Index {
    Value base;
    int64_t step = 0;
  };
  using Coordinates = SmallVector<Index>;

  /// How many elements are computed at once, and which of them exist.
  struct Lanes {
    int64_t count = 0; // 0: a scalar
    Value mask;        // null: all exist
    Value last;        // with a mask: the largest lane that exists
  };

  /// Outputs of one shape that share their loops: first those of `order`,
  /// outermost first, then those over a row whose reductions are done once.
  /// The last dimension of memory runs along the lanes wherever it stands.
  struct Nest {
    SmallVector<unsigned> outputs;
    SmallVector<int64_t> order, row;
    bool reduces = false;
    /// No row, but reductions along what lies in memory: one element at a time,
    /// whose reductions go by the fixed tree.
    bool byRow = false;

    /// The step of a dimension's positions from lane to lane.
    int64_t step(int64_t dim) const {
      int64_t last = order.size() + row.size() - 1;
      return dim == last && !byRow ? 1 : 0;
    }
  };

  /// The operations that join new values to the accumulators, one for each
  /// result, where the body is of that form; else none.
  static SmallVector<Operation *> combiners(linalg::GenericOp generic);

protected:
  /// Code goes where `builder` stands and reads the kernel's own operands.
  KernelBody(KernelOp kernel, OpBuilder builder);
  virtual ~KernelBody();

  /// The memory of an operand, and where in it an element is.
  virtual std::pair<Value, Coordinates> access(unsigned operand,
                                               ArrayRef<Index> at);
  /// A reduction whose position is the same for all lanes, by its fixed tree:
  /// 64 lanes run over the innermost reduced dimension, then its upper half
  /// joins the lower one until one value is left.
  virtual FailureOr<SmallVector<Value>> reduceRow(linalg::GenericOp generic,
                                                  Coordinates dims) = 0;

  SmallVector<Nest> nests();
  /// Gathers the reductions whose elements those of an output are made of;
  /// false if these are not all at the output's own positions.
  bool findReductions(Value output, SetVector<Operation *> &found);
  FailureOr<Value> element(Value tensor, ArrayRef<Index> at, Lanes lanes);
  /// The elements of some outputs at the positions of a tile, position by
  /// position: all of them before any is stored, since an output may be an
  /// input's memory.
  FailureOr<SmallVector<Value>>
  evaluate(ArrayRef<unsigned> outputs, ArrayRef<Coordinates> tile, Lanes lanes);
  /// Says what an element is, where an emitter computed it itself.
  void provide(Value tensor, ArrayRef<Index> at, const Lanes &lanes,
               Value value) {
    remember(hoisted, tensor, at, lanes, value);
  }
  void forgetProvided() { hoisted.clear(); }
  /// What an element is, where that was computed already; else null.
  Value recall(Value tensor, ArrayRef<Index> at, const Lanes &lanes);
  FailureOr<Value> load(unsigned operand, ArrayRef<Index> at, Lanes lanes);
  /// A vector whose elements do not lie side by side: one by one.
  virtual FailureOr<Value> loadApart(Value memory, ArrayRef<Index> at,
                                     Lanes lanes);
  void store(ArrayRef<unsigned> outputs, ArrayRef<Value> values,
             ArrayRef<Index> at, Lanes lanes);
  /// What a body's operation, mapped over its operands, yields.
  FailureOr<SmallVector<Value>> body(linalg::GenericOp generic,
                                     ArrayRef<Index> dims, Lanes lanes,
                                     ValueRange accumulators);

  /// Whether elements along the last dimension are a vector in memory: bits of
  /// a vector would be packed, those of memory have a byte each.
  static bool isContiguous(Value memory) {
    auto type = cast<MemRefType>(memory.getType());
    return type.isLastDimUnitStride() && !type.getElementType().isInteger(1);
  }

  Value constant(int64_t value);
  Value add(Value lhs, Value rhs);
  Value splat(Value scalar, int64_t count);
  Index apply(AffineExpr expr, ArrayRef<Index> dims);
  Value laneIndex(const Index &index, int64_t lane, const Lanes &lanes);
  /// Whether two positions are one: by the same value, or by the same number.
  static bool isSame(const Index &a, const Index &b);
  Value extent(Value tensor, int64_t dimension);
  SmallVector<Value> loopExtents(linalg::GenericOp generic);
  Value output(unsigned i) { return operands[kernel.getInputs().size() + i]; }
  YieldOp yield();
  /// Where a row's tree starts. Sums of floats are in f64, so that the length
  /// of a row does not show in its sum, and are rounded once.
  static TypedAttr treeNeutral(Operation *combiner);
  /// What the elements at `dims` join to the tree's accumulators; f32, where
  /// that is widened to f64.
  FailureOr<SmallVector<Value>> joinedValues(linalg::GenericOp generic,
                                             ArrayRef<Index> dims);
  /// Joins the elements at `dims`, as many as there are lanes, to the tree's
  /// accumulators, one for each result.
  LogicalResult joinRow(linalg::GenericOp generic, ArrayRef<Index> dims,
                        Lanes lanes, MutableArrayRef<Value> accumulators);
  /// The elements of a row in a run of its sums in f32; 0: there are no runs.
  static int64_t runElements(linalg::GenericOp generic) {
    for (Operation *combiner : combiners(generic))
      if (auto run = combiner->getAttrOfType<ArrayAttr>(kRunSumAttr))
        return cast<IntegerAttr>(run[0]).getInt() * kReductionLanes;
    return 0;
  }
  /// Puts accumulators in f32 in the place of those of sums in runs, which it
  /// returns with all others; and joins what a run has summed to these.
  SmallVector<Value> openRun(linalg::GenericOp generic,
                             MutableArrayRef<Value> accumulators);
  void closeRun(linalg::GenericOp generic, ArrayRef<Value> opened,
                MutableArrayRef<Value> accumulators);
  /// What joins two accumulators in the tree, and the initial values at last.
  Value join(Operation *combiner, Value accumulator, Value value);
  FailureOr<SmallVector<Value>> joinInits(linalg::GenericOp generic,
                                          ArrayRef<Index> dims,
                                          ArrayRef<Value> totals, Lanes lanes);

  /// Around the loop over a row: reductions of the row go before it.
  void enterRow(Operation *loop);
  void leaveRow() { enterRow(nullptr); }

  KernelOp kernel;
  OpBuilder b;
  Location loc;
  /// What the kernel's operands are where the code goes.
  SmallVector<Value> operands;
  /// The alignment in bytes of vectors in memory; 0: that of an element.
  unsigned alignment = 0;
  /// Vectors are whole in memory, and go past the caches.
  bool streams = false;
  /// Lanes are rows: each has its own tree, without loops, since rows have a
  /// length that is known and at most `kReductionLanes`.
  bool rowsAcross = false;
  /// Rows are straight code: what was computed of their elements is there
  /// afterwards.
  bool rowsHeld = false;

  /// Roughly, the operations on each element.
  int64_t countOperations();

private:
  Value scalar(Value value);
  FailureOr<Value> gather(Operation *op, IRMapping &mapping, Lanes lanes);
  FailureOr<Value> scalarOp(Operation *op, IRMapping &mapping,
                            ArrayRef<Index> dims, Lanes lanes, bool inRun);
  /// Whether two results have an element at the same position.
  static bool haveOneMap(linalg::GenericOp generic, unsigned a, unsigned b);
  FailureOr<SmallVector<Value>> reduceNest(linalg::GenericOp generic,
                                           MutableArrayRef<Coordinates> tile,
                                           Lanes lanes);
  FailureOr<SmallVector<Value>> joinAcross(linalg::GenericOp generic,
                                           Coordinates &dims, Lanes lanes,
                                           int64_t length, int64_t lane,
                                           int64_t distance);
  FailureOr<SmallVector<Value>> reduceAcross(linalg::GenericOp generic,
                                             Coordinates dims, Lanes lanes);
  Value joinedApart(Operation *combiner, Value joined, Value start,
                    Value accumulator);
  LogicalResult reduceTile(Value tensor, ArrayRef<Coordinates> tile,
                           Lanes lanes);
  FailureOr<Value> reduction(linalg::GenericOp generic, unsigned result,
                             ArrayRef<Index> at, Lanes lanes);
  LogicalResult evaluateInvariants(linalg::GenericOp generic,
                                   ArrayRef<Index> dims, Lanes lanes,
                                   llvm::SmallPtrSetImpl<Operation *> &visited);
  bool isBeforeRow(ArrayRef<Index> at, const Lanes &lanes);
  Coordinates settle(ArrayRef<Index> at);
  struct RowSearch {
    llvm::SmallBitVector used;
    bool found = false, alongRow = false, alongResult = false;
    std::set<std::pair<Operation *, SmallVector<int64_t>>> visited;
  };
  void findRows(Value tensor, ArrayRef<int64_t> dims, RowSearch &search);
  bool findReductions(Value tensor, ArrayRef<int64_t> dims,
                      SetVector<Operation *> &found);

  /// What was computed already, and is visible here.
  struct Known {
    Coordinates at;
    Lanes lanes;
    Value value;
  };
  using Memo = DenseMap<Value, SmallVector<Known, 1>>;

  void remember(Memo &memo, Value tensor, ArrayRef<Index> at,
                const Lanes &lanes, Value value) {
    memo[tensor].push_back({Coordinates(at), lanes, value});
  }

  Memo memo;
  Operation *rowLoop = nullptr;
  /// What is known before that loop.
  Memo hoisted;
};

} // namespace mlir::act

#endif // ACT_MLIR_TRANSFORMS_KERNELBODY_H
