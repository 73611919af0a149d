// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Transforms/Expansion.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/MapVector.h"
#include <numeric>

namespace mlir::act {
#define GEN_PASS_DEF_ADDPROBES
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// What a kernel is tried on: its worst input first, then numbers at the ends
/// of the type.
SmallVector<double> probeInputs(numerics::Type type, double worst) {
  const numerics::Format &format = numerics::format(type);
  double normal = std::ldexp(1.0, format.minExponent);
  double subnormal = std::ldexp(normal, 1 - format.precision);
  double inf = std::numeric_limits<double>::infinity();
  SmallVector<double> inputs = {worst, std::nan("")};
  for (double x : {0.0, subnormal, normal, 1.0, 8.0, format.largest, inf})
    inputs.append({numerics::roundTo(x, type), numerics::roundTo(-x, type)});
  assert(inputs.size() == kProbeElements);
  return inputs;
}

/// Numbers of the type as its constants.
DenseElementsAttr dense(ArrayRef<double> numbers, FloatType type,
                        ArrayRef<int64_t> shape) {
  SmallVector<APFloat> values;
  for (double number : numbers) {
    bool lost = false;
    values.emplace_back(number);
    values.back().convert(type.getFloatSemantics(),
                          APFloat::rmNearestTiesToEven, &lost);
  }
  return DenseElementsAttr::get(RankedTensorType::get(shape, type), values);
}

/// An operation that stands for all with its function, type and kernel.
struct Probe {
  Operation *op;
  Expansion::Call call;
  numerics::Kernel kernel;

  FloatType element() const {
    return cast<FloatType>(getElementTypeOrSelf(op->getResult(0).getType()));
  }
  /// What was measured of the kernel, its operands and what the host's
  /// evaluation makes of them.
  void describe(NamedAttrList &to) const;
  /// The same operation on the bytes at `at` of a buffer.
  void build(OpBuilder &b, Value buffer, int64_t at) const;
};

void Probe::describe(NamedAttrList &to) const {
  Builder b(op->getContext());
  const numerics::Measurement *measured =
      numerics::measurement(call.function, call.type, kernel);
  if (measured) {
    to.set("ulps", b.getF64FloatAttr(measured->ulps));
    to.set("worst", b.getF64FloatAttr(measured->worstInput));
    to.set("inputs", b.getI64IntegerAttr(measured->inputs));
  }
  unsigned count = numerics::numOperands(call.function);
  unsigned main = numerics::isGradient(call.function) ? 1 : 0;
  SmallVector<SmallVector<double>> operands(
      count, SmallVector<double>(kProbeElements, 1.0));
  operands[main] =
      probeInputs(call.type, measured ? measured->worstInput : 1.0);
  SmallVector<double> all, expected;
  for (auto [k, values] : llvm::enumerate(operands)) {
    if (k != main && measured)
      values.front() = measured->worstOther;
    llvm::append_range(all, values);
  }
  for (int64_t i = 0; i < kProbeElements; ++i) {
    double args[3];
    for (unsigned k = 0; k < count; ++k)
      args[k] = operands[k][i];
    expected.push_back(
        numerics::roundTo(numerics::evaluate(call.function, kernel, call.type,
                                             call.parameters.data(), args),
                          call.type));
  }
  to.set("operands", dense(all, element(), {count, kProbeElements}));
  to.set("expected", dense(expected, element(), kProbeElements));
}

void Probe::build(OpBuilder &b, Value buffer, int64_t at) const {
  Location loc = op->getLoc();
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value).getResult();
  };
  auto part = [&](int64_t slot) -> Value {
    return memref::ViewOp::create(
        b, loc, MemRefType::get(kProbeElements, element()), buffer,
        index(at + slot * kProbeSlotBytes), ValueRange());
  };
  // As many elements at once as the program computes.
  auto vector = dyn_cast<VectorType>(op->getResult(0).getType());
  int64_t width = 1;
  if (vector) {
    if (vector.getRank())
      width = std::gcd(kProbeElements, vector.getShape().back());
    vector = VectorType::get(width, element());
  }
  SmallVector<Value> operands;
  for (unsigned k = 0; k < op->getNumOperands(); ++k)
    operands.push_back(part(k));
  Value results = part(kProbeSlots - 1);
  auto loop =
      scf::ForOp::create(b, loc, index(0), index(kProbeElements), index(width));
  OpBuilder inside = OpBuilder::atBlockBegin(loop.getBody());
  Value i = loop.getInductionVar();
  for (Value &operand : operands)
    operand = vector
                  ? vector::LoadOp::create(inside, loc, vector, operand, i)
                        .getResult()
                  : memref::LoadOp::create(inside, loc, operand, i).getResult();
  Operation *copy = inside.clone(*op);
  copy->setOperands(operands);
  if (vector) {
    copy->getResult(0).setType(vector);
    vector::StoreOp::create(inside, loc, copy->getResult(0), results, i);
  } else {
    memref::StoreOp::create(inside, loc, copy->getResult(0), results, i);
  }
}

struct AddProbesPass : public act::impl::AddProbesBase<AddProbesPass> {
  using AddProbesBase::AddProbesBase;

  void runOnOperation() override {
    func::FuncOp entry = findEntry(getOperation());
    auto option = AccuracyAttr::parseOption(
        accuracy, [&] { return getOperation().emitError(); });
    if (!entry || failed(option))
      return signalPassFailure();
    Expansion expansion({option->first, option->second});
    llvm::MapVector<DictionaryAttr, Probe> probes;
    bool failedAny = false;
    getOperation().walk([&](Operation *op) {
      // Square roots are operations of the machine, integers have no kernel.
      if (!hasKernel(op) || isa<math::SqrtOp>(op) ||
          isa<IntegerType>(getElementTypeOrSelf(op->getResult(0).getType())))
        return;
      FailureOr<Probe> probe = choose(op, expansion);
      failedAny |= failed(probe);
      if (!failedAny)
        probes.try_emplace(name(*probe, expansion), *probe);
    });
    if (failedAny)
      return signalPassFailure();
    if (!probes.empty())
      addFunction(entry, probes);
  }

private:
  static FailureOr<Probe> choose(Operation *op, Expansion &expansion) {
    Type type = op->getResult(0).getType();
    if (isa<ShapedType>(type) && !isa<VectorType>(type))
      return op->emitError("act-add-probes needs scalars and vectors, got ")
             << type;
    FailureOr<Expansion::Call> call = Expansion::callOf(op);
    if (failed(call))
      return failure();
    FailureOr<numerics::Kernel> kernel = expansion.choose(op, *call);
    if (failed(kernel))
      return failure();
    return Probe{op, *call, *kernel};
  }

  /// Function, type, parameters, accuracy and kernel: what makes two probes
  /// differ.
  static DictionaryAttr name(const Probe &probe, const Expansion &expansion) {
    Builder b(probe.op->getContext());
    NamedAttrList list, parameters;
    list.set("function", b.getStringAttr(numerics::name(probe.call.function)));
    list.set("type", TypeAttr::get(probe.element()));
    list.set("kernel", b.getStringAttr(numerics::name(probe.kernel)));
    // What rounds later was asked for nothing by itself.
    if (!probe.op->hasAttr("act.core"))
      list.set("accuracy",
               b.getStringAttr(expansion.requestOf(probe.op).str()));
    for (auto [i, value] : llvm::enumerate(probe.call.parameters))
      parameters.set(numerics::parameterName(probe.call.function, i),
                     b.getF64FloatAttr(value));
    if (!parameters.empty())
      list.set("parameters", parameters.getDictionary(b.getContext()));
    return list.getDictionary(b.getContext());
  }

  static void addFunction(func::FuncOp entry,
                          llvm::MapVector<DictionaryAttr, Probe> &probes) {
    OpBuilder b(entry.getContext());
    b.setInsertionPointAfter(entry);
    auto bytes = MemRefType::get(ShapedType::kDynamic, b.getI8Type());
    auto function = func::FuncOp::create(
        b, entry.getLoc(), (entry.getName() + kProbesSuffix).str(),
        b.getFunctionType(bytes, {}));
    markHelper(function);
    b.setInsertionPointToStart(function.addEntryBlock());
    SmallVector<Attribute> descriptions;
    for (auto &[name, probe] : probes) {
      probe.build(b, function.getArgument(0),
                  int64_t(descriptions.size()) * kProbeSlots * kProbeSlotBytes);
      NamedAttrList description(name);
      probe.describe(description);
      descriptions.push_back(description.getDictionary(b.getContext()));
    }
    func::ReturnOp::create(b, entry.getLoc());
    entry->getParentOfType<ModuleOp>()->setAttr(kProbesAttr,
                                                b.getArrayAttr(descriptions));
  }
};

} // namespace
