// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Parameters.h"
#include "act-mlir/IR/Act.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;

//===----------------------------------------------------------------------===//
// #act.accuracy
//===----------------------------------------------------------------------===//

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
  return AccuracyAttr::getChecked([&] { return parser.emitError(at); },
                                  parser.getContext(), *mode, APFloat(ulps));
}

void AccuracyAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyAccuracyMode(getMode());
  if (getMode() == AccuracyMode::Ulps) {
    printer << " = ";
    printer.printFloat(getBound());
  }
  printer << ">";
}

/// No digit of an f32 is right beyond.
static constexpr double kLargestUlps = 0x1p+23;

LogicalResult AccuracyAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   AccuracyMode mode, APFloat bound) {
  double ulps = bound.convertToDouble();
  if (mode == AccuracyMode::Ulps && !(ulps > 0 && ulps <= kLargestUlps))
    return emitError() << "accuracy must be a positive number of ULP up to "
                       << int64_t(kLargestUlps) << ", got " << ulps;
  return success();
}

FailureOr<std::pair<AccuracyMode, double>>
AccuracyAttr::parseOption(StringRef text,
                          function_ref<InFlightDiagnostic()> emitError) {
  double ulps = 0;
  std::optional<AccuracyMode> mode = symbolizeAccuracyMode(text);
  if (!mode && !text.getAsDouble(ulps))
    mode = AccuracyMode::Ulps;
  if (mode &&
      (*mode != AccuracyMode::Ulps || (ulps > 0 && ulps <= kLargestUlps)))
    return std::pair(*mode, ulps);
  return emitError() << "unknown accuracy '" << text
                     << "', expected highest, precise, fast or a positive "
                        "number of ULP up to "
                     << int64_t(kLargestUlps);
}

//===----------------------------------------------------------------------===//
// #act.fn
//===----------------------------------------------------------------------===//

static std::string operationName(StringRef function) {
  return (ActDialect::getDialectNamespace() + "." + function).str();
}

Attribute FnAttr::parse(AsmParser &parser, Type) {
  SMLoc at = parser.getCurrentLocation();
  StringRef function;
  NamedAttrList parameters;
  if (parser.parseLess() || parser.parseKeyword(&function))
    return {};
  while (succeeded(parser.parseOptionalComma()))
    if (parseParameter(parser, parameters))
      return {};
  if (parser.parseGreater())
    return {};
  MLIRContext *context = parser.getContext();
  return FnAttr::getChecked([&] { return parser.emitError(at); }, context,
                            function, parameters.getDictionary(context));
}

void FnAttr::print(AsmPrinter &printer) const {
  printer << "<" << getFunction();
  for (NamedAttribute parameter : getParameters()) {
    printer << ", ";
    printParameter(printer, parameter);
  }
  printer << ">";
}

LogicalResult FnAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                             StringRef mnemonic, DictionaryAttr parameters) {
  numerics::Function function;
  auto info = RegisteredOperationName::lookup(operationName(mnemonic),
                                              parameters.getContext());
  if (!info || !info->hasInterface<ActivationOpInterface>() ||
      !numerics::lookupFunction(mnemonic.str().c_str(), function) ||
      numerics::isGradient(function) || numerics::numOperands(function) != 1)
    return emitError() << "'" << mnemonic
                       << "' is no activation of one operand";
  for (NamedAttribute parameter : parameters) {
    StringRef name = parameter.getName();
    if (name == "accuracy" || name == "fastmath" ||
        !llvm::is_contained(info->getAttributeNames(), name))
      return emitError() << "'" << mnemonic << "' has no parameter '" << name
                         << "'";
  }
  for (StringRef name : {"min", "max", "theta"})
    if (llvm::is_contained(info->getAttributeNames(), name) &&
        !parameters.get(name))
      return emitError() << "'" << mnemonic << "' needs '" << name << "'";
  for (StringRef name : {"min", "max"})
    if (Attribute bound = parameters.get(name))
      if (auto number = dyn_cast<FloatAttr>(bound);
          !number || !number.getType().isF64())
        return emitError() << "'" << name << "' must have type f64, got "
                           << bound;
  NamedAttrList list(parameters);
  if (failed(info->verifyInherentAttrs(list, emitError)))
    return failure();
  return verifyParameters(emitError, mnemonic, parameters);
}

static Value buildNamed(OpBuilder &b, Location loc, const std::string &name,
                        DictionaryAttr parameters, ValueRange operands) {
  OperationState state(loc, name, operands, operands.back().getType(),
                       parameters.getValue());
  return b.create(state)->getResult(0);
}

Value FnAttr::build(OpBuilder &b, Location loc, Value x) const {
  return buildNamed(b, loc, operationName(getFunction()), getParameters(), x);
}

Value FnAttr::buildGradient(OpBuilder &b, Location loc, Value dy,
                            Value x) const {
  return buildNamed(b, loc, operationName(getFunction()) + "_grad",
                    getParameters(), {dy, x});
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

namespace {
/// An enumeration that is written as a bare word.
struct Enumeration {
  StringRef attribute, words;
  Attribute (*parse)(MLIRContext *, StringRef);
  StringRef (*print)(Attribute);
};
} // namespace

template <class Attr>
static Enumeration enumeration(StringRef attribute, StringRef words) {
  using Enum = decltype(std::declval<Attr>().getValue());
  return {attribute, words,
          [](MLIRContext *context, StringRef word) -> Attribute {
            std::optional<Enum> value = symbolizeEnum<Enum>(word);
            return value ? Attr::get(context, *value) : Attr();
          },
          [](Attribute attribute) -> StringRef {
            auto value = dyn_cast<Attr>(attribute);
            return value ? stringifyEnum(value.getValue()) : StringRef();
          }};
}

static const Enumeration *findEnumeration(StringRef attribute) {
  static const Enumeration all[] = {
      enumeration<GeluFormAttr>("approximate", "none or tanh"),
      enumeration<MaskedRowAttr>("masked_row", "nan or zero"),
      enumeration<GluLayoutAttr>("layout", "halves or interleaved"),
      enumeration<GluGateAttr>("gate", "first or second")};
  for (const Enumeration &one : all)
    if (one.attribute == attribute)
      return &one;
  return nullptr;
}

ParseResult mlir::act::parseParameter(AsmParser &parser,
                                      NamedAttrList &result) {
  std::string name;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseKeywordOrString(&name))
    return failure();
  if (result.get(name))
    return parser.emitError(at, "'") << name << "' is given twice";
  if (parser.parseOptionalEqual()) {
    result.append(name, UnitAttr::get(parser.getContext()));
    return success();
  }
  at = parser.getCurrentLocation();
  StringRef word;
  Attribute value;
  const Enumeration *words = findEnumeration(name);
  if (words && succeeded(parser.parseOptionalKeyword(&word))) {
    value = words->parse(parser.getContext(), word);
    if (!value)
      return parser.emitError(at, "unknown ")
             << name << " '" << word << "', expected " << words->words;
  } else if (parser.parseAttribute(value)) {
    return failure();
  }
  result.append(name, value);
  return success();
}

void mlir::act::printParameter(AsmPrinter &printer, NamedAttribute parameter) {
  StringRef name = parameter.getName();
  Attribute value = parameter.getValue();
  printer.printKeywordOrString(name);
  if (isa<UnitAttr>(value))
    return;
  printer << " = ";
  const Enumeration *words = findEnumeration(name);
  StringRef word = words ? words->print(value) : StringRef();
  auto number = dyn_cast<FloatAttr>(value);
  if (!word.empty())
    printer << word;
  else if (number && number.getType().isF64() && number.getValue().isFinite())
    printer.printAttributeWithoutType(value);
  else
    printer.printAttribute(value);
}

/// Whether an attribute has the kind that operations of the dialect give its
/// name: one of another kind would be dropped, and the default be taken.
static bool hasKindOfName(NamedAttribute attribute) {
  StringRef name = attribute.getName();
  Attribute value = attribute.getValue();
  if (const Enumeration *words = findEnumeration(name))
    return !words->print(value).empty();
  if (name == "accuracy")
    return isa<AccuracyAttr>(value);
  if (name == "activation")
    return isa<FnAttr>(value);
  if (name == "fastmath")
    return isa<arith::FastMathFlagsAttr>(value);
  static const StringRef numbers[] = {"alpha",  "beta",  "theta", "value",
                                      "lambda", "bias",  "b",     "scale",
                                      "limit",  "offset"};
  return !llvm::is_contained(numbers, name) || isa<FloatAttr>(value);
}

ParseResult mlir::act::parseAttributes(OpAsmParser &parser,
                                       NamedAttrList &result) {
  return parser.parseCommaSeparatedList(
      AsmParser::Delimiter::OptionalBraces, [&]() -> ParseResult {
        SMLoc at = parser.getCurrentLocation();
        size_t before = result.getAttrs().size();
        if (parseParameter(parser, result))
          return failure();
        for (NamedAttribute attribute : result.getAttrs().drop_front(before))
          if (!hasKindOfName(attribute))
            return parser.emitError(at, "'")
                   << attribute.getName().getValue()
                   << "' cannot have the value " << attribute.getValue();
        return success();
      });
}

void mlir::act::printAttributes(OpAsmPrinter &printer,
                                DictionaryAttr attributes,
                                DictionaryAttr defaults,
                                ArrayRef<StringRef> elided) {
  SmallVector<NamedAttribute> shown;
  for (NamedAttribute attribute : attributes) {
    StringRef name = attribute.getName();
    if (llvm::is_contained(elided, name) ||
        (defaults && defaults.get(name) == attribute.getValue()))
      continue;
    shown.push_back(attribute);
  }
  if (shown.empty())
    return;
  printer << " {";
  llvm::interleaveComma(shown, printer, [&](NamedAttribute attribute) {
    printParameter(printer, attribute);
  });
  printer << "}";
}

static std::string text(double value) {
  std::string result;
  llvm::raw_string_ostream(result) << llvm::format("%g", value);
  return result;
}

LogicalResult
mlir::act::verifyParameters(function_ref<InFlightDiagnostic()> emitError,
                            StringRef mnemonic, DictionaryAttr parameters) {
  mnemonic.consume_back("_grad");
  for (NamedAttribute attribute : parameters) {
    auto number = dyn_cast<FloatAttr>(attribute.getValue());
    if (!number)
      continue;
    double value = number.getValueAsDouble();
    StringRef name = attribute.getName();
    bool bound = name == "min" || name == "max";
    if (std::isnan(value) || (std::isinf(value) && !bound))
      return emitError() << "'" << name << "' must be "
                         << (bound ? "a number" : "finite") << ", got "
                         << text(value);
    if ((name == "lambda" || name == "b") && value < 0)
      return emitError() << "'" << name << "' must not be negative, got "
                         << text(value);
    if (name == "limit" && !(value > 0))
      return emitError() << "'limit' must be positive, got " << text(value);
    if (mnemonic == "softplus" && name == "beta" && !(value > 0))
      return emitError() << "'beta' must be positive, got " << text(value);
    if (mnemonic == "celu" && name == "alpha" && value == 0)
      return emitError() << "'alpha' must not be 0";
  }
  auto low = parameters.getAs<FloatAttr>("min");
  auto high = parameters.getAs<FloatAttr>("max");
  if (low && high && low.getValueAsDouble() > high.getValueAsDouble())
    return emitError() << "'min' = " << text(low.getValueAsDouble())
                       << " is greater than 'max' = "
                       << text(high.getValueAsDouble());
  return success();
}
