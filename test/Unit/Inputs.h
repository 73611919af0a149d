// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the numerics tests share: which functions, at which inputs.

#ifndef ACT_TEST_UNIT_INPUTS_H
#define ACT_TEST_UNIT_INPUTS_H

#include "act-mlir/Numerics/Registry.h"
#include <string>
#include <vector>

namespace mlir::act::numerics::test {

/// `dialect.op %0, %1 {attributes}`, or nothing where no operation has it.
std::string operation(Function function,
                      const std::vector<std::string> &operands = {"%0", "%1",
                                                                  "%2"});

/// The kernel that the compiler takes for a bound in ULP.
Kernel kernelOf(Function function, Type type, double bound);

/// All functions, or those that are gradients, or those that are not.
std::vector<Function> allFunctions();
std::vector<Function> values();
std::vector<Function> gradients();

/// True where the function is a finite number at the finite x.
bool inDomain(Function function, double x);

/// The operands of a function whose main one is x; the others are `other`.
struct Operands {
  double v[3];
  Operands(Function function, double x, double other);
};

/// Where something happens: kinks, roots, ends of ranges, thresholds at which
/// results under- or overflow in f32 and f64.
std::vector<double> specialNumbers();

/// Every stride-th f32 number, and the neighbourhoods of zero, of the ends of
/// the subnormal and normal numbers, of kinks and of overflow thresholds.
std::vector<double> f32Inputs(uint64_t stride);

/// Numbers of every exponent of f64, and the same neighbourhoods.
std::vector<double> f64Inputs(unsigned perExponent);

/// "gelu(0x1p-3) = 0x1p-4, 3.2 ULP off 0x1.8p-4" and the like.
std::string describe(Function function, const double *operands, double result,
                     double expected, double ulps);

} // namespace mlir::act::numerics::test

#endif // ACT_TEST_UNIT_INPUTS_H
