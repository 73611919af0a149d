# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products, windows, reductions, rows and norms, against onnxruntime."""

import numpy as np
import pytest

from models import Graph, numbers

F = "f4"


def test_matmul():
    g = Graph(x=(F, ["B", "S", 6]), y=(F, ["B", 6, "S"]), v=(F, [6]))
    g.add("MatMul", "x", numbers(6, 5))
    g.add("MatMul", "x", "y")
    g.add("MatMul", "x", "v")
    g.add("MatMul", "v", numbers(6, 4))
    g.add("MatMul", numbers(3, 1, 2, 6), numbers(4, 6, 2))
    g.check(numbers(2, 3, 6), numbers(2, 6, 3, seed=1), numbers(6, seed=2))


@pytest.mark.parametrize("a,b", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_gemm(a, b):
    g = Graph(x=(F, [6, 4] if a else [4, 6]))
    weight = numbers(5, 6) if b else numbers(6, 5)
    for bias in (numbers(5), numbers(4, 1), numbers(1), None):
        g.add("Gemm", "x", weight, *([] if bias is None else [bias]), transA=a, transB=b)
    g.add("Gemm", "x", weight, numbers(5), transA=a, transB=b, alpha=0.5, beta=2.0)
    g.check(numbers(6, 4) if a else numbers(4, 6))


def test_conv():
    g = Graph(x=(F, ["N", 4, 9, 8]))
    weight, bias = numbers(6, 4, 3, 3), numbers(6)
    g.add("Conv", "x", weight, bias)
    g.add("Conv", "x", weight, pads=[1, 0, 2, 1], strides=[2, 1])
    g.add("Conv", "x", weight, auto_pad="SAME_UPPER", strides=[2, 1])
    g.add("Conv", "x", weight, dilations=[2, 1], pads=[1, 2, 0, 1])
    g.add("Conv", "x", weight, strides=[3, 2], auto_pad="SAME_LOWER")
    g.add("Conv", "x", numbers(6, 2, 3, 3), bias, group=2)
    g.add("Conv", "x", numbers(8, 1, 3, 3), group=4)
    g.check(numbers(2, 4, 9, 8), atol=1e-5)


def test_conv_of_an_image_of_any_size():
    g = Graph(x=(F, ["N", 2, "H", "W"]))
    g.add("Conv", "x", numbers(3, 2, 3, 3), numbers(3), pads=[1, 1, 1, 1], strides=[2, 1])
    g.add("MaxPool", "x", kernel_shape=[3, 3], strides=[2, 2])
    for size in ((7, 6), (12, 5)):
        g.check(numbers(2, 2, *size), atol=1e-5)


def test_conv_1d_3d():
    g = Graph(x=(F, [1, 3, 10]), y=(F, [1, 2, 5, 6, 4]))
    g.add("Conv", "x", numbers(4, 3, 3), numbers(4), pads=[1, 1])
    g.add("Conv", "y", numbers(3, 2, 2, 3, 2), numbers(3))
    g.check(numbers(1, 3, 10), numbers(1, 2, 5, 6, 4), atol=1e-5)


def test_conv_transpose():
    g = Graph(x=(F, [2, 4, 5, 6]))
    weight = numbers(4, 3, 3, 3)
    g.add("ConvTranspose", "x", weight, numbers(3))
    g.add("ConvTranspose", "x", weight, strides=[2, 3], pads=[1, 1, 0, 2],
          output_padding=[1, 0])
    g.add("ConvTranspose", "x", weight, dilations=[2, 2])
    g.add("ConvTranspose", "x", numbers(4, 3, 2, 2), group=2)
    g.check(numbers(2, 4, 5, 6), atol=1e-5)


def test_pooling():
    g = Graph(x=(F, ["N", 3, 9, 8]))
    for op in ("MaxPool", "AveragePool"):
        g.add(op, "x", kernel_shape=[2, 2], strides=[2, 2])
        g.add(op, "x", kernel_shape=[3, 3], pads=[1, 1, 1, 0])
        g.add(op, "x", kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1)
        g.add(op, "x", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    g.add("AveragePool", "x", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    g.add("GlobalAveragePool", "x")
    g.add("GlobalMaxPool", "x")
    g.check(numbers(2, 3, 9, 8))


def test_reductions():
    g = Graph(x=(F, ["N", 4, 5]))
    ops = ("ReduceSum", "ReduceMean", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceL1",
           "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ReduceLogSum")
    for op in ops:
        g.add(op, "x", np.array([1]))
        g.add(op, "x", np.array([0, -1]), keepdims=0)
        g.add(op, "x")
    g.add("ReduceSum", "x", noop_with_empty_axes=1)
    g.check(numbers(3, 4, 5, low=0.1, high=2.0))


def test_reductions_by_attribute():
    g = Graph(opset=12, x=(F, [3, 4, 5]))
    g.add("ReduceSum", "x", axes=[1, 2], keepdims=0)
    g.add("ReduceMax", "x", axes=[-1])
    g.check(numbers(3, 4, 5))


def test_rows():
    g = Graph(x=(F, ["N", 5, 4]))
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        for axis in (-1, 0, 1):
            g.add(op, "x", axis=axis)
    g.check(numbers(3, 5, 4))


def test_rows_before_opset_13():
    g = Graph(opset=11, x=(F, [2, 5, 4]))
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        for axis in (0, 1, 2):
            g.add(op, "x", axis=axis)
    g.check(numbers(2, 5, 4))


def test_normalizations():
    g = Graph(x=(F, ["N", 6, 5, 4]))
    scale, bias = numbers(6), numbers(6, seed=1)
    g.add("BatchNormalization", "x", scale, bias, numbers(6, seed=2),
          numbers(6, low=0.1, seed=3))
    g.add("LayerNormalization", "x", numbers(4), numbers(4, seed=1))
    g.add("LayerNormalization", "x", numbers(5, 4), axis=-2, epsilon=1e-3)
    g.add("InstanceNormalization", "x", scale, bias)
    g.add("LpNormalization", "x", axis=1)
    g.add("LRN", "x", size=3, alpha=0.01, beta=0.5, bias=2.0)
    g.check(numbers(2, 6, 5, 4), atol=2e-5)


def test_silu_as_exporters_write_it():
    g = Graph(x=(F, ["N", 4]))
    g.add("Mul", "x", g.add("Sigmoid", "x", hidden=True))
    g.check(numbers(5, 4))


def test_order_along_a_dynamic_dimension():
    g = Graph(x=(F, ["B", "S", 3]))
    for options in ({}, {"reverse": 1}, {"exclusive": 1}):
        g.add("CumSum", "x", np.array(1), **options)
    g.add("TopK", "x", np.array([2]), axis=1, outputs=2)
    g.add("ArgMax", "x", axis=1)
    for extents in ((2, 7), (1, 2)):
        g.check(numbers(*extents, 3), atol=1e-5)


def test_einsum():
    g = Graph(x=(F, ["N", 4, 4]), y=(F, [4, 5]), z=(F, [5, 3]))
    for equation in ("nij->nji", "nij->", "nii->ni", "...ij->...j", "nij"):
        g.add("Einsum", "x", equation=equation)
    for equation in ("nij,jk->nik", "...ij,jk->...ki", "nij,jk"):
        g.add("Einsum", "x", "y", equation=equation)
    g.add("Einsum", "x", "y", "z", equation="nij,jk,kl->nl")
    g.check(numbers(3, 4, 4), numbers(4, 5), numbers(5, 3), atol=1e-5)
