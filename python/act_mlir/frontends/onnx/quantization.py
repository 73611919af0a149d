# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantization, and products of quantized tensors."""

from __future__ import annotations

from ..text import InvalidModel
from ..types import Value, bits, is_float
from .elementwise import convert
from .linear import convolution, matrix_product
from .loading import dtype_of
from .registry import handles, normalized


@handles("QuantizeLinear")
def quantize(g, node):
    """x / scale in the scale's type, rounded to even, and the zero point."""
    x, scale, zero = node[0], node[1], node.optional(2)
    dtype = zero.dtype if zero is not None else "ui8"
    if node.attribute("output_dtype", 0):
        dtype = dtype_of(node.attribute("output_dtype"))
    inner = scale.dtype
    if node.attribute("precision", 0):
        inner = dtype_of(node.attribute("precision"))
    scale = _spread(g, node, scale)
    ratio = g.elementwise(
        lambda a, s: g.arithmetic("div", g.cast(a, inner), g.cast(s, inner)), x, scale)
    if is_float(dtype):
        return convert(g, ratio, dtype, node)
    return requantize(g, ratio, zero and _spread(g, node, zero), dtype)


def requantize(g, ratio, zero, dtype):
    """The nearest integer of a type, plus the zero point."""
    wide = "f64" if bits(dtype) > 16 or ratio.dtype == "f64" else "f32"

    def compute(r, *z):
        r = g.op("math.roundeven", g.cast(r, wide))
        if z:
            r = g.arithmetic("add", r, g.cast(z[0], wide))
        return g.round_to_integer(r, dtype)

    return g.elementwise(compute, ratio, *([] if zero is None else [zero]))


@handles("DequantizeLinear")
def dequantize(g, node):
    x, scale, zero = node[0], node[1], node.optional(2)
    dtype = scale.dtype
    if node.attribute("output_dtype", 0):
        dtype = dtype_of(node.attribute("output_dtype"))
    wide = "f64" if dtype == "f64" else "f32"
    operands = [_spread(g, node, scale)]
    if zero is not None and not is_float(x.dtype):
        operands.append(_spread(g, node, zero))

    def compute(a, s, *z):
        if z:
            a = g.arithmetic("sub", g.cast(a, "i32"), g.cast(z[0], "i32"))
        return g.cast(g.arithmetic("mul", g.cast(a, wide), g.cast(s, wide)), dtype)

    return g.elementwise(compute, x, *operands)


def _spread(g, node, value) -> Value:
    """A scale or zero point so that it broadcasts against the operand: one for
    all, one for each place along `axis`, or one for each block of places."""
    x = node[0]
    if value.rank == 0 or value.shape == (1,) and x.rank != 1:
        return g.reshape(value, ())
    axis = normalized(node.attribute("axis", 1), x.rank) if x.rank else 0
    block = node.attribute("block_size", 0)
    if not block:
        if value.rank != 1:
            raise InvalidModel(f"a scale of rank {value.rank}")
        return g.reshape(value, (*value.shape, *[1] * (x.rank - 1 - axis)))
    apart = (*value.shape[:axis + 1], 1, *value.shape[axis + 1:])
    wide = (*value.shape[:axis + 1], block, *value.shape[axis + 1:])
    value = g.broadcast_to(g.reshape(value, apart), wide)
    value = g.reshape(value, (*wide[:axis], wide[axis] * block, *wide[axis + 2:]))
    return g.slice(value, [0] * x.rank, (*value.shape[:axis], x.shape[axis],
                                         *value.shape[axis + 1:]))


# ---- products of integers

def _shifted(g, x, zero) -> Value:
    """x minus its zero point, which broadcasts, as i32."""
    if zero is None:
        return g.elementwise(lambda a: g.cast(a, "i32"), x)
    return g.elementwise(
        lambda a, z: g.arithmetic("sub", g.cast(a, "i32"), g.cast(z, "i32")), x, zero)


def _by_rows(g, zero) -> Value | None:
    """A zero point of the left operand: one for each row."""
    if zero is None or zero.rank != 1 or zero.shape == (1,):
        return zero
    return g.reshape(zero, (*zero.shape, 1))


def _by_filters(g, value, rank) -> Value | None:
    if value is None or value.rank != 1:
        return value
    return g.reshape(value, (*value.shape, *[1] * (rank - 1)))


@handles("MatMulInteger")
def matmul_integer(g, node):
    return matrix_product(g, _shifted(g, node[0], _by_rows(g, node.optional(2))),
                          _shifted(g, node[1], node.optional(3)))


@handles("QLinearMatMul")
def qlinear_matmul(g, node):
    total = matrix_product(g, _shifted(g, node[0], _by_rows(g, node[2])),
                           _shifted(g, node[3], node[5]))
    factor = _factor(g, _by_rows(g, node[1]), node[4], _by_rows(g, node[6]))
    return _scaled(g, total, factor, _by_rows(g, node[7]))


@handles("ConvInteger")
def conv_integer(g, node):
    x, kernel = node[0], node[1]
    return convolution(g, node, _shifted(g, x, node.optional(2)),
                       _shifted(g, kernel, _by_filters(g, node.optional(3), kernel.rank)), None)


@handles("QLinearConv")
def qlinear_conv(g, node):
    x, kernel = node[0], node[3]
    total = convolution(g, node, _shifted(g, x, node[2]),
                        _shifted(g, kernel, _by_filters(g, node[5], kernel.rank)),
                        node.optional(8))
    scale = _by_filters(g, node[4], kernel.rank - 1)
    return _scaled(g, total, _factor(g, node[1], scale, node[6]), node[7])


def _factor(g, a, b, y) -> Value:
    """a b / y, in the scales' type."""
    return g.elementwise(
        lambda p, q, r: g.arithmetic("div", g.arithmetic("mul", p, q), r), a, b, y)


def _scaled(g, total, factor, zero) -> Value:
    ratio = g.elementwise(
        lambda t, f: g.arithmetic("mul", g.cast(t, "f32"), g.cast(f, "f32")), total, factor)
    return requantize(g, ratio, zero, zero.dtype)
