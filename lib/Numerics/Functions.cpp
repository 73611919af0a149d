// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Functions.h"

#include <cstring>
#include <initializer_list>

using namespace mlir::act::numerics;

const char *mlir::act::numerics::name(Function function) {
  switch (function) {
#define X(id, mnemonic, operands, ...)                                         \
  case Function::id:                                                           \
    return mnemonic;
    ACT_ACTIVATIONS(X)
    ACT_MATH_FUNCTIONS(X)
#undef X
#define X(id, mnemonic, operands, ...)                                         \
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
#define X(id, mnemonic, operands, ...)                                         \
  case Function::id:                                                           \
    return operands;
    ACT_ACTIVATIONS(X)
    ACT_MATH_FUNCTIONS(X)
#undef X
#define X(id, mnemonic, operands, ...)                                         \
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

bool mlir::act::numerics::isMath(Function function) {
  return function >= Function::Exp && !isGradient(function);
}

bool mlir::act::numerics::lookupGradient(Function function,
                                         Function &gradient) {
  if (function >= Function::Exp)
    return false;
  // Gradients stand in the order of their functions.
  gradient = static_cast<Function>(static_cast<unsigned>(Function::ReluGrad) +
                                   static_cast<unsigned>(function));
  return true;
}

namespace {
struct Parameter {
  const char *name;
  double value;
};
struct Parameters {
  unsigned count = 0;
  const char *names[2] = {};
  double values[2] = {};

  constexpr Parameters(std::initializer_list<Parameter> list) {
    for (Parameter one : list) {
      names[count] = one.name;
      values[count++] = one.value;
    }
  }
};
} // namespace

static const Parameters &parametersOf(Function function) {
#define X(id, mnemonic, operands, ...)                                         \
  static constexpr Parameters of##id{__VA_ARGS__};
  ACT_ACTIVATIONS(X)
#undef X
  static constexpr Parameters none{};
  switch (function) {
#define X(id, mnemonic, operands, ...)                                         \
  case Function::id:                                                           \
  case Function::id##Grad:                                                     \
    return of##id;
    ACT_ACTIVATIONS(X)
#undef X
  case Function::ClampOpenGrad:
    return ofClamp;
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

const char *mlir::act::numerics::parameterName(Function function,
                                               unsigned index) {
  return parametersOf(function).names[index];
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
