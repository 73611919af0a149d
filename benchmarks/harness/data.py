# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs, the reference in f64, and errors in ULP."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np

NUMPY = {"f32": np.dtype("f4"), "f16": np.dtype("f2"), "bf16": np.dtype(ml_dtypes.bfloat16)}
# Bits of the significand after the point, smallest exponent.
_FORMATS = {"f32": (23, -126), "f16": (10, -14), "bf16": (7, -126)}
# The reference looks at the result's first elements (whole rows).
CHECKED = 1 << 16


def aligned(extents, dtype: np.dtype, offset: int = 0) -> np.ndarray:
    """Uninitialized memory that begins `offset` elements after a multiple of
    64 bytes."""
    count = math.prod(extents)
    raw = np.empty((count + offset) * dtype.itemsize + 64, np.uint8)
    skip = -raw.ctypes.data % 64 + offset * dtype.itemsize
    return raw[skip:skip + count * dtype.itemsize].view(dtype).reshape(extents)


def arrays(cell):
    """The inputs and the weights of a cell by name: the same numbers for every
    contender."""
    random = np.random.default_rng(0)
    dtype = NUMPY[cell.dtype]
    inputs, weights = {}, {}
    for name, extents in cell.inputs().items():
        inputs[name] = aligned(extents, dtype, cell.offset)
        values = random.standard_normal(min(math.prod(extents), 1 << 20), np.float32)
        # The first input is wider: activations bend within a few units of zero.
        values *= 2 if not inputs.keys() - {name} else 1
        inputs[name].reshape(-1)[:] = np.resize(values, math.prod(extents))
    for name, extents in cell.weights().items():
        # Of a matrix or a filter, scaled so that results are about one.
        fan = math.prod(extents[:-1]) if len(extents) == 2 else math.prod(extents[1:])
        values = random.standard_normal(extents, np.float32)
        weights[name] = (values / math.sqrt(max(fan, 1)) if len(extents) > 1
                         else 1 + values / 8).astype(dtype)
    return inputs, weights


def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


_erfc = np.vectorize(math.erfc, otypes=[np.float64])
_NAMES = {"np": np, "sigmoid": _sigmoid, "erfc": _erfc,
          "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
          "gelu": lambda x: 0.5 * x * _erfc(-x / math.sqrt(2))}


def reference(cell, inputs, weights) -> np.ndarray | None:
    """The first rows of the result in f64; None where that takes too long."""
    op = cell.operation
    if (cell.flops() or 0) > 2e9:
        return None
    batch = op.dims[0]
    rows = max(1, CHECKED * cell.shape[0] // cell.elements()) if op.mlir or (
        not op.weights) else cell.shape[0]
    values = dict(_NAMES)
    for name, array in inputs.items():
        batched = op.inputs[name][0] == batch
        values[name] = (array[:rows] if batched else array).astype(np.float64)
    values |= {name: array.astype(np.float64) for name, array in weights.items()}
    values |= op.constants
    with np.errstate(all="ignore"):
        exec(op.numpy, values)
    return values["y"]


def ulp(result: np.ndarray, expected: np.ndarray, dtype: str) -> float:
    """The largest distance to `expected`, in units of its last place."""
    bits, lowest = _FORMATS[dtype]
    found = result.reshape(-1)[:expected.size].astype(np.float64)
    expected = expected.reshape(-1)
    _, exponent = np.frexp(expected)
    unit = np.ldexp(1.0, np.maximum(exponent - 1, lowest) - bits)
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(found - expected) / unit, initial=0))


def relative(result: np.ndarray, expected: np.ndarray) -> float:
    """The largest distance to `expected` over the largest value: for sums of
    many products, where ULP of a result near zero say nothing."""
    found = result.reshape(-1)[:expected.size].astype(np.float64)
    scale = float(np.max(np.abs(expected), initial=0)) or 1.0
    return float(np.max(np.abs(found - expected.reshape(-1)), initial=0)) / scale
