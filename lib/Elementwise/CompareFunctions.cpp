// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A cone against a function with a name, at every finite bf16 number, beside
// each constant of the cone, and at numbers of f32 in between.
//
// Two values agree where their distance is one of three things: far below the
// last place of the type; what the rounding of the cone's own constants is
// worth; or what the cone's evaluation in f64 loses, as 1 + erf does in gelu's
// tail. The last two are found by moving constants and results at random and
// looking how far the value goes (Parker 1997, Monte Carlo arithmetic), so that
// no operation needs a rule of its own.

#include "KnownFunctions.h"
#include "act-mlir/Numerics/Formats.h"
#include "llvm/Support/Format.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::act;

/// How many times farther than in the trials the exact value may be.
static constexpr double kMargin = 4;

/// Every finite bf16 number and some of f32, in an order that comes soon to
/// all magnitudes.
static const std::vector<double> &samplePoints() {
  static const std::vector<double> points = [] {
    std::vector<double> result;
    for (uint64_t bits = 0; bits < 1 << 16; ++bits)
      result.push_back(numerics::decode(bits, numerics::Type::BF16));
    std::mt19937 random(1);
    for (int i = 0; i < 4096; ++i) {
      result.push_back(numerics::decode(random(), numerics::Type::F32));
      result.push_back(numerics::roundTo(double(random()) * 0x1p-27 - 16,
                                         numerics::Type::F32));
    }
    std::shuffle(result.begin(), result.end(), random);
    llvm::erase_if(result, [](double x) { return !std::isfinite(x); });
    return result;
  }();
  return points;
}

/// Numbers at which a constant may make the function turn.
static SmallVector<double> turningPoints(const Cone &cone) {
  SmallVector<double> points;
  for (const Cone::Constant &constant : cone.constants())
    for (double c : {constant.number, -constant.number, 1 / constant.number})
      for (double offset : {0.0, 0x1p-52, -0x1p-52, 0x1p-23, -0x1p-23, 0x1p-15,
                            -0x1p-15, 0x1p-8, -0x1p-8})
        if (std::isfinite(c))
          points.push_back(c * (1 + offset));
  return points;
}

static std::string specialValues(const Cone &cone, const NamedFunction &named) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const std::pair<const char *, double> inputs[] = {
      {"-inf", -kInf},
      {"-0", -0.0},
      {"+0", 0.0},
      {"+inf", kInf},
      {"nan", std::numeric_limits<double>::quiet_NaN()}};
  std::string text;
  llvm::raw_string_ostream os(text);
  for (auto [name, x] : inputs) {
    double before = cone.inProgram(x);
    double after = roundToElement(named(x, cone.type().isF64()), cone.type());
    bool same = std::isnan(before) || std::isnan(after)
                    ? std::isnan(before) && std::isnan(after)
                : before == 0 && after == 0
                    ? std::signbit(before) == std::signbit(after)
                    : before == after || std::fabs(before - after) <=
                                             0x1p-6 * std::fabs(after);
    if (same)
      continue;
    os << (text.empty() ? "" : ", ") << name << " gives "
       << llvm::format("%g instead of %g", after,
                       std::isnan(before) ? std::fabs(before) : before);
  }
  return text;
}

Comparison mlir::act::compare(const Cone &cone, const NamedFunction &named) {
  FloatType type = cone.type();
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  double largest = APFloat::getLargest(semantics).convertToDouble();
  // Below the smallest normal number of f32 results are given up.
  double tiny = type.isF64() ? 0x1p-1022 : 0x1p-126;
  double tolerance = std::ldexp(
      1.0,
      type.isF64() ? -44 : -5 - int(APFloat::semanticsPrecision(semantics)));
  for (const Cone::Constant &constant : cone.constants())
    if (constant.rounding)
      tolerance = std::max(tolerance,
                           8 * constant.rounding / std::fabs(constant.number));

  Comparison result;
  unsigned certain = 0, near = 0;
  auto agreeAt = [&](double x) {
    if (std::fabs(x) > largest || !cone.isFinite(x))
      return true;
    double y = cone(x), expected = named(x, type.isF64());
    double distance = std::fabs(y - expected);
    bool isCertain = distance <= tolerance * std::fabs(expected) + tiny;
    if (!isCertain) {
      double uncertainty = cone.uncertainty(x);
      if (!(distance <=
            tolerance * std::fabs(expected) + tiny + kMargin * uncertainty))
        return false;
      isCertain = uncertainty <= 0x1p-8 * std::fabs(expected);
    }
    if (std::fabs(x) >= 0x1p-6 && std::fabs(x) <= 8) {
      ++near;
      certain += isCertain;
    }
    if (isCertain && std::fabs(expected) > tiny &&
        distance > result.difference * std::fabs(expected)) {
      result.difference = distance / std::fabs(expected);
      result.at = x;
    }
    return true;
  };
  if (!llvm::all_of(turningPoints(cone), agreeAt) ||
      !llvm::all_of(samplePoints(), agreeAt))
    return result;
  // A function that is never certain is nothing one could recognize.
  result.agrees = 2 * certain >= near && near > 0;
  if (result.agrees)
    result.specials = specialValues(cone, named);
  return result;
}
