# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Activations that ONNX exporters take apart get their names back."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from act_mlir.frontends.onnx import import_model
from models import Graph, numbers

BIN = Path(os.environ.get("ACT_BIN", Path(__file__).parents[2] / "build" / "bin"))


def f32(value):
    return np.array(value, "f4")


def gelu(g):
    """torch's export of gelu before opset 20."""
    y = g.add("Erf", g.add("Div", "x", f32(np.sqrt(2)), hidden=True), hidden=True)
    y = g.add("Mul", "x", g.add("Add", y, f32(1), hidden=True), hidden=True)
    g.add("Mul", y, f32(0.5))


def gelu_tanh(g):
    y = g.add("Mul", f32(0.044715), g.add("Pow", "x", f32(3), hidden=True), hidden=True)
    y = g.add("Mul", f32(np.sqrt(2 / np.pi)), g.add("Add", "x", y, hidden=True), hidden=True)
    y = g.add("Add", f32(1), g.add("Tanh", y, hidden=True), hidden=True)
    g.add("Mul", g.add("Mul", f32(0.5), "x", hidden=True), y)


def silu(g):
    g.add("Mul", "x", g.add("Sigmoid", "x", hidden=True))


def hard_swish(g):
    g.add("Mul", "x", g.add("HardSigmoid", "x", alpha=1 / 6, beta=0.5, hidden=True))


def mish(g):
    y = g.add("Tanh", g.add("Softplus", "x", hidden=True), hidden=True)
    g.add("Mul", "x", y)


def relu6(g):
    g.add("Min", g.add("Max", "x", f32(0), hidden=True), f32(6))


def softmax(g):
    top = g.add("ReduceMax", "x", np.array([1]), hidden=True)
    e = g.add("Exp", g.add("Sub", "x", top, hidden=True), hidden=True)
    g.add("Div", e, g.add("ReduceSum", e, np.array([1]), hidden=True))


@pytest.mark.parametrize("build, expected", [
    (gelu, "act.gelu %arg0 :"), (gelu_tanh, "act.gelu %arg0 {approximate = tanh}"),
    (silu, "act.silu %arg0 :"), (hard_swish, "act.hard_swish %arg0 :"),
    (mish, "act.mish %arg0 :"),
    (relu6, "act.clamp %arg0 {max = 6.000000e+00, min = 0.000000e+00}"),
    (softmax, "act.softmax %arg0 dimension(1)")])
def test_export_is_one_operation(build, expected):
    g = Graph(x=("f4", ["N", 8]))
    build(g)
    text = import_model(g.model(), inline_weights=True).text
    raised = subprocess.run([BIN / "act-opt", "-", "--act-simplify", "--act-raise"],
                            input=text, check=True, capture_output=True, text=True).stdout
    main = raised[raised.index("func.func @main"):]
    found = re.findall(r"= (.*) : tensor<\?x8xf32>", main.partition("return")[0])
    assert len(found) == 1 and (found[0] + " :").startswith(expected), raised
    g.check(numbers(5, 8, low=-8, high=8))
