// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Registry.h"

#include <array>
#include <cmath>

using namespace mlir::act::numerics;

namespace {

constexpr Measurement kMeasurements[] = {
// clang-format off
#define ACT_MEASURED(function, type, kernel, ulps, worst, misrounded, all,     \
                     operations, hash)                                         \
  {Function::function, Type::type, Kernel::kernel, ulps, worst, misrounded,    \
   all, operations, hash},
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
  static const char *const names[] = {"f32", "f64-core", "f64-pair"};
  return names[static_cast<unsigned>(kernel)];
}

const char *mlir::act::numerics::requirement(Kernel kernel) {
  return kernel == Kernel::Native ? "f32" : "f64 with fused multiply-add";
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

const Measurement *mlir::act::numerics::measurement(Function function,
                                                    Type type, Kernel kernel) {
  static const Index index;
  return index.entries[Index::at(function, type, kernel)];
}

/// The core's results are correctly rounded where none of all is not; those of
/// pairs also where a sample says so, since they are correct to 2^-60.
static bool correctlyRounds(const Measurement &m) {
  return m.misrounded == 0 && (m.all || m.kernel != Kernel::Core);
}

const Measurement *mlir::act::numerics::cheapest(Function function, Type type,
                                                 double ulps, Kernel least) {
  for (unsigned k = static_cast<unsigned>(least); k < kNumKernels; ++k)
    if (const Measurement *m =
            measurement(function, type, static_cast<Kernel>(k)))
      if (m->ulps <= ulps && (ulps > kCorrectlyRounded || correctlyRounds(*m)))
        return m;
  return nullptr;
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
