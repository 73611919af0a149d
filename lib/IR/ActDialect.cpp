// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/Act.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;

#include "act-mlir/IR/ActDialect.cpp.inc"
#include "act-mlir/IR/ActEnums.cpp.inc"
#include "act-mlir/IR/ActInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "act-mlir/IR/ActAttributes.cpp.inc"

void ActDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "act-mlir/IR/ActOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "act-mlir/IR/ActAttributes.cpp.inc"
      >();
}

Attribute AccuracyAttr::parse(AsmParser &parser, Type) {
  SMLoc at = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseLess() || parser.parseKeyword(&word))
    return {};
  std::optional<AccuracyMode> mode = symbolizeAccuracyMode(word);
  double ulps = 0;
  if (!mode) {
    parser.emitError(at, "unknown accuracy '")
        << word << "', expected highest, precise, fast or ulps = <bound>";
    return {};
  }
  if (*mode == AccuracyMode::Ulps &&
      (parser.parseEqual() || parser.parseFloat(ulps)))
    return {};
  if (parser.parseGreater())
    return {};
  return AccuracyAttr::getChecked(
      [&] { return parser.emitError(at); }, parser.getContext(), *mode, APFloat(ulps));
}

void AccuracyAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyAccuracyMode(getMode());
  if (getMode() == AccuracyMode::Ulps)
    printer << " = " << getUlps();
  printer << ">";
}

LogicalResult AccuracyAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   AccuracyMode mode, APFloat bound) {
  double ulps = bound.convertToDouble();
  if (mode == AccuracyMode::Ulps && !(ulps > 0 && std::isfinite(ulps)))
    return emitError() << "accuracy must be a positive finite number of ULP, "
                          "got "
                       << ulps;
  return success();
}

LogicalResult FnAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                             StringRef mnemonic, DictionaryAttr) {
#define X(id, name, operands)                                                  \
  if (mnemonic == name && operands == 1)                                       \
    return success();
  ACT_ACTIVATIONS(X)
#undef X
  return emitError() << "'" << mnemonic
                     << "' is no activation of one operand";
}
