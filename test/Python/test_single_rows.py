# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows of f32 within 2 ULP, 4 if fast, against exponentials of 64 bits."""

import numpy as np
import pytest

import act_mlir

PROGRAM = """
func.func @rows(%x: tensor<?x?xf32> {act.name = "x"})
    -> (tensor<?x?xf32> {act.name = "softmax"}, tensor<?x?xf32> {act.name = "log_softmax"},
        tensor<?xf32> {act.name = "logsumexp"}) {
  %0 = act.softmax %x dimension(1) : tensor<?x?xf32>
  %1 = act.log_softmax %x dimension(1) : tensor<?x?xf32>
  %2 = act.logsumexp %x dimension(1) : tensor<?x?xf32> -> tensor<?xf32>
  return %0, %1, %2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>
}
"""
BOUNDS = {"precise": 2, "fast": 4}
LENGTHS = (1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 128, 1000, 4096)


@pytest.fixture(scope="module", params=BOUNDS)
def rows(request):
    return BOUNDS[request.param], act_mlir.compile(PROGRAM, accuracy=request.param)


def ulps(found, expected, scale=None):
    """The largest distance in units of the last place of the expected numbers, or of `scale`."""
    scale = np.abs(expected if scale is None else scale).astype("f4")
    place = np.spacing(scale).astype(np.longdouble)
    return float(np.max(np.abs(found - expected) / place, initial=0))


def errors(model, x):
    """The errors of softmax, log_softmax and logsumexp in ULP."""
    softmax, log_softmax, logsumexp = model(x=x)
    wide = x.astype(np.longdouble)
    top = wide.max(1, keepdims=True)
    terms = np.exp(wide - top)
    others = np.sort(np.where(wide == top, 0, terms), 1).sum(1, keepdims=True)
    count = (wide == top).sum(1, keepdims=True)
    log = np.log1p(others + (count - 1))
    whole = top + log
    # The maximum and the logarithm may cancel.
    scale = np.maximum(np.maximum(np.abs(top), log), np.abs(whole))
    return (ulps(softmax, terms / (others + count)), ulps(log_softmax, wide - top - log),
            ulps(logsumexp, whole[:, 0], scale[:, 0]))


def check(rows, x):
    bound, model = rows
    found = errors(model, x.astype("f4"))
    assert max(found) <= bound, found


@pytest.mark.parametrize("length", LENGTHS)
def test_random(rows, length):
    generator = np.random.default_rng(length)
    for low, high in ((-300, 300), (-1, 1), (-1e-3, 1e-3), (-100, 0), (0, 40), (1e5, 1e5 + 100)):
        check(rows, generator.uniform(low, high, (8, length)))
    check(rows, generator.normal(size=(8, length)) * 2.0 ** generator.integers(-60, 12, (8, length)))


def test_two_numbers(rows):
    """A row of a number and many of another, all that their difference can be."""
    steps = np.linspace(-104, 0, 4096, dtype="f4")
    for top in (0, 0.7, 11.3, 255.9, 256.1, -300.7, 3e38):
        for count in (1, 2, 37):
            x = np.full((len(steps), 1 + count), np.float32(top))
            x[:, 1:] += steps[:, None]
            check(rows, x)


def test_opposite_errors(rows):
    """Exponentials next to a power of two, where what f32 rounds away is largest,
    some rounded up and some down: sum and quotient are off in different ways."""
    generator = np.random.default_rng(5)
    x = -np.log(2) * generator.integers(0, 6, (4096, 9)) + generator.uniform(0, 2e-6, (4096, 9))
    check(rows, x - x.max(1, keepdims=True))
    check(rows, np.repeat(x, generator.integers(1, 60, 9), 1))


def test_long(rows):
    generator = np.random.default_rng(2)
    check(rows, generator.normal(size=(1, 2**20)) * 3)
    check(rows, np.full((1, 2**20), 0.3))
    check(rows, np.concatenate([np.zeros((1, 1)), np.full((1, 2**20 - 1), -30.3)], 1))


def test_one_large(rows):
    """An element that is all of its row is exactly 1."""
    tops = np.random.default_rng(3).uniform(-400, 400, 2000).astype("f4")
    for length in (1, 5, 70):
        x = np.stack([tops] + [tops - 200] * (length - 1), 1)
        y = rows[1](x=x)[0]
        assert (y[:, 0] == 1).all() and (y[:, 1:] == 0).all()


def test_shift_and_place(rows):
    """A shift by a number that all can take, and another place or batch, change no bit."""
    model = rows[1]
    x = np.random.default_rng(4).integers(-64, 64, (5, 300)).astype("f4") / 8
    y = model(x=x)[0]
    assert (model(x=np.repeat(x, 3, 0))[0][::3] == y).all()
    assert (model(x=x[3:4])[0] == y[3]).all()
    assert ulps(model(x=x + 32)[0], y) <= 2 * rows[0]
    assert abs(y.astype("f8").sum(1) - 1).max() < 1e-6


def test_specials(rows):
    inf, nan = np.inf, np.nan
    x = np.array([[nan, 1, 2], [inf, 1, 2], [-inf, -inf, -inf], [-inf, 0, 0], [inf, nan, 0],
                  [3e38, -3e38, 3e38]], "f4")
    softmax, log_softmax, logsumexp = rows[1](x=x)
    half, log2 = 0.5, np.float32(np.log(2))
    np.testing.assert_array_equal(softmax, [[nan] * 3, [nan] * 3, [nan] * 3, [0, half, half],
                                            [nan] * 3, [half, 0, half]])
    np.testing.assert_array_equal(log_softmax[:4], [[nan] * 3, [nan, -inf, -inf], [nan] * 3,
                                                    [-inf, -log2, -log2]])
    np.testing.assert_array_equal(logsumexp, [nan, inf, -inf, log2, nan, np.float32(3e38)])
