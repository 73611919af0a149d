#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the kernels' polynomials, with interval and error beside each.

Chebyshev interpolation in 400-bit arithmetic, of the lowest degree that meets
the error asked for, then the monomial coefficients rounded. Kernels with an
f64 core take f64 coefficients. Kernels on pairs of f64 take pairs for the terms
that need them, and f64 for those below 2^-14 of the sum. The error is the
largest relative one over 2,001 points, of the rounded coefficients in exact
arithmetic. Needs mpmath.

    scripts/coefficients.py > include/act-mlir/Numerics/Coefficients.h
"""
import mpmath as mp

mp.mp.prec = 400

CORE_BITS = 35    # what the f64 core needs: 2^-9 ULP of f32, and some room
WIDE_BITS = 67    # what pairs need: 2^-13 ULP of f64
SMALL = 14        # bits below the sum from which f64 coefficients do


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


def grid(f, a, b):
    return [(x, f(x)) for x in
            (a + (b - a) * k / 2000 for k in range(2001))]


def bits(coefficients, points):
    """The largest relative error, as a binary logarithm."""
    return mp.log(max(abs(mp.polyval(coefficients[::-1], x) / y - 1)
                      for x, y in points), 2)


def round_core(poly, points):
    return [mp.mpf(float(v)) for v in poly]


def round_wide(poly, points):
    """Pairs for the leading terms, f64 for the others."""
    high = [mp.mpf(float(v)) for v in poly]
    low = [mp.mpf(float(v - h)) for v, h in zip(poly, high)]
    rest = [mp.mpf(0)] * len(points)
    pairs = len(poly)
    while pairs > 0:
        term = pairs - 1
        rest = [r + abs(poly[term] * x ** term / y)
                for r, (x, y) in zip(rest, points)]
        if max(rest) > mp.mpf(2) ** -SMALL:
            break
        low[term] = mp.mpf(0)
        pairs -= 1
    return [h + l for h, l in zip(high, low)], high, low[:pairs]


def search(f, a, b, wanted, rounded):
    """The lowest degree whose rounded coefficients meet the error."""
    points = grid(f, a, b)
    for degree in range(2, 60):
        poly = interpolate(f, a, b, degree)
        if bits(poly, points[::50]) > -wanted:
            continue
        coefficients = rounded(poly, points)
        exact = coefficients[0] if rounded is round_wide else coefficients
        error = bits(exact, points)
        if error <= -wanted:
            return coefficients, error
    raise SystemExit("no degree below 60 is enough")


def numbers(values):
    for value in values:
        print(f"    {float(value)!r},")


def heading(text, a, b, error):
    print(f"\n/// {text},")
    print(f"/// on [{mp.nstr(a, 6)}, {mp.nstr(b, 6)}], "
          f"relative error 2^{mp.nstr(error, 4)}.")


def core(name, text, f, a, b):
    a, b = mp.mpf(a), mp.mpf(b)
    coefficients, error = search(f, a, b, CORE_BITS, round_core)
    heading(text, a, b, error)
    print(f"inline constexpr double k{name}[] = {{")
    numbers(coefficients)
    print("};")


def wide(name, text, f, a, b):
    a, b = mp.mpf(a), mp.mpf(b)
    (_, high, low), error = search(f, a, b, WIDE_BITS, round_wide)
    heading(text, a, b, error)
    print(f"inline constexpr WidePolynomial<{len(high)}, {len(low)}> "
          f"k{name}Wide = {{{{")
    numbers(high)
    print("}, {")
    numbers(low)
    print("}};")


def both(*row):
    core(*row)
    wide(*row)


def expm1_ratio(r):
    return mp.expm1(r) / r if r else mp.mpf(1)


def exp2m1_ratio(r):
    return mp.expm1(r * mp.log(2)) / r if r else mp.log(2)


def log1p_ratio(e):
    return mp.log1p(e) / e if e else mp.mpf(1)


def atanh_rest(z):
    """(2 atanh s - 2 s) / s^3 for s^2 = z."""
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / (s * z) if z else mp.mpf(2) / 3


def tail(k):
    """exp(u^2 / 2) Phi(-u) as a function of t = (u - k) / (u + k)."""
    def f(t):
        u = k * (1 + t) / (1 - t)
        return mp.exp(u * u / 2) * mp.erfc(u / mp.sqrt(2)) / 2
    return f


def tail_end(k, u):
    return (mp.mpf(u) - k) / (mp.mpf(u) + k)


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
    return mp.erfc(-x / mp.sqrt(2)) / 2 + x * mp.npdf(x)


def gelu_tanh_derivative(x):
    k, c = 2 * mp.sqrt(2 / mp.pi), mp.mpf("0.044715")
    s = sigmoid(k * (x + c * x ** 3))
    return s * (1 + x * k * (1 + 3 * c * x * x) * (1 - s))


def around(f, root):
    # At the root itself: the slope from a step far below the precision shown.
    def ratio(d):
        d = d or mp.mpf(2) ** -130
        return f(root + d) / d
    return ratio


HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.0001")
HALF = mp.mpf("0.5001")
LOW, HIGH = mp.sqrt(mp.mpf(1) / 2) - 1, mp.sqrt(2) - 1

CONSTANTS = [
    ("Ln2", "ln 2", mp.log(2)),
    ("Log2E", "1 / ln 2", 1 / mp.log(2)),
    ("Log10E", "1 / ln 10", 1 / mp.log(10)),
    ("Log10Of2", "ln 2 / ln 10", mp.log(2) / mp.log(10)),
    ("Sqrt2", "sqrt(2)", mp.sqrt(2)),
    ("Density0", "1 / sqrt(2 pi)", 1 / mp.sqrt(2 * mp.pi)),
    ("Sixth", "1 / 6", mp.mpf(1) / 6),
    ("GeluTanhSlope", "2 sqrt(2 / pi)", 2 * mp.sqrt(2 / mp.pi)),
    ("GeluTanhCubic", "0.044715", mp.mpf("0.044715")),
    ("GeluTanhCubic3", "3 * 0.044715", 3 * mp.mpf("0.044715")),
]

# Where a derivative crosses zero its kernel cancels; near the root it is
# (x - root) P(x - root), |x - root| <= 1/8.
ROOTS = [
    ("SiluGrad", "silu'", silu_derivative, -1.278),
    ("MishGrad", "mish'", mish_derivative, -1.192),
    ("GeluGrad", "gelu'", gelu_derivative, -0.7518),
    ("GeluTanhGrad", "gelu_tanh'", gelu_tanh_derivative, -0.7525),
]


def main():
    print("""// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Written by scripts/coefficients.py; change that, not this.

#ifndef ACT_MLIR_NUMERICS_COEFFICIENTS_H
#define ACT_MLIR_NUMERICS_COEFFICIENTS_H

namespace mlir::act::numerics {

/// The number high + low.
struct Constant {
  double high, low;
};
constexpr Constant operator-(Constant x) { return {-x.high, -x.low}; }

/// Coefficients, lowest first: high + low for the first terms, then high.
template <int size, int pairs>
struct WidePolynomial {
  double high[size];
  double low[pairs];
};

// clang-format off
""")
    for name, text, value in CONSTANTS:
        high = float(value)
        print(f"inline constexpr Constant k{name} = {{ // {text}")
        print(f"    {high!r}, {float(value - high)!r}}};")
    both("Exp", "(exp r - 1) / r", expm1_ratio, -HALF_LN2, HALF_LN2)
    core("Exp2", "(2^r - 1) / r", exp2m1_ratio, -HALF, HALF)
    core("Log1p", "log1p(e) / e", log1p_ratio, 0, 1)
    core("Log", "log1p(f) / f", log1p_ratio, LOW, HIGH)
    core("Log2", "log2(1 + f) / f", lambda f: log1p_ratio(f) / mp.log(2),
         LOW, HIGH)
    core("Log10", "log10(1 + f) / f", lambda f: log1p_ratio(f) / mp.log(10),
         LOW, HIGH)
    wide("Atanh", "(2 atanh s - 2 s) / s^3, in z = s^2", atanh_rest, 0,
         (HIGH / (2 + HIGH)) ** 2 * mp.mpf("1.0001"))
    tails = "exp(u^2 / 2) Phi(-u), u in [0, {1}], in t = (u - {0}) / (u + {0})"
    core("Tail", tails.format(3.5, 15), tail(mp.mpf(3.5)), -1,
         tail_end(3.5, 15))
    core("TailGrad", tails.format(4, 20), tail(mp.mpf(4)), -1, tail_end(4, 20))
    wide("Tail", tails.format(5, 56), tail(mp.mpf(5)), -1, tail_end(5, 56))
    both("TanhShrink", "(x - tanh x) / x^3, |x| <= 0.6, in z = x^2", tanh_rest,
         0, mp.mpf("0.36"))
    both("Erf", "erf(x) / x, |x| <= 0.5, in z = x^2", erf_ratio, 0,
         mp.mpf("0.25"))
    for name, text, f, start in ROOTS:
        root = mp.findroot(f, start)
        parts = []
        for _ in range(3):
            parts.append(float(root - sum(map(mp.mpf, parts))))
        print(f"\n/// The root of {text}, as a sum.")
        print(f"inline constexpr double k{name}Root[3] = {{")
        numbers(parts)
        print("};")
        both(name, f"{text}(root + d) / d", around(f, root), -0.125, 0.125)
    print("\n// clang-format on\n\n} // namespace mlir::act::numerics\n")
    print("#endif // ACT_MLIR_NUMERICS_COEFFICIENTS_H")


if __name__ == "__main__":
    main()
