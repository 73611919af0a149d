#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the polynomials of the f64-core kernels, with interval and error.

Chebyshev interpolation in 400-bit arithmetic, then the monomial coefficients
rounded to f64. The error is the largest relative one over 2,001 points, of the
rounded coefficients in exact arithmetic. Needs mpmath.

    scripts/coefficients.py > include/act-mlir/Numerics/Coefficients.h
"""
import mpmath as mp

mp.mp.prec = 400


def interpolate(f, a, b, degree):
    """Coefficients, lowest first, of the interpolation at Chebyshev's nodes."""
    n = degree + 1
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
    return poly


def relative_error(f, coefficients, a, b):
    points = [a + (b - a) * k / 2000 for k in range(2001)]
    return max(abs(mp.polyval(coefficients[::-1], x) / f(x) - 1)
               for x in points)


def expm1_ratio(r):
    return mp.expm1(r) / r if r else mp.mpf(1)


def exp2m1_ratio(r):
    return mp.expm1(r * mp.log(2)) / r if r else mp.log(2)


def log1p_ratio(e):
    return mp.log1p(e) / e if e else mp.mpf(1)


def log2_ratio(e):
    return log1p_ratio(e) / mp.log(2)


def log10_ratio(e):
    return log1p_ratio(e) / mp.log(10)


def tail(k):
    """exp(u^2 / 2) Phi(-u) as a function of t = (u - k) / (u + k)."""
    def f(t):
        u = k * (1 + t) / (1 - t)
        return mp.exp(u * u / 2) * mp.erfc(u / mp.sqrt(2)) / 2
    return f


def tanh_rest(z):
    x = mp.sqrt(z)
    return (x - mp.tanh(x)) / (x * z) if z else mp.mpf(1) / 3


def erf_ratio(z):
    x = mp.sqrt(z)
    return mp.erf(x) / x if z else 2 / mp.sqrt(mp.pi)


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def silu_derivative(x):
    s = sigmoid(x)
    return s * (1 + x * (1 - s))


def mish_derivative(x):
    e = mp.exp(x)
    w = 4 * (x + 1) + e * (4 * x + 6 + e * (4 + e))
    return e * w / (e * e + 2 * e + 2) ** 2


def gelu_derivative(x):
    return mp.ncdf(x) + x * mp.npdf(x)


def gelu_tanh_derivative(x):
    k, c = 2 * mp.sqrt(2 / mp.pi), mp.mpf(0.044715)
    s = sigmoid(k * (x + c * x ** 3))
    return s * (1 + x * k * (1 + 3 * c * x * x) * (1 - s))


HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.0001")
HALF = mp.mpf("0.5001")
LOW, HIGH = mp.sqrt(mp.mpf(1) / 2) - 1, mp.sqrt(2) - 1


def tail_end(k, u):
    return (mp.mpf(u) - k) / (mp.mpf(u) + k)


TABLE = [
    ("kExp", "(exp r - 1) / r", expm1_ratio, -HALF_LN2, HALF_LN2, 6),
    ("kExpm1", "(exp r - 1) / r", expm1_ratio, -HALF_LN2, HALF_LN2, 7),
    ("kExp2", "(2^r - 1) / r", exp2m1_ratio, -HALF, HALF, 6),
    ("kLog1p", "log1p(e) / e", log1p_ratio, 0, 1, 11),
    ("kLog", "log1p(f) / f", log1p_ratio, LOW, HIGH, 12),
    ("kLog2", "log2(1 + f) / f", log2_ratio, LOW, HIGH, 12),
    ("kLog10", "log10(1 + f) / f", log10_ratio, LOW, HIGH, 12),
    ("kTail", "exp(u^2 / 2) Phi(-u), u in [0, 15], in t = (u - 3.5) / (u + 3.5)",
     tail(mp.mpf(3.5)), -1, tail_end(3.5, 15), 12),
    ("kTailGrad", "exp(u^2 / 2) Phi(-u), u in [0, 20], in t = (u - 4) / (u + 4)",
     tail(mp.mpf(4)), -1, tail_end(4, 20), 15),
    ("kTanhShrink", "(x - tanh x) / x^3, |x| <= 0.6, in z = x^2",
     tanh_rest, 0, mp.mpf("0.36"), 6),
    ("kErf", "erf(x) / x, |x| <= 0.5, in z = x^2", erf_ratio, 0,
     mp.mpf("0.25"), 5),
]

# Where a derivative crosses zero its kernel cancels; near the root it is
# (x - root) P(x - root), |x - root| <= 1/8.
ROOTS = [
    ("SiluGrad", "silu'", silu_derivative, -1.278),
    ("MishGrad", "mish'", mish_derivative, -1.192),
    ("GeluGrad", "gelu'", gelu_derivative, -0.7518),
    ("GeluTanhGrad", "gelu_tanh'", gelu_tanh_derivative, -0.7525),
]


def array(name, text, f, a, b, degree):
    a, b = mp.mpf(a), mp.mpf(b)
    coefficients = [float(v) for v in interpolate(f, a, b, degree)]
    error = mp.log(relative_error(f, coefficients, a, b), 2)
    print(f"\n/// {text}, on [{mp.nstr(a, 6)}, {mp.nstr(b, 6)}],")
    print(f"/// relative error 2^{mp.nstr(error, 4)}.")
    print(f"inline constexpr double {name}[] = {{")
    for value in coefficients:
        print(f"    {value!r},")
    print("};")


def main():
    print("""// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Written by scripts/coefficients.py; change that, not this.

#ifndef ACT_MLIR_NUMERICS_COEFFICIENTS_H
#define ACT_MLIR_NUMERICS_COEFFICIENTS_H

namespace mlir::act::numerics {""")
    for row in TABLE:
        array(*row)
    for name, text, f, start in ROOTS:
        root = mp.findroot(f, start)
        high = float(root)
        print(f"\n/// The root of {text}: high and low part.")
        print(f"inline constexpr double k{name}Root[] = "
              f"{{{high!r}, {float(root - high)!r}}};")
        array(f"k{name}", f"{text}(root + d) / d",
              lambda d: f(root + d) / d if d else mp.diff(f, root),
              -0.125, 0.125, 7)
    print("\n} // namespace mlir::act::numerics\n")
    print("#endif // ACT_MLIR_NUMERICS_COEFFICIENTS_H")


if __name__ == "__main__":
    main()
