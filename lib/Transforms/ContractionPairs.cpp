// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Products of bf16 in pairs: two steps of a sum lie side by side in a lane of
// 32 bits, the first one in its low half.

#include "ContractionEmitter.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;
using namespace mlir::act;

SmallVector<Value> ContractionEmitter::multiplyPairs(Value leftAt,
                                                     ArrayRef<Value> rowOffsets,
                                                     ArrayRef<Value> vectors,
                                                     Pairs pairs,
                                                     SmallVector<Value> sums) {
  auto bits = VectorType::get({lanes}, b.getI32Type());
  auto bf16s = VectorType::get({2 * lanes}, b.getBF16Type());
  auto floats = VectorType::get({lanes}, type);
  auto number = [&](uint32_t value) {
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(bits, APInt(32, value)));
  };
  // The same bits as floats: bf16 is the upper half of f32.
  auto first = [&](Value pair) -> Value {
    Value high = arith::ShLIOp::create(b, loc, pair, number(16));
    return vector::BitCastOp::create(b, loc, floats, high);
  };
  auto second = [&](Value pair) -> Value {
    Value high = arith::AndIOp::create(b, loc, pair, number(0xffff0000));
    return vector::BitCastOp::create(b, loc, floats, high);
  };
  // AVX512-BF16 multiplies both and adds them, subnormal numbers as zeros.
  bool dot =
      kernel->hasAttr("bf16_dot") && llvm::is_contained({4, 8, 16}, lanes);
  SmallVector<Value> rights;
  for (Value vector : vectors) {
    Value pair = vector::BitCastOp::create(b, loc, bits, vector);
    if (pairs == Pairs::Half)
      pair = arith::AndIOp::create(b, loc, pair, number(0xffff));
    rights.push_back(
        dot ? vector::BitCastOp::create(b, loc, bf16s, pair).getResult()
            : pair);
  }
  SmallVector<std::pair<Value, Value>> halves;
  if (!dot)
    for (Value pair : rights)
      halves.emplace_back(first(pair), second(pair));
  size_t i = 0;
  for (Value offset : rowOffsets) {
    Value at = sum(leftAt, offset), one;
    if (pairs == Pairs::Half) {
      Value element = memref::LoadOp::create(b, loc, left.memory, at);
      element = arith::BitcastOp::create(b, loc, b.getI16Type(), element);
      one = arith::ExtUIOp::create(b, loc, b.getI32Type(), element);
    } else {
      Value both = vector::LoadOp::create(
          b, loc, VectorType::get({2}, b.getBF16Type()), left.memory, at);
      both = vector::BitCastOp::create(
          b, loc, VectorType::get({1}, b.getI32Type()), both);
      one = vector::ExtractOp::create(b, loc, both, 0);
    }
    Value all = vector::BroadcastOp::create(b, loc, bits, one);
    if (dot) {
      all = vector::BitCastOp::create(b, loc, bf16s, all);
      for (Value right : rights) {
        sums[i] =
            x86vector::DotBF16Op::create(b, loc, floats, sums[i], all, right);
        ++i;
      }
      continue;
    }
    Value low = first(all), high = second(all);
    for (auto [right, other] : halves) {
      sums[i] = math::FmaOp::create(b, loc, low, right, sums[i]);
      if (pairs == Pairs::Whole)
        sums[i] = math::FmaOp::create(b, loc, high, other, sums[i]);
      ++i;
    }
  }
  return sums;
}
