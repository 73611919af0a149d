# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrix products, convolutions and pooling."""

from __future__ import annotations

from ..dims import product
from ..structured import lowest
from ..text import Unsupported
from ..types import accumulator, is_float
from .registry import aten, handles


def contract(g, lhs, rhs, lhs_dims, rhs_dims, out_dims):
    """In the wide form of the operands' type."""
    return g.contract(lhs, rhs, lhs_dims, rhs_dims, out_dims, accumulator(lhs.dtype))


def narrow(g, value, dtype):
    return g.elementwise(lambda a: g.cast(a, dtype), value)


@handles(aten.mm.default)
def mm(g, out, x, y):
    return narrow(g, contract(g, x, y, "mk", "kn", "mn"), out.dtype)


@handles(aten.bmm.default)
def bmm(g, out, x, y):
    return narrow(g, contract(g, x, y, "bmk", "bkn", "bmn"), out.dtype)


@handles(aten.mv)
def mv(g, out, x, y):
    column = g.reshape(y, (*y.shape, 1))
    return g.reshape(mm(g, out, x, column), out.shape)


@handles(aten.dot)
def dot(g, out, x, y):
    row, column = g.reshape(x, (1, *x.shape)), g.reshape(y, (*y.shape, 1))
    return g.reshape(mm(g, out, row, column), out.shape)


def add_product(g, out, bias, total, beta, alpha):
    wide = total.dtype

    def scaled(value, factor):
        return value if factor == 1 else g.arithmetic("mul", value, g.like(value, factor))

    if beta == 0:
        return g.elementwise(lambda a: g.cast(scaled(a, alpha), out.dtype), total)
    return g.elementwise(lambda a, c: g.cast(g.arithmetic(
        "add", scaled(a, alpha), scaled(g.cast(c, wide), beta)), out.dtype), total, bias)


@handles(aten.addmm.default)
def addmm(g, out, bias, x, y, beta=1, alpha=1):
    return add_product(g, out, bias, contract(g, x, y, "mk", "kn", "mn"), beta, alpha)


@handles(aten.baddbmm.default)
def baddbmm(g, out, bias, x, y, beta=1, alpha=1):
    return add_product(g, out, bias, contract(g, x, y, "bmk", "bkn", "bmn"), beta, alpha)


@handles(aten.convolution.default)
def convolution(g, out, x, kernel, bias, strides, pads, dilations, transposed, inner, groups):
    spatial = kernel.rank - 2
    if transposed or not 1 <= spatial <= 3 or x.rank != kernel.rank:
        raise Unsupported("a transposed convolution" if transposed else f"rank {x.rank}")
    strides, pads, dilations = (list(n) * spatial if len(n) == 1 else list(n)
                                for n in (strides, pads, dilations))
    padded = g.pad(x, (0, 0, *pads), (0, 0, *pads), g.scalar(0, x.dtype))
    result = g.convolve(padded, kernel, strides, dilations, groups, accumulator(x.dtype))
    if bias is None:
        return narrow(g, result, out.dtype)
    bias = g.reshape(bias, (*bias.shape, *[1] * spatial))
    return g.elementwise(lambda a, b: g.cast(g.arithmetic(
        "add", a, g.cast(b, a.dtype)), out.dtype), result, bias)


def pairs(numbers, spatial):
    return list(numbers) * spatial if len(numbers) == 1 else list(numbers)


@handles(aten.max_pool2d_with_indices.default)
def max_pool(g, outs, x, window, strides=(), pads=(0,), dilations=(1,), ceil=False):
    window, pads, dilations = (pairs(n, 2) for n in (window, pads, dilations))
    strides = pairs(strides, 2) if len(strides) else window
    if ceil or x.rank != 4 or not is_float(x.dtype):
        raise Unsupported("ceil_mode" if ceil else f"{x.type}")
    start = lowest(x.dtype)
    padded = g.pad(x, (0, 0, *pads), (0, 0, *pads), g.scalar(start, x.dtype))
    return [g.pool(padded, window, strides, dilations, start, "max"), None]


@handles(aten.avg_pool2d.default)
def average_pool(g, out, x, window, strides=(), pads=(0,), ceil=False, include=True,
                 divisor=None):
    window, pads = pairs(window, 2), pairs(pads, 2)
    strides = pairs(strides, 2) if len(strides) else window
    if ceil or x.rank != 4 or any(pads) and not include or not is_float(x.dtype):
        raise Unsupported("ceil_mode" if ceil else "padding that does not count")
    wide = accumulator(x.dtype)
    x = g.elementwise(lambda a: g.cast(a, wide), x)
    padded = g.pad(x, (0, 0, *pads), (0, 0, *pads), g.scalar(0, wide))
    total = g.pool(padded, window, strides, (1, 1), 0, "add")
    count = divisor or product(window)
    return narrow(g, g.divide_by_count(total, count), out.dtype)
