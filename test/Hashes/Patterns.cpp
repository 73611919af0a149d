// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Patterns.h"
#include "../Unit/Inputs.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>

using namespace mlir::act::numerics;
using llvm::APFloat;

static const llvm::fltSemantics &semantics(Type type) {
  switch (type) {
  case Type::F64:
    return APFloat::IEEEdouble();
  case Type::F32:
    return APFloat::IEEEsingle();
  case Type::F16:
    return APFloat::IEEEhalf();
  case Type::BF16:
    return APFloat::BFloat();
  case Type::F8E4M3FN:
    return APFloat::Float8E4M3FN();
  case Type::F8E5M2:
    break;
  }
  return APFloat::Float8E5M2();
}

uint64_t mlir::act::numerics::encode(double x, Type type) {
  APFloat value(x);
  bool inexact;
  value.convert(semantics(type), APFloat::rmNearestTiesToEven, &inexact);
  return value.bitcastToAPInt().getZExtValue();
}

act_element mlir::act::numerics::elementOf(Type type) {
  uint8_t bits = format(type).width;
  uint64_t infinity = encode(type == Type::F8E4M3FN ? 448 : INFINITY, type);
  switch (type) {
  case Type::BF16:
    return {{4, bits, 1}, infinity};
  case Type::F8E4M3FN:
    return {{10, bits, 1}, infinity};
  case Type::F8E5M2:
    return {{12, bits, 1}, infinity};
  default:
    return {{2, bits, 1}, infinity};
  }
}

static uint64_t scramble(uint64_t i) {
  uint64_t bits = (i + 1) * 0x9e3779b97f4a7c15;
  bits ^= bits >> 29;
  bits *= 0xbf58476d1ce4e5b9;
  return bits ^ bits >> 32;
}

Patterns::Patterns(Type type, uint64_t stride) : type(type), stride(stride) {
  unsigned width = format(type).width;
  if (width < 32) {
    this->stride = 1;
    regular = uint64_t(1) << width;
    return;
  }
  regular = width == 64 ? uint64_t(1) << 16
                        : ((uint64_t(1) << 32) + stride - 1) / stride;
  uint64_t mask = ~uint64_t(0) >> (64 - width), sign = (mask >> 1) + 1;
  std::vector<double> numbers = test::specialNumbers();
  for (double x : {0x1p-1074, 0x1p-1022, 0x1p-511, 0x1p-149, 0x1p-126, 0x1p-60,
                   0x1p-53, 0x1p-24, 0x1.fffffep127, 0x1p511, HUGE_VAL})
    numbers.push_back(x);
  for (double x : numbers)
    for (int d = -6; d <= 6; ++d) {
      uint64_t bits = (encode(x, type) + d) & mask;
      special.push_back(bits);
      special.push_back(bits ^ sign);
    }
}

uint64_t Patterns::operator[](uint64_t i) const {
  if (i >= regular)
    return special[i - regular];
  if (type != Type::F64)
    return i * stride;
  // The sign and eleven bits of the exponent, sixteen times.
  return (i >> 4) << 52 | scramble(i) >> 12;
}

uint64_t mlir::act::numerics::otherPattern(uint64_t i, Type type) {
  return scramble(i) >> (64 - format(type).width);
}

uint64_t mlir::act::numerics::moderatePattern(uint64_t i, Type type) {
  return encode(double(scramble(i) >> 40) * 0x1p-21 - 4, type);
}
