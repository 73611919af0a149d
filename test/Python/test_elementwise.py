# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elementwise operations, broadcasting and types, against onnxruntime."""

import numpy as np

from models import Graph, numbers


def test_activations():
    g = Graph(x=("f4", ["N", 5]))
    for op in ("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Elu", "Celu", "Selu",
               "HardSigmoid", "HardSwish", "LeakyRelu", "Mish", "ThresholdedRelu", "Gelu"):
        g.add(op, "x")
    g.add("Gelu", "x", approximate="tanh")
    g.add("Elu", "x", alpha=0.3)
    g.add("Celu", "x", alpha=2.0)
    g.add("Selu", "x", alpha=1.5, gamma=2.0)
    g.add("HardSigmoid", "x", alpha=0.3, beta=0.4)
    g.add("LeakyRelu", "x", alpha=-0.5)
    g.add("ThresholdedRelu", "x", alpha=-1.0)
    g.add("Shrink", "x", lambd=1.0, bias=0.25)
    g.add("Shrink", "x", lambd=1.0)
    g.add("PRelu", "x", np.array([0.1, 0.2, -0.3, 0.4, 1.5], "f4"))
    g.add("Clip", "x", np.array(-1.5, "f4"), np.array(2.0, "f4"))
    g.add("Clip", "x", None, np.array(2.0, "f4"))
    g.check(numbers(7, 5), rtol=1e-5, atol=2e-6)


def test_clip_with_computed_bounds():
    g = Graph(x=("f4", [9]), low=("f4", []), high=("f4", []))
    g.add("Clip", "x", "low", "high")
    g.check(numbers(9), np.array(-1, "f4"), np.array(0.5, "f4"))


def test_clip_by_attributes():
    g = Graph(opset=6, x=("f4", [9]))
    g.add("Clip", "x", min=-1.0, max=0.5)
    g.check(numbers(9))


def test_math():
    g = Graph(x=("f4", [33]))
    for op in ("Abs", "Neg", "Exp", "Erf", "Floor", "Ceil", "Round", "Sign", "Reciprocal",
               "Sqrt", "Log", "Asinh"):
        g.add(op, "x")
    for exponent in (0.5, 1.0, 2.0, 3.0, -1.0):
        g.add("Pow", "x", np.array(exponent, "f4"))
    g.check(numbers(33, low=0.01), rtol=1e-5)


def test_broadcasting():
    g = Graph(x=("f4", ["N", 3, "M"]), y=("f4", ["M"]), z=("f4", [3, 1]), s=("f4", []))
    for other in ("y", "z", "s"):
        for op in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
            g.add(op, "x", other)
    g.add("Sub", "y", "x")
    g.add("Add", "z", "y")
    g.add("Mul", "x", np.array(2.5, "f4"))
    g.add("Sub", np.array([[[1.5]]], "f4"), "x")
    g.add("Where", g.add("Less", "x", "y", hidden=True), "x", "z")
    g.add("Sum", "x", "y", "z")
    g.add("Mean", "x", "y", "z")
    g.check(numbers(2, 3, 4), numbers(4, seed=1), numbers(3, 1, seed=2),
            np.array(3, "f4"))


def test_comparison_and_logic():
    g = Graph(x=("f4", [4, 5]), y=("f4", [5]))
    comparisons = [g.add(op, "x", "y") for op in
                   ("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")]
    for op in ("And", "Or", "Xor"):
        g.add(op, comparisons[1], comparisons[4])
    g.add("Not", comparisons[0])
    g.add("IsNaN", "x")
    g.add("IsInf", "x")
    g.add("IsInf", "x", detect_negative=0)
    x = np.round(numbers(4, 5))
    x[0, :3] = np.nan, np.inf, -np.inf
    g.check(x, np.round(numbers(5, seed=1)))


def test_integers():
    g = Graph(x=("i4", [6]), y=("i4", [6]))
    for op in ("Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Equal", "Less"):
        g.add(op, "x", "y")
    g.add("Abs", "x")
    g.add("Neg", "x")
    g.add("Mod", "x", "y", fmod=1)
    g.check(np.array([7, -7, 7, -7, 0, 100], "i4"), np.array([3, 3, -3, -3, 5, -7], "i4"))


def test_integer_division_never_traps():
    g = Graph(x=("i4", [3]), y=("i4", [3]))
    g.add("Div", "x", "y")
    lowest = np.iinfo("i4").min
    found = g.run(np.array([5, lowest, 6], "i4"), np.array([0, -1, 2], "i4"))
    assert list(found[g.outputs[0]]) == [5, lowest, 3]


def test_unsigned_integers():
    g = Graph(x=("u1", [4]), y=("u1", [4]))
    for op in ("Add", "Div", "Min", "Max", "Less"):
        g.add(op, "x", "y")
    g.add("Cast", "x", to=1)
    found = g.run(np.array([200, 255, 3, 7], "u1"), np.array([100, 2, 5, 7], "u1"))
    add, div, low, high, less, wide = found.values()
    assert add.dtype == np.uint8 and list(add) == [44, 1, 8, 14]
    assert list(div) == [2, 127, 0, 1] and list(low) == [100, 2, 3, 7]
    assert list(high) == [200, 255, 5, 7] and list(less) == [False, False, True, False]
    assert list(wide) == [200, 255, 3, 7]


def test_casts():
    g = Graph(x=("f4", ["N"]))
    for to in (1, 5, 6, 7, 10):
        g.add("Cast", "x", to=to)
    g.add("Cast", g.add("Cast", "x", to=9, hidden=True), to=6)
    g.check(np.array([0.0, 1.7, -3.2, 100.0], "f4"))


def test_f16():
    g = Graph(x=("f2", ["N", 3]), y=("f2", [3]))
    g.add("Add", "x", "y")
    g.add("Gelu", "x")
    g.add("Softmax", "x")
    g.check(numbers(5, 3, dtype="f2"), numbers(3, seed=1, dtype="f2"), rtol=2e-3, atol=1e-3)


def test_rank_0_and_no_elements():
    g = Graph(x=("f4", []), y=("f4", ["N", 3]))
    g.add("Tanh", "x")
    g.add("Add", "x", "x")
    g.add("Mul", "y", "x")
    g.check(np.array(0.5, "f4"), np.zeros((0, 3), "f4"))
