#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the polynomials of the kernels, with interval and error beside them.

Chebyshev interpolation in 400-bit arithmetic, then the monomial coefficients
rounded to f64. The error is the largest relative one over 2,001 points, of the
rounded coefficients in exact arithmetic.

    scripts/coefficients.py > include/act-mlir/Numerics/Coefficients.h
"""
import mpmath as mp

mp.mp.prec = 400


def fit(f, a, b, degree):
    n = degree + 1
    a, b = mp.mpf(a), mp.mpf(b)
    xs = [(a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * n))
          for k in range(n)]
    table = [f(x) for x in xs]
    for j in range(1, n):
        for i in range(n - 1, j - 1, -1):
            table[i] = (table[i] - table[i - 1]) / (xs[i] - xs[i - j])
    poly = [table[-1]]
    for i in range(n - 2, -1, -1):
        longer = [mp.mpf(0)] * (len(poly) + 1)
        for k, v in enumerate(poly):
            longer[k + 1] += v
            longer[k] -= v * xs[i]
        longer[0] += table[i]
        poly = longer
    coefficients = [float(v) for v in poly]
    points = [a + (b - a) * k / 2000 for k in range(2001)]
    error = max(abs(mp.polyval(coefficients[::-1], x) / f(x) - 1)
                for x in points if f(x) != 0)
    return coefficients, error


def exp_ratio(r):
    return mp.expm1(r) / r if r else mp.mpf(1)


def log1p_ratio(e):
    return mp.log1p(e) / e if e else mp.mpf(1)


def atanh_rest(z):
    # 2 atanh(s) = 2 s + s z R(z), z = s^2
    if z == 0:
        return mp.mpf(2) / 3
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / (s * z)


def tail(t):
    u = 3 * (1 + t) / (1 - t)
    return mp.exp(u * u / 2) * mp.erfc(u / mp.sqrt(2)) / 2


def tanh_rest(z):
    if z == 0:
        return mp.mpf(1) / 3
    x = mp.sqrt(z)
    return (x - mp.tanh(x)) / (x * z)


def erf_ratio(z):
    if z == 0:
        return 2 / mp.sqrt(mp.pi)
    x = mp.sqrt(z)
    return mp.erf(x) / x


HALF = mp.log(2) / 2 * mp.mpf("1.0001")
TABLE = [
    ("kExp", "exp r", mp.exp, -HALF, HALF, 9),
    ("kExpm1", "(exp r - 1) / r", exp_ratio, -HALF, HALF, 9),
    ("kLog1p", "log1p(e) / e", log1p_ratio, 0, 1, 16),
    ("kAtanh", "(2 atanh s - 2 s) / s^3 in z = s^2", atanh_rest, 0,
     mp.mpf("0.02944"), 6),
    ("kPhi", "Phi(-u) exp(u^2 / 2) in t = (u - 3) / (u + 3)", tail, -1,
     mp.mpf(33) / 39, 20),
    ("kTanhShrink", "(x - tanh x) / x^3 in z = x^2", tanh_rest, 0,
     mp.mpf("0.5"), 11),
    ("kErf", "erf(x) / x in z = x^2", erf_ratio, 0, 1, 12),
]

print("""// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Written by scripts/coefficients.py; change that, not this.

#ifndef ACT_MLIR_NUMERICS_COEFFICIENTS_H
#define ACT_MLIR_NUMERICS_COEFFICIENTS_H

namespace mlir::act::numerics {""")
for name, what, f, a, b, degree in TABLE:
    values, error = fit(f, a, b, degree)
    print(f"\n/// {what} on [{mp.nstr(mp.mpf(a), 6)}, {mp.nstr(mp.mpf(b), 6)}], "
          f"relative error 2^{mp.nstr(mp.log(error, 2), 4)}.")
    print(f"inline constexpr double {name}[] = {{")
    for value in values:
        print(f"    {value!r},")
    print("};")
print("""
} // namespace mlir::act::numerics

#endif // ACT_MLIR_NUMERICS_COEFFICIENTS_H""")
