// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Extents.h"
#include "act-mlir/Transforms/Fusion.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace mlir::act {
#define GEN_PASS_DEF_ADDSHAPEFUNCTION
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

func::FuncOp mlir::act::findEntry(ModuleOp module) {
  func::FuncOp entry;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic() || func.isDeclaration() || func->hasAttr(kHelperAttr))
      continue;
    if (entry) {
      InFlightDiagnostic error =
          func.emitError("a program has a single public function, but '")
          << func.getName() << "' and '" << entry.getName() << "' are public";
      error.attachNote(entry.getLoc()) << "the other one";
      return {};
    }
    entry = func;
  }
  if (!entry)
    module.emitError("no entry point: a program needs a public func.func with "
                     "a body");
  return entry;
}

void mlir::act::markHelper(func::FuncOp function) {
  Builder b(function.getContext());
  function->setAttr(kHelperAttr, b.getStringAttr(function.getName()));
  function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                    b.getUnitAttr());
}

namespace {

/// What a program needs of the extents of its inputs.
class EntryExtents {
public:
  explicit EntryExtents(func::FuncOp entry)
      : entry(entry), extents(entry, Extents::Required::Listed) {}

  /// Joins what operations require to be equal. What only a run can compare,
  /// since one side is computed, goes to `checks`.
  LogicalResult join();
  /// Gives extents of arguments that must be equal one name, or their number.
  void nameArguments();

  std::vector<Extents::Requirement> checks;

private:
  /// The extents of arguments that are not known.
  template <class Body>
  void forEachDynamic(Body body) {
    for (BlockArgument argument : entry.getArguments())
      if (auto type = dyn_cast<RankedTensorType>(argument.getType()))
        for (int64_t i = 0; i < type.getRank(); ++i)
          if (type.isDynamicDim(i))
            body(argument, i, extents.of(argument, i));
  }
  unsigned leader(unsigned extent) {
    return same.getOrInsertLeaderValue(extent);
  }

  func::FuncOp entry;
  Extents extents;
  llvm::EquivalenceClasses<unsigned> same;
  DenseMap<unsigned, int64_t> numbers; // by leader
};

LogicalResult EntryExtents::join() {
  llvm::DenseSet<unsigned> arguments;
  forEachDynamic([&](Value, int64_t, unsigned of) { arguments.insert(of); });
  for (const Extents::Requirement &required : extents.required()) {
    unsigned sides[] = {extents.of(required.lhs), extents.of(required.rhs)};
    bool isComputed = false;
    std::optional<int64_t> number;
    for (unsigned side : sides) {
      std::optional<int64_t> known = extents.known(side);
      isComputed |= !known && !arguments.contains(side);
      if (auto found = numbers.find(leader(side)); found != numbers.end())
        known = found->second;
      if (known && number && *known != *number)
        return required.op->emitOpError("needs an extent to be ")
               << *number << " and " << *known;
      if (known)
        number = known;
    }
    if (same.isEquivalent(sides[0], sides[1]))
      continue;
    same.unionSets(sides[0], sides[1]);
    if (number)
      numbers[leader(sides[0])] = *number;
    if (isComputed)
      checks.push_back(required);
  }
  return success();
}

void EntryExtents::nameArguments() {
  DenseMap<unsigned, unsigned> uses;
  forEachDynamic([&](Value, int64_t, unsigned of) { ++uses[leader(of)]; });
  OpBuilder b(entry.getContext());
  DenseMap<unsigned, StringAttr> names;
  llvm::SmallDenseSet<StringAttr> taken;
  auto dimsOf = [&](BlockArgument argument) {
    return entry.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(),
                                             "act.dims");
  };
  forEachDynamic([&](BlockArgument argument, int64_t i, unsigned of) {
    ArrayAttr dims = dimsOf(argument);
    auto name = dims && i < int64_t(dims.size()) ? dyn_cast<StringAttr>(dims[i])
                                                 : StringAttr();
    if (!name)
      return;
    names.try_emplace(leader(of), name);
    taken.insert(name);
  });
  llvm::DenseSet<Value> changed;
  unsigned next = 0;
  forEachDynamic([&](BlockArgument argument, int64_t i, unsigned of) {
    auto number = numbers.find(leader(of));
    if (number != numbers.end())
      names[leader(of)] = b.getStringAttr(llvm::Twine(number->second));
    StringAttr &name = names[leader(of)];
    while (!name) {
      name = b.getStringAttr("d" + llvm::Twine(next++));
      if (taken.contains(name))
        name = {};
    }
    if (number != numbers.end() || uses[leader(of)] > 1)
      changed.insert(argument);
  });
  for (BlockArgument argument : entry.getArguments()) {
    if (!changed.contains(argument))
      continue;
    auto type = cast<RankedTensorType>(argument.getType());
    SmallVector<Attribute> dims;
    for (int64_t i = 0; i < type.getRank(); ++i)
      dims.push_back(type.isDynamicDim(i)
                         ? names[leader(extents.of(argument, i))]
                         : b.getStringAttr(llvm::Twine(type.getDimSize(i))));
    entry.setArgAttr(argument.getArgNumber(), "act.dims", b.getArrayAttr(dims));
  }
}

struct AddShapeFunctionPass
    : public act::impl::AddShapeFunctionBase<AddShapeFunctionPass> {
  void runOnOperation() override {
    func::FuncOp entry = act::findEntry(getOperation());
    if (!entry)
      return signalPassFailure();
    if (!entry.getBody().hasOneBlock()) {
      entry.emitError("an entry point has one block");
      return signalPassFailure();
    }
    OpBuilder b(&getContext());
    entry->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                   b.getUnitAttr());
    EntryExtents required(entry);
    if (failed(required.join()))
      return signalPassFailure();
    required.nameArguments();
    IRMapping mapping;
    func::FuncOp shapes = entry.clone(mapping);
    shapes.setName((entry.getName() + "_shapes").str());
    markHelper(shapes);
    b.setInsertionPointAfter(entry);
    b.insert(shapes);
    Operation *exit = shapes.getBody().front().getTerminator();
    b.setInsertionPoint(exit);
    SmallVector<Value> extents;
    for (Value result : exit->getOperands()) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      if (!type) {
        entry.emitError("results of an entry point are ranked tensors, got ")
            << result.getType();
        return signalPassFailure();
      }
      for (int64_t i = 0; i < type.getRank(); ++i)
        extents.push_back(
            b.createOrFold<tensor::DimOp>(exit->getLoc(), result, i));
    }
    SmallVector<Attribute> texts;
    for (const Extents::Requirement &check : required.checks) {
      for (auto [value, dim] : {check.lhs, check.rhs}) {
        Value inside = mapping.lookup(value);
        extents.push_back(dim < 0 ? inside
                                  : b.createOrFold<tensor::DimOp>(
                                        exit->getLoc(), inside, dim));
      }
      texts.push_back(b.getStringAttr(check.op->getName().getStringRef() +
                                      " at " + placeOf(check.op->getLoc())));
    }
    if (!texts.empty())
      shapes->setAttr(kChecksAttr, b.getArrayAttr(texts));
    func::ReturnOp::create(b, exit->getLoc(), extents);
    exit->erase();
    shapes.setType(b.getFunctionType(entry.getArgumentTypes(),
                                     ValueRange(extents).getTypes()));
    shapes.removeResAttrsAttr();
  }
};
} // namespace
