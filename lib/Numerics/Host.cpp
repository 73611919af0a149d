// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Kernels.h"
#include "act-mlir/Numerics/Single.h"
#include "act-mlir/Numerics/Wide.h"

using namespace mlir::act::numerics;

template <class N>
static double evaluatePlain(Function function, bool breakTies,
                            const double *parameters, const double *operands) {
  N args[3];
  for (unsigned i = 0; i < numOperands(function); ++i)
    args[i].v = operands[i];
  return Kernels<N>(args[0], breakTies).evaluate(function, parameters, args).v;
}

double mlir::act::numerics::evaluate(Function function, Kernel kernel,
                                     Type type, const double *parameters,
                                     const double *operands) {
  if (kernel == Kernel::Native)
    return evaluatePlain<HostF32>(function, false, parameters, operands);
  if (isSingle(kernel)) {
    HostF32 args[3];
    for (unsigned i = 0; i < numOperands(function); ++i)
      args[i].v = static_cast<float>(operands[i]);
    return kernel == Kernel::Plain
               ? SingleKernels<HostF32, false>(args[0], type)
                     .evaluate(function, parameters, args)
                     .v
               : SingleKernels<HostF32, true>(args[0], type)
                     .evaluate(function, parameters, args)
                     .v;
  }
  if (kernel == Kernel::Core)
    return evaluatePlain<HostF64>(function, breaksTies(type), parameters,
                                  operands);
  HostF64 args[3];
  for (unsigned i = 0; i < numOperands(function); ++i)
    args[i].v = operands[i];
  DoubleDouble<HostF64> y = evaluateWide(function, parameters, args);
  return type == Type::F64 ? y.high.v : roundToOdd(y).v;
}

double mlir::act::numerics::evaluate(Function function,
                                     const double *parameters,
                                     const double *operands) {
  const Measurement *kernel = cheapest(function, Type::F64, 2);
  return evaluate(function, kernel->kernel, Type::F64, parameters, operands);
}

bool mlir::act::numerics::agreeOnAllInputs(Function function, Kernel kernel,
                                           Type type,
                                           const double *parameters) {
  for (uint64_t bits = 0; bits < uint64_t(1) << format(type).width; ++bits) {
    double x = decode(bits, type);
    double y = evaluate(function, kernel, type, parameters, &x);
    double wide = evaluate(function, Kernel::Wide, type, parameters, &x);
    y = roundTo(y, type);
    wide = roundTo(wide, type);
    bool same = y == wide && std::signbit(y) == std::signbit(wide);
    if (!same && (y == y || wide == wide))
      return false;
  }
  return true;
}
