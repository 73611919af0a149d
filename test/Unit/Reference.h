// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The functions by their definitions, in MPFR: what kernels are held against.

#ifndef ACT_TEST_UNIT_REFERENCE_H
#define ACT_TEST_UNIT_REFERENCE_H

#include "act-mlir/Numerics/Formats.h"
#include "act-mlir/Numerics/Functions.h"
#include <mpfr.h>

namespace mlir::act::numerics::test {

/// A number of 256 bits.
class Real {
public:
  Real() { mpfr_init2(v, 256); }
  Real(double x) : Real() { mpfr_set_d(v, x, MPFR_RNDN); }
  static Real decimal(const char *text) {
    Real r;
    mpfr_set_str(r.v, text, 10, MPFR_RNDN);
    return r;
  }
  Real(const Real &o) : Real() { mpfr_set(v, o.v, MPFR_RNDN); }
  Real &operator=(const Real &o) {
    mpfr_set(v, o.v, MPFR_RNDN);
    return *this;
  }
  ~Real() { mpfr_clear(v); }

  double toDouble() const { return mpfr_get_d(v, MPFR_RNDN); }
  bool isZero() const { return mpfr_zero_p(v); }
  bool isNegative() const { return mpfr_signbit(v); }

  mpfr_t v;
};

/// f(x), or dy f'(x), for finite operands.
Real reference(Function function, const double *parameters,
               const double *operands);

/// x rounded once, to nearest and ties to even.
double roundTo(const Real &x, const Format &format);

/// The distance of a result from the exact value in units of the format's last
/// place there; infinity counts as the first number out of range.
double ulpError(double result, const Real &exact, const Format &format);

} // namespace mlir::act::numerics::test

#endif // ACT_TEST_UNIT_REFERENCE_H
