// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Registry.h"

#include <array>
#include <cmath>

using namespace mlir::act::numerics;

namespace {

constexpr Measurement kMeasurements[] = {
// clang-format off
#define ACT_MEASURED(function, type, kernel, ulps, worst, other, inputs,       \
                     misrounded, operations, hash)                             \
  {Function::function, Type::type, Kernel::kernel, ulps, worst, other, inputs, \
   misrounded, operations, hash},
// clang-format on
#include "Measurements.inc"
#undef ACT_MEASURED
};

struct Index {
  std::array<const Measurement *, kNumFunctions * kNumTypes * kNumKernels>
      entries{};
  static unsigned at(Function function, Type type, Kernel kernel) {
    return (static_cast<unsigned>(function) * kNumTypes +
            static_cast<unsigned>(type)) *
               kNumKernels +
           static_cast<unsigned>(kernel);
  }
  Index() {
    for (const Measurement &m : kMeasurements)
      entries[at(m.function, m.type, m.kernel)] = &m;
  }
};

} // namespace

const char *mlir::act::numerics::name(Kernel kernel) {
  static const char *const names[] = {"f32", "f32-plain", "f32-pair",
                                      "f64-core", "f64-pair"};
  return names[static_cast<unsigned>(kernel)];
}

const char *mlir::act::numerics::requirement(Kernel kernel) {
  return kernel == Kernel::Native ? "f32"
         : isSingle(kernel)       ? "f32 with fused multiply-add"
                                  : "f64 with fused multiply-add";
}

bool mlir::act::numerics::hasNative(Function function, Type type,
                                    const double *parameters) {
  if (type != Type::F32 && type != Type::F16 && type != Type::BF16)
    return false;
  for (unsigned i = 0; i < numParameters(function); ++i)
    if (roundTo(parameters[i], type) != parameters[i])
      return false;
  switch (function) {
  case Function::Relu:
  case Function::Clamp:
  case Function::Threshold:
  case Function::HardShrink:
  case Function::ReluGrad:
  case Function::ClampGrad:
  case Function::ClampOpenGrad:
  case Function::ThresholdGrad:
  case Function::HardShrinkGrad:
  case Function::SoftShrinkGrad:
    return true;
  case Function::LeakyRelu:
  case Function::LeakyReluGrad:
  case Function::Prelu:
  case Function::PreluGrad:
  case Function::PreluSlopeGrad:
  case Function::ReluSquared:
  case Function::SoftShrink:
  case Function::SparseSigmoid:
  case Function::SparseSigmoidGrad:
    return type == Type::F32;
  default:
    return false;
  }
}

/// The functions with kernels in f32, and the parameters that they take.
static bool hasSingle(Function function, Kernel kernel, Type type,
                      const double *p) {
  auto moderate = [](double x) {
    return std::fabs(x) >= 0x1p-10 && std::fabs(x) <= 0x1p10;
  };
  // Whose kernels' results are tried with other parameters, on all inputs.
  bool narrow = format(type).width < 32, plain = kernel == Kernel::Plain;
  switch (function) {
  case Function::HardSwish:
  case Function::Softsign:
    return true;
  case Function::HardSigmoid:
    return (p[0] == 1.0 / 6 && p[1] == 0.5) || (plain && narrow);
  case Function::LeakyRelu:
    return plain && (narrow || moderate(p[0]));
  case Function::Prelu:
  case Function::ReluSquared:
  case Function::SoftShrink:
    return plain && narrow;
  case Function::Sigmoid:
  case Function::LogSigmoid:
  case Function::Tanh:
  case Function::Gelu:
  case Function::GeluTanh:
  case Function::Mish:
  case Function::Exp:
  case Function::Expm1:
  case Function::Log:
  case Function::Log1p:
  case Function::Erf:
    return true;
  case Function::SigmoidGrad:
  case Function::LogSigmoidGrad:
  case Function::TanhGrad:
    return plain;
  case Function::GeluGrad:
    return true;
  case Function::SiluGrad:
  case Function::SoftplusGrad:
  case Function::EluGrad:
    return plain && p[0] == 1;
  case Function::Silu:
    return moderate(p[0]);
  case Function::Elu:
    return p[0] > 0 && moderate(p[0]);
  case Function::Selu:
    return p[0] > 0 && moderate(p[0]) && p[1] >= 1 && p[1] < 1.125;
  case Function::Celu:
  case Function::Softplus:
    return p[0] == 1;
  default:
    return false;
  }
}

bool mlir::act::numerics::exists(Function function, Kernel kernel, Type type,
                                 const double *parameters) {
  switch (kernel) {
  case Kernel::Native:
    return hasNative(function, type, parameters);
  case Kernel::Plain:
  case Kernel::Paired:
    return type != Type::F64 && hasSingle(function, kernel, type, parameters);
  default:
    return true;
  }
}

const Measurement *mlir::act::numerics::measurement(Function function,
                                                    Type type, Kernel kernel) {
  static const Index index;
  return index.entries[Index::at(function, type, kernel)];
}

/// Results are correctly rounded where none of all is not; those that are
/// rounded once, or from pairs of f64, whose own error hardly ever decides,
/// also where a sample says so.
static bool correctlyRounds(const Measurement &m) {
  bool all = numOperands(m.function) == 1 && m.type != Type::F64 &&
             m.inputs >> format(m.type).width;
  return m.misrounded == 0 &&
         (all || m.kernel == Kernel::Native || m.kernel == Kernel::Wide);
}

const char *mlir::act::numerics::name(Mode mode) {
  static const char *const names[] = {"highest", "precise", "fast"};
  return names[static_cast<unsigned>(mode)];
}

std::optional<double> mlir::act::numerics::bound(Mode mode, Function function,
                                                 Type type) {
  bool one = numOperands(function) == 1, narrow = format(type).width < 32;
  if (type == Type::F64)
    return mode == Mode::Highest ? std::nullopt : std::optional<double>(2);
  switch (mode) {
  case Mode::Highest:
    return one ? kCorrectlyRounded : 0.51;
  case Mode::Precise:
    return !narrow ? 1 : one ? kCorrectlyRounded : 0.51;
  case Mode::Fast:
    return !narrow ? 4 : one ? kCorrectlyRounded : 1;
  }
  return std::nullopt;
}

const Measurement *mlir::act::numerics::cheapest(Function function, Type type,
                                                 double ulps,
                                                 const double *parameters) {
  if (!parameters)
    parameters = defaultParameters(function);
  const Measurement *cheapest = nullptr;
  unsigned least = 0;
  for (unsigned k = 0; k < kNumKernels; ++k) {
    Kernel kernel = static_cast<Kernel>(k);
    const Measurement *m = measurement(function, type, kernel);
    if (!m || !exists(function, kernel, type, parameters) || m->ulps > ulps ||
        (ulps <= kCorrectlyRounded && !correctlyRounds(*m)))
      continue;
    unsigned steps = cost(*m);
    if (cheapest && steps >= least)
      continue;
    cheapest = m;
    least = steps;
  }
  return cheapest;
}

const Measurement &mlir::act::numerics::best(Function function, Type type) {
  const Measurement *best = nullptr;
  for (unsigned k = 0; k < kNumKernels; ++k)
    if (const Measurement *m =
            measurement(function, type, static_cast<Kernel>(k)))
      if (!best || m->ulps < best->ulps ||
          (!correctlyRounds(*best) && correctlyRounds(*m)))
        best = m;
  return *best;
}
