// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Conversion/Passes.h"
#include "act-mlir/IR/IRNumber.h"
#include "act-mlir/Numerics/Division.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::act {
#define GEN_PASS_DEF_EXPANDGPUQUOTIENTS
#include "act-mlir/Conversion/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

/// The instruction has no vectors.
static Value approximateReciprocal(OpBuilder &b, Location loc, Value x) {
  auto of = [&](Value scalar) -> Value {
    return NVVM::RcpApproxFtzF32Op::create(b, loc, b.getF32Type(), scalar);
  };
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type)
    return of(x);
  SmallVector<Value> elements;
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    elements.push_back(of(vector::ExtractOp::create(b, loc, x, i)));
  return vector::FromElementsOp::create(b, loc, type, elements);
}

namespace {

struct ExpandGPUQuotientsPass
    : public act::impl::ExpandGPUQuotientsBase<ExpandGPUQuotientsPass> {
  void runOnOperation() override {
    SmallVector<arith::DivFOp> divisions;
    getOperation().walk([&](arith::DivFOp op) {
      if (op->hasAttr(kNearQuotientAttr))
        divisions.push_back(op);
    });
    for (arith::DivFOp op : divisions) {
      OpBuilder b(op);
      Location loc = op.getLoc();
      IRNumber a(b, loc, op.getLhs()), d(b, loc, op.getRhs());
      IRNumber seed = d.with(approximateReciprocal(b, loc, d.v));
      op.replaceAllUsesWith(numerics::nearQuotient(a, d, seed).v);
      op.erase();
    }
  }
};

} // namespace
