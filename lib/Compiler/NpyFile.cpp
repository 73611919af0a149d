// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// NumPy's file format: https://numpy.org/neps/nep-0001-npy-format.html

#include "act-mlir/Compiler/HostTensor.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileOutputBuffer.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>

using namespace mlir;
using namespace mlir::act;

static llvm::Error invalid(StringRef path, const llvm::Twine &message) {
  return llvm::createStringError(path + ": error: " + message);
}

/// The text between `'key':` and the comma behind its value.
static StringRef field(StringRef header, StringRef key, char end) {
  size_t at = header.find(("'" + key + "':").str());
  if (at == StringRef::npos)
    return {};
  StringRef rest = header.substr(at + key.size() + 3).ltrim();
  size_t stop = rest.find(end);
  return stop == StringRef::npos ? StringRef() : rest.take_front(stop);
}

static Type elementType(StringRef code, MLIRContext *context, Type expected) {
  Builder b(context);
  Type type = llvm::StringSwitch<Type>(code)
                  .Case("<f8", b.getF64Type())
                  .Case("<f4", b.getF32Type())
                  .Case("<f2", b.getF16Type())
                  .Case("|i1", b.getI8Type())
                  .Case("<i2", b.getI16Type())
                  .Case("<i4", b.getI32Type())
                  .Case("<i8", b.getI64Type())
                  .Case("|u1", b.getIntegerType(8))
                  .Case("<u2", b.getIntegerType(16))
                  .Case("|b1", b.getI1Type())
                  .Cases({"|V1", "<V1"}, b.getIntegerType(8))
                  .Cases({"|V2", "<V2"}, b.getIntegerType(16))
                  .Default({});
  // NumPy has neither bf16 nor 8-bit floats: their files hold integers or raw
  // bytes of the same size.
  bool raw = type && type.isInteger() && !type.isInteger(1);
  if (raw && expected && isa<FloatType>(expected) &&
      HostTensor::elementBytes(expected) == HostTensor::elementBytes(type) &&
      (expected.isBF16() || expected.getIntOrFloatBitWidth() == 8))
    return expected;
  return type;
}

llvm::Expected<HostTensor>
mlir::act::readNpy(StringRef path, MLIRContext *context, Type expected) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return invalid(path, file.getError().message());
  StringRef bytes = (*file)->getBuffer();
  if (!bytes.starts_with("\x93NUMPY") || bytes.size() < 12)
    return invalid(path, "not a .npy file");
  unsigned major = bytes[6];
  size_t begin = major == 1 ? 10 : 12;
  size_t length = major == 1
                      ? llvm::support::endian::read16le(bytes.data() + 8)
                      : llvm::support::endian::read32le(bytes.data() + 8);
  if (major < 1 || major > 3 || bytes.size() < begin + length)
    return invalid(path, "the header is cut off or of an unknown version");
  StringRef header = bytes.substr(begin, length);
  StringRef code = field(header, "descr", ',').trim("' ");
  if (field(header, "fortran_order", ',').trim() != "False")
    return invalid(path, "Fortran order is not supported; save "
                         "np.ascontiguousarray of it");
  Type type = elementType(code, context, expected);
  if (!type)
    return invalid(path, "element type '" + code + "' is not supported");
  StringRef dims = field(header, "shape", ')');
  if (!dims.consume_front("("))
    return invalid(path, "the header has no shape");
  SmallVector<int64_t> shape;
  int64_t size = HostTensor::elementBytes(type);
  while (!(dims = dims.trim(" ,")).empty()) {
    int64_t extent;
    if (dims.consumeInteger(10, extent) || extent < 0 ||
        llvm::MulOverflow(size, extent, size))
      return invalid(path, "the header's shape is malformed");
    shape.push_back(extent);
  }
  StringRef data = bytes.substr(begin + length);
  if (int64_t(data.size()) != size)
    return invalid(path, "holds " + llvm::Twine(data.size()) +
                             " bytes of data, its shape asks for " +
                             llvm::Twine(size));
  HostTensor tensor(type, shape);
  std::memcpy(tensor.data(), data.data(), size);
  return tensor;
}

static const char *code(Type type) {
  if (type.isF64())
    return "<f8";
  if (type.isF32())
    return "<f4";
  if (type.isF16())
    return "<f2";
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return "|b1";
  case 8:
    return isa<FloatType>(type) ? "|u1" : "|i1";
  case 16:
    return isa<FloatType>(type) ? "<u2" : "<i2";
  case 32:
    return "<i4";
  default:
    return "<i8";
  }
}

llvm::Error mlir::act::writeNpy(StringRef path, const HostTensor &tensor) {
  std::string header = "{'descr': '" + std::string(code(tensor.element())) +
                       "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : tensor.shape())
    header += llvm::utostr(extent) + ",";
  header += "), }";
  // Data begin at a multiple of 64 bytes.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string prefix("\x93NUMPY\x01\x00", 8);
  prefix += char(header.size() & 0xff);
  prefix += char(header.size() >> 8);
  prefix += header;
  auto out =
      llvm::FileOutputBuffer::create(path, prefix.size() + tensor.bytes());
  if (!out)
    return invalid(path, llvm::toString(out.takeError()));
  std::memcpy((*out)->getBufferStart(), prefix.data(), prefix.size());
  std::memcpy((*out)->getBufferStart() + prefix.size(), tensor.data(),
              tensor.bytes());
  if (llvm::Error error = (*out)->commit())
    return invalid(path, llvm::toString(std::move(error)));
  return llvm::Error::success();
}
