# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrix products and convolutions."""

from __future__ import annotations

import numpy as np

from ..dims import product
from ..text import InvalidModel
from ..types import NUMPY_TYPES, accumulator
from .pooling import padding
from .registry import handles


@handles("MatMul")
def matmul(g, node):
    return matrix_product(g, node[0], node[1])


def matrix_product(g, lhs, rhs):
    """NumPy's rule: dimensions before the last two broadcast."""
    if lhs.rank == 0 or rhs.rank == 0:
        raise InvalidModel("an operand has rank 0")
    wide = accumulator(lhs.dtype)
    dtype = lhs.dtype
    if lhs.rank == 1 or rhs.rank == 1:
        result = _with_vectors(g, lhs, rhs)
    elif rhs.rank == 2:
        # All rows of all matrices are rows of one.
        rows = g.reshape(lhs, (product(lhs.shape[:-1]), lhs.shape[-1]))
        result = g.contract(rows, rhs, "mk", "kn", "mn", wide)
        result = g.reshape(result, (*lhs.shape[:-1], rhs.shape[-1]))
    else:
        result = _batched(g, lhs, rhs, wide)
    return g.elementwise(lambda x: g.cast(x, dtype), result) if result.dtype != dtype else result


def _with_vectors(g, lhs, rhs):
    """A vector is a row on the left, a column on the right."""
    left, right = lhs, rhs
    if lhs.rank == 1:
        left = g.reshape(lhs, (1, *lhs.shape))
    if rhs.rank == 1:
        right = g.reshape(rhs, (*rhs.shape, 1))
    result = matrix_product(g, left, right)
    shape = list(result.shape)
    if rhs.rank == 1:
        del shape[-1]
    if lhs.rank == 1:
        del shape[-1 if rhs.rank == 1 else -2]
    return g.reshape(result, shape)


def _batched(g, lhs, rhs, wide):
    batch = g.broadcast_shapes(lhs.shape[:-2], rhs.shape[:-2])

    def stack(value):
        value = g.broadcast_to(value, (*batch, *value.shape[-2:]))
        return g.reshape(value, (product(batch), *value.shape[-2:]))

    result = g.contract(stack(lhs), stack(rhs), "bmk", "bkn", "bmn", wide)
    return g.reshape(result, (*batch, *result.shape[-2:]))


@handles("Gemm")
def gemm(g, node):
    """alpha op(A) op(B) + beta C; factors of 1 cost nothing."""
    lhs, rhs, bias = node[0], node[1], node.optional(2)
    if lhs.rank != 2 or rhs.rank != 2:
        raise InvalidModel(f"operands of rank {lhs.rank} and {rhs.rank}, not 2")
    dtype = lhs.dtype
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    result = g.contract(lhs, rhs, "km" if node.attribute("transA", 0) else "mk",
                        "nk" if node.attribute("transB", 0) else "kn", "mn",
                        accumulator(dtype))
    wide = result.dtype

    def scaled(value, factor):
        return value if factor == 1 else g.arithmetic("mul", value, g.like(value, factor))

    if bias is not None and beta != 0:
        return g.elementwise(
            lambda x, c: g.cast(g.arithmetic(
                "add", scaled(x, alpha), scaled(g.cast(c, wide), beta)), dtype),
            result, bias)
    return g.elementwise(lambda x: g.cast(scaled(x, alpha), dtype), result)


@handles("Conv")
def conv(g, node):
    return convolution(g, node, node[0], node[1], node.optional(2))


def convolution(g, node, image, kernel, bias):
    """By the node's attributes."""
    spatial = image.rank - 2
    if not 1 <= spatial <= 3 or kernel.rank != image.rank:
        raise InvalidModel(f"an image of rank {image.rank} and a kernel of rank {kernel.rank}")
    window = node.attribute("kernel_shape", list(kernel.shape[2:]))
    if list(window) != list(kernel.shape[2:]):
        raise InvalidModel(f"kernel_shape {list(window)} is not the kernel's")
    strides = node.attribute("strides", [1] * spatial)
    dilations = node.attribute("dilations", [1] * spatial)
    groups = node.attribute("group", 1)
    if groups < 1 or kernel.shape[0] % groups:
        raise InvalidModel(f"{groups} groups of {kernel.shape[0]} filters")
    g.require_equal(image.shape[1], kernel.shape[1] * groups, "channels")
    low, high = padding(node, image.shape[2:], window, strides, dilations)
    image = g.pad(image, (0, 0, *low), (0, 0, *high), g.scalar(0, image.dtype))
    result = g.convolve(image, kernel, strides, dilations, groups, accumulator(image.dtype))
    return add_bias(g, result, bias, image.dtype)


def add_bias(g, result, bias, dtype):
    """Adds a number to each channel, and gives the result its type."""
    wide = result.dtype
    if bias is not None:
        bias = g.reshape(bias, (*bias.shape, *[1] * (result.rank - 2)))
        return g.elementwise(lambda x, b: g.cast(g.arithmetic("add", x, g.cast(b, wide)), dtype),
                             result, bias)
    return g.elementwise(lambda x: g.cast(x, dtype), result) if wide != dtype else result


@handles("CausalConvWithState")
def causal_conv(g, node):
    """Each channel by itself, from what came before; the last elements are the
    state of the next call."""
    x, kernel, bias, state = node[0], node[1], node.optional(2), node.optional(3)
    kind = node.attribute("activation", "none")
    if kind not in ("none", "silu", "swish"):
        raise InvalidModel(f"activation '{kind}'")
    kept = kernel.shape[2] - 1
    if state is None:
        x = g.pad(x, (0, 0, kept), (0, 0, 0), g.scalar(0, x.dtype))
    else:
        x = g.concat([state, x], 2)
    result = g.convolve(x, kernel, [1], [1], kernel.shape[0], accumulator(x.dtype))
    if kind != "none":
        # Before the result's rounding, as the sum is.
        wide = result.dtype
        if bias is not None:
            result = add_bias(g, result, g.elementwise(lambda b: g.cast(b, wide), bias), wide)
        result = g.elementwise(lambda a: g.cast(g.op("act.silu", a), x.dtype), result)
    else:
        result = add_bias(g, result, bias, x.dtype)
    last = g.slice(x, (0, 0, x.shape[2] - kept), (*x.shape[:2], kept))
    return [result, last]


@handles("Col2Im")
def col2im(g, node):
    """Windows added up where they were: a transposed convolution by a kernel
    that puts each of its channels in one place."""
    x, image, block = node[0], node.integers("", 1), node.integers("", 2)
    spatial, taps = len(image), int(np.prod(block))
    ones = [1] * spatial
    strides, dilations = node.attribute("strides", ones), node.attribute("dilations", ones)
    pads = node.attribute("pads", [0] * 2 * spatial)
    counts = [(d + pads[i] + pads[spatial + i] - dilations[i] * (block[i] - 1) - 1) // strides[i] + 1
              for i, d in enumerate(image)]
    channels = x.shape[1] // taps
    # What strides leave over at the end.
    extra = [d + pads[i] + pads[spatial + i] - dilations[i] * (block[i] - 1) - 1
             - (counts[i] - 1) * strides[i] for i, d in enumerate(image)]
    x = g.reshape(x, (x.shape[0] * channels, taps, *counts))
    kernel = g.constant(np.eye(taps, dtype=NUMPY_TYPES[x.dtype]).reshape(taps, 1, *block))
    result = transposed_convolution(g, node, x, kernel, None, extra=extra)
    return g.reshape(result, (node[0].shape[0], channels, *image))


@handles("ConvTranspose")
def conv_transpose(g, node):
    return transposed_convolution(g, node, node[0], node[1], node.optional(2))


def transposed_convolution(g, node, image, kernel, bias, extra=None):
    """A convolution of the image with zeros between its elements, by the
    kernel turned around."""
    spatial = image.rank - 2
    if not 1 <= spatial <= 3 or kernel.rank != image.rank:
        raise InvalidModel(f"an image of rank {image.rank} and a kernel of rank {kernel.rank}")
    window = list(kernel.shape[2:])
    strides = node.attribute("strides", [1] * spatial)
    dilations = node.attribute("dilations", [1] * spatial)
    groups = node.attribute("group", 1)
    reach = [(w - 1) * d for w, d in zip(window, dilations)]
    extra, low, high = _transposed_padding(node, image.shape[2:], reach, strides, extra)
    before = [r - p for r, p in zip(reach, low)]
    after = [r - p + e for r, p, e in zip(reach, high, extra)]
    result = g.convolve_transposed(image, kernel, strides, dilations, groups, before, after,
                                   accumulator(image.dtype))
    return add_bias(g, result, bias, image.dtype)


def _transposed_padding(node, extents, reach, strides, extra):
    spatial = len(extents)
    extra = extra or node.attribute("output_padding", [0] * spatial)
    full = [(d - 1) * s + r + 1 + e for d, s, r, e in zip(extents, strides, reach, extra)]
    shape = node.attribute("output_shape")
    auto = node.attribute("auto_pad", "NOTSET")
    if shape is None and auto in ("SAME_UPPER", "SAME_LOWER"):
        shape = [d * s for d, s in zip(extents, strides)]
    if shape is not None:
        total = [a - b for a, b in zip(full, shape[-spatial:])]
        small = [t // 2 for t in total]
        large = [t - s for t, s in zip(total, small)]
        return extra, *((small, large) if auto == "SAME_UPPER" else (large, small))
    pads = node.attribute("pads", [0] * 2 * spatial)
    return extra, pads[:spatial], pads[spatial:]
