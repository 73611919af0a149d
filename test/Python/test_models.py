# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks as PyTorch exports them (examples/models), against onnxruntime."""

import numpy as np
import onnxruntime
import pytest

import act_mlir
from conftest import ROOT
from models import numbers

MODELS = ROOT / "examples" / "models"


def ids(*shape):
    return np.random.default_rng(3).integers(0, 40, shape)


def image(batch):
    return [numbers(batch, 3, 16, 16, low=-1, high=1)]


def text(batch, length):
    mask = np.ones((batch, length), "f4")
    mask[1:, length // 2:] = 0
    return [ids(batch, length), mask]


def step(batch, length, past):
    cache = numbers(2, batch, 2, past, 8)
    return [ids(batch, length), cache[0], cache[1]]


# Inputs of several extents each: one library takes them all.
INPUTS = {
    "encoder": [text(2, 7), text(1, 1), text(3, 20)],
    "decoder": [step(2, 7, 5), step(1, 1, 33), step(3, 4, 1)],
    "vision": [image(2), image(1), image(5)],
    "convolutions": [image(2), image(1), image(5)],
    "gated": [[numbers(3, 4, 16)], [numbers(1, 1, 16)], [numbers(2, 37, 16)]],
}


@pytest.mark.parametrize("name", INPUTS)
def test_exported(name):
    path = MODELS / f"{name}.onnx"
    compiled = act_mlir.compile(path, cache=False)
    session = onnxruntime.InferenceSession(path)
    names = [argument.name for argument in session.get_inputs()]
    for arrays in INPUTS[name]:
        results = compiled(*arrays)
        results = results if isinstance(results, tuple) else (results,)
        for found, expected in zip(results, session.run(None, dict(zip(names, arrays)))):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
