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
/// On the addition of a row's sum that stays in its own type: of parts so small
/// beside another sum that their rounding does not show.
constexpr StringLiteral kNarrowSumAttr = "act.narrow_sum";
/// On the addition of a row's sum in f64, [length, start]: so many elements of
/// each lane are joined in f32, from a number on that is taken away at the end.
constexpr StringLiteral kRunSumAttr = "act.run_sum";

/// The bounds of a function; the default has none.
struct FunctionRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
namespace detail {
SmallVector<double> defaultParameters(numerics::Function function);
/// A lower and an upper bound as f64 values; a lower bound of 0 is +0.
SmallVector<double> getBounds(TypedAttr low, TypedAttr high);
} // namespace detail

/// The operation of `act` or `math` that computes a function, and those of its
/// attributes that differ from their defaults.
std::string getOperationName(numerics::Function function);
NamedAttrList getOperationAttributes(numerics::Function function,
                                     ArrayRef<double> parameters,
                                     MLIRContext *context);

/// Builds it, on scalars, vectors or tensors of floats. `extra` are attributes
/// besides the parameters, such as `accuracy`.
Operation *buildFunction(OpBuilder &b, Location loc,
                         numerics::Function function,
                         ArrayRef<double> parameters, ValueRange operands,
                         ArrayRef<NamedAttribute> extra = {});

/// Builds the gradients of an activation of any dialect: what
/// ActivationOpInterface does where an operation has no builder of its own.
SmallVector<Value> buildGradients(Operation *op, OpBuilder &b, Location loc,
                                  Value dy);
} // namespace mlir::act

#include "act-mlir/IR/ActInterfaces.h.inc"

namespace mlir::act {
/// The folder of activations: constants by the correctly rounded value, and
/// limits that change nothing. Those of other dialects have it in the
/// canonicalizer; their own folders may call it.
OpFoldResult foldActivation(ActivationOpInterface op,
                            ArrayRef<Attribute> operands);
} // namespace mlir::act

#define GET_ATTRDEF_CLASSES
#include "act-mlir/IR/ActAttributes.h.inc"

namespace mlir::act::detail {
/// What all elementwise operations do.
LogicalResult verifyElementwise(ActivationOpInterface op);
LogicalResult reifyElementwise(Operation *op, OpBuilder &b,
                               ReifiedRankedShapedTypeDims &dims);
/// Refuses an attribute that is neither the operation's own nor a dialect's.
LogicalResult verifyAttributeNames(Operation *op);
void addBytecodeInterface(ActDialect *dialect);
} // namespace mlir::act::detail

namespace mlir::act {
template <class ConcreteType>
class HasNamedAttributes
    : public OpTrait::TraitBase<ConcreteType, HasNamedAttributes> {
public:
  static LogicalResult verifyTrait(Operation *op) {
    return detail::verifyAttributeNames(op);
  }
};
} // namespace mlir::act

#define GET_OP_CLASSES
#include "act-mlir/IR/ActOps.h.inc"

#endif // ACT_MLIR_IR_ACT_H
