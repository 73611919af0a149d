# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Norms of rows of all lengths: the sums are in f64, on the CPU and the GPU."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import act_mlir
from act_mlir.frontends.onnx import import_model
from models import Graph, numbers

LENGTHS = (1, 2, 15, 63, 64, 65, 1000, 4096, 2**20)
BIN = Path(os.environ.get("ACT_BIN", Path(__file__).parents[2] / "build" / "bin"))


def layer_norm(x, scale, bias):
    centered = x - x.mean(-1, keepdims=True)
    return centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-5) * scale + bias


def rms_norm(x, scale):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * scale


NORMS = {"LayerNormalization": (layer_norm, 17, 3), "RMSNormalization": (rms_norm, 23, 2)}


def norm_text(name, length):
    _, opset, count = NORMS[name]
    names = ("x", "scale", "bias")[:count]
    g = Graph(opset, **{n: ("f4", ["R", length] if n == "x" else [length]) for n in names})
    g.add(name, *names, axis=-1, epsilon=1e-5)
    return import_model(g.model()).text


def inputs(name, length):
    # A mean that is not zero makes sums that grow with the row.
    return [numbers(max(1, min(3, 2**12 // length)), length, low=-1, high=4),
            *(numbers(length, low=0.5, high=2, seed=s) for s in range(1, NORMS[name][2]))]


@pytest.fixture(scope="module", params=NORMS)
def norm(request):
    return request.param, act_mlir.compile(norm_text(request.param, "N"))


@pytest.mark.parametrize("length", LENGTHS)
def test_accuracy(norm, length):
    name, model = norm
    arrays = inputs(name, length)
    expected = NORMS[name][0](*(a.astype("f8") for a in arrays))
    error = np.abs(model(*arrays) - expected).max() / np.abs(expected).max()
    assert error < 1e-6


@pytest.mark.parametrize("length", [1, 65, 1000, 4096])
@pytest.mark.parametrize("name", NORMS)
def test_gpu_bits(name, length, tmp_path):
    text, arrays = norm_text(name, length), inputs(name, length)
    (tmp_path / "norm.mlir").write_text(text)
    for i, array in enumerate(arrays):
        np.save(tmp_path / f"{i}.npy", array)
    subprocess.run(
        [BIN / "act-run", tmp_path / "norm.mlir", "--target=gpu-sim",
         *(f"--input=@{tmp_path / f'{i}.npy'}" for i in range(len(arrays))),
         f"--output=@{tmp_path / 'y.npy'}"], check=True)
    found = np.load(tmp_path / "y.npy")
    assert np.array_equal(found.view("u4"), act_mlir.compile(text)(*arrays).view("u4"))
