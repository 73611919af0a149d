// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Functions.h"

#include <cstring>

using namespace mlir::act::numerics;

const char *mlir::act::numerics::name(Function function) {
  switch (function) {
#define X(id, mnemonic, operands)                                              \
  case Function::id:                                                           \
    return mnemonic;
    ACT_ACTIVATIONS(X)
    ACT_MATH_FUNCTIONS(X)
#undef X
#define X(id, mnemonic, operands)                                              \
  case Function::id##Grad:                                                     \
    return mnemonic "_grad";
    ACT_ACTIVATIONS(X)
#undef X
  case Function::PreluSlopeGrad:
    return "prelu_slope_grad";
  case Function::ClampOpenGrad:
    return "clamp_open_grad";
  }
  return "";
}

unsigned mlir::act::numerics::numOperands(Function function) {
  switch (function) {
#define X(id, mnemonic, operands)                                              \
  case Function::id:                                                           \
    return operands;
    ACT_ACTIVATIONS(X)
    ACT_MATH_FUNCTIONS(X)
#undef X
#define X(id, mnemonic, operands)                                              \
  case Function::id##Grad:                                                     \
    return operands + 1;
    ACT_ACTIVATIONS(X)
#undef X
  case Function::PreluSlopeGrad:
    return 3;
  case Function::ClampOpenGrad:
    return 2;
  }
  return 0;
}

bool mlir::act::numerics::isGradient(Function function) {
  return function >= Function::ReluGrad;
}

namespace {
struct Parameters {
  unsigned count;
  double values[2];
};
} // namespace

static const Parameters &parametersOf(Function function) {
  static const Parameters none{0, {}}, leaky{1, {0.01}}, clamp{2, {-1, 1}},
      threshold{2, {0, 0}}, one{1, {1}},
      selu{2, {1.6732632423543772848, 1.0507009873554804934}},
      hardSigmoid{2, {1.0 / 6.0, 0.5}}, squareplus{1, {4}},
      hardShrink{1, {0.5}}, softShrink{2, {0.5, 0.5}};
  switch (function) {
  case Function::LeakyRelu:
  case Function::LeakyReluGrad:
    return leaky;
  case Function::Clamp:
  case Function::ClampGrad:
  case Function::ClampOpenGrad:
    return clamp;
  case Function::Threshold:
  case Function::ThresholdGrad:
    return threshold;
  case Function::Elu:
  case Function::EluGrad:
  case Function::Celu:
  case Function::CeluGrad:
  case Function::Silu:
  case Function::SiluGrad:
  case Function::Softplus:
  case Function::SoftplusGrad:
    return one;
  case Function::Selu:
  case Function::SeluGrad:
    return selu;
  case Function::HardSigmoid:
  case Function::HardSigmoidGrad:
    return hardSigmoid;
  case Function::Squareplus:
  case Function::SquareplusGrad:
    return squareplus;
  case Function::HardShrink:
  case Function::HardShrinkGrad:
    return hardShrink;
  case Function::SoftShrink:
  case Function::SoftShrinkGrad:
    return softShrink;
  default:
    return none;
  }
}

unsigned mlir::act::numerics::numParameters(Function function) {
  return parametersOf(function).count;
}

const double *mlir::act::numerics::defaultParameters(Function function) {
  return parametersOf(function).values;
}

bool mlir::act::numerics::lookupFunction(const char *mnemonic,
                                         Function &function) {
  for (unsigned i = 0; i < kNumFunctions; ++i) {
    function = static_cast<Function>(i);
    if (std::strcmp(name(function), mnemonic) == 0)
      return true;
  }
  return false;
}
