// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Transforms/Expansion.h"
#include "ExpandIntegers.h"
#include "FloatCasts.h"
#include "act-mlir/Elementwise/ScalarEvaluation.h"
#include "act-mlir/IR/IRNumber.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Numerics/Single.h"
#include "act-mlir/Numerics/Wide.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;
using ::mlir::act::numerics::Function;
using ::mlir::act::numerics::Kernel;
using ::mlir::act::numerics::Kernels;
using ::mlir::act::numerics::Measurement;
using ::mlir::act::numerics::SingleKernels;

bool mlir::act::hasKernel(Operation *op) {
  return isa<ActivationOpInterface>(op) || getMathFunction(op);
}

std::optional<numerics::Type> mlir::act::getNumericType(Type element) {
  return llvm::TypeSwitch<Type, std::optional<numerics::Type>>(element)
      .Case([](Float64Type) { return numerics::Type::F64; })
      .Case([](Float32Type) { return numerics::Type::F32; })
      .Case([](Float16Type) { return numerics::Type::F16; })
      .Case([](BFloat16Type) { return numerics::Type::BF16; })
      .Case([](Float8E4M3FNType) { return numerics::Type::F8E4M3FN; })
      .Case([](Float8E5M2Type) { return numerics::Type::F8E5M2; })
      .Default(std::nullopt);
}

std::optional<double> AccuracyRequest::bound(Function function,
                                             numerics::Type type) const {
  switch (mode) {
  case AccuracyMode::Highest:
    return numerics::bound(numerics::Mode::Highest, function, type);
  case AccuracyMode::Precise:
    return numerics::bound(numerics::Mode::Precise, function, type);
  case AccuracyMode::Fast:
    return numerics::bound(numerics::Mode::Fast, function, type);
  case AccuracyMode::Ulps:
    return ulps;
  }
  return std::nullopt;
}

std::string AccuracyRequest::str() const {
  if (mode != AccuracyMode::Ulps)
    return stringifyAccuracyMode(mode).str();
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", ulps);
  return text;
}

static IRNumber evaluate(Kernel kernel, Function function, numerics::Type type,
                         const double *parameters, ArrayRef<IRNumber> args) {
  if (kernel == Kernel::Plain)
    return SingleKernels<IRNumber, false>(args[0], type)
        .evaluate(function, parameters, args.data());
  if (kernel == Kernel::Paired)
    return SingleKernels<IRNumber, true>(args[0], type)
        .evaluate(function, parameters, args.data());
  if (kernel != Kernel::Wide) {
    bool breakTies = kernel == Kernel::Core && numerics::breaksTies(type);
    return Kernels<IRNumber>(args[0], breakTies)
        .evaluate(function, parameters, args.data());
  }
  numerics::DoubleDouble<IRNumber> y =
      numerics::evaluateWide(function, parameters, args.data());
  return type == numerics::Type::F64 ? y.high : roundToOdd(y);
}

FailureOr<Expansion::Call> Expansion::callOf(Operation *op) {
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  std::optional<numerics::Type> type = getNumericType(element);
  if (!type)
    return op->emitOpError("has no kernel on ") << element;
  Call call;
  call.type = *type;
  if (auto activation = dyn_cast<ActivationOpInterface>(op)) {
    call.parameters = activation.getParameters();
    call.function = activation.getFunction();
  } else {
    call.function = *getMathFunction(op);
  }
  return call;
}

FailureOr<Value> Expansion::expand(OpBuilder &b, Operation *op) {
  Location loc = op->getLoc();
  Type resultElement = getElementTypeOrSelf(op->getResult(0).getType());
  if (isa<ReluOp, ClampOp>(op) && isa<IntegerType>(resultElement))
    return expandInteger(b, op);
  FailureOr<Call> call = callOf(op);
  if (failed(call))
    return failure();
  FailureOr<Kernel> kernel = choose(op, *call);
  if (failed(kernel))
    return failure();
  auto element = cast<FloatType>(resultElement);
  FloatType in = numerics::isSingle(*kernel) ? b.getF32Type() : b.getF64Type();
  auto compute = [&](ValueRange operands) {
    SmallVector<IRNumber, 3> args;
    for (Value operand : operands)
      args.push_back(IRNumber(b, loc, extendFloat(b, loc, operand, in)));
    return evaluate(*kernel, call->function, call->type,
                    call->parameters.data(), args)
        .v;
  };
  bool exact = *kernel == Kernel::Native && element.getWidth() < 32;
  if (inPairs && areInPairs(op->getOperandTypes()) &&
      areInPairs(op->getResultTypes()))
    return computeInPairs(b, loc, op->getOperands(), exact, compute);
  return truncateFloat(b, loc, compute(op->getOperands()), element, exact);
}

AccuracyRequest Expansion::requestOf(Operation *op) const {
  if (auto attribute = op->getAttrOfType<AccuracyAttr>("accuracy"))
    return {attribute.getMode(), attribute.getUlps()};
  return request;
}

FailureOr<Kernel> Expansion::choose(Operation *op, const Call &call) {
  // What a row needs in f64 between its own roundings, see ActRows.
  if (op->hasAttr("act.core"))
    return Kernel::Core;
  AccuracyRequest request = requestOf(op);
  StringRef type = numerics::format(call.type).name;
  std::optional<double> bound = request.bound(call.function, call.type);
  if (!bound)
    return op->emitError("accuracy ")
           << stringifyAccuracyMode(request.mode) << " is not offered for "
           << op->getName() << " on " << type;
  // One rounding at most, whatever the parameters that f32 has.
  if (*bound >= numerics::kCorrectlyRounded &&
      numerics::hasNative(call.function, call.type, call.parameters.data()))
    return Kernel::Native;
  if (std::optional<Kernel> found = cheapest(call, *bound))
    return *found;
  const Measurement &best = numerics::best(call.function, call.type);
  std::string text;
  llvm::raw_string_ostream(text)
      << "accuracy of " << llvm::format("%g", *bound)
      << " ULP cannot be met by any kernel of " << op->getName() << " on "
      << type << "; the best there is, " << numerics::name(best.kernel)
      << ", has " << llvm::format("%g", best.ulps) << " ULP";
  return op->emitError(text);
}

/// Measurements are those of the default parameters. With others f32 results
/// keep their bounds, but to be correctly rounded in 16 bits is another
/// matter: there all inputs are few enough to try.
std::optional<Kernel> Expansion::cheapest(const Call &call, double bound) {
  const double *parameters = call.parameters.data();
  const Measurement *found =
      numerics::cheapest(call.function, call.type, bound, parameters);
  if (!found)
    return std::nullopt;
  unsigned count = numerics::numParameters(call.function);
  const double *defaults = numerics::defaultParameters(call.function);
  if (!numerics::breaksTies(call.type) ||
      numerics::numOperands(call.function) > 1 ||
      std::equal(defaults, defaults + count, call.parameters.begin()))
    return found->kernel;
  for (auto &[known, kernel] : tried)
    if (known.function == call.function && known.type == call.type &&
        known.parameters == call.parameters)
      return kernel;
  Kernel kernel = Kernel::Wide;
  for (Kernel cheaper : {Kernel::Plain, Kernel::Paired, Kernel::Core})
    if (numerics::exists(call.function, cheaper, call.type, parameters) &&
        numerics::agreeOnAllInputs(call.function, cheaper, call.type,
                                   parameters)) {
      kernel = cheaper;
      break;
    }
  tried.push_back({call, kernel});
  return kernel;
}

namespace {
/// %y = act.gelu %x : vector<8xf32>  becomes arith and math.fma.
struct ExpandActivation
    : public OpInterfaceRewritePattern<ActivationOpInterface> {
  ExpandActivation(MLIRContext *context, AccuracyRequest request)
      : OpInterfaceRewritePattern(context), request(request) {}

  LogicalResult matchAndRewrite(ActivationOpInterface op,
                                PatternRewriter &rewriter) const override {
    Type type = op->getResult(0).getType();
    if (isa<ShapedType>(type) && !isa<VectorType>(type))
      return rewriter.notifyMatchFailure(op, "is on tensors");
    FailureOr<Value> value = Expansion(request).expand(rewriter, op);
    if (failed(value))
      return failure();
    rewriter.replaceOp(op, *value);
    return success();
  }

  AccuracyRequest request;
};
} // namespace

void mlir::act::populateExpansionPatterns(RewritePatternSet &patterns,
                                          AccuracyRequest request) {
  patterns.add<ExpandActivation>(patterns.getContext(), request);
}
