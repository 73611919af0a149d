# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantized tensors and their products, against onnxruntime."""

import ml_dtypes
import numpy as np
import pytest

from act_mlir.frontends.onnx import ImportFailure, import_model
from models import Graph, numbers

F = "f4"
A = np.arange(-12, 12, dtype="i1").reshape(4, 6)
B = np.arange(200, 230, dtype="u1").reshape(6, 5)


def scalar(value, dtype=F):
    return np.array(value, dtype)


def test_quantize_and_back():
    g = Graph(x=(F, ["N", 3, 4]))
    scales = np.array([0.1, 0.02, 1.5], F)
    for scale, zero, axis in (
            (scalar(0.05), scalar(7, "i1"), 1), (scalar(0.05), scalar(100, "u1"), 1),
            (scalar(0.05), None, 1), (scales, np.array([-3, 0, 5], "i1"), 1)):
        operands = [scale] if zero is None else [scale, zero]
        q = g.add("QuantizeLinear", "x", *operands, axis=axis)
        g.add("DequantizeLinear", q, *operands, axis=axis)
    x = numbers(2, 3, 4, low=-20, high=20)
    x[0, 0] = np.inf, -np.inf, 1e30, 0.025
    g.check(x)


def test_dynamic_quantization():
    g = Graph(x=(F, ["N", 5]))
    g.add("DynamicQuantizeLinear", "x", outputs=3)
    g.check(numbers(6, 5))


def test_integer_products():
    g = Graph(a=("i1", [4, 6]), b=("u1", [6, 5]))
    g.add("MatMulInteger", "a", "b", scalar(3, "i1"), scalar(220, "u1"))
    g.add("MatMulInteger", "a", "b")
    g.check(A, B)


def test_products_of_quantized_tensors():
    g = Graph(a=("i1", [4, 6]), b=("i1", [6, 5]))
    g.add("QLinearMatMul", "a", scalar(0.1), scalar(2, "i1"), "b", scalar(0.3), scalar(-5, "i1"),
          scalar(2.5), scalar(1, "i1"))
    found = g.run(A, (B - 215).astype("i1"))[g.outputs[0]]
    left, right = (A - 2.0) * 0.1, ((B - 215).astype("i1") + 5.0) * 0.3
    assert np.abs(found - (left @ right / 2.5 + 1)).max() <= 0.51


def test_integer_convolutions():
    g = Graph(x=("u1", [1, 2, 6, 6]))
    kernel = np.arange(-18, 18, dtype="i1").reshape(2, 2, 3, 3)
    g.add("ConvInteger", "x", kernel.view("u1"), scalar(20, "u1"), pads=[1, 0, 1, 0])
    g.add("QLinearConv", "x", scalar(0.05), scalar(20, "u1"), kernel,
          np.array([0.1, 0.2], F), np.array([0, 0], "i1"), scalar(0.4), scalar(9, "u1"),
          np.array([30, -40], "i4"), strides=[2, 1])
    x = np.arange(72, dtype="u1").reshape(1, 2, 6, 6)
    g.check(x, atol=1)


def test_weights_of_4_bits():
    weights = np.arange(-8, 7).reshape(3, 5)
    for dtype, shift in (("int4", 0), ("uint4", 8)):
        g = Graph(opset=21, x=(F, ["N", 3]))
        w = np.array(weights + shift).astype(getattr(ml_dtypes, dtype))
        zero = np.array([[3] * 5], "i8").astype(w.dtype)
        scale = numbers(1, 5)
        dense = g.add("DequantizeLinear", g.constant(w), scale, g.constant(zero), axis=0,
                      block_size=3)
        g.add("MatMul", "x", dense)
        g.check(numbers(4, 3))


def test_4_bits_elsewhere_are_an_error():
    g = Graph(opset=21, x=(F, [4]))
    g.add("QuantizeLinear", "x", scalar(0.5), g.constant(np.array(1).astype(ml_dtypes.int4)))
    with pytest.raises(ImportFailure, match="QuantizeLinear with element type INT4"):
        import_model(g.model())
