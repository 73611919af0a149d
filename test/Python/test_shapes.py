# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Movement of elements and the arithmetic of shapes, against onnxruntime."""

import doctest

import numpy as np
import pytest

import act_mlir
from act_mlir.frontends import dims, graph
from act_mlir.frontends.dims import Dim, divide_exactly, maximum
from act_mlir.frontends.onnx import import_model
from models import Graph, numbers

F = "f4"


@pytest.mark.parametrize("module", [dims, graph])
def test_documentation(module):
    assert doctest.testmod(module).failed == 0


def test_extents_compare_by_what_they_compute():
    n, m = Dim.symbol("N"), Dim.symbol("M")
    assert (n + 1) * (m + 2) == n * m + n * 2 + m + 2
    assert n - n == 0 and (n * 4 + 6) // 2 == n * 2 + 3
    assert (n + 1) // 2 == (1 + n) // 2 != n // 2
    assert divide_exactly(n * m * 6, m * 2) == n * 3
    assert divide_exactly(n * 6, 4) is None
    assert maximum(n + 3, n) == n + 3


def test_reshape():
    g = Graph(x=(F, ["N", 4, 6]))
    for shape in ([0, -1], [-1, 24], [0, 2, 2, 6], [-1], [0, 4, 2, 3], [0, 2, 12], [1, -1, 8]):
        g.add("Reshape", "x", np.array(shape))
    g.add("Flatten", "x")
    g.add("Flatten", "x", axis=0)
    g.add("Flatten", "x", axis=-1)
    g.add("Unsqueeze", "x", np.array([0, -1]))
    g.add("Squeeze", g.add("Unsqueeze", "x", np.array([1, 3]), hidden=True), np.array([1, -2]))
    g.check(numbers(3, 4, 6))


def test_transpose():
    g = Graph(x=(F, ["N", 4, 1, 6]))
    for order in ([0, 2, 1, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 0, 1, 3]):
        g.add("Transpose", "x", perm=order)
    g.add("Transpose", "x")
    g.check(numbers(3, 4, 1, 6))


def test_parts():
    g = Graph(x=(F, ["N", 8, 5]))

    def part(starts, ends, axes=None, steps=None):
        g.add("Slice", "x", *(None if v is None else np.array(v)
                              for v in (starts, ends, axes, steps)))

    part([1], [5], [1])
    part([0, -3], [2 ** 62, -1], [0, 1])
    part([1], [8], [1], [3])
    part([-1], [-2 ** 62], [1], [-1])
    part([6, 4], [1, 0], [1, 2], [-2, -1])
    part([1], [2 ** 62])
    part([0], [-1])
    part([20], [30], [1])
    g.add("Split", "x", np.array([2, 5, 1]), axis=1, outputs=3)
    g.add("Split", "x", axis=2, outputs=3, num_outputs=3)
    g.check(numbers(3, 8, 5))


def test_concat_pad_tile_expand():
    g = Graph(x=(F, ["N", 3]), y=(F, ["N", 2]))
    g.add("Concat", "x", "y", "x", axis=1)
    g.add("Concat", "x", "x", axis=0)
    g.add("Pad", "x", np.array([1, 0, 0, 2]))
    g.add("Pad", "x", np.array([0, -1, 1, 2]), np.array(7, F))
    g.add("Pad", "x", np.array([1, 1]), None, np.array([1]))
    g.add("Tile", "x", np.array([2, 3]))
    g.add("Expand", "y", np.array([4, 1, 1]))
    g.add("Expand", np.array([[1], [2]], F), np.array([2, 3]))
    g.check(numbers(4, 3), numbers(4, 2, seed=1))


def test_gather():
    g = Graph(x=(F, ["N", 5, 3]), i=("i8", [2, "M"]))
    for axis in (0, 1, -1):
        g.add("Gather", "x", "i", axis=axis)
    g.add("Gather", "x", np.array(-1), axis=1)
    g.add("Gather", "x", np.array([4, 0, -2]), axis=1)
    g.check(numbers(4, 5, 3), np.array([[0, -1, 2], [1, 1, -3]]))


def test_an_index_outside_reads_no_foreign_memory():
    g = Graph(x=(F, [3]), i=("i8", [2]))
    g.add("Gather", "x", "i")
    found = g.run(np.array([1, 2, 3], F), np.array([2 ** 40, -2 ** 40]))
    assert list(found[g.outputs[0]]) == [3, 1]


def test_arithmetic_of_shapes_leaves_no_code():
    """What exporters write for x.view(x.size(0), -1, 2)."""
    g = Graph(x=(F, ["N", 3, 4]))
    shape = g.add("Shape", "x", hidden=True)
    n = g.add("Gather", shape, np.array(0), hidden=True)
    n = g.add("Unsqueeze", n, np.array([0]), hidden=True)
    target = g.add("Concat", n, np.array([-1]), np.array([2]), axis=0, hidden=True)
    g.add("Reshape", "x", target)
    text = import_model(g.model()).text
    assert "tensor.from_elements" not in text and "tensor.expand_shape" in text
    g.check(numbers(5, 3, 4))


def test_shapes_as_results():
    g = Graph(x=(F, ["N", 3, "M"]))
    shape = g.add("Shape", "x")
    g.add("Shape", "x", start=1, end=-1)
    g.add("Size", "x")
    g.add("Mul", shape, np.array([2, 3, 4]))
    g.add("ConstantOfShape", shape)
    g.add("Range", np.array(0), g.add("Size", "x", hidden=True), np.array(2))
    g.check(numbers(2, 3, 5))


def test_extents_that_a_model_makes_equal():
    g = Graph(x=(F, ["N", 3]), y=(F, ["M", 3]))
    g.add("Add", "x", "y")
    model = act_mlir.compile(import_model(g.model()).text)
    assert model(numbers(2, 3), numbers(2, 3)).shape == (2, 3)
    with pytest.raises(act_mlir.ActError, match="extent 4 in dimension 0, but 2"):
        model(numbers(2, 3), numbers(4, 3))


def test_an_extent_that_a_model_fixes():
    g = Graph(x=(F, ["N", 4]))
    g.add("Reshape", "x", np.array([2, 6]))
    model = act_mlir.compile(import_model(g.model()).text)
    assert model.inputs[0]["shape"] == [3, 4]


def test_results_without_an_operation():
    g = Graph(x=(F, ["N", 2]))
    g.add("Identity", "x")
    g.add("Identity", np.array([1.0, 2.0], F))
    g.add("Identity", "x")
    g.check(numbers(3, 2))


def test_rearranged_blocks():
    g = Graph(x=(F, [2, 8, 4, 6]))
    g.add("DepthToSpace", "x", blocksize=2)
    g.add("DepthToSpace", "x", blocksize=2, mode="CRD")
    g.add("SpaceToDepth", "x", blocksize=2)
    g.add("Trilu", "x", np.array(1))
    g.add("Trilu", "x", upper=0)
    g.check(numbers(2, 8, 4, 6))
