// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Turns a kernel on memrefs into loops over vectors. The kernel's body says
// what each element is; `Emitter` asks for the elements of a result, and gets
// those of its operands by recursion: nothing between two operations of a
// kernel is ever stored.

#include "KernelEmitter.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

namespace mlir::act {
#define GEN_PASS_DEF_VECTORIZE
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {
struct VectorizePass : public act::impl::VectorizeBase<VectorizePass> {
  void runOnOperation() override {
    SmallVector<KernelOp> kernels;
    getOperation().walk([&](KernelOp kernel) { kernels.push_back(kernel); });
    for (KernelOp kernel : kernels)
      if (failed(emitKernel(kernel)))
        return signalPassFailure();
  }
};
} // namespace
