// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The dialect from C++: builders, inference, gradients, and whether what the
// operations say of their functions is what the kernels compute.

#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Host.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::act;

namespace {

class Dialect : public testing::Test {
protected:
  Dialect() : b(&context), loc(b.getUnknownLoc()) {
    context.loadDialect<ActDialect>();
    module = ModuleOp::create(loc);
    b.setInsertionPointToStart(module->getBody());
  }

  Value argument(Type type) {
    auto zero = cast<TypedAttr>(b.getZeroAttr(type));
    return arith::ConstantOp::create(b, loc, zero);
  }

  /// One operation of each activation of one operand, at its defaults.
  SmallVector<ActivationOpInterface> activations() {
    SmallVector<ActivationOpInterface> all;
    Value x = argument(b.getF32Type());
    for (RegisteredOperationName name : context.getRegisteredOperations()) {
      numerics::Function function;
      StringRef mnemonic = name.stripDialect();
      if (name.getDialectNamespace() != "act" ||
          !name.hasInterface<ActivationOpInterface>() ||
          !numerics::lookupFunction(mnemonic.str().c_str(), function) ||
          numerics::isGradient(function) ||
          function == numerics::Function::Prelu)
        continue;
      OperationState state(loc, name, x, x.getType());
      for (StringRef needed : {"min", "theta"})
        if (llvm::is_contained(name.getAttributeNames(), needed))
          state.addAttribute(needed, b.getF64FloatAttr(-1));
      if (llvm::is_contained(name.getAttributeNames(), "max"))
        state.addAttribute("max", b.getF64FloatAttr(2));
      all.push_back(cast<ActivationOpInterface>(b.create(state)));
    }
    return all;
  }

  static double evaluate(ActivationOpInterface op, double x) {
    return numerics::evaluate(op.getFunction(), op.getParameters().data(), &x);
  }

  MLIRContext context;
  OpBuilder b;
  Location loc;
  OwningOpRef<ModuleOp> module;
};

/// Numbers of every size, in order.
std::vector<double> samples() {
  std::vector<double> numbers;
  for (double x = -30; x <= 30; x += 1.0 / 64)
    numbers.push_back(x);
  for (int exponent = -100; exponent <= 120; exponent += 5)
    for (double sign : {-1.0, 1.0})
      numbers.push_back(sign * std::ldexp(1.0, exponent));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

TEST_F(Dialect, FactsHold) {
  SmallVector<ActivationOpInterface> all = activations();
  ASSERT_GE(all.size(), 24u);
  for (ActivationOpInterface op : all) {
    std::string name = op->getName().getStringRef().str();
    FunctionRange range = op.getFunctionRange();
    double last = -INFINITY;
    for (double x : samples()) {
      double y = evaluate(op, x);
      EXPECT_GE(y, range.low - std::fabs(range.low) * 1e-15) << name << x;
      EXPECT_LE(y, range.high + std::fabs(range.high) * 1e-15) << name << x;
      if (op.isMonotone()) {
        EXPECT_GE(y, last - std::fabs(last) * 1e-15) << name << " at " << x;
      }
      if (op.isOdd()) {
        EXPECT_EQ(evaluate(op, -x), -y) << name << " at " << x;
      }
      last = y;
    }
    if (range.low == 0 && !std::signbit(range.low)) {
      for (double x : {double(-INFINITY), -1e300, -1.0, -0.0, 0.0}) {
        EXPECT_FALSE(std::signbit(evaluate(op, x))) << name << " at " << x;
      }
    }
  }
}

// The bounds are not only true but close: a wrong one would go unnoticed.
TEST_F(Dialect, RangesAreReached) {
  for (ActivationOpInterface op : activations()) {
    FunctionRange range = op.getFunctionRange();
    double least = INFINITY, most = -INFINITY;
    for (double x : samples()) {
      least = std::min(least, evaluate(op, x));
      most = std::max(most, evaluate(op, x));
    }
    std::string name = op->getName().getStringRef().str();
    if (std::isfinite(range.low)) {
      EXPECT_NEAR(least, range.low, 1e-3) << name;
    }
    if (std::isfinite(range.high)) {
      EXPECT_NEAR(most, range.high, 1e-3) << name;
    }
  }
}

TEST_F(Dialect, EveryActivationHasAGradient) {
  Value dy = argument(b.getF32Type());
  for (ActivationOpInterface op : activations()) {
    SmallVector<Value> gradients = op.buildGradients(b, loc, dy);
    ASSERT_EQ(gradients.size(), 1u);
    auto gradient = gradients[0].getDefiningOp<ActivationOpInterface>();
    EXPECT_EQ(gradient->getName().getStringRef(),
              (op->getName().getStringRef() + "_grad").str());
    EXPECT_EQ(gradient.getParameters(), op.getParameters());
    EXPECT_TRUE(numerics::isGradient(gradient.getFunction()));
    EXPECT_TRUE(gradient.buildGradients(b, loc, dy).empty());
  }
  EXPECT_TRUE(succeeded(verify(*module)));
}

TEST_F(Dialect, AFunctionWithParametersIsItsOperation) {
  for (ActivationOpInterface op : activations()) {
    SmallVector<double> parameters = op.getParameters();
    for (double &parameter : parameters)
      parameter += 0.25;
    auto built = cast<ActivationOpInterface>(
        buildFunction(b, loc, op.getFunction(), parameters, op->getOperands()));
    EXPECT_EQ(built->getName(), op->getName());
    EXPECT_EQ(built.getParameters(), parameters);
  }
  Value x = argument(b.getF32Type());
  using numerics::Function;
  auto tanhForm = cast<ActivationOpInterface>(
      buildFunction(b, loc, Function::GeluTanhGrad, {}, {x, x}));
  EXPECT_EQ(tanhForm.getFunction(), Function::GeluTanhGrad);
  auto open = cast<ActivationOpInterface>(
      buildFunction(b, loc, Function::ClampOpenGrad, {0, 6}, {x, x}));
  EXPECT_EQ(open.getFunction(), Function::ClampOpenGrad);
  Operation *erf = buildFunction(b, loc, Function::Erf, {}, x);
  EXPECT_EQ(erf->getName().getStringRef(), "math.erf");
  EXPECT_TRUE(succeeded(verify(*module)));
}

TEST_F(Dialect, PreluHasTwoGradients) {
  Value x = argument(b.getF32Type());
  auto prelu = PreluOp::create(b, loc, ValueRange{x, x});
  SmallVector<Value> gradients = prelu.buildGradients(b, loc, x);
  ASSERT_EQ(gradients.size(), 2u);
  EXPECT_TRUE(gradients[0].getDefiningOp<PreluGradOp>());
  EXPECT_TRUE(gradients[1].getDefiningOp<PreluSlopeGradOp>());
}

TEST_F(Dialect, IntegersHaveNoGradient) {
  Value x = argument(b.getI32Type());
  auto relu = ReluOp::create(b, loc, x);
  EXPECT_TRUE(relu.buildGradients(b, loc, x).empty());
}

TEST_F(Dialect, FnBuildsTheOperationItNames) {
  Value x = argument(b.getF64Type());
  auto parameters =
      b.getDictionaryAttr(b.getNamedAttr("beta", b.getF64FloatAttr(1.5)));
  auto fn = FnAttr::get(&context, "silu", parameters);
  auto silu = fn.build(b, loc, x).getDefiningOp<SiluOp>();
  ASSERT_TRUE(silu);
  EXPECT_EQ(silu.getBeta().convertToDouble(), 1.5);
  auto gradient = fn.buildGradient(b, loc, x, x).getDefiningOp<SiluGradOp>();
  ASSERT_TRUE(gradient);
  EXPECT_EQ(gradient.getBeta().convertToDouble(), 1.5);
}

TEST_F(Dialect, TypesAreInferred) {
  Type type = RankedTensorType::get({4, 6}, b.getF32Type());
  Value x = argument(type);
  auto attribute = [&](StringRef name, Attribute value) {
    return b.getNamedAttr(name, value);
  };
  NamedAttribute dimension = attribute("dimension", b.getI64IntegerAttr(1));
  auto sum = LogSumExpOp::create(b, loc, x, {dimension});
  EXPECT_EQ(sum.getType(), RankedTensorType::get({4}, b.getF32Type()));
  auto fn = FnAttr::get(&context, "gelu", b.getDictionaryAttr({}));
  auto gate = GluGateAttr::get(&context, GluGate::First);
  auto glu = GluOp::create(
      b, loc, x,
      {dimension, attribute("activation", fn), attribute("gate", gate)});
  EXPECT_EQ(glu.getType(), RankedTensorType::get({4, 3}, b.getF32Type()));
  EXPECT_EQ(GeluOp::create(b, loc, x).getType(), type);
  EXPECT_TRUE(succeeded(verify(*module)));
}

} // namespace
