# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows of f32 within 2 ULP, 4 if fast, against exponentials of 64 bits."""

import numpy as np
import pytest

import act_mlir
from row_errors import (errors, long_rows, program, random_rows, rows_of_opposite_errors,
                        rows_of_two_numbers)

BOUNDS = {"precise": 2, "fast": 4}


class Rows:
    def __init__(self, accuracy):
        self.bound = BOUNDS[accuracy]
        self.model = act_mlir.compile(program(), accuracy=accuracy)

    def __call__(self, x, dy=None):
        return self.model(x=x, dy=np.zeros_like(x) if dy is None else dy)

    def check(self, x):
        x = x.astype("f4")
        dy = np.random.default_rng(9).normal(size=x.shape).astype("f4")
        found = errors(self(x, dy), x, dy)
        assert max(found.values()) <= self.bound, found


@pytest.fixture(scope="module", params=BOUNDS)
def rows(request):
    return Rows(request.param)


@pytest.mark.parametrize("length", [1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 128, 1000, 4096])
def test_random(rows, length):
    for x in random_rows(np.random.default_rng(length), length):
        rows.check(x)


def test_two_numbers(rows):
    for x in rows_of_two_numbers():
        rows.check(x)


def test_opposite_errors(rows):
    for x in rows_of_opposite_errors(np.random.default_rng(5), 4):
        rows.check(x)


def test_long(rows):
    for x in long_rows(np.random.default_rng(2)):
        rows.check(x)


def test_one_large(rows):
    """An element that is all of its row is exactly 1."""
    tops = np.random.default_rng(3).uniform(-400, 400, 2000).astype("f4")
    for length in (1, 5, 70):
        y = rows(np.stack([tops] + [tops - 200] * (length - 1), 1))[0]
        assert (y[:, 0] == 1).all() and (y[:, 1:] == 0).all()


def test_place(rows):
    """Another place or batch changes no bit."""
    x = np.random.default_rng(4).normal(size=(5, 300)).astype("f4")
    y = rows(x)[0]
    assert (rows(np.repeat(x, 3, 0))[0][::3] == y).all()
    assert (rows(x[3:4])[0] == y[3]).all()


def test_shift(rows):
    """A shift by a number that all can take is within the bound."""
    x = np.random.default_rng(4).integers(-64, 64, (5, 300)).astype("f4") / 8
    for shift in (32, -7.25, 4096):
        y, shifted = rows(x)[0], rows(x + np.float32(shift))[0]
        assert (np.abs(shifted - y) <= 2 * rows.bound * np.spacing(y)).all()


def test_specials(rows):
    inf, nan = np.inf, np.nan
    x = np.array([[nan, 1, 2], [inf, 1, 2], [-inf, -inf, -inf], [-inf, 0, 0], [inf, nan, 0],
                  [3e38, -3e38, 3e38]], "f4")
    softmax, log_softmax, logsumexp = rows(x)[:3]
    half, log2 = 0.5, np.float32(np.log(2))
    np.testing.assert_array_equal(softmax, [[nan] * 3, [nan] * 3, [nan] * 3, [0, half, half],
                                            [nan] * 3, [half, 0, half]])
    np.testing.assert_array_equal(log_softmax[:4], [[nan] * 3, [nan, -inf, -inf], [nan] * 3,
                                                    [-inf, -log2, -log2]])
    np.testing.assert_array_equal(logsumexp, [nan, inf, -inf, log2, nan, np.float32(3e38)])
