# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arithmetic, comparison, logic, conversion and mathematical functions."""

from __future__ import annotations

import math

from ..text import Unsupported
from ..types import accumulator, is_float
from .registry import aten, common_type, handles, pointwise, prims

MATH = {
    aten.acos: "acos", aten.asin: "asin", aten.atan: "atan", aten.ceil: "ceil",
    aten.cos: "cos", aten.cosh: "cosh", aten.erf: "erf", aten.erfc: "erfc", aten.exp: "exp",
    aten.exp2: "exp2", aten.expm1: "expm1", aten.floor: "floor", aten.log: "log",
    aten.log10: "log10", aten.log1p: "log1p", aten.log2: "log2", aten.rsqrt: "rsqrt",
    aten.sin: "sin", aten.sinh: "sinh", aten.sqrt: "sqrt", aten.tan: "tan",
    aten.trunc: "trunc", aten.asinh: "asinh", aten.acosh: "acosh", aten.atanh: "atanh",
}
KEEP_INTEGERS = {"ceil", "floor", "trunc"}
# What upstream has no code for.
INVERSE_HYPERBOLIC = {"asinh", "acosh", "atanh"}


def _math(name):
    def handler(g, out, x):
        if not is_float(out.dtype):
            if name in KEEP_INTEGERS:
                return x
            raise Unsupported(f"a result of {out.dtype}")
        if name in INVERSE_HYPERBOLIC:
            return pointwise(g, out, lambda a: g.inverse_hyperbolic(name, a), x, dtype=out.dtype)
        return pointwise(g, out, lambda a: g.op(f"math.{name}", a), x, dtype=out.dtype)
    return handler


for operation, name in MATH.items():
    handles(operation)(_math(name))


@handles(aten.round.default)
def round_(g, out, x):
    if not is_float(out.dtype):
        return x
    return pointwise(g, out, lambda a: g.op("math.roundeven", a), x)


@handles(aten.abs)
def absolute(g, out, x):
    if out.dtype in ("i1", "ui8"):
        return x
    return pointwise(g, out, lambda a: g.op(
        "math.absf" if is_float(a.dtype) else "math.absi", a), x, wide=False)


@handles(aten.neg)
def negate(g, out, x):
    if is_float(out.dtype):
        return pointwise(g, out, lambda a: g.op("arith.negf", a), x, wide=False)
    return pointwise(g, out, lambda a: g.arithmetic("sub", g.like(a, 0), a), x)


@handles(aten.sign, aten.sgn)
def sign(g, out, x):
    def compute(a):
        zero = g.like(a, 0)
        up, down = (g.cast(g.compare(p, a, zero), a.dtype) for p in ("gt", "lt"))
        return g.arithmetic("sub", up, down)
    if out.dtype == "i1":
        return x
    return pointwise(g, out, compute, x)


@handles(aten.reciprocal)
def reciprocal(g, out, x):
    return pointwise(g, out, lambda a: g.arithmetic("div", g.like(a, 1), a), x, dtype=out.dtype)


# ---- two operands

def scaled(g, value, factor):
    if factor == 1:
        return value
    return g.arithmetic("mul", value, g.like(value, factor))


@handles(aten.add.Tensor, aten.add.Scalar)
def add(g, out, x, y, alpha=1):
    if out.dtype == "i1":
        return pointwise(g, out, lambda a, b: g.op("arith.ori", a, b), x, y)
    return pointwise(g, out, lambda a, b: g.arithmetic("add", a, scaled(g, b, alpha)), x, y)


@handles(aten.sub.Tensor, aten.sub.Scalar)
def subtract(g, out, x, y, alpha=1):
    return pointwise(g, out, lambda a, b: g.arithmetic("sub", a, scaled(g, b, alpha)), x, y)


@handles(aten.rsub)
def rsub(g, out, x, y, alpha=1):
    return pointwise(g, out, lambda a, b: g.arithmetic("sub", b, scaled(g, a, alpha)), x, y)


@handles(aten.mul)
def multiply(g, out, x, y):
    if out.dtype == "i1":
        return pointwise(g, out, lambda a, b: g.op("arith.andi", a, b), x, y)
    return pointwise(g, out, lambda a, b: g.arithmetic("mul", a, b), x, y)


@handles(aten.div.Tensor, aten.div.Scalar)
def divide(g, out, x, y):
    return pointwise(g, out, lambda a, b: g.arithmetic("div", a, b), x, y, dtype=out.dtype)


@handles(aten.div.Tensor_mode, aten.div.Scalar_mode)
def divide_rounded(g, out, x, y, mode):
    if not is_float(out.dtype):
        if mode == "trunc" or out.dtype == "ui8":
            return pointwise(g, out, lambda a, b: g.divide("div", a, b), x, y)

        def down(a, b):
            q, r, zero = g.divide("div", a, b), g.divide("rem", a, b), g.like(a, 0)
            below = g.op("arith.andi", g.compare("ne", r, zero), g.op(
                "arith.xori", g.compare("lt", a, zero), g.compare("lt", b, zero)))
            return g.select(below, g.arithmetic("sub", q, g.like(q, 1)), q)
        return pointwise(g, out, down, x, y)
    if mode is None:
        return divide(g, out, x, y)
    if mode != "trunc":
        # What rounds down exactly is fmod's matter.
        raise Unsupported("floor of a quotient")
    return pointwise(g, out, lambda a, b: g.op("math.trunc", g.arithmetic("div", a, b)), x, y)


@handles(aten.fmod)
def fmod(g, out, x, y):
    """The rest with the dividend's sign."""
    return pointwise(g, out, lambda a, b: rest(g, a, b), x, y)


def rest(g, a, b):
    return g.op("arith.remf", a, b) if is_float(a.dtype) else g.divide("rem", a, b)


@handles(aten.remainder.Tensor, aten.remainder.Scalar)
def remainder(g, out, x, y):
    """The rest with the divisor's sign."""
    def compute(a, b):
        r, zero = rest(g, a, b), g.like(a, 0)
        wrong = g.op("arith.andi", g.compare("ne", r, zero), g.op(
            "arith.xori", g.compare("lt", r, zero), g.compare("lt", b, zero)))
        return g.select(wrong, g.arithmetic("add", r, b), r)
    return pointwise(g, out, compute, x, y)


def _number_or_nan(name):
    def handler(g, out, x, y):
        if not is_float(out.dtype):
            return _extreme(name.removesuffix("num"))(g, out, x, y)
        return pointwise(g, out, lambda a, b: g.op(f"arith.{name}f", a, b), x, y)
    return handler


handles(aten.fmax.default)(_number_or_nan("maxnum"))
handles(aten.fmin.default)(_number_or_nan("minnum"))


def _extreme(name):
    def handler(g, out, x, y):
        if out.dtype == "i1":
            bit = "arith.ori" if name == "max" else "arith.andi"
            return pointwise(g, out, lambda a, b: g.op(bit, a, b), x, y)
        return pointwise(g, out, lambda a, b: g.arithmetic(name, a, b), x, y, wide=False)
    return handler


handles(aten.maximum.default)(_extreme("max"))
handles(aten.minimum.default)(_extreme("min"))


def _comparison(predicate):
    def handler(g, out, x, y):
        dtype = common_type(x, y)
        return pointwise(g, out, lambda a, b: g.compare(predicate, a, b), x, y, dtype=dtype)
    return handler


for name in ("eq", "ne", "lt", "le", "gt", "ge"):
    handles(getattr(aten, name).Tensor, getattr(aten, name).Scalar)(_comparison(name))


def _logic(name):
    def handler(g, out, x, y):
        return pointwise(g, out, lambda a, b: g.op(f"arith.{name}", g.cast(a, "i1"),
                                                   g.cast(b, "i1")), x, y)
    return handler


def _bits(name):
    def handler(g, out, x, y):
        return pointwise(g, out, lambda a, b: g.op(f"arith.{name}", a, b), x, y)
    return handler


for name, ours in (("and", "andi"), ("or", "ori"), ("xor", "xori")):
    handles(getattr(aten, f"logical_{name}").default)(_logic(ours))
    handles(getattr(aten, f"bitwise_{name}").Tensor,
            getattr(aten, f"bitwise_{name}").Scalar)(_bits(ours))


@handles(aten.logical_not.default)
def logical_not(g, out, x):
    return pointwise(g, out, lambda a: g.compare("eq", a, g.like(a, 0)), x)


@handles(aten.bitwise_not.default)
def bitwise_not(g, out, x):
    ones = 1 if out.dtype == "i1" else 255 if out.dtype == "ui8" else -1
    return pointwise(g, out, lambda a: g.op("arith.xori", a, g.like(a, ones)), x)


@handles(aten.isnan)
def isnan(g, out, x):
    return pointwise(g, out, lambda a: g.compare("ne", a, a), x)


@handles(aten.isinf)
def isinf(g, out, x):
    if not is_float(x.dtype):
        raise Unsupported(f"operands of {x.dtype}")
    return pointwise(g, out, lambda a: g.compare("eq", g.op("math.absf", a),
                                                 g.like(a, math.inf)), x)


@handles(aten.where.self)
def where(g, out, condition, x, y):
    return pick(g, out, condition, x, y)


def pick(g, out, condition, x, y):
    def compute(c, a, b):
        return g.select(g.cast(c, "i1"), g.cast(a, out.dtype), g.cast(b, out.dtype))
    return g.elementwise(compute, condition, x, y)


@handles(aten.masked_fill.Scalar)
def masked_fill(g, out, x, mask, number):
    return g.elementwise(lambda a, m: g.select(m, g.like(a, number), a), x, mask)


@handles(aten.masked_fill.Tensor)
def masked_fill_tensor(g, out, x, mask, value):
    return pick(g, out, mask, value, x)


@handles(aten.pow.Tensor_Scalar)
def power(g, out, x, exponent):
    if not is_float(out.dtype) and not (isinstance(exponent, int) and 0 <= exponent <= 8):
        raise Unsupported(f"integers to the power {exponent}")

    def compute(a):
        if exponent == 0.5:
            return g.op("math.sqrt", a)
        if exponent == -0.5:
            return g.op("math.rsqrt", a)
        if exponent == int(exponent) and 0 <= abs(exponent) <= 8:
            total = g.like(a, 1) if exponent == 0 else a
            for _ in range(abs(int(exponent)) - 1):
                total = g.arithmetic("mul", total, a)
            return total if exponent >= 0 else g.arithmetic("div", g.like(a, 1), total)
        return g.op("math.powf", a, g.like(a, exponent))

    return pointwise(g, out, compute, x, dtype=out.dtype)


@handles(aten.pow.Tensor_Tensor)
def power_of_tensors(g, out, x, y):
    if not is_float(out.dtype):
        raise Unsupported("powers of integers")
    return pointwise(g, out, lambda a, b: g.op("math.powf", a, b), x, y)


@handles(aten.atan2)
def atan2(g, out, x, y):
    return pointwise(g, out, lambda a, b: g.op("math.atan2", a, b), x, y, dtype=out.dtype)


@handles(aten.copysign.Tensor, aten.copysign.Scalar)
def copysign(g, out, x, y):
    return pointwise(g, out, lambda a, b: g.op("math.copysign", a, b), x, y, dtype=out.dtype)


# ---- conversion

@handles(aten._to_copy)
def to_copy(g, out, x, dtype, layout, device, *_):
    if is_float(x.dtype) and not is_float(out.dtype) and out.dtype not in ("i1", "i32", "i64"):
        raise Unsupported(f"{x.dtype} to {out.dtype}")
    return copied(g, out, x)


@handles(aten.clone, aten.alias, aten.lift_fresh_copy, aten.detach, aten.contiguous)
def same(g, out, x, *_):
    return x


@handles(aten.copy.default)
def copy(g, out, x, source, *_):
    return g.broadcast_to(copied(g, out, source), out.shape)


def copied(g, out, x):
    if x.dtype == out.dtype:
        return x
    return g.elementwise(lambda a: g.cast(a, out.dtype), x)


@handles(prims.convert_element_type.default)
def convert(g, out, x, dtype):
    return to_copy(g, out, x, dtype, None, None)


# ---- new tensors

@handles(aten.full.default)
def full(g, out, shape, number, *_):
    return g.full(number, out.dtype, out.shape)


@handles(aten.full_like, aten.scalar_tensor)
def full_like(g, out, x, number=None, *_):
    if not isinstance(number, (bool, int, float)):
        number = x
    return g.full(number, out.dtype, out.shape)


@handles(aten.zeros_like, aten.zeros.default, aten.new_zeros)
def zeros(g, out, *_):
    return g.full(0, out.dtype, out.shape)


@handles(aten.ones_like, aten.ones.default)
def ones(g, out, *_):
    return g.full(1, out.dtype, out.shape)


@handles(aten.empty.memory_format, aten.empty_like, aten.new_empty)
def empty(g, out, *_):
    return g.full(0, out.dtype, out.shape)


@handles(aten.arange.start_step)
def arange(g, out, start, end, step, *_):
    if is_float(out.dtype) and accumulator(out.dtype) != out.dtype:
        raise Unsupported(f"numbers of {out.dtype}")
    floating = any(isinstance(n, float) for n in (start, step))
    if floating and not is_float(out.dtype):
        raise Unsupported("integers by a step of floats")
    g.prepare_extents(n for n in (start, step) if not isinstance(n, float))

    def compute():
        index = g.loop_index(0)
        if floating:
            number = g.cast(g.from_index(index, "i64"), out.dtype)
            return g.arithmetic("add", g.scalar(start, out.dtype), g.arithmetic(
                "mul", number, g.scalar(step, out.dtype)))
        index = g.on_indices("addi", g.on_indices("muli", index, step), start)
        return g.cast(g.from_index(index, "i64"), out.dtype)

    return g.generic([], [], out.shape, compute)


@handles(prims.iota.default)
def iota(g, out, length, start, step, *_):
    return arange(g, out, start, None, step)
