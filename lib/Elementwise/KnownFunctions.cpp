// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KnownFunctions.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Host.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/Format.h"
#include <array>
#include <cmath>

using namespace mlir;
using namespace mlir::act;
using numerics::Function;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kSixth = 1.0 / 6.0;

/// Functions that are tried as they are, those that are parts of others last.
constexpr Function kPlain[] = {
    Function::Relu,       Function::Gelu,          Function::GeluTanh,
    Function::Silu,       Function::HardSwish,     Function::Mish,
    Function::Elu,        Function::Softplus,      Function::Sigmoid,
    Function::LogSigmoid, Function::Tanh,          Function::TanhShrink,
    Function::Softsign,   Function::ReluSquared,   Function::SparsePlus,
    Function::Erf,        Function::SparseSigmoid, Function::Squareplus,
    Function::Erfc};

NamedFunction plain(Function function) {
  const double *p = numerics::defaultParameters(function);
  return {function,
          SmallVector<double, 2>(p, p + numerics::numParameters(function))};
}

/// Within what rounded constants, and approximations, change at the probes.
bool isNear(double a, double b) {
  return std::fabs(a - b) <= 0.02 * std::fabs(b) + 1e-3;
}
bool isSame(double a, double b) {
  return a == b || std::fabs(a - b) <= 1e-9 * std::fabs(b);
}

/// The values of the plain functions at the probes.
struct Table {
  std::array<std::array<double, kNumProbes>, std::size(kPlain)> values;
  Table() {
    for (auto [row, function] : llvm::zip(values, kPlain))
      for (auto [y, x] : llvm::zip(row, kProbes))
        y = plain(function)(x, false);
  }
};

const Table &table() {
  static const Table table;
  return table;
}

/// A function's values at the probes.
struct Samples {
  ArrayRef<double> y;

  double at(double x) const {
    return y[std::find(std::begin(kProbes), std::end(kProbes), x) -
             std::begin(kProbes)];
  }
  bool isNearly(ArrayRef<double> other) const {
    return llvm::all_of(llvm::zip(y, other), [](auto pair) {
      return std::isinf(std::get<1>(pair)) ||
             std::fabs(std::get<1>(pair)) > 1e20 ||
             isNear(std::get<0>(pair), std::get<1>(pair));
    });
  }
  bool isFinite() const {
    return llvm::all_of(y.take_front(kNumNear),
                        [](double v) { return std::isfinite(v); });
  }
  bool isLinear() const {
    double slope = at(1) - at(0);
    return llvm::all_of(llvm::zip(y, kProbes), [&](auto pair) {
      double line = at(0) + slope * std::get<1>(pair);
      return std::fabs(std::get<0>(pair) - line) <=
             1e-9 * (std::fabs(line) + std::fabs(at(0)));
    });
  }
  /// f(x) - f(-x) = x: gelu, silu, softplus and their like.
  bool hasOddPartOfHalf() const {
    return isNear(at(1) - at(-1), 1) && isNear(at(4) - at(-4), 4);
  }
  bool isIdentityAbove(double x) const {
    return llvm::all_of(llvm::zip(y, kProbes), [&](auto pair) {
      return std::get<1>(pair) <= x ||
             isSame(std::get<0>(pair), std::get<1>(pair));
    });
  }
  double lowest() const { return y[kNumProbes - 1]; }
  double highest() const { return y[kNumProbes - 2]; }
};

/// Values that a parameter may have been written as, the exact ones.
class Parameters {
public:
  explicit Parameters(const Cone &cone) {
    for (const Cone::Constant &constant : cone.constants())
      add(constant.number);
    unsigned count = values.size();
    for (unsigned i = 0; i < count; ++i)
      add(1 / values[i]);
    if (count > 16)
      return;
    for (unsigned i = 0; i < count; ++i)
      for (unsigned j = 0; j < count; ++j) {
        add(values[i] * values[j]);
        add(values[i] / values[j]);
      }
  }

  /// What an estimate stands for.
  double exact(double estimate) const {
    for (double value : values)
      if (std::fabs(value - estimate) <= 0x1p-26 * std::fabs(estimate))
        return value;
    return estimate;
  }
  ArrayRef<double> all() const { return values; }

private:
  void add(double value) {
    if (!std::isfinite(value) || value == 0)
      return;
    for (double sign : {1.0, -1.0})
      if (!llvm::is_contained(values, sign * value))
        values.push_back(sign * value);
  }
  SmallVector<double> values;
};

class Namer {
public:
  Namer(const Cone &cone) : parameters(cone) {
    for (double x : kProbes)
      values.push_back(cone(x));
    f = {values};
  }

  SmallVector<NamedFunction> run() {
    for (auto [row, function] : llvm::zip(table().values, kPlain))
      if (f.isNearly(row))
        found.push_back(plain(function));
    rectifiers();
    limits();
    gates();
    shrinks();
    return std::move(found);
  }

private:
  void add(Function function, ArrayRef<double> p) {
    NamedFunction named{function, SmallVector<double, 2>(p)};
    if (llvm::is_contained(found, named) ||
        !llvm::all_of(p, [](double v) { return !std::isnan(v); }))
      return;
    SmallVector<double> expected;
    for (double x : kProbes)
      expected.push_back(named(x, false));
    if (f.isNearly(expected))
      found.push_back(std::move(named));
  }

  /// x above, something else below.
  void rectifiers() {
    double scale = parameters.exact(f.at(4) / 4), below = f.at(-1);
    double alpha = parameters.exact(below / (std::expm1(-1) * scale));
    if (f.isIdentityAbove(0)) {
      if (below != 0)
        add(Function::LeakyRelu, {parameters.exact(-below)});
      add(Function::Elu, {alpha});
      for (double value : parameters.all())
        add(Function::Celu, {value});
    } else if (isSame(f.at(30), 30 * scale) && f.at(0) == 0) {
      add(Function::Selu, {alpha, scale});
    }
    double value = f.at(-30);
    if (f.isIdentityAbove(4) && isSame(f.lowest(), value)) {
      add(Function::Threshold, {0, value});
      for (double theta : parameters.all())
        add(Function::Threshold, {theta, value});
    }
  }

  void limits() {
    double low = f.lowest() == -kFarProbe ? -kInf : f.lowest();
    double high = f.highest() == kFarProbe ? kInf : f.highest();
    if (low < high)
      add(Function::Clamp, {low == 0 ? 0 : low, high});
    if (!(std::fabs(low) < 1e-6) || !isNear(high, 1))
      return;
    double alpha = (f.at(0.01) - f.at(-0.01)) / 0.02;
    double beta = parameters.exact(f.at(0));
    if (std::fabs(alpha - kSixth) < 0x1p-40)
      alpha = kSixth;
    else
      alpha = parameters.exact(alpha);
    add(Function::HardSigmoid, {alpha, beta});
  }

  void gates() {
    if (!f.hasOddPartOfHalf())
      return;
    double y = f.at(1), middle = f.at(0);
    if (y > 0 && y < 1)
      add(Function::Silu, {parameters.exact(std::log(y / (1 - y)))});
    if (middle > 0) {
      add(Function::Softplus, {parameters.exact(std::log(2.0) / middle)});
      add(Function::Squareplus, {parameters.exact(4 * middle * middle)});
    }
  }

  void shrinks() {
    if (f.at(0) != 0)
      return;
    double bias = parameters.exact(30 - f.at(30));
    for (double lambda : parameters.all()) {
      if (lambda < 0)
        continue;
      if (isSame(f.at(30), 30))
        add(Function::HardShrink, {lambda});
      else
        add(Function::SoftShrink, {lambda, bias});
    }
  }

  Parameters parameters;
  SmallVector<double> values;
  Samples f;
  SmallVector<NamedFunction> found;
};

} // namespace

double NamedFunction::operator()(double x, bool inPairs) const {
  if (inPairs)
    return numerics::evaluate(function, parameters.data(), &x);
  return numerics::evaluate(function, numerics::Kernel::Core,
                            numerics::Type::F32, parameters.data(), &x);
}

bool mlir::act::mayBeNamed(ArrayRef<double> probes) {
  Samples f{probes};
  if (!f.isFinite() || f.isLinear())
    return false;
  for (auto &row : table().values)
    if (f.isNearly(row))
      return true;
  if (f.isIdentityAbove(4) || f.hasOddPartOfHalf())
    return true;
  double high = f.highest(), low = f.lowest();
  if (std::isfinite(high) && std::isfinite(low) && low < high) {
    // Something limited, with a slope of 1 between, or with limits 0 and 1.
    if (std::fabs(low) < 1e-6 && isNear(high, 1))
      return true;
    if (llvm::all_of(llvm::zip(probes, kProbes), [&](auto pair) {
          return isNear(std::get<0>(pair),
                        std::clamp(std::get<1>(pair), low, high));
        }))
      return true;
  }
  // selu, and soft_shrink.
  return f.at(0) == 0 &&
         (isSame(f.at(30), 7.5 * f.at(4)) || isSame(f.at(30), -f.at(-30)));
}

SmallVector<NamedFunction> mlir::act::nameCandidates(const Cone &cone) {
  return Namer(cone).run();
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

Operation *NamedFunction::build(OpBuilder &b, Location loc, Value x) const {
  return buildFunction(b, loc, function, parameters, x);
}

std::string NamedFunction::text(MLIRContext *context) const {
  std::string text = getOperationName(function);
  llvm::raw_string_ostream os(text);
  NamedAttrList list = getOperationAttributes(function, parameters, context);
  if (list.empty())
    return text;
  os << " {";
  llvm::interleaveComma(list, os, [&](NamedAttribute attribute) {
    os << attribute.getName().strref() << " = ";
    if (auto number = dyn_cast<FloatAttr>(attribute.getValue()))
      os << llvm::format("%.9g", number.getValueAsDouble());
    else
      os << "tanh";
  });
  os << "}";
  return text;
}
