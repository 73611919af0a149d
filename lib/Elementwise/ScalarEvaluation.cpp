// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Elementwise/ScalarEvaluation.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Host.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;
using numerics::Function;

namespace {

using Numbers = ArrayRef<double>;
using Number = std::optional<double>;

double ieeeMax(double a, double b) {
  return numerics::max(numerics::HostF64{a}, numerics::HostF64{b}).v;
}
double ieeeMin(double a, double b) {
  return numerics::min(numerics::HostF64{a}, numerics::HostF64{b}).v;
}

bool compare(arith::CmpFPredicate predicate, double a, double b) {
  bool unordered = std::isnan(a) || std::isnan(b);
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::AlwaysFalse:
    return false;
  case P::AlwaysTrue:
    return true;
  case P::OEQ:
    return a == b;
  case P::OGT:
    return a > b;
  case P::OGE:
    return a >= b;
  case P::OLT:
    return a < b;
  case P::OLE:
    return a <= b;
  case P::ONE:
    return !unordered && a != b;
  case P::ORD:
    return !unordered;
  case P::UEQ:
    return unordered || a == b;
  case P::UGT:
    return unordered || a > b;
  case P::UGE:
    return unordered || a >= b;
  case P::ULT:
    return unordered || a < b;
  case P::ULE:
    return unordered || a <= b;
  case P::UNE:
    return unordered || a != b;
  case P::UNO:
    return unordered;
  }
  llvm_unreachable("unknown predicate");
}

bool compare(arith::CmpIPredicate predicate, int64_t a, int64_t b) {
  using P = arith::CmpIPredicate;
  uint64_t ua = a, ub = b;
  switch (predicate) {
  case P::eq:
    return a == b;
  case P::ne:
    return a != b;
  case P::slt:
    return a < b;
  case P::sle:
    return a <= b;
  case P::sgt:
    return a > b;
  case P::sge:
    return a >= b;
  case P::ult:
    return ua < ub;
  case P::ule:
    return ua <= ub;
  case P::ugt:
    return ua > ub;
  case P::uge:
    return ua >= ub;
  }
  llvm_unreachable("unknown predicate");
}

int64_t integer(double x) { return static_cast<int64_t>(x); }

/// One evaluator for all operations of a case.
template <class Evaluator>
auto always(Evaluator evaluator) {
  return [evaluator](auto) -> ScalarEvaluator { return evaluator; };
}

ScalarEvaluator getMathEvaluator(Operation *op) {
  if (getMathFunction(op))
    return [](Operation *op, Numbers x) -> Number {
      return numerics::evaluate(*getMathFunction(op), nullptr, x.data());
    };
  return llvm::TypeSwitch<Operation *, ScalarEvaluator>(op)
      .Case<math::AbsFOp>(always(
          [](Operation *, Numbers x) -> Number { return std::fabs(x[0]); }))
      .Case<math::FloorOp>(always(
          [](Operation *, Numbers x) -> Number { return std::floor(x[0]); }))
      .Case<math::CeilOp>(always(
          [](Operation *, Numbers x) -> Number { return std::ceil(x[0]); }))
      .Case<math::RoundEvenOp>(always([](Operation *, Numbers x) -> Number {
        return std::nearbyint(x[0]);
      }))
      .Case<math::TruncOp>(always(
          [](Operation *, Numbers x) -> Number { return std::trunc(x[0]); }))
      .Case<math::FmaOp>(always([](Operation *, Numbers x) -> Number {
        return std::fma(x[0], x[1], x[2]);
      }))
      .Case<math::CopySignOp>(always([](Operation *, Numbers x) -> Number {
        return std::copysign(x[0], x[1]);
      }))
      .Case<math::PowFOp>(always([](Operation *, Numbers x) -> Number {
        return std::pow(x[0], x[1]);
      }))
      .Case<math::SinOp>(always(
          [](Operation *, Numbers x) -> Number { return std::sin(x[0]); }))
      .Case<math::CosOp>(always(
          [](Operation *, Numbers x) -> Number { return std::cos(x[0]); }))
      .Case<math::IsNaNOp>(always([](Operation *, Numbers x) -> Number {
        return double(std::isnan(x[0]));
      }))
      .Default([](Operation *) -> ScalarEvaluator { return nullptr; });
}

} // namespace

std::optional<Function> mlir::act::getMathFunction(Operation *op) {
  if (!isa_and_present<math::MathDialect>(op->getDialect()))
    return std::nullopt;
  return llvm::StringSwitch<std::optional<Function>>(
             op->getName().stripDialect())
#define X(id, mnemonic, operands, ...) .Case(mnemonic, Function::id)
      ACT_MATH_FUNCTIONS(X)
#undef X
          .Case("tanh", Function::Tanh)
          .Default(std::nullopt);
}

ScalarEvaluator mlir::act::getScalarEvaluator(Operation *op) {
  if (isa<ActivationOpInterface>(op))
    return [](Operation *op, Numbers x) -> Number {
      auto activation = cast<ActivationOpInterface>(op);
      return numerics::evaluate(activation.getFunction(),
                                activation.getParameters().data(), x.data());
    };
  if (isa_and_present<math::MathDialect>(op->getDialect()))
    return getMathEvaluator(op);
  return llvm::TypeSwitch<Operation *, ScalarEvaluator>(op)
      .Case<arith::AddFOp, arith::AddIOp>(
          always([](Operation *, Numbers x) -> Number { return x[0] + x[1]; }))
      .Case<arith::SubFOp, arith::SubIOp>(
          always([](Operation *, Numbers x) -> Number { return x[0] - x[1]; }))
      .Case<arith::MulFOp, arith::MulIOp>(
          always([](Operation *, Numbers x) -> Number { return x[0] * x[1]; }))
      .Case<arith::DivFOp>(
          always([](Operation *, Numbers x) -> Number { return x[0] / x[1]; }))
      .Case<arith::RemFOp>(always([](Operation *, Numbers x) -> Number {
        return std::fmod(x[0], x[1]);
      }))
      .Case<arith::NegFOp>(
          always([](Operation *, Numbers x) -> Number { return -x[0]; }))
      .Case<arith::MaximumFOp>(always(
          [](Operation *, Numbers x) -> Number { return ieeeMax(x[0], x[1]); }))
      .Case<arith::MinimumFOp>(always(
          [](Operation *, Numbers x) -> Number { return ieeeMin(x[0], x[1]); }))
      .Case<arith::MaxNumFOp>(always([](Operation *, Numbers x) -> Number {
        return std::fmax(x[0], x[1]);
      }))
      .Case<arith::MinNumFOp>(always([](Operation *, Numbers x) -> Number {
        return std::fmin(x[0], x[1]);
      }))
      .Case<arith::MaxSIOp>(always([](Operation *, Numbers x) -> Number {
        return std::max(x[0], x[1]);
      }))
      .Case<arith::MinSIOp>(always([](Operation *, Numbers x) -> Number {
        return std::min(x[0], x[1]);
      }))
      .Case<arith::AndIOp>(always([](Operation *, Numbers x) -> Number {
        return double(integer(x[0]) & integer(x[1]));
      }))
      .Case<arith::OrIOp>(always([](Operation *, Numbers x) -> Number {
        return double(integer(x[0]) | integer(x[1]));
      }))
      .Case<arith::XOrIOp>(always([](Operation *, Numbers x) -> Number {
        return double(integer(x[0]) ^ integer(x[1]));
      }))
      .Case<arith::SelectOp>(always([](Operation *, Numbers x) -> Number {
        return x[0] != 0 ? x[1] : x[2];
      }))
      .Case<arith::CmpFOp>(always([](Operation *op, Numbers x) -> Number {
        return compare(cast<arith::CmpFOp>(op).getPredicate(), x[0], x[1]);
      }))
      .Case<arith::CmpIOp>(always([](Operation *op, Numbers x) -> Number {
        return compare(cast<arith::CmpIOp>(op).getPredicate(), integer(x[0]),
                       integer(x[1]));
      }))
      .Case<arith::DivSIOp>(always([](Operation *, Numbers x) -> Number {
        if (integer(x[1]) == 0)
          return std::nullopt;
        return double(integer(x[0]) / integer(x[1]));
      }))
      // Conversions keep the number: nothing is rounded in between.
      .Case<arith::ExtFOp, arith::TruncFOp, arith::ExtSIOp, arith::ExtUIOp,
            arith::SIToFPOp, arith::UIToFPOp, arith::IndexCastOp>(
          always([](Operation *, Numbers x) -> Number { return x[0]; }))
      .Case<arith::FPToSIOp, arith::FPToUIOp>(always(
          [](Operation *, Numbers x) -> Number { return std::trunc(x[0]); }))
      .Default([](Operation *) -> ScalarEvaluator { return nullptr; });
}

std::optional<double> mlir::act::evaluateScalar(Operation *op,
                                                ArrayRef<double> operands) {
  ScalarEvaluator evaluator = getScalarEvaluator(op);
  return evaluator ? evaluator(op, operands) : std::nullopt;
}

bool mlir::act::coreLacksTails(Function function) {
  return function == Function::Erfc || function == Function::Gelu ||
         function == Function::GeluTanh || numerics::isGradient(function);
}

std::optional<double> mlir::act::getConstantNumber(Attribute value) {
  if (auto number = dyn_cast<FloatAttr>(value))
    return number.getValueAsDouble();
  if (auto number = dyn_cast<IntegerAttr>(value))
    return number.getType().isInteger(1)
               ? double(number.getValue().getBoolValue())
               : double(number.getValue().getSExtValue());
  return std::nullopt;
}
