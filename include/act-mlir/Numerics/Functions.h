// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The functions that have kernels, in plain C++.

#ifndef ACT_MLIR_NUMERICS_FUNCTIONS_H
#define ACT_MLIR_NUMERICS_FUNCTIONS_H

#include <cstdint>

// X(enumerator, mnemonic, number of operands, defaults of the parameters...),
// these in the order of the operation's attributes. A gradient has its
// function's parameters; its operands are dy and then the function's.
// clang-format off
#define ACT_ACTIVATIONS(X)                                                     \
  X(Relu, "relu", 1)                                                           \
  X(LeakyRelu, "leaky_relu", 1, 0.01)                /* alpha */               \
  X(Prelu, "prelu", 2)                                                         \
  X(Clamp, "clamp", 1, -1, 1)                        /* min, max */            \
  X(Threshold, "threshold", 1, 0, 0)                 /* theta, value */        \
  X(ReluSquared, "relu_squared", 1)                                            \
  X(Elu, "elu", 1, 1)                                /* alpha */               \
  X(Celu, "celu", 1, 1)                              /* alpha */               \
  X(Selu, "selu", 1,                                 /* alpha, scale */        \
    1.6732632423543772848, 1.0507009873554804934)                              \
  X(Sigmoid, "sigmoid", 1)                                                     \
  X(LogSigmoid, "log_sigmoid", 1)                                              \
  X(HardSigmoid, "hard_sigmoid", 1, 1.0 / 6.0, 0.5)  /* alpha, beta */         \
  X(Tanh, "tanh", 1)                                                           \
  X(TanhShrink, "tanh_shrink", 1)                                              \
  X(Gelu, "gelu", 1)                                                           \
  X(GeluTanh, "gelu_tanh", 1)                                                  \
  X(Silu, "silu", 1, 1)                              /* beta */                \
  X(HardSwish, "hard_swish", 1)                                                \
  X(Mish, "mish", 1)                                                           \
  X(Softplus, "softplus", 1, 1)                      /* beta */                \
  X(Squareplus, "squareplus", 1, 4)                  /* b */                   \
  X(Softsign, "softsign", 1)                                                   \
  X(HardShrink, "hard_shrink", 1, 0.5)               /* lambda */              \
  X(SoftShrink, "soft_shrink", 1, 0.5, 0.5)          /* lambda, bias */        \
  X(SoftCap, "soft_cap", 1, 30)                      /* limit */               \
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

/// True for `dy * f'(x)`.
bool isGradient(Function function);

/// The function with this mnemonic; false if there is none.
bool lookupFunction(const char *mnemonic, Function &function);

} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_FUNCTIONS_H
