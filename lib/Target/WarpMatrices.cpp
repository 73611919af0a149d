// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "WarpMatrices.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstring>

using namespace mlir::act;

void mlir::act::loadMatrices(MatrixLoad *lanes, int32_t count,
                             bool transposed) {
  for (int32_t matrix = 0; matrix < count; ++matrix) {
    uint16_t elements[8][8];
    for (int row = 0; row < 8; ++row)
      std::memcpy(elements[row], lanes[8 * matrix + row].row,
                  MatrixLoad::kRowBytes);
    for (int64_t lane = 0; lane < kWarpLanes; ++lane) {
      int row = lane / 4, column = lane % 4 * 2;
      uint32_t low = transposed ? elements[column][row] : elements[row][column],
               high = transposed ? elements[column + 1][row]
                                 : elements[row][column + 1];
      lanes[lane].registers[matrix] = int32_t(high << 16 | low);
    }
  }
}

static float widen(uint16_t bits, bool isBFloat) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16, rest = bits & 0x7fff;
  uint32_t wide;
  if (isBFloat)
    wide = rest << 16;
  else if (rest >= 0x7c00) // infinity, NaN
    wide = 0x7f800000 | rest << 13;
  else if (rest < 0x0400) // subnormal numbers are normal ones in f32
    wide = llvm::bit_cast<uint32_t>(float(rest) * 0x1p-24f);
  else
    wide = (rest << 13) + (112u << 23);
  return llvm::bit_cast<float>(sign | wide);
}

void mlir::act::multiplyMatrices(MatrixProduct *lanes, bool isBFloat) {
  constexpr int kRows = 16, kColumns = 8, kSteps = 16;
  float left[kRows][kSteps], right[kSteps][kColumns];
  auto element = [&](const int32_t *registers, int i) {
    return widen(uint16_t(uint32_t(registers[i / 2]) >> (i % 2 * 16)),
                 isBFloat);
  };
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    int group = lane / 4, pair = lane % 4 * 2;
    for (int i = 0; i < 8; ++i)
      left[group + i / 2 % 2 * 8][pair + i % 2 + i / 4 * 8] =
          element(lanes[lane].left, i);
    for (int i = 0; i < 4; ++i)
      right[pair + i % 2 + i / 2 * 8][group] = element(lanes[lane].right, i);
  }
  for (int lane = 0; lane < kWarpLanes; ++lane)
    for (int i = 0; i < 4; ++i) {
      int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
      float &sum = lanes[lane].sums[i];
      for (int step = 0; step < kSteps; ++step)
        sum = std::fmaf(left[row][step], right[step][column], sum);
    }
}
