// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The functions that have kernels, in plain C++.

#ifndef ACT_MLIR_NUMERICS_FUNCTIONS_H
#define ACT_MLIR_NUMERICS_FUNCTIONS_H

#include <cstdint>

// X(enumerator, mnemonic, number of operands, parameters...), these with the
// name of the operation's attribute and its default. A gradient has its
// function's parameters; its operands are dy and then the function's.
// clang-format off
#define ACT_ACTIVATIONS(X)                                                     \
  X(Relu, "relu", 1)                                                           \
  X(LeakyRelu, "leaky_relu", 1, {"alpha", 0.01})                             \
  X(Prelu, "prelu", 2)                                                         \
  X(Clamp, "clamp", 1, {"min", -1}, {"max", 1})                              \
  X(Threshold, "threshold", 1, {"theta", 0}, {"value", 0})                   \
  X(ReluSquared, "relu_squared", 1)                                            \
  X(Elu, "elu", 1, {"alpha", 1})                                             \
  X(Celu, "celu", 1, {"alpha", 1})                                           \
  X(Selu, "selu", 1, {"alpha", 1.6732632423543772848},                       \
    {"scale", 1.0507009873554804934})                                          \
  X(Sigmoid, "sigmoid", 1)                                                     \
  X(LogSigmoid, "log_sigmoid", 1)                                              \
  X(HardSigmoid, "hard_sigmoid", 1, {"alpha", 1.0 / 6.0}, {"beta", 0.5})     \
  X(Tanh, "tanh", 1)                                                           \
  X(TanhShrink, "tanh_shrink", 1)                                              \
  X(Gelu, "gelu", 1)                                                           \
  X(GeluTanh, "gelu_tanh", 1)                                                  \
  X(Silu, "silu", 1, {"beta", 1})                                            \
  X(HardSwish, "hard_swish", 1)                                                \
  X(Mish, "mish", 1)                                                           \
  X(Softplus, "softplus", 1, {"beta", 1})                                    \
  X(Squareplus, "squareplus", 1, {"b", 4})                                   \
  X(Softsign, "softsign", 1)                                                   \
  X(HardShrink, "hard_shrink", 1, {"lambda", 0.5})                           \
  X(SoftShrink, "soft_shrink", 1, {"lambda", 0.5}, {"bias", 0.5})            \
  X(SoftCap, "soft_cap", 1, {"limit", 30})                                   \
  X(SparsePlus, "sparse_plus", 1)                                              \
  X(SparseSigmoid, "sparse_sigmoid", 1)
// clang-format on

#define ACT_MATH_FUNCTIONS(X)                                                  \
  X(Exp, "exp", 1)                                                             \
  X(Exp2, "exp2", 1)                                                           \
  X(Expm1, "expm1", 1)                                                         \
  X(Log, "log", 1)                                                             \
  X(Log2, "log2", 1)                                                           \
  X(Log10, "log10", 1)                                                         \
  X(Log1p, "log1p", 1)                                                         \
  X(Erf, "erf", 1)                                                             \
  X(Erfc, "erfc", 1)                                                           \
  X(Sqrt, "sqrt", 1)                                                           \
  X(Rsqrt, "rsqrt", 1)

namespace mlir::act::numerics {

// clang-format off
enum class Function : uint32_t {
#define X(id, mnemonic, operands, ...) id,
  ACT_ACTIVATIONS(X)
  ACT_MATH_FUNCTIONS(X)
#undef X
#define X(id, mnemonic, operands, ...) id##Grad,
  ACT_ACTIVATIONS(X)
#undef X
  PreluSlopeGrad, // dy, x, slope: the gradient for the slope
  ClampOpenGrad,  // dy, x; min, max: ClampGrad with 0 at the bounds
};
// clang-format on

constexpr unsigned kNumFunctions =
    static_cast<unsigned>(Function::ClampOpenGrad) + 1;

/// The mnemonic, with `_grad` for a gradient: "gelu", "gelu_grad", "exp".
const char *name(Function function);

/// How many values a function takes: 1 for gelu, 2 for gelu_grad (dy, x).
unsigned numOperands(Function function);

/// How many parameters a function takes: 1 for elu (alpha), 0 for gelu.
unsigned numParameters(Function function);

/// The parameters' defaults. The bounds of clamp and the parameters of
/// threshold have none: (-1, 1) and (0, 0) stand for them in tests.
const double *defaultParameters(Function function);

/// The name of the operation's attribute for a parameter: "alpha".
const char *parameterName(Function function, unsigned index);

/// True for `dy * f'(x)`.
bool isGradient(Function function);

/// True for a function of `math` rather than of `act`.
bool isMath(Function function);

/// The function `dy * f'(x)`, for the first operand of f; false if there is
/// none, as for gradients and for what `math` has.
bool lookupGradient(Function function, Function &gradient);

/// The function with this mnemonic; false if there is none.
bool lookupFunction(const char *mnemonic, Function &function);

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_FUNCTIONS_H
