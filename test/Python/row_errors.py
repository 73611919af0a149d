# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The errors of row operations, against exponentials of 64 bits, and rows that
bring them out. For types of at most 32 bits, whose numbers NumPy holds as f32."""

import numpy as np

PLACES = {"f32": 23, "f16": 10, "bf16": 7}
SMALLEST = {"f32": -149, "f16": -24, "bf16": -133}


def program(type="f32"):
    """softmax, log_softmax and logsumexp of rows, and the gradients of the first two."""
    row = f"tensor<?x?x{type}>"
    names = ("softmax", "log_softmax", "logsumexp", "softmax_grad", "log_softmax_grad")
    results = ", ".join(f'{"tensor<?x" + type + ">" if n == "logsumexp" else row} '
                        f'{{act.name = "{n}"}}' for n in names)
    return f"""
func.func @rows(%x: {row} {{act.name = "x"}}, %dy: {row} {{act.name = "dy"}}) -> ({results}) {{
  %0 = act.softmax %x dimension(1) : {row}
  %1 = act.log_softmax %x dimension(1) : {row}
  %2 = act.logsumexp %x dimension(1) : {row} -> tensor<?x{type}>
  %3 = act.softmax_grad %dy, %0 dimension(1) : {row}
  %4 = act.log_softmax_grad %dy, %1 dimension(1) : {row}
  return %0, %1, %2, %3, %4 : {row}, {row}, tensor<?x{type}>, {row}, {row}
}}
"""


def ulps(found, expected, type="f32", scale=None):
    """The largest distance in units of the last place of the expected numbers, or of `scale`."""
    _, exponent = np.frexp(np.abs(expected if scale is None else scale))
    place = np.ldexp(np.longdouble(1), np.maximum(exponent - 1 - PLACES[type], SMALLEST[type]))
    return float(np.max(np.abs(found - expected) / place, initial=0))


def errors(results, x, dy, type="f32"):
    """Errors in ULP. Those of gradients are of the results that they were given, relative
    to the largest part of their difference."""
    softmax, log_softmax, logsumexp, softmax_grad, log_softmax_grad = (
        np.asarray(r, "f4").astype(np.longdouble) for r in results)
    wide, dy = x.astype(np.longdouble), dy.astype(np.longdouble)
    top = wide.max(1, keepdims=True)
    terms = np.exp(wide - top)
    others = np.sort(np.where(wide == top, 0, terms), 1).sum(1, keepdims=True)
    count = (wide == top).sum(1, keepdims=True)
    log = np.log1p(others + (count - 1))
    whole = top + log
    # The maximum and the logarithm may cancel.
    scale = np.maximum(np.maximum(np.abs(top), log), np.abs(whole))
    total = (dy * softmax).sum(1, keepdims=True)
    part = np.exp(log_softmax) * dy.sum(1, keepdims=True)
    return {
        "softmax": ulps(softmax, terms / (others + count), type),
        "log_softmax": ulps(log_softmax, wide - top - log, type),
        "logsumexp": ulps(logsumexp, whole[:, 0], type, scale[:, 0]),
        "softmax_grad": ulps(softmax_grad, softmax * (dy - total), type,
                             softmax * np.maximum(np.abs(dy), np.abs(total))),
        "log_softmax_grad": ulps(log_softmax_grad, dy - part, type,
                                 np.maximum(np.abs(dy), np.abs(part)))}


def random_rows(generator, length):
    """Rows of several widths of spread, and of every exponent."""
    for low, high in ((-300, 300), (-1, 1), (-1e-3, 1e-3), (-100, 0), (0, 40), (1e4, 1e4 + 100)):
        yield generator.uniform(low, high, (8, length))
    yield (generator.normal(size=(8, length))
           * 2.0 ** generator.integers(-14, 8, (8, length)))


def rows_of_two_numbers(counts=(1, 2, 37)):
    """A number and many of another, all that their difference can be."""
    steps = np.linspace(-104, 0, 4096, dtype="f4")
    for top in (0, 0.7, 11.3, 255.9, 256.1, -300.7, 60000):
        for count in counts:
            x = np.full((len(steps), 1 + count), np.float32(top))
            x[:, 1:] += steps[:, None]
            yield x


def rows_of_opposite_errors(generator, times):
    """Exponentials next to a power of two, where what f32 rounds away is largest, or to the
    ends of the range that they are reduced to, some rounded up and some down: sum and quotient
    are off in different ways."""
    for _ in range(times):
        size = generator.integers(2, 10)
        x = generator.uniform(0, 10.0 ** generator.integers(-7, 0), (2048, size))
        x -= np.log(2) * generator.integers(0, 12, x.shape) / 2
        yield np.repeat(x, generator.integers(1, 60, size), 1)


def long_rows(generator, length=2**20):
    """Random, equal, and one above many others."""
    yield generator.normal(size=(1, length)) * 3
    yield np.full((1, length), 0.3)
    yield np.concatenate([np.zeros((1, 1)), np.full((1, length - 1), -30.3)], 1)
