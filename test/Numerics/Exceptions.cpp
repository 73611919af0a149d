// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// act-sweep --exceptions: the table of 16-bit inputs for which a kernel in f32
// needs one.

#include "Exceptions.h"
#include "act-mlir/Numerics/Host.h"
#include "act-mlir/Numerics/Single.h"
#include <cstdio>
#include <string>

using namespace mlir::act::numerics;

static const char *enumerator(Function function) {
  switch (function) {
#define X(id, mnemonic, operands, ...)                                         \
  case Function::id:                                                           \
    return #id;
    ACT_ACTIVATIONS(X)
    ACT_MATH_FUNCTIONS(X)
#undef X
#define X(id, mnemonic, operands, ...)                                         \
  case Function::id##Grad:                                                     \
    return #id "Grad";
    ACT_ACTIVATIONS(X)
#undef X
  case Function::PreluSlopeGrad:
    return "PreluSlopeGrad";
  case Function::ClampOpenGrad:
    return "ClampOpenGrad";
  }
  return "";
}

/// The table of inputs of 16 bits for which a kernel in f32 needs one.
template <bool paired>
static void printTable(Function function, Type type) {
  const double *p = defaultParameters(function);
  std::string rows;
  unsigned count = 0;
  for (uint64_t bits = 0; bits < uint64_t(1) << format(type).width; ++bits) {
    double x = decode(bits, type);
    HostF32 arg{static_cast<float>(x)};
    double y =
        SingleKernels<HostF32, paired>(arg, type).value(function, p, &arg).v;
    double exact = evaluate(function, Kernel::Wide, type, p, &x);
    y = roundTo(y, type);
    exact = roundTo(exact, type);
    if (y == exact || exact != exact)
      continue;
    char row[160];
    std::snprintf(row, sizeof row, "ACT_EXCEPTION(%s, %s, %d, %af, %af)\n",
                  enumerator(function), type == Type::F16 ? "F16" : "BF16",
                  paired, x, exact);
    rows += row;
    ++count;
  }
  // More of them cost more than another kernel.
  if (count <= 12)
    std::printf("%s", rows.c_str());
}

void mlir::act::numerics::printExceptions() {
  std::printf("// Part of act-mlir, under the Apache License v2.0 with LLVM "
              "Exceptions.\n// SPDX-License-Identifier: Apache-2.0 WITH "
              "LLVM-exception\n\n// Written by act-sweep --exceptions.\n");
  for (unsigned f = 0; f < kNumFunctions; ++f) {
    Function function = static_cast<Function>(f);
    for (Type type : {Type::F16, Type::BF16}) {
      if (numOperands(function) > 1 ||
          !exists(function, Kernel::Plain, type, defaultParameters(function)))
        continue;
      printTable<false>(function, type);
      printTable<true>(function, type);
    }
  }
}
