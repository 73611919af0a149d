# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrix products."""

from __future__ import annotations

from ..types import accumulator
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
