// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/HostTensor.h"
#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include <cstring>
#include <random>

using namespace mlir;
using namespace mlir::act;

int64_t HostTensor::elementBytes(Type element) {
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

HostTensor::HostTensor(Type element, ArrayRef<int64_t> shape)
    : type(element), extents(shape.begin(), shape.end()) {
  // A tensor without elements still has an address.
  size_t capacity = std::max<int64_t>(bytes(), 64);
  memory.reset(static_cast<char *>(llvm::allocate_buffer(capacity, 64)));
  std::memset(memory.get(), 0, capacity);
}

int64_t HostTensor::size() const {
  int64_t result = 1;
  for (int64_t extent : extents)
    result *= extent;
  return result;
}

APFloat mlir::act::roundToType(double value, FloatType type) {
  APFloat number(value);
  bool lost = false;
  number.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
  return number;
}

double HostTensor::get(int64_t index) const {
  int64_t bytes = elementBytes(type);
  uint64_t bits = 0;
  std::memcpy(&bits, memory.get() + index * bytes, bytes);
  if (auto number = dyn_cast<FloatType>(type)) {
    APFloat value(number.getFloatSemantics(), APInt(number.getWidth(), bits));
    bool lost = false;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
    return value.convertToDouble();
  }
  unsigned width = type.getIntOrFloatBitWidth();
  APInt value(width, bits, false, /*implicitTrunc=*/true);
  return width == 1 || type.isUnsignedInteger() ? value.roundToDouble(false)
                                                : value.roundToDouble(true);
}

void HostTensor::set(int64_t index, double value) {
  int64_t bytes = elementBytes(type);
  uint64_t bits;
  if (auto number = dyn_cast<FloatType>(type))
    bits = roundToType(value, number).bitcastToAPInt().getZExtValue();
  else
    bits = static_cast<uint64_t>(static_cast<int64_t>(value));
  std::memcpy(memory.get() + index * bytes, &bits, bytes);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static llvm::Error invalid(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

/// `4x3xf32` or `f32`; the number of elements fits 2^40 bytes.
static llvm::Expected<std::pair<Type, SmallVector<int64_t>>>
parseTensorType(StringRef text, MLIRContext *context) {
  SmallVector<int64_t> shape;
  StringRef rest = text;
  int64_t size = 1;
  while (!rest.empty() && llvm::isDigit(rest.front())) {
    int64_t extent;
    if (rest.consumeInteger(10, extent) || !rest.consume_front("x"))
      return invalid("'" + text +
                     "' is no shape and element type such as "
                     "4x3xf32");
    shape.push_back(extent);
    if (llvm::MulOverflow(size, extent, size) || size > (int64_t(1) << 40))
      return invalid("'" + text + "' is too large");
  }
  // The parser reports what it does not like to the context; the sentence here
  // is enough.
  ScopedDiagnosticHandler quiet(context,
                                [](Diagnostic &) { return success(); });
  Type element = mlir::parseType(rest, context);
  if (!element || !element.isIntOrFloat())
    return invalid("'" + rest + "' is no integer or float type");
  return std::make_pair(element, shape);
}

static llvm::Error fill(HostTensor &tensor, StringRef values) {
  int64_t size = tensor.size();
  double low, high;
  uint64_t seed;
  StringRef arguments = values;
  if (arguments.consume_front("linspace(") && arguments.consume_back(")")) {
    auto [first, second] = arguments.split(',');
    if (first.trim().getAsDouble(low) || second.trim().getAsDouble(high))
      return invalid("'" + values + "' needs two numbers: linspace(a,b)");
    for (int64_t i = 0; i < size; ++i)
      tensor.set(i, size == 1       ? low
                    : i == size - 1 ? high
                                    : low + (high - low) * i / (size - 1));
    return llvm::Error::success();
  }
  arguments = values;
  if (arguments.consume_front("random(") && arguments.consume_back(")")) {
    if (arguments.trim().getAsInteger(10, seed))
      return invalid("'" + values + "' needs a seed: random(1)");
    std::mt19937_64 bits(seed);
    for (int64_t i = 0; i < size; ++i)
      tensor.set(i, double(bits() >> 11) * 0x1p-49 - 8);
    return llvm::Error::success();
  }
  arguments = values;
  if (arguments.consume_front("[") && arguments.consume_back("]")) {
    SmallVector<StringRef> parts;
    if (!arguments.trim().empty())
      arguments.split(parts, ',');
    if (int64_t(parts.size()) != size)
      return invalid("'" + values + "' has " + llvm::Twine(parts.size()) +
                     " values for " + llvm::Twine(size) + " elements");
    for (auto [i, part] : llvm::enumerate(parts)) {
      if (part.trim().getAsDouble(low))
        return invalid("'" + part.trim() + "' is no number");
      tensor.set(i, low);
    }
    return llvm::Error::success();
  }
  if (values.getAsDouble(low))
    return invalid("'" + values +
                   "' is none of linspace(a,b), random(seed), a "
                   "number, a list [a, b, ...]");
  for (int64_t i = 0; i < size; ++i)
    tensor.set(i, low);
  return llvm::Error::success();
}

llvm::Expected<HostTensor>
mlir::act::parseTensor(StringRef text, MLIRContext *context, Type expected) {
  if (text.consume_front("@"))
    return readNpy(text, context, expected);
  auto [shape, values] = text.split('=');
  if (values.empty())
    return invalid("'" + text +
                   "' is neither @file.npy nor SHAPExTYPE=VALUES "
                   "such as 1001xf32=linspace(-8,8)");
  auto type = parseTensorType(shape, context);
  if (!type)
    return type.takeError();
  HostTensor tensor(type->first, type->second);
  if (llvm::Error error = fill(tensor, values.trim()))
    return error;
  return tensor;
}

void mlir::act::printTensor(raw_ostream &os, const HostTensor &tensor,
                            int64_t limit) {
  for (int64_t extent : tensor.shape())
    os << extent << "x";
  os << tensor.element() << "=[";
  int64_t size = tensor.size();
  for (int64_t i = 0; i < std::min(size, limit); ++i) {
    os << (i ? ", " : "");
    if (auto number = dyn_cast<FloatType>(tensor.element())) {
      // The shortest text that reads back as the same number.
      APFloat value = roundToType(tensor.get(i), number);
      SmallString<32> text;
      if (value.isNaN())
        text = "nan";
      else if (value.isInfinity())
        text = value.isNegative() ? "-inf" : "inf";
      else
        value.toString(text, 0, 6);
      os << text;
    } else {
      os << int64_t(tensor.get(i));
    }
  }
  os << (size > limit ? ", ...]" : "]");
}
