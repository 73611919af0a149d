# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows of f64 within 2 ULP, against mpmath."""

import mpmath
import numpy as np
import pytest

import act_mlir

PROGRAM = """
func.func @rows(%x: tensor<?x?xf64> {act.name = "x"})
    -> (tensor<?x?xf64> {act.name = "softmax"}, tensor<?x?xf64> {act.name = "log_softmax"},
        tensor<?xf64> {act.name = "logsumexp"}) {
  %0 = act.softmax %x dimension(1) : tensor<?x?xf64>
  %1 = act.log_softmax %x dimension(1) : tensor<?x?xf64>
  %2 = act.logsumexp %x dimension(1) : tensor<?x?xf64> -> tensor<?xf64>
  return %0, %1, %2 : tensor<?x?xf64>, tensor<?x?xf64>, tensor<?xf64>
}
"""


@pytest.fixture(scope="module")
def rows():
    return act_mlir.compile(PROGRAM)


def ulps(found, expected, scale=None):
    """The distance in units of the last place of the expected number, or of `scale`."""
    place = np.spacing(abs(float(expected if scale is None else scale)))
    return abs(float((mpmath.mpf(float(found)) - expected) / mpmath.mpf(float(place))))


def check(rows, x):
    softmax, log_softmax, logsumexp = (y[0] for y in rows(x=x[None]))
    with mpmath.workprec(160):
        # Equal numbers are one term: long rows have few different ones.
        values, first, counts = np.unique(x, return_index=True, return_counts=True)
        top = mpmath.mpf(float(values[-1]))
        terms = [mpmath.exp(mpmath.mpf(float(v)) - top) for v in values]
        # Ascending, so that small others count.
        total = mpmath.fsum(t * int(c) for t, c in zip(terms, counts))
        others = mpmath.fsum(t * int(c) for t, c in zip(terms[:-1], counts[:-1]))
        log = mpmath.log1p(others + (int(counts[-1]) - 1))
        worst = [0.0, 0.0]
        for v, t, i in zip(values, terms, first):
            worst[0] = max(worst[0], ulps(softmax[i], t / total))
            worst[1] = max(worst[1], ulps(log_softmax[i], mpmath.mpf(float(v)) - top - log))
        # The maximum and the logarithm may cancel.
        last = ulps(logsumexp, top + log, max(abs(top), log, abs(top + log)))
    assert max(worst) <= 2 and last <= 2, (worst, last)
    for v, i in zip(values, first):
        assert (softmax[x == v] == softmax[i]).all() and (log_softmax[x == v] == log_softmax[i]).all()
    return (*worst, last)


def test_random_rows(rows):
    generator = np.random.default_rng(0)
    for low, high in ((-300, 300), (-1, 1), (-1e-3, 1e-3), (-745, 0), (0, 40), (1e5, 1e5 + 700)):
        for size in (1, 2, 3, 65, 700):
            check(rows, generator.uniform(low, high, size))


def test_rows_of_every_exponent(rows):
    generator = np.random.default_rng(1)
    for _ in range(30):
        size = generator.integers(2, 40)
        check(rows, generator.normal(size=size) * 2.0 ** generator.integers(-60, 12, size))


@pytest.mark.parametrize("pattern", [
    [0.1], [0.3, -0.7], [-0.3, -0.7, -1.3, -40.1],
    # Others that matter to the logarithm alone, one of them larger than the rest.
    [-700.1], [-36.9, -37.3], [-20.2] + [-41.7] * 63, [-300.7] + [-325.1] * 200])
def test_long_rows(rows, pattern):
    x = np.resize(np.array(pattern), 1 << 20)
    x[12345] = 0.1
    check(rows, x)
    if len(pattern) > 60:
        x[64:] = pattern[-1]
        x[12345] = 0.1
        check(rows, x)


def test_specials(rows):
    inf, nan = np.inf, np.nan
    x = np.array([[1, -inf, 1.5], [-inf, -inf, -inf], [1, inf, 2], [nan, 0, 1], [-1e308, 1.7e308, -1.7e308]])
    softmax, log_softmax, logsumexp = rows(x=x)
    np.testing.assert_equal(logsumexp[1:], [-inf, inf, nan, 1.7e308])
    assert np.isfinite(logsumexp[0]) and np.isclose(softmax[0].sum(), 1)
    assert softmax[0, 1] == 0 and log_softmax[0, 1] == -inf
    assert np.isnan(softmax[1:4, 1]).all()
    np.testing.assert_equal(softmax[4], [0, 1, 0])
