// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Registry.h"

#include <array>
#include <cmath>

using namespace mlir::act::numerics;

namespace {

constexpr Measurement kMeasurements[] = {
#define ACT_MEASURED(function, type, kernel, ulps, worst, misrounded,           \
                     operations, hash)                                         \
  {Function::function, Type::type, Kernel::kernel, ulps,                       \
   worst,              misrounded, operations,     hash},
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
  return kernel == Kernel::Core ? "f64-core" : "f64-pair";
}

const char *mlir::act::numerics::requirement(Kernel) {
  return "f64 with fused multiply-add";
}

const Measurement *mlir::act::numerics::measurement(Function function,
                                                    Type type, Kernel kernel) {
  static const Index index;
  return index.entries[Index::at(function, type, kernel)];
}

const Measurement *mlir::act::numerics::cheapest(Function function, Type type,
                                                 double ulps) {
  for (Kernel kernel : {Kernel::Core, Kernel::Wide})
    if (const Measurement *m = measurement(function, type, kernel))
      if (m->ulps <= ulps && (ulps > kCorrectlyRounded || m->misrounded == 0))
        return m;
  return nullptr;
}

const Measurement &mlir::act::numerics::best(Function function, Type type) {
  const Measurement *core = measurement(function, type, Kernel::Core);
  const Measurement *wide = measurement(function, type, Kernel::Wide);
  bool better = core && (!wide || (core->ulps <= wide->ulps &&
                                   core->misrounded <= wide->misrounded));
  return better ? *core : *wide;
}
