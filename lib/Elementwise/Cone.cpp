// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Cone.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Host.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;
using numerics::Function;

/// Errors of one operation in f64: of arithmetic, of a kernel's core, and of
/// a kernel on pairs, each with a margin.
static constexpr double kArithmeticNoise = 0x1p-52, kCoreNoise = 0x1p-34,
                        kPairNoise = 0x1p-51;

/// Half a unit in the last place of a number that needs more than half of its
/// type's bits: 0.5, 3 and 20 are meant as they are, 0.7071 is not.
static double roundingOf(double number, Type type) {
  auto element = dyn_cast<FloatType>(type);
  if (!element || number == 0 || !std::isfinite(number))
    return 0;
  int bits = APFloat::semanticsPrecision(element.getFloatSemantics());
  int exponent = std::ilogb(number);
  double scaled = std::ldexp(number, bits / 2 - 1 - exponent);
  if (scaled == std::nearbyint(scaled))
    return 0;
  return std::ldexp(1.0, exponent - bits);
}

Cone::Cone(const ElementwiseGraph &graph, unsigned input, unsigned root,
           unsigned other)
    : element(cast<FloatType>(graph[root].element)), usePairs(element.isF64()) {
  DenseMap<unsigned, unsigned> slotOf{{input, 0}};
  llvm::SmallSetVector<unsigned, 16> found;
  found.insert(root);
  for (unsigned i = 0; i < found.size(); ++i)
    for (unsigned operand : graph[found[i]].operands) {
      const ElementwiseGraph::Node &node = graph[operand];
      if (operand == input || slotOf.contains(operand))
        continue;
      if (operand == other && other != ElementwiseGraph::kNone) {
        numbers.push_back({0, 0});
        slotOf[operand] = otherSlot = numbers.size();
        continue;
      }
      if (node.isVarying()) {
        found.insert(operand);
        continue;
      }
      numbers.push_back({node.number, roundingOf(node.number, node.element)});
      slotOf[operand] = numbers.size();
    }
  nodes.assign(found.begin(), found.end());
  llvm::sort(nodes);
  known = numbers;
  slots.push_back(0);
  for (const Constant &constant : numbers)
    slots.push_back(constant.number);
  for (unsigned id : nodes) {
    const ElementwiseGraph::Node &node = graph[id];
    Instruction instruction;
    instruction.op = node.op;
    instruction.attributes = node.attributes;
    instruction.evaluator = node.evaluator;
    instruction.function = getMathFunction(node.op);
    instruction.type = dyn_cast<FloatType>(node.element);
    for (unsigned operand : node.operands)
      instruction.operands.push_back(slotOf.lookup(operand));
    if (auto activation = dyn_cast<ActivationOpInterface>(node.op)) {
      instruction.function = activation.getFunction();
      // Attributes are f64; those that f32 has came from there.
      Type f32 = Float32Type::get(node.op->getContext());
      for (double value : activation.getParameters())
        instruction.parameters.push_back(
            {value, value == float(value) ? roundingOf(value, f32) : 0});
      known.append(instruction.parameters);
    }
    if (instruction.function)
      instruction.noise = element.isF64() ? kPairNoise : kCoreNoise;
    else if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
                 math::FmaOp, math::PowFOp, math::SinOp, math::CosOp>(node.op))
      instruction.noise = kArithmeticNoise;
    slotOf[id] = slots.size();
    slots.push_back(0);
    instructions.push_back(std::move(instruction));
  }
  finiteSlots.assign(slots.size(), true);
}

double Cone::compute(const Instruction &instruction,
                     ArrayRef<double> parameters, ArrayRef<double> x) const {
  if (!instruction.function)
    return instruction.evaluator(instruction.op, x)
        .value_or(std::numeric_limits<double>::quiet_NaN());
  if (usePairs || coreLacksTails(*instruction.function))
    return numerics::evaluate(*instruction.function, parameters.data(),
                              x.data());
  return numerics::evaluate(*instruction.function, numerics::Kernel::Core,
                            numerics::Type::F32, parameters.data(), x.data());
}

double mlir::act::roundToElement(double value, FloatType type) {
  APFloat number(value);
  bool lost = false;
  number.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

double Cone::evaluate(double x, uint64_t seed, bool *finite,
                      bool rounds) const {
  // In [-1, 1], by the generator of Marsaglia (2003).
  auto random = [&] {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return double(int64_t(seed)) * 0x1p-63;
  };
  slots[0] = x;
  if (seed)
    for (auto [i, constant] : llvm::enumerate(numbers))
      slots[i + 1] = constant.number + constant.rounding * random();
  unsigned to = numbers.size() + 1;
  SmallVector<double, 3> operands;
  SmallVector<double, 2> parameters;
  for (const Instruction &instruction : instructions) {
    operands.clear();
    parameters.clear();
    for (const Constant &parameter : instruction.parameters)
      parameters.push_back(parameter.number +
                           (seed ? parameter.rounding * random() : 0));
    for (unsigned slot : instruction.operands)
      operands.push_back(slots[slot]);
    double y = compute(instruction, parameters, operands);
    if (seed && instruction.noise)
      y *= 1 + instruction.noise * random();
    if (rounds && instruction.type)
      y = roundToElement(y, instruction.type);
    if (finite) {
      auto isFinite = [&](unsigned i) {
        return finiteSlots[instruction.operands[i]] != 0;
      };
      bool good = std::isfinite(y);
      bool chooses = isa<arith::SelectOp>(instruction.op);
      for (unsigned i = 0; i < operands.size(); ++i)
        good &= isFinite(i) || (chooses && i == (operands[0] != 0 ? 2u : 1u));
      finiteSlots[to] = good;
    }
    slots[to++] = y;
  }
  if (seed)
    for (auto [i, constant] : llvm::enumerate(numbers))
      slots[i + 1] = constant.number;
  if (finite)
    *finite = finiteSlots.back();
  return slots.back();
}

double Cone::inPairs(double x) const {
  Cone copy(*this);
  copy.usePairs = true;
  return copy(x);
}

bool Cone::isFinite(double x) const {
  bool finite;
  (void)evaluate(x, 0, &finite);
  return finite;
}

double Cone::uncertainty(double x) const {
  constexpr unsigned kTrials = 8;
  double y = evaluate(x, 0), distance = 0;
  for (unsigned i = 1; i <= kTrials; ++i)
    distance =
        std::max(distance, std::fabs(evaluate(x, i * 0x9e3779b97f4a7c15) - y));
  return distance;
}

std::string Cone::key() const {
  std::string bytes;
  auto add = [&](auto value) {
    bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
  };
  add(element.getAsOpaquePointer());
  add(uint64_t(numbers.size()));
  for (const Constant &constant : numbers) {
    add(constant.number);
    add(constant.rounding);
  }
  for (const Instruction &instruction : instructions) {
    add(instruction.op->getName().getAsOpaquePointer());
    add(instruction.attributes.getAsOpaquePointer());
    add(instruction.type.getAsOpaquePointer());
    add(uint64_t(instruction.operands.size()));
    for (unsigned slot : instruction.operands)
      add(slot);
  }
  return bytes;
}
