# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention in all its forms, against ONNX's own evaluator."""

import numpy as np
import pytest
from onnx.reference import ReferenceEvaluator

from models import Graph, numbers

F = "f4"


def check(g, *arrays, atol=1e-5):
    model = g.model()
    names = [i.name for i in model.graph.input]
    expected = ReferenceEvaluator(model).run(None, dict(zip(names, arrays)))
    found = g.run(*arrays)
    for name, value in zip(g.outputs, expected):
        np.testing.assert_allclose(found[name], value, 1e-5, atol, err_msg=name)


def heads(*counts, dtype=F):
    return [numbers(2, n, s, 8, seed=i).astype(dtype) for i, (n, s) in enumerate(counts)]


@pytest.mark.parametrize("options", [
    {}, {"is_causal": 1}, {"scale": 0.3, "softcap": 2.0}, {"is_causal": 1, "left_window_size": 1}])
def test_heads_that_share_keys(options):
    g = Graph(opset=25, q=(F, [2, 6, 4, 8]), k=(F, [2, 3, 5, 8]), v=(F, [2, 3, 5, 8]))
    g.add("Attention", "q", "k", "v", **options)
    check(g, *heads((6, 4), (3, 5), (3, 5)))


def test_heads_side_by_side_and_a_mask():
    g = Graph(opset=24, q=(F, [2, 4, 24]), k=(F, [2, 5, 24]), m=("?", [4, 5]))
    g.add("Attention", "q", "k", "k", "m", q_num_heads=3, kv_num_heads=3)
    mask = np.arange(20).reshape(4, 5) % 3 != 0
    mask[2] = False
    check(g, numbers(2, 4, 24), numbers(2, 5, 24, seed=1), mask)


def test_a_cache():
    g = Graph(opset=24, q=(F, [2, 3, 1, 8]), k=(F, [2, 3, 1, 8]), past=(F, [2, 3, 6, 8]))
    g.add("Attention", "q", "k", "k", None, "past", "past", outputs=3, is_causal=1)
    check(g, *heads((3, 1), (3, 1), (3, 6)))


def test_f16_rounds_once():
    """Against f64, the result is off by half a unit, and the sums of f32."""
    g = Graph(opset=24, q=("f2", [2, 3, 4, 8]), k=("f2", [2, 3, 6, 8]))
    g.add("Attention", "q", "k", "k")
    q, k = heads((3, 4), (3, 6), dtype="f2")
    [found] = g.run(q, k).values()
    q, k = q.astype("f8"), k.astype("f8")
    scores = np.exp(q @ k.swapaxes(2, 3) / np.sqrt(8))
    exact = scores / scores.sum(-1, keepdims=True) @ k
    np.testing.assert_allclose(found, exact, 2.0 ** -11 * 1.01, 1e-6)
