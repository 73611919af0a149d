// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The parameters of activations: how they are written and what they may be.

#ifndef ACT_LIB_IR_PARAMETERS_H
#define ACT_LIB_IR_PARAMETERS_H

#include "mlir/IR/OpImplementation.h"

namespace mlir::act {

/// True for the types of floats that act operations take. Activations of other
/// dialects may have others, for which nothing here holds.
bool isActFloat(Type element);

/// The constraints on an activation's parameters, where they are given.
LogicalResult verifyParameters(function_ref<InFlightDiagnostic()> emitError,
                               StringRef mnemonic, DictionaryAttr parameters);

/// Says so where a row operation's dimension does not exist.
LogicalResult checkDimension(std::optional<Location> loc, StringRef mnemonic,
                             RankedTensorType type, int64_t dimension);

/// Says so where an operation's result is not what follows from its operands.
template <class OpTy>
LogicalResult verifyInferred(OpTy op) {
  SmallVector<Type> types;
  if (failed(OpTy::inferReturnTypes(
          op->getContext(), op.getLoc(), op->getOperands(),
          op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
          op->getRegions(), types)))
    return failure();
  Type type = op->getResult(0).getType();
  if (!OpTy::isCompatibleReturnTypes(types, type))
    return op.emitOpError("result must have type ")
           << types.front() << ", got " << type;
  return success();
}

/// One `name = value`; enumerators are bare words.
ParseResult parseParameter(AsmParser &parser, NamedAttrList &result);
void printParameter(AsmPrinter &printer, NamedAttribute parameter);

/// An attribute dictionary with enumerators as bare words and f64 numbers
/// without their type. What has its default value is not printed.
ParseResult parseAttributes(OpAsmParser &parser, NamedAttrList &result);
void printAttributes(OpAsmPrinter &printer, DictionaryAttr attributes,
                     DictionaryAttr defaults, ArrayRef<StringRef> elided);

template <class OpTy>
void printAttributes(OpAsmPrinter &printer, OpTy op,
                     DictionaryAttr attributes) {
  typename OpTy::Properties properties;
  OpTy::populateDefaultProperties(op->getName(), properties);
  auto defaults = dyn_cast_or_null<DictionaryAttr>(
      OpTy::getPropertiesAsAttr(op->getContext(), properties));
  SmallVector<StringRef> elided;
  // It stands before the dictionary.
  if (op->getName().getAttributeNames().size() &&
      llvm::is_contained(op->getName().getAttributeNames(), "dimension"))
    elided.push_back("dimension");
  elided.push_back("operandSegmentSizes");
  printAttributes(printer, attributes, defaults, elided);
}

} // namespace mlir::act

#endif // ACT_LIB_IR_PARAMETERS_H
