#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the polynomials of the kernels in f32.

Lawson's iteration, weighted so that the largest error is as small as it gets.
The lowest coefficient is rounded to f32, the others are fitted again around it,
and so on: what one coefficient loses the next ones make up for. The error shown
is the largest one at 120 Chebyshev nodes, of the rounded coefficients. Needs
mpmath and NumPy.

    scripts/single_coefficients.py > include/act-mlir/Numerics/SingleCoefficients.h
"""
import mpmath as mp
import numpy as np

mp.mp.prec = 160
NODES = 120


def f32(x):
    if x == 0:
        return mp.mpf(0)
    m, e = mp.frexp(x)
    return mp.ldexp(mp.nint(mp.ldexp(m, 24)), e - 24)


def lawson(xs, ys, weights, first, count):
    """c[first] x^first + ..., `count` terms, with the least largest error."""
    scale = np.max(np.abs(xs))
    a = np.stack([(xs / scale) ** (first + j) for j in range(count)], 1)
    more = np.ones(len(xs))
    best, least = None, None
    for _ in range(40):
        w = weights * np.sqrt(more)
        c, *_ = np.linalg.lstsq(a * w[:, None], ys * w, rcond=None)
        error = np.abs((a @ c - ys) * weights)
        if least is None or error.max() < least:
            best, least = c, error.max()
        more = more * (error / error.max() + 1e-3)
        more /= more.sum()
    return [best[j] / scale ** (first + j) for j in range(count)]


def fit(f, scale, a, b, first, count, exact=0):
    """f as a polynomial from x^first on; errors are relative to `scale`. The
    first `exact` coefficients keep f64's bits."""
    a, b = mp.mpf(a), mp.mpf(b)
    xs = [(a + b) / 2 - (b - a) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * NODES))
          for i in range(NODES)]
    ys = [f(x) for x in xs]
    weights = np.array([float(1 / abs(scale(x))) for x in xs])
    points = np.array([float(x) for x in xs])
    done = []

    def rest():
        return [y - sum(c * x ** (first + i) for i, c in enumerate(done))
                for x, y in zip(xs, ys)]

    for j in range(count):
        left = np.array([float(v) for v in rest()])
        c = lawson(points, left, weights, first + j, count - j)[0]
        done.append(mp.mpf(float(c)) if j < exact else f32(mp.mpf(float(c))))
    error = max(abs(v / scale(x)) for x, v in zip(xs, rest()))
    return done, error, (a, b)


def show(name, text, fitted, ahead=()):
    coefficients, error, (a, b) = fitted
    print(f"\n/// {text},")
    print(f"/// on [{mp.nstr(a, 5)}, {mp.nstr(b, 5)}], "
          f"error 2^{mp.nstr(mp.log(error, 2), 4)}.")
    print(f"inline constexpr double kSingle{name}[] = {{")
    for c in list(ahead) + coefficients:
        print(f"    {float(c)!r},")
    print("};")


def constants(name, text, values):
    print(f"/// {text}.")
    size = f"[{len(values)}]" if len(values) > 1 else ""
    numbers = ", ".join(f"{float(v)!r}" for v in values)
    print(f"inline constexpr double {name}{size} = "
          + (f"{{\n    {numbers}}};" if size else f"{numbers};"))


def split(x, bits):
    """x as a number of few bits after the point, and the rest."""
    high = mp.floor(x * 2 ** bits) / mp.mpf(2) ** bits
    return high, x - high


def seed():
    """s and t with which s^2 + ... : d y ((s - d y)^2 + t) is next to 1 for the
    seed y = bits of 0x7ef34000 - d."""
    d = np.linspace(1, 2, 4001)[:-1].astype(np.float32)
    y = (np.uint32(0x7ef34000) - d.view(np.uint32)).view(np.float32)
    z = d.astype(np.float64) * y.astype(np.float64)
    more, least, best = np.ones(len(z)), 9, None
    a = np.stack([z ** 2, z], 1)
    for _ in range(30):
        w = np.sqrt(more)
        c, *_ = np.linalg.lstsq(a * w[:, None], (1 - z ** 3) * w, rcond=None)
        error = np.abs(a @ c - (1 - z ** 3))
        if error.max() < least:
            least, best = error.max(), c
        more = more * (error / error.max() + 1e-3)
        more /= more.sum()
    s = -best[0] / 2
    return s, best[1] - s * s


LN2 = mp.log(2)
SLOPE = mp.mpf("2.15625")
HALF = LN2 / 2 * mp.mpf("1.0005")
LOW, HIGH = mp.sqrt(mp.mpf(1) / 2) - 1, mp.sqrt(2) - 1
exp, log1p = mp.exp, mp.log1p


def exp2(x):
    return mp.mpf(2) ** x


def rational(points, values, weights, m, n, exact=0):
    """values as P / Q, of degrees m and n, Q(0) = 1. P - values Q is linear in
    the coefficients: its least largest error is found again and again, divided
    by the last Q; then both are rounded, and changed in their last bits as long
    as that helps. The first `exact` coefficients of P keep f64's bits."""
    scale, count = 2.0, len(points)
    z = points / scale
    top = np.stack([z ** j for j in range(m + 1)], 1)
    bottom = np.stack([z ** j for j in range(1, n + 1)], 1)
    q, more, least = np.ones(count), np.ones(count), np.inf
    for _ in range(300):
        w = weights * np.sqrt(more) / q
        a = np.concatenate([top, -values[:, None] * bottom], 1) * w[:, None]
        size = np.linalg.norm(a, axis=0)
        c = np.linalg.lstsq(a / size, values * w, rcond=1e-18)[0] / size
        q = np.maximum(1 + bottom @ c[m + 1:], 0.5)
        error = np.abs(weights * (values - top @ c[:m + 1] / q))
        if error.max() < least:
            least, best = error.max(), c
        more = more * (error / error.max() + 1e-3)
        more /= more.sum()
    powers = list(range(m + 1)) + list(range(1, n + 1))
    best = best / scale ** np.array(powers)
    kept, best = best[:exact], best.astype(np.float32)

    def largest(c):
        c = np.append(kept, c[exact:])
        p = np.polyval(c[m::-1], points)
        q = np.polyval(np.append(c[:m:-1], 1), points)
        return np.abs(weights * (values - p / q)).max()
    random, least = np.random.default_rng(1), largest(best)
    for _ in range(20000):
        c = best.copy()
        for i in exact + random.choice(len(c) - exact, random.integers(1, 5),
                                       replace=False):
            step = np.int32(random.integers(-9, 10))
            c[i] = (c[i:i + 1].view(np.int32) + step).view(np.float32)[0]
        if largest(c) < least:
            least, best = largest(c), c
    c = np.append(kept, best[exact:])
    return list(c[:m + 1]), [1.0] + list(c[m + 1:]), least


def points_to(end):
    """From zero on, closer to each other where functions change more."""
    ends = [(u - 2) / (u + 2) for u in (1e-6, end)]
    t = (ends[0] + ends[1]) / 2 - (ends[1] - ends[0]) / 2 * np.cos(
        np.pi * (2 * np.arange(500) + 1) / 1000)
    return [mp.mpf(u) for u in 2 * (1 + t) / (1 - t)]


def tail(u):
    """e^(u^2/2) Phi(-u)"""
    return mp.exp(u * u / 2) * mp.erfc(u / mp.sqrt(2)) / 2


def tail_quotient():
    """The slope less (1 / tail(u) - 2) / u as P / Q."""
    points = points_to(14.2)
    values = [SLOPE - (1 / tail(u) - 2) / u for u in points]
    # What an error is in the whole; more where other errors are large, less
    # where results are subnormal.
    weights = [u * tail(u) for u in points]
    points, values, weights = (np.array([float(v) for v in column])
                               for column in (points, values, weights))
    weights *= np.where((points > 0.8) & (points < 3), 1.6, 1)
    weights *= np.where(points > 7, 1.2, 1)
    weights *= np.where(points > 13.2, np.exp(13.2 ** 2 / 2 - points ** 2 / 2), 1)
    return rational(points, values, weights, 4, 4)


def short_tail_quotient():
    """tail(u) as P / Q."""
    points = points_to(14.2)
    values = np.array([float(tail(u)) for u in points])
    points = np.array([float(u) for u in points])
    return rational(points, values, 1 / values, 3, 4)


def gelu_derivative(u):
    """gelu'(-u) e^(u^2/2)"""
    return tail(u) - u / mp.sqrt(2 * mp.pi)


def gelu_grad_quotient(root, middle, degree, exact=0):
    """That divided by root - u, less `middle`, as P / Q."""
    points = points_to(20)
    values = [gelu_derivative(u) / (root - u) for u in points]
    points, values = (np.array([float(v) for v in column])
                      for column in (points, values))
    return rational(points, values - middle, 1 / values, degree, degree,
                    exact)


def in_square(f):
    """f(x) / x - 1 as a function of x^2."""
    return lambda z: f(mp.sqrt(z)) / mp.sqrt(z) - 1


def tanh_denominator(z):
    x = mp.sqrt(z)
    return x ** 3 / (x - mp.tanh(x))


def tanh_share(z):
    """What an error in it is in tanh(x)."""
    return mp.sqrt(z) / mp.tanh(mp.sqrt(z)) - 1


def silu_derivative(x):
    s = 1 / (1 + exp(-x))
    return s * (1 + x * (1 - s))


def near(f, root):
    return lambda d: f(root + d) / d


def main():
    print("""// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Written by scripts/single_coefficients.py; change that, not this.

#ifndef ACT_MLIR_NUMERICS_SINGLECOEFFICIENTS_H
#define ACT_MLIR_NUMERICS_SINGLECOEFFICIENTS_H

namespace mlir::act::numerics {

// clang-format off
""")
    constants("kSingleBase", "1.5 * 2^23: an integer added to it is in the "
              "sum's low bits", [12582912])
    constants("kSingleLog2E", "1 / ln 2", [1 / LN2])
    constants("kSingleLn2Nearest", "ln 2", [LN2])
    constants("kSingleLn2Lost", "ln 2 less what f32 has of it", [LN2 - f32(LN2)])
    constants("kSingleLn2", "ln 2; products of the first part with integers of 8 bits are "
              "exact", split(LN2, 16))
    constants("kReciprocalSum", "1 / d is about y ((sum - d y)^2 + rest) for "
              "the seed y", [seed()[0]])
    constants("kReciprocalRest", "See there", [seed()[1]])
    slope = 2 * mp.sqrt(2 / mp.pi) / LN2
    constants("kSingleGeluTanhSlope", "2 sqrt(2 / pi) / ln 2, the first part of "
              "16 bits", split(slope, 14))
    cubic = slope * mp.mpf("0.044715")
    constants("kSingleGeluTanhCubic", "0.044715 times that",
              [f32(cubic), cubic - f32(cubic)])
    show("Exp", "e^r", fit(mp.expm1, exp, -HALF, HALF, 1, 5), [1])
    show("ExpLong", "e^r", fit(exp, exp, -HALF, HALF, 0, 7))
    show("ExpHalf", "e^r", fit(exp, exp, -2 * HALF, 2 * HALF, 0, 8))
    for name, count in ("ExpRest", 5), ("ExpRestPaired", 6):
        show(name, "(e^r - 1 - r) / r^2, beside e^r - 1",
             fit(lambda x: mp.expm1(x) - x, mp.expm1, -HALF, HALF, 2, count))
    show("ExpDouble", "(e^r - 1 - r) / r^2, beside e^r - 1",
         fit(lambda x: mp.expm1(x) - x, mp.expm1, -2 * HALF, 2 * HALF, 2, 7))
    end = mp.mpf("0.5005")
    show("Exp2", "2^r", fit(lambda x: exp2(x) - 1, exp2, -end, end, 1, 5), [1])
    show("Exp2Rest", "(2^r - 1 - r ln 2) / r^2, beside 2^r - 1",
         fit(lambda x: exp2(x) - 1 - x * LN2, lambda x: exp2(x) - 1, -end, end,
             2, 5))
    show("Log1p", "log1p(e) / e", fit(log1p, log1p, 0, 1, 1, 9))
    for name, a, b, count in (("LogRest", LOW, HIGH, 8),
                              ("LogRestPaired", LOW, HIGH, 9)):
        show(name, "(log1p(f) - f) / f^2, beside log1p(f)",
             fit(lambda x: log1p(x) - x, log1p, a, b, 2, count))
    show("Log1pCubic", "(log1p(f) - f + f^2 / 2) / f^3, beside log1p(f)",
         fit(lambda f: log1p(f) - f + f * f / 2, log1p, -0.2501, 0.5001, 3, 8))
    show("TanhBottom", "x^3 / (x - tanh(x)) in x^2, beside tanh(x)",
         fit(tanh_denominator, lambda z: tanh_denominator(z) / tanh_share(z),
             0, 1, 0, 4))
    show("Expm1Twice", "((e^2r - 1) / 2 - r) / r^2, beside (e^2r - 1) / 2",
         fit(lambda x: mp.expm1(2 * x) / 2 - x, lambda x: mp.expm1(2 * x) / 2,
             -HALF / 2, HALF / 2, 2, 5))
    show("ErfRest", "erf(x) / x - 1 in x^2, beside 1",
         fit(in_square(mp.erf), lambda z: 1, 0, mp.mpf(0.9375) ** 2, 0, 8))
    show("ErfcLog", "log(erfc(x)), beside 1 / erfc(x)",
         fit(lambda a: mp.log(mp.erfc(a)), lambda a: 1 / mp.erfc(a), 0.9375, 4, 0,
             7))
    root = mp.findroot(silu_derivative, -1.278)
    first = f32(root)
    constants("kSingleSiluGradRoot", "The root of silu', as a sum",
              [first, root - first])
    width = mp.mpf("0.501")
    ratio = near(silu_derivative, root)
    show("SiluGrad", "silu'(root + d) / d",
         fit(ratio, ratio, -width, width, 0, 11))
    constants("kSingleSiluGradTop", "z - 1 = e^-z for the root -z", [-root - 1])
    show("ShortExpDouble", "(e^r - 1 - r) / r^2, beside e^r - 1",
         fit(lambda x: mp.expm1(x) - x, mp.expm1, -2 * HALF, 2 * HALF, 2, 5))
    constants("kSingleTailSlope", "What the following quotient is taken from",
              [SLOPE])
    top, bottom, error = tail_quotient()
    whole = (top, error, (0, mp.mpf("14.2")))
    show("TailTop", "The slope less (e^(-u^2/2) / Phi(-u) - 2) / u, times the "
         "next polynomial,\n/// relative to e^(-u^2/2) / Phi(-u)", whole)
    show("TailBottom", "See there", (bottom, error, whole[2]))
    top, bottom, error = short_tail_quotient()
    show("ShortTailTop", "e^(u^2/2) Phi(-u), times the next polynomial,\n"
         "/// relative to the same without", (top, error, whole[2]))
    show("ShortTailBottom", "See there", (bottom, error, whole[2]))
    show("ShortExpm1Half", "(e^(r/2) - 1) / r, beside e^(r/2)",
         fit(lambda r: mp.expm1(r / 2), lambda r: exp(r / 2), -2 * HALF,
             2 * HALF, 1, 5))
    shift = mp.log(mp.mpf(9) / 8)
    constants("kSingleTailShift", "ln 9/8: how far r is right of [-ln 2, ln 2]",
              [shift])
    show("TailExp", "2 (e^(r/2) - 1 - r/2) / r^2, beside 2 e^(r/2)",
         fit(lambda r: 2 * (mp.expm1(r / 2) - r / 2), lambda r: 2 * exp(r / 2),
             shift - 2 * HALF, shift + 2 * HALF, 2, 6))
    show("Expm1Half", "(e^(r/2) - 1) / r, beside e^(r/2)",
         fit(lambda r: mp.expm1(r / 2), lambda r: exp(r / 2), -2 * HALF,
             2 * HALF, 1, 6))
    root = mp.findroot(gelu_derivative, 0.75)
    constants("kSingleGeluGradRoot", "The root of gelu'(-u), as a sum",
              [f32(root), root - f32(root)])
    middle = 59 / 128
    constants("kSingleGeluGradMiddle", "What the second of the following quotients "
              "is added to", [middle])
    for name, added, degree, exact in (("", 0.5, 4, 0), ("Paired", middle, 5, 1)):
        top, bottom, error = gelu_grad_quotient(root, added, degree, exact)
        text = "1/2" if added == 0.5 else "the middle"
        show(f"GeluGradTop{name}", f"gelu'(-u) e^(u^2/2) / (root - u) less {text}, "
             f"times the next polynomial,\n/// relative to the same with it",
             (top, error, (0, 20)))
        show(f"GeluGradBottom{name}", "See there", (bottom, error, (0, 20)))
    show("ExpDoubleRest", "(e^(r/2) - 1 - r/2) / r^2, beside e^(r/2)",
         fit(lambda r: mp.expm1(r / 2) - r / 2, lambda r: exp(r / 2), -4 * HALF,
             4 * HALF, 2, 6))
    print("\n// clang-format on\n\n} // namespace mlir::act::numerics\n")
    print("#endif // ACT_MLIR_NUMERICS_SINGLECOEFFICIENTS_H")


if __name__ == "__main__":
    main()
