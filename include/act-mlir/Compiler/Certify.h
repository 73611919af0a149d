// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The error of a compiled elementwise program over all inputs of its type.

#ifndef ACT_MLIR_COMPILER_CERTIFY_H
#define ACT_MLIR_COMPILER_CERTIFY_H

#include "act-mlir-c/Runtime.h"
#include "act-mlir/Compiler/Program.h"
#include "act-mlir/Elementwise/ScalarFunction.h"

namespace mlir::act {

struct CertifyOptions {
  uint64_t stride = 1;  ///< every stride-th number or pair, in their order
  unsigned threads = 0; ///< 0: one for each core
  bool progress = true; ///< lines on stderr
};

struct Certificate {
  uint64_t visited = 0, unknown = 0;
  /// Inputs with an error of more than 1/2, 1 and 4 ULP.
  uint64_t aboveHalf = 0, aboveOne = 0, aboveFour = 0;
  double worst = 0, worstResult = 0, worstExpected = 0;
  /// Of one or two operands.
  SmallVector<double, 2> worstInputs;
  /// How often results turn from rising to falling or back, along the first
  /// operand.
  uint64_t turns = 0;
  /// The largest error in each of kBins equal parts of the order of the first
  /// operand's numbers.
  static constexpr unsigned kBins = 512;
  std::vector<double> errors = std::vector<double>(kBins);
  struct Special {
    SmallVector<double, 2> inputs;
    double result, expected;
  };
  std::vector<Special> specials;

  void print(raw_ostream &os) const;
  /// A plot of the errors as SVG.
  void plot(raw_ostream &os) const;
};

/// Runs the model on every finite number of its operand's type, or on every
/// pair for two operands, which have at most 32 bits together, and compares
/// with the function. Where that has no value by way of finite numbers the
/// input counts as unknown.
llvm::Expected<Certificate> certify(const act_model *model,
                                    const Signature &signature,
                                    const ScalarFunction &function,
                                    const CertifyOptions &options);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_CERTIFY_H
