// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/Act.h"
#include "act-mlir/IR/ConstantArguments.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::act {
#define GEN_PASS_DEF_OUTLINECONSTANTS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

func::FuncOp mlir::act::findPrepare(func::FuncOp entry) {
  return entry->getParentOfType<ModuleOp>().lookupSymbol<func::FuncOp>(
      (entry.getName() + kPrepareSuffix).str());
}

namespace {

/// What an operation's results depend on.
enum class Source { Nothing, Constants, Inputs };

/// Results may have so many times the elements of the operands: a broadcast
/// costs more to read than to do again.
constexpr int64_t kGrowth = 4;

/// Whether memory can hold a value between two calls.
bool isStorable(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape() ||
      !tensor.getElementType().isIntOrFloat())
    return false;
  unsigned bits = tensor.getElementTypeBitWidth();
  return bits == 1 || bits % 8 == 0;
}

/// The operations of an entry point that constant arguments alone decide.
class Split {
public:
  explicit Split(func::FuncOp entry);

  /// Values that the others read, in the order of their operations.
  SmallVector<Value> frontier() const;
  /// The operations that compute them, in order.
  SmallVector<Operation *> slice(ArrayRef<Value> values) const;
  bool isOutlined(Operation *op) const { return outlined.contains(op); }

private:
  Source sourceOf(Value value) const;
  bool pays(Operation *op) const;

  Block &body;
  DenseMap<Operation *, Source> sources;
  DenseSet<Operation *> outlined;
};

Source Split::sourceOf(Value value) const {
  if (Operation *op = value.getDefiningOp())
    return sources.lookup(op);
  return isConstantArgument(value) ? Source::Constants : Source::Inputs;
}

/// Whether it is better to keep results than to compute them in each call.
bool Split::pays(Operation *op) const {
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
          tensor::ExtractSliceOp, tensor::CastOp>(op) ||
      !llvm::all_of(op->getResultTypes(), isStorable))
    return false;
  int64_t made = 0, read = 0;
  for (Type type : op->getResultTypes())
    made += cast<RankedTensorType>(type).getNumElements();
  for (Value operand : op->getOperands())
    if (auto tensor = dyn_cast<RankedTensorType>(operand.getType());
        tensor && tensor.hasStaticShape() &&
        sourceOf(operand) == Source::Constants)
      read += tensor.getNumElements();
  return isa<KernelOp>(op) || made <= kGrowth * read;
}

Split::Split(func::FuncOp entry) : body(entry.getBody().front()) {
  for (Operation &op : body.without_terminator()) {
    Source source = isMemoryEffectFree(&op) ? Source::Nothing : Source::Inputs;
    llvm::SetVector<Value> read(op.operand_begin(), op.operand_end());
    getUsedValuesDefinedAbove(op.getRegions(), read);
    for (Value value : read)
      source = std::max(source, sourceOf(value));
    sources[&op] = source;
  }
  // From the end: what stays makes its operands' operations pay for
  // themselves. Results of the program are made by the program.
  for (Operation &op : llvm::reverse(body.without_terminator())) {
    if (sources.lookup(&op) != Source::Constants)
      continue;
    bool isResult = false, isRead = false;
    for (Operation *user : op.getUsers()) {
      Operation *outer = body.findAncestorOpInBlock(*user);
      isResult |= outer == body.getTerminator();
      isRead |= !outlined.contains(outer);
    }
    if (!isResult && (!isRead || pays(&op)))
      outlined.insert(&op);
  }
}

SmallVector<Value> Split::frontier() const {
  SmallVector<Value> values;
  for (Operation &op : body)
    if (outlined.contains(&op))
      for (Value result : op.getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !outlined.contains(body.findAncestorOpInBlock(*user));
            }))
          values.push_back(result);
  return values;
}

SmallVector<Operation *> Split::slice(ArrayRef<Value> values) const {
  DenseSet<Operation *> needed;
  for (Value value : values)
    needed.insert(value.getDefiningOp());
  SmallVector<Operation *> ops;
  for (Operation &op : llvm::reverse(body)) {
    if (!needed.contains(&op))
      continue;
    ops.push_back(&op);
    llvm::SetVector<Value> read(op.operand_begin(), op.operand_end());
    getUsedValuesDefinedAbove(op.getRegions(), read);
    for (Value value : read)
      if (Operation *producer = value.getDefiningOp())
        needed.insert(producer);
  }
  std::reverse(ops.begin(), ops.end());
  return ops;
}

struct OutlineConstantsPass
    : public act::impl::OutlineConstantsBase<OutlineConstantsPass> {
  void runOnOperation() override {
    func::FuncOp entry = findEntry(getOperation());
    if (!entry)
      return signalPassFailure();
    SmallVector<unsigned> constants;
    for (BlockArgument argument : entry.getArguments())
      if (entry.getArgAttr(argument.getArgNumber(), kConstantAttr))
        constants.push_back(argument.getArgNumber());
    if (constants.empty())
      return;
    if (failed(verify(entry)))
      return signalPassFailure();
    func::FuncOp prepare = findPrepare(entry);
    if (!prepare) {
      prepare = create(entry, constants);
      if (failed(dropFromShapes(entry, constants)))
        return signalPassFailure();
    }
    outline(entry, prepare, constants);
    dropUnread(entry, prepare);
  }

private:
  /// Constant arguments are the last ones, and memory can hold them.
  static LogicalResult verify(func::FuncOp entry) {
    bool seen = false;
    for (BlockArgument argument : entry.getArguments()) {
      unsigned i = argument.getArgNumber();
      bool isConstant = isConstantArgument(argument);
      if (seen && !isConstant)
        return entry.emitError("constant arguments come last, but argument ")
               << i << " follows one";
      seen |= isConstant;
      if (isConstant && !isStorable(argument.getType()))
        return entry.emitError("constant arguments are tensors of static "
                               "shapes, got ")
               << argument.getType() << " for argument " << i;
    }
    return success();
  }

  /// <entry>_prepare, of the constant arguments; it returns nothing yet.
  static func::FuncOp create(func::FuncOp entry, ArrayRef<unsigned> constants) {
    OpBuilder b(entry.getContext());
    b.setInsertionPointAfter(entry);
    SmallVector<Type> types;
    SmallVector<Location> places;
    for (unsigned i : constants) {
      types.push_back(entry.getArgument(i).getType());
      places.push_back(entry.getArgument(i).getLoc());
    }
    auto prepare = func::FuncOp::create(
        b, entry.getLoc(), (entry.getName() + kPrepareSuffix).str(),
        b.getFunctionType(types, {}));
    markHelper(prepare);
    Block *block = b.createBlock(&prepare.getBody(), {}, types, places);
    b.setInsertionPointToStart(block);
    func::ReturnOp::create(b, entry.getLoc());
    return prepare;
  }

  /// Extents of results are asked for before there are constants.
  static LogicalResult dropFromShapes(func::FuncOp entry,
                                      ArrayRef<unsigned> constants) {
    auto shapes = entry->getParentOfType<ModuleOp>().lookupSymbol<func::FuncOp>(
        (entry.getName() + "_shapes").str());
    if (!shapes)
      return success();
    for (unsigned i : constants)
      if (!shapes.getArgument(i).use_empty())
        return entry.emitError("an extent of a result depends on the elements "
                               "of constant argument ")
               << i;
    llvm::BitVector erased(shapes.getNumArguments());
    for (unsigned i : constants)
      erased.set(i);
    return shapes.eraseArguments(erased);
  }

  static void outline(func::FuncOp entry, func::FuncOp prepare,
                      ArrayRef<unsigned> constants) {
    Split split(entry);
    SmallVector<Value> values = split.frontier();
    SmallVector<Operation *> ops = split.slice(values);
    auto exit = cast<func::ReturnOp>(prepare.getBody().front().getTerminator());
    // What is prepared already is known there as what it returns.
    IRMapping mapping;
    for (auto [i, number] : llvm::enumerate(constants))
      mapping.map(entry.getArgument(number), prepare.getArgument(i));
    unsigned returned = 0;
    for (BlockArgument argument : entry.getArguments())
      if (entry.getArgAttr(argument.getArgNumber(), kPreparedAttr))
        mapping.map(argument, exit.getOperand(returned++));
    OpBuilder b(exit);
    for (Operation *op : ops)
      b.clone(*op, mapping);
    for (Value value : values) {
      exit.getOperandsMutable().append(mapping.lookup(value));
      unsigned last = entry.getNumArguments();
      NamedAttribute prepared(kPreparedAttr, b.getUnitAttr());
      (void)entry.insertArgument(last, value.getType(),
                                 b.getDictionaryAttr(prepared), value.getLoc());
      value.replaceUsesWithIf(entry.getArgument(last), [&](OpOperand &use) {
        return !split.isOutlined(
            entry.getBody().front().findAncestorOpInBlock(*use.getOwner()));
      });
    }
    for (Operation *op : llvm::reverse(ops))
      if (op->use_empty())
        op->erase();
    setResults(prepare);
  }

  /// What was prepared for operations that have moved since.
  static void dropUnread(func::FuncOp entry, func::FuncOp prepare) {
    auto exit = cast<func::ReturnOp>(prepare.getBody().front().getTerminator());
    llvm::BitVector erased(entry.getNumArguments());
    SmallVector<Value> kept;
    unsigned returned = 0;
    for (BlockArgument argument : entry.getArguments()) {
      if (!entry.getArgAttr(argument.getArgNumber(), kPreparedAttr))
        continue;
      Value value = exit.getOperand(returned++);
      if (argument.use_empty())
        erased.set(argument.getArgNumber());
      else
        kept.push_back(value);
    }
    (void)entry.eraseArguments(erased);
    exit.getOperandsMutable().assign(kept);
    setResults(prepare);
  }

  static void setResults(func::FuncOp prepare) {
    Operation *exit = prepare.getBody().front().getTerminator();
    prepare.setType(FunctionType::get(prepare.getContext(),
                                      prepare.getArgumentTypes(),
                                      exit->getOperandTypes()));
  }
};

} // namespace
