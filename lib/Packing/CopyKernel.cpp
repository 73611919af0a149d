// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CopyKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

Value mlir::act::widened(OpBuilder &b, Location loc, Value value, Type type) {
  return value.getType() == type
             ? value
             : arith::ExtFOp::create(b, loc, type, value).getResult();
}

Value mlir::act::copyKernel(OpBuilder &b, Location loc, Value source,
                            Value init, AffineMap reads, AffineMap writes) {
  Type to = init.getType(), element = getElementTypeOrSelf(to);
  auto kernel = KernelOp::create(b, loc, TypeRange(to), ValueRange(source),
                                 ValueRange(init));
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&kernel.getBody());
  Value from = body->addArgument(source.getType(), loc);
  Value out = body->addArgument(to, loc);
  SmallVector<utils::IteratorType> loops(reads.getNumDims(),
                                         utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, loc, to, from, out, ArrayRef{reads, writes}, loops,
      [&](OpBuilder &b, Location loc, ValueRange args) {
        linalg::YieldOp::create(b, loc, widened(b, loc, args[0], element));
      });
  YieldOp::create(b, loc, generic.getResults());
  return kernel.getResult(0);
}
