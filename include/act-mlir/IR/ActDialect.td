// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_DIALECT
#define ACT_DIALECT

include "mlir/IR/OpBase.td"

def Act_Dialect : Dialect {
  let name = "act";
  let cppNamespace = "::mlir::act";
  let summary = "activation functions of neural networks, with their meaning";
  let description = [{
    Elementwise activations and their gradients on scalars, vectors and
    tensors; row operations (the softmax family, gated units); and
    `act.kernel`, the region that fusion makes. Each operation is the
    real-valued function of its inputs rounded once, within the bound that its
    `accuracy` names; at an infinity it is the limit.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasCanonicalizer = 1;
  let hasConstantMaterializer = 1;
  // What rows decompose to.
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // ACT_DIALECT
