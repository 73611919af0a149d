// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every activation and every math function becomes its kernel, in f32 or f64,
// between an exact widening and one rounding; f8 and bf16 arithmetic becomes
// f32's.

#include "ExpandIntegers.h"
#include "FloatCasts.h"
#include "IRNumber.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Numerics/Registry.h"
#include "act-mlir/Numerics/Single.h"
#include "act-mlir/Numerics/Wide.h"
#include "act-mlir/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include <cmath>

namespace mlir::act {
#define GEN_PASS_DEF_EXPANDOPS
#include "act-mlir/Transforms/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;
using ::mlir::act::numerics::Function;
using ::mlir::act::numerics::Kernel;
using ::mlir::act::numerics::Kernels;
using ::mlir::act::numerics::Measurement;
using ::mlir::act::numerics::SingleKernels;

namespace {

std::optional<Function> mathFunction(Operation *op) {
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

/// True for what neither has a kernel nor is machine code.
bool isLibraryFunction(Operation *op) {
  return isa<math::AcosOp, math::AsinOp, math::AtanOp, math::Atan2Op,
             math::CosOp, math::CoshOp, math::FPowIOp, math::PowFOp,
             math::SinOp, math::SinhOp, math::TanOp>(op);
}

numerics::Type numericType(FloatType type) {
  if (type.isF64())
    return numerics::Type::F64;
  if (type.isF32())
    return numerics::Type::F32;
  if (type.isF16())
    return numerics::Type::F16;
  if (type.isBF16())
    return numerics::Type::BF16;
  return isa<Float8E4M3FNType>(type) ? numerics::Type::F8E4M3FN
                                     : numerics::Type::F8E5M2;
}

/// What is asked for: a mode, or a bound in ULP.
struct Request {
  AccuracyMode mode;
  double ulps = 0;

  static std::optional<Request> parse(StringRef text) {
    Request request{AccuracyMode::Ulps};
    if (std::optional<AccuracyMode> mode = symbolizeAccuracyMode(text))
      request.mode = *mode;
    else if (text.getAsDouble(request.ulps))
      return std::nullopt;
    bool bounded = request.ulps > 0 && !std::isinf(request.ulps);
    if ((request.mode == AccuracyMode::Ulps) != bounded)
      return std::nullopt;
    return request;
  }

  /// The bound for a function, or nothing where the mode has none.
  std::optional<double> bound(Function function, numerics::Type type) const {
    bool one = numerics::numOperands(function) == 1;
    bool narrow = numerics::format(type).width < 32;
    bool f64 = type == numerics::Type::F64;
    switch (mode) {
    case AccuracyMode::Highest:
      if (f64)
        return std::nullopt;
      return one ? numerics::kCorrectlyRounded : 0.51;
    case AccuracyMode::Precise:
      if (narrow)
        return one ? numerics::kCorrectlyRounded : 0.51;
      return f64 ? 2 : 1;
    case AccuracyMode::Fast:
      if (narrow)
        return one ? numerics::kCorrectlyRounded : 1;
      return f64 ? 2 : 4;
    case AccuracyMode::Ulps:
      return ulps;
    }
    return std::nullopt;
  }
};

struct ExpandOpsPass : public act::impl::ExpandOpsBase<ExpandOpsPass> {
  using ExpandOpsBase::ExpandOpsBase;

  void runOnOperation() override {
    std::optional<Request> request = Request::parse(accuracy);
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
    ops.clear();
    getOperation()->walk([&](Operation *op) {
      if (isa_and_present<arith::ArithDialect, math::MathDialect>(
              op->getDialect()))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (isLibraryFunction(op))
        remark::missed(
            op->getLoc(),
            remark::RemarkOpts::name("LibraryCall").category("act-expand-ops"))
            << (op->getName().getStringRef() +
                " has no kernel: each element is a call of the C library")
                   .str();
      expandNarrow(op);
    }
    getOperation()->walk(constantToTheRight);
    if (failedAny)
      signalPassFailure();
  }

private:
  /// The canonical order of a commutative operation. Left to the canonicalizer,
  /// each swap makes it visit all loops around, whose bodies it then walks:
  /// quadratic in the length of a chain.
  static void constantToTheRight(Operation *op) {
    if (op->hasTrait<OpTrait::IsCommutative>() && op->getNumOperands() == 2 &&
        matchPattern(op->getOperand(0), m_Constant()) &&
        !matchPattern(op->getOperand(1), m_Constant()))
      op->setOperands({op->getOperand(1), op->getOperand(0)});
  }

  struct Call {
    Function function;
    SmallVector<double> parameters;
    numerics::Type type;
  };

  LogicalResult expand(Operation *op, const Request &request) {
    Type type = op->getResult(0).getType();
    if (isa<ShapedType>(type) && !isa<VectorType>(type))
      return op->emitError("act-expand-ops needs scalars and vectors, got ")
             << type;
    if (isa<math::SqrtOp>(op))
      return success(); // an IEEE operation
    auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
    if (!element) {
      OpBuilder b(op);
      op->getResult(0).replaceAllUsesWith(expandInteger(b, op));
      op->erase();
      return success();
    }
    Call call;
    call.type = numericType(element);
    if (auto activation = dyn_cast<ActivationOpInterface>(op)) {
      call.parameters = activation.getParameters();
      call.function = activation.getFunction();
    } else {
      call.function = *mathFunction(op);
    }
    FailureOr<Kernel> kernel = choose(op, call, request);
    if (failed(kernel))
      return failure();

    OpBuilder b(op);
    Location loc = op->getLoc();
    FloatType in =
        numerics::isSingle(*kernel) ? b.getF32Type() : b.getF64Type();
    SmallVector<IRNumber, 3> args;
    for (Value operand : op->getOperands())
      args.push_back(IRNumber(b, loc, extendFloat(b, loc, operand, in)));
    IRNumber result = evaluate(*kernel, call, args);
    bool exact = *kernel == Kernel::Native && element.getWidth() < 32;
    op->getResult(0).replaceAllUsesWith(
        truncateFloat(b, loc, result.v, element, exact));
    op->erase();
    return success();
  }

  IRNumber evaluate(Kernel kernel, const Call &call, ArrayRef<IRNumber> args) {
    const double *parameters = call.parameters.data();
    if (kernel == Kernel::Plain)
      return SingleKernels<IRNumber, false>(args[0], call.type)
          .evaluate(call.function, parameters, args.data());
    if (kernel == Kernel::Paired)
      return SingleKernels<IRNumber, true>(args[0], call.type)
          .evaluate(call.function, parameters, args.data());
    if (kernel != Kernel::Wide) {
      bool breakTies =
          kernel == Kernel::Core && numerics::breaksTies(call.type);
      return Kernels<IRNumber>(args[0], breakTies)
          .evaluate(call.function, parameters, args.data());
    }
    numerics::DoubleDouble<IRNumber> y =
        numerics::evaluateWide(call.function, parameters, args.data());
    return call.type == numerics::Type::F64 ? y.high : roundToOdd(y);
  }

  FailureOr<Kernel> choose(Operation *op, const Call &call, Request request) {
    // What a row needs in f64 between its own roundings, see ActRows.
    if (op->hasAttr("act.core"))
      return Kernel::Core;
    if (auto attribute = op->getAttrOfType<AccuracyAttr>("accuracy"))
      request = {attribute.getMode(), attribute.getUlps()};
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
  std::optional<Kernel> cheapest(const Call &call, double bound) {
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
      if (numerics::isOffered(call.function, cheaper, call.type, parameters) &&
          numerics::agreeOnAllInputs(call.function, cheaper, call.type,
                                     parameters)) {
        kernel = cheaper;
        break;
      }
    tried.push_back({call, kernel});
    return kernel;
  }

  static bool isNarrow(Type type) {
    Type element = getElementTypeOrSelf(type);
    return element.isBF16() || isF8(element);
  }

  /// Conversions from and to bf16 and f8, and from f64 to f16, which is a call
  /// of a function for each lane on most targets.
  bool expandCast(Operation *op) {
    Value x = op->getOperand(0), y = op->getResult(0);
    auto from = cast<FloatType>(getElementTypeOrSelf(x.getType()));
    auto to = cast<FloatType>(getElementTypeOrSelf(y.getType()));
    if (auto cut = dyn_cast<arith::TruncFOp>(op))
      if (cut.getRoundingmode().value_or(
              arith::RoundingMode::to_nearest_even) !=
          arith::RoundingMode::to_nearest_even)
        return false;
    if (!isNarrow(from) && !isNarrow(to) && !(from.isF64() && to.isF16()))
      return false;
    OpBuilder b(op);
    y.replaceAllUsesWith(to.getWidth() > from.getWidth()
                             ? extendFloat(b, op->getLoc(), x, to)
                             : truncateFloat(b, op->getLoc(), x, to));
    op->erase();
    return true;
  }

  /// Arithmetic of bf16 and f8: neither does LLVM know f8, nor do targets agree
  /// on bf16's subnormal numbers.
  void expandNarrow(Operation *op) {
    if (isa<arith::TruncFOp, arith::ExtFOp>(op)) {
      expandCast(op);
      return;
    }
    if ((llvm::none_of(op->getOperandTypes(), isNarrow) &&
         llvm::none_of(op->getResultTypes(), isNarrow)) ||
        isa<arith::BitcastOp, arith::SelectOp, arith::ConstantOp>(op))
      return;
    // One operation in a wider type and one rounding: two roundings in all, but
    // f32 has more than twice the bits, so that they are as good as one; for
    // the product in a multiply-add f64 has.
    OpBuilder b(op);
    Location loc = op->getLoc();
    FloatType wider = isa<math::FmaOp>(op) ? FloatType(b.getF64Type())
                                           : FloatType(b.getF32Type());
    IRMapping map;
    for (Value operand : op->getOperands())
      if (isNarrow(operand.getType()))
        map.map(operand, extendFloat(b, loc, operand, wider));
    Operation *wide = b.clone(*op, map);
    for (auto [before, after] :
         llvm::zip(op->getResults(), wide->getResults())) {
      Value y = after;
      Type type = y.getType();
      if (isNarrow(type)) {
        after.setType(withElement(type, wider));
        y = truncateFloat(b, loc, y,
                          cast<FloatType>(getElementTypeOrSelf(type)));
      }
      before.replaceAllUsesWith(y);
    }
    op->erase();
  }

  std::vector<std::pair<Call, Kernel>> tried;
};

} // namespace
