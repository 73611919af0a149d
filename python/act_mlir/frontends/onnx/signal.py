# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fourier transforms, as products with a constant matrix."""

from __future__ import annotations

import numpy as np

from ..dims import product
from ..elementwise import affine_map
from ..text import InvalidModel, Unsupported
from ..types import NUMPY_TYPES, accumulator
from .loading import dtype_of
from .registry import handles, normalized

# The matrix has the square of the length as its size.
MAX_LENGTH = 4096


@handles("DFT")
def dft(g, node):
    x = node[0]
    axis = node.attribute("axis", 1) if node.opset < 20 else node.number("axis", 2, -2)
    axis = normalized(int(axis), x.rank)
    inverse, onesided = node.attribute("inverse", 0), node.attribute("onesided", 0)
    count = x.shape[axis]
    length = 2 * (count - 1) if inverse and onesided else count
    if node.optional(1) is not None:
        length = int(node.number("dft_length", 1))
    return transform(g, x, axis, length, inverse, onesided)


def transform(g, x, axis, length, inverse, onesided):
    """Along `axis`, of numbers whose parts are the last dimension (1 or 2)."""
    parts = x.shape[-1]
    if axis == x.rank - 1 or parts not in (1, 2):
        raise InvalidModel(f"axis {axis} of a shape of {list(x.shape)}")
    if not isinstance(length, int) or not isinstance(x.shape[axis], int):
        raise Unsupported("a length that is not known")
    if length > MAX_LENGTH:
        raise Unsupported(f"a length of {length} (at most {MAX_LENGTH})")
    if inverse and onesided:
        matrix = _real_inverse(x.shape[axis], length)
    else:
        matrix = _matrix(length, inverse, length // 2 + 1 if onesided else length)
    matrix = matrix[:x.shape[axis], :parts]
    used = len(matrix)
    x = g.slice(x, [0] * x.rank, (*x.shape[:axis], used, *x.shape[axis + 1:]))
    # Everything but the axis and the parts are rows.
    order = [i for i in range(x.rank - 1) if i != axis]
    outer = [x.shape[i] for i in order]
    rows = g.reshape(g.transpose(x, [*order, axis, x.rank - 1]), (product(outer), used * parts))
    constant = g.constant(np.ascontiguousarray(
        matrix.reshape(used * parts, -1)).astype(NUMPY_TYPES[x.dtype]))
    result = g.contract(rows, constant, "mk", "kn", "mn", accumulator(x.dtype))
    if result.dtype != x.dtype:
        result = g.elementwise(lambda a: g.cast(a, x.dtype), result)
    result = g.reshape(result, (*outer, *matrix.shape[2:]))
    back = list(range(axis)) + [x.rank - 2] + list(range(axis, x.rank - 2)) + [x.rank - 1]
    return g.transpose(result, back)


def _circle(rows, columns, length):
    """Cosine and sine of i k turns / length; zeros come out exactly."""
    turns = (np.outer(np.arange(rows), np.arange(columns)) % length) / length
    values = np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)
    return (np.where(np.abs(v) < 1e-12, 0, v) for v in values)


def _matrix(length, inverse, columns):
    """[i, part of the operand, k, part of the result]."""
    real, imaginary = _circle(length, columns, length)
    if not inverse:
        imaginary = -imaginary
    matrix = np.stack([np.stack([real, imaginary], -1), np.stack([-imaginary, real], -1)], 1)
    return matrix / length if inverse else matrix


def _real_inverse(count, length):
    """From the first half of a spectrum, whose other half mirrors it."""
    used = min(count, length // 2 + 1)
    cosine, sine = _circle(used, length, length)
    twice = np.full((used, 1), 2.0)
    twice[0] = 1
    if length % 2 == 0 and used == length // 2 + 1:
        twice[-1] = 1
    matrix = np.stack([twice * cosine, -twice * sine], 1)
    return matrix[..., None] / length


@handles("STFT")
def stft(g, node):
    x, window = node[0], node.optional(2)
    step = int(node.number("frame_step", 1))
    length = window.shape[0] if window is not None else x.shape[1]
    if node.optional(3) is not None:
        length = int(node.number("frame_length", 3))
    if x.rank == 2:
        x = g.reshape(x, (*x.shape, 1))
    if not isinstance(length, int) or not isinstance(x.shape[1], int):
        raise Unsupported("a length that is not known")
    frames = (x.shape[1] - length) // step + 1
    maps = [affine_map(4, [0, f"d1 * {step} + d2", 3])]
    operands = [x]
    if window is not None:
        operands.append(window)
        maps.append(affine_map(4, [2]))
    framed = g.generic(
        operands, maps, (x.shape[0], frames, length, x.shape[2]),
        lambda a, *w: g.arithmetic("mul", a, w[0]) if w else a)
    return transform(g, framed, 2, length, False, node.attribute("onesided", 1))


@handles("MelWeightMatrix")
def mel_weight_matrix(g, node):
    """Triangles that are even on the mel scale, from the rows of a spectrum.
    ONNX leaves a step free before the upper edge."""
    bins, length, rate, low, high = (
        node.known(i, "a parameter").reshape(())[()] for i in range(5))
    dtype = NUMPY_TYPES[dtype_of(node.attribute("output_datatype", 1))]
    ends = 2595 * np.log10(1 + np.array([low, high], "f8") / 700)
    mels = np.linspace(*ends, int(bins) + 2, endpoint=False)
    edges = 700 * (10 ** (mels / 2595) - 1)
    edges = ((int(length) + 1) * edges // int(rate)).astype("i8")
    rows = np.arange(int(length) // 2 + 1)[:, None]
    left, top, right = edges[:-2], edges[1:-1], edges[2:]
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(top == left, 1.0 * (rows == top), (rows - left) / (top - left))
        down = (right - rows) / (right - top)
    weights = np.where((left <= rows) & (rows <= top), up, 0)
    weights = np.where((top < rows) & (rows < right), down, weights)
    return g.constant(weights.astype(dtype))
