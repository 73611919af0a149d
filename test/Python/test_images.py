# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks of convolutions, whose images lie as the compiler wants inside."""

import numpy as np
import pytest

import act_mlir
from act_mlir.frontends.onnx import import_model
from models import Graph, numbers


def filters(*shape, seed):
    return numbers(*shape, low=-0.3, high=0.3, seed=seed)


def network(batch, hidden=True):
    """Odd sizes, padding, strides, dilation, a residual, pooling, a mean."""
    g = Graph(x=("f4", [batch, 3, 17, 13]))
    def conv(x, channels, count, size, seed, **attributes):
        return g.add("Conv", x, filters(count, channels, *size, seed=seed),
                     numbers(count, seed=seed), hidden=hidden, **attributes)
    y = g.add("Relu", conv("x", 3, 20, (3, 3), 1, pads=[1, 1, 1, 1]), hidden=hidden)
    y = g.add("MaxPool", y, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], hidden=hidden)
    z = g.add("Relu", conv(y, 20, 33, (1, 1), 2), hidden=hidden)
    z = conv(z, 33, 20, (3, 2), 3, pads=[2, 1, 2, 0], dilations=[2, 1])
    y = g.add("Gelu", g.add("Add", z, y, hidden=hidden), hidden=hidden)
    y = conv(y, 20, 48, (3, 3), 4, strides=[2, 1])
    y = g.add("AveragePool", y, kernel_shape=[2, 2], hidden=hidden)
    y = conv(y, 48, 40, (1, 1), 5, strides=[1, 2])
    g.add("GlobalAveragePool", g.add("Sigmoid", y, hidden=hidden))
    return g


@pytest.mark.parametrize("hidden", [True, False], ids=["inside", "returned"])
@pytest.mark.parametrize("batch", [1, "N"])
def test_networks(batch, hidden):
    network(batch, hidden).check(numbers(1 if batch == 1 else 3, 3, 17, 13), rtol=1e-4, atol=1e-4)


def test_bits():
    """Sums have one order, wherever channels are, in all forms."""
    text = import_model(network("N").model(), inline_weights=True).text
    everything = import_model(network("N", hidden=False).model(), inline_weights=True).text
    x = numbers(2, 3, 17, 13)
    expected = act_mlir.compile(everything)(x)[-1]
    for target in ("x86-64-v3", "x86-64-v4"):
        for options in ((), ("--parallel=off",)):
            found = act_mlir.compile(text, target=target, options=options)(x)
            assert np.array_equal(found, expected), (target, options)


@pytest.mark.parametrize("counts", [(16, 20), (96, 160)])
def test_concatenation(counts):
    """With 1024 bytes of channels, pixels have a gap."""
    g, total = Graph(x=("f4", ["N", 8, 5, 7])), sum(counts)
    parts = [g.add("Conv", "x", filters(n, 8, 3, 3, seed=n), pads=[1] * 4, hidden=True)
             for n in counts]
    y = g.add("Concat", *parts, axis=1, hidden=True)
    g.add("Conv", y, filters(9, total, 3, 3, seed=3), auto_pad="SAME_UPPER", strides=[2, 2])
    g.add("Conv", y, filters(24, total, 1, 1, seed=4))
    g.check(numbers(2, 8, 5, 7), rtol=1e-4, atol=2e-4)


def test_groups_and_one_dimension():
    g = Graph(x=("f4", [2, 8, 6, 6]), s=("f4", ["N", 8, 11]))
    y = g.add("Conv", "x", filters(16, 8, 1, 1, seed=1), hidden=True)
    y = g.add("Conv", y, filters(16, 4, 3, 3, seed=2), group=4, pads=[1] * 4, hidden=True)
    g.add("Conv", y, filters(20, 16, 1, 1, seed=3))
    y = g.add("Conv", "s", filters(24, 8, 3, seed=4), pads=[1, 1], hidden=True)
    y = g.add("Conv", y, filters(17, 24, 3, seed=5), hidden=True)
    g.add("MaxPool", y, kernel_shape=[2])
    g.check(numbers(2, 8, 6, 6), numbers(2, 8, 11), atol=1e-4)
