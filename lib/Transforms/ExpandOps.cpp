// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every activation and every math function becomes its kernel in f64, between
// an exact widening and one rounding.

#include "ExpandIntegers.h"
#include "IRNumber.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

namespace mlir::act {
#define GEN_PASS_DEF_EXPANDOPS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;
using ::mlir::act::numerics::Function;

namespace {

std::optional<Function> mathFunction(Operation *op) {
  if (!isa_and_present<math::MathDialect>(op->getDialect()))
    return std::nullopt;
  return llvm::StringSwitch<std::optional<Function>>(
             op->getName().stripDialect())
#define X(id, mnemonic, operands) .Case(mnemonic, Function::id)
      ACT_MATH_FUNCTIONS(X)
#undef X
          .Case("tanh", Function::Tanh)
          .Default(std::nullopt);
}

/// Rounds f64 to a type of fewer than 24 significant bits, once: in f64, so
/// that the conversions that follow are exact.
IRNumber roundTo(IRNumber x, FloatType type) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  int precision = APFloat::semanticsPrecision(semantics);
  int smallest = APFloat::semanticsMinExponent(semantics);
  int drop = 53 - precision;
  // Round to nearest, ties to even, by integer steps.
  uint64_t half = (uint64_t(1) << (drop - 1)) - 1;
  OpBuilder &b = *x.b;
  Location loc = x.loc;
  Value bits = x.bits();
  Value odd = arith::AndIOp::create(
      b, loc, arith::ShRUIOp::create(b, loc, bits, x.integer(drop)),
      x.integer(1));
  Value sum = arith::AddIOp::create(
      b, loc, bits, arith::AddIOp::create(b, loc, odd, x.integer(half)));
  IRNumber normal = x.fromBits(arith::AndIOp::create(
      b, loc, sum, x.integer(~((uint64_t(1) << drop) - 1))));
  // Below the smallest normal number the grid is fixed: adding 1.5 * 2^k
  // rounds to it. The sign of zero comes back by copysign.
  IRNumber magic = x.constant(
      std::ldexp(1.5, 52 + smallest - (precision - 1)));
  IRNumber fixed = (x + magic) - magic;
  fixed = x.with(math::CopySignOp::create(b, loc, fixed.v, x.v));
  IRNumber tiny = x.constant(std::ldexp(1.0, smallest));
  IRNumber rounded = select(abs(x) < tiny, fixed, normal);
  return select(x == x, rounded, x);
}

struct ExpandOpsPass : public act::impl::ExpandOpsBase<ExpandOpsPass> {
  using ExpandOpsBase::ExpandOpsBase;

  void runOnOperation() override {
    std::optional<double> request = bound(accuracy);
    if (!request) {
      getOperation()->emitError("unknown accuracy '")
          << accuracy
          << "', expected highest, precise, fast or a positive number of ULP";
      return signalPassFailure();
    }
    bool failedAny = false;
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<ActivationOpInterface>(op) || mathFunction(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      failedAny |= failed(expand(op, *request));
    SmallVector<Operation *> casts;
    getOperation()->walk([&](Operation *op) {
      if (isa<arith::ExtFOp, arith::TruncFOp>(op) && isBrainFloat(op))
        casts.push_back(op);
    });
    for (Operation *op : casts)
      expandCast(op);
    if (failedAny)
      signalPassFailure();
  }

private:
  static std::optional<double> bound(StringRef text) {
    double ulps = llvm::StringSwitch<double>(text)
                      .Case("highest", 0.51)
                      .Case("precise", 1.0)
                      .Case("fast", 4.0)
                      .Default(0.0);
    if (ulps == 0 && text.getAsDouble(ulps))
      return std::nullopt;
    if (!(ulps > 0) || std::isinf(ulps))
      return std::nullopt;
    return ulps;
  }

  LogicalResult expand(Operation *op, double request) {
    Type type = op->getResult(0).getType();
    auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
    if (isa<ShapedType>(type) && !isa<VectorType>(type))
      return op->emitError("act-expand-ops needs scalars and vectors, got ")
             << type;
    if (isa<math::SqrtOp>(op))
      return success(); // an IEEE operation
    if (!element) {
      OpBuilder b(op);
      op->getResult(0).replaceAllUsesWith(expandInteger(b, op));
      op->erase();
      return success();
    }
    if (auto attribute = op->getAttrOfType<AccuracyAttr>("accuracy"))
      request = attribute.getMode() == AccuracyMode::Ulps
                    ? attribute.getUlps()
                    : *bound(stringifyAccuracyMode(attribute.getMode()));
    // What a row needs in f64 between its own roundings, see ActRows.
    bool core = op->hasAttr("act.core");
    if (element.isF64() && !core)
      return op->emitError("no kernel for ")
             << op->getName() << " on f64 is there yet";
    // One f64 core for each function: correct to 2^-40 before its rounding.
    constexpr double kBound = 0.51;
    if (request < kBound)
      return op->emitError("accuracy of ")
             << request << " ULP cannot be met by any kernel of "
             << op->getName() << " on " << element << "; the best there is "
             << kBound << " ULP";
    OpBuilder b(op);
    Location loc = op->getLoc();
    auto vector = dyn_cast<VectorType>(type);
    Type wide = vector ? Type(vector.clone(b.getF64Type())) : b.getF64Type();
    SmallVector<IRNumber, 3> args;
    for (Value operand : op->getOperands())
      args.push_back(IRNumber(
          b, loc,
          element.isF64()
              ? operand
              : arith::ExtFOp::create(b, loc, wide, operand).getResult()));
    SmallVector<double> parameters;
    Function function;
    if (auto activation = dyn_cast<ActivationOpInterface>(op)) {
      parameters = activation.getParameters();
      function = activation.getFunction();
    } else {
      function = *mathFunction(op);
    }
    IRNumber result =
        ::mlir::act::numerics::Kernels<IRNumber>(args[0]).evaluate(
            function, parameters.data(), args.data());
    if (element.isF64()) {
      op->getResult(0).replaceAllUsesWith(result.v);
    } else {
      if (element.getWidth() < 32)
        result = roundTo(result, element);
      Value value = arith::TruncFOp::create(b, loc, type, result.v);
      op->getResult(0).replaceAllUsesWith(value);
    }
    op->erase();
    return success();
  }

  static bool isBrainFloat(Operation *op) {
    return getElementTypeOrSelf(op->getOperand(0)).isBF16() ||
           getElementTypeOrSelf(op->getResult(0)).isBF16();
  }

  /// bf16 is the upper half of f32: by integer steps, since the hardware's
  /// conversion flushes subnormal numbers.
  void expandCast(Operation *op) {
    OpBuilder b(op);
    Location loc = op->getLoc();
    Value x = op->getOperand(0);
    auto clone = [&](Type element) -> Type {
      auto vector = dyn_cast<VectorType>(op->getResult(0).getType());
      return vector ? Type(vector.clone(element)) : element;
    };
    auto cst = [&](int64_t value) {
      return IRNumber::splat(b, loc, clone(b.getI32Type()),
                             b.getI32IntegerAttr(value));
    };
    Value result;
    if (isa<arith::ExtFOp>(op)) {
      Value bits = arith::BitcastOp::create(b, loc, clone(b.getI16Type()), x);
      bits = arith::ExtUIOp::create(b, loc, clone(b.getI32Type()), bits);
      bits = arith::ShLIOp::create(b, loc, bits, cst(16));
      result = arith::BitcastOp::create(b, loc, clone(b.getF32Type()), bits);
      if (result.getType() != op->getResult(0).getType())
        result = arith::ExtFOp::create(b, loc, op->getResult(0).getType(),
                                       result);
    } else {
      if (getElementTypeOrSelf(x).isF64()) {
        // Rounded to 8 significant bits here, so exact from f64 to f32.
        x = roundTo(IRNumber(b, loc, x), b.getBF16Type()).v;
        x = arith::TruncFOp::create(b, loc, clone(b.getF32Type()), x);
      }
      Value bits = arith::BitcastOp::create(b, loc, clone(b.getI32Type()), x);
      Value odd = arith::AndIOp::create(
          b, loc, arith::ShRUIOp::create(b, loc, bits, cst(16)), cst(1));
      Value sum = arith::AddIOp::create(
          b, loc, bits, arith::AddIOp::create(b, loc, odd, cst(0x7fff)));
      Value nan =
          arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, x);
      Value quiet = arith::OrIOp::create(b, loc, bits, cst(0x400000));
      sum = arith::SelectOp::create(b, loc, nan, quiet, sum);
      sum = arith::ShRUIOp::create(b, loc, sum, cst(16));
      sum = arith::TruncIOp::create(b, loc, clone(b.getI16Type()), sum);
      result = arith::BitcastOp::create(b, loc, clone(b.getBF16Type()), sum);
    }
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
  }
};

} // namespace
