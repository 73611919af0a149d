// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The act dialect: operations, attributes, interfaces.

#ifndef ACT_MLIR_IR_ACT_H
#define ACT_MLIR_IR_ACT_H

#include "act-mlir/Numerics/Functions.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"

#include "act-mlir/IR/ActEnums.h.inc"

#include "act-mlir/IR/ActDialect.h.inc"

namespace mlir::act {
/// The bounds of a function.
struct FunctionRange {
  double low, high;
};
namespace detail {
/// A lower and an upper bound as f64 values; a lower bound of 0 is +0.
SmallVector<double> getBounds(TypedAttr low, TypedAttr high);
SmallVector<Value> buildGradients(Operation *op, OpBuilder &b, Location loc,
                                  Value dy);
} // namespace detail
} // namespace mlir::act

#include "act-mlir/IR/ActInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "act-mlir/IR/ActAttributes.h.inc"

namespace mlir::act::detail {
/// What all elementwise operations do.
LogicalResult verifyElementwise(ActivationOpInterface op);
OpFoldResult foldElementwise(ActivationOpInterface op,
                             ArrayRef<Attribute> operands);
LogicalResult reifyElementwise(Operation *op, OpBuilder &b,
                               ReifiedRankedShapedTypeDims &dims);
void addBytecodeInterface(ActDialect *dialect);
} // namespace mlir::act::detail

#define GET_OP_CLASSES
#include "act-mlir/IR/ActOps.h.inc"

#endif // ACT_MLIR_IR_ACT_H
