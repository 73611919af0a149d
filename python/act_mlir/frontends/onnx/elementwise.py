# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arithmetic, comparison, logic, conversion and mathematical functions."""

from __future__ import annotations

from functools import reduce as fold_left

import ml_dtypes
import numpy as np

from ..text import Unsupported
from ..types import NUMPY_TYPES, Value, bits, is_float, is_unsigned, type_of
from .loading import dtype_of
from .registry import handles

# ---- operations of upstream's `math` on floats

MATH = {
    "Acos": "acos", "Asin": "asin", "Atan": "atan", "Ceil": "ceil", "Cos": "cos",
    "Cosh": "cosh", "Erf": "erf", "Exp": "exp", "Floor": "floor", "Log": "log",
    "Round": "roundeven", "Sin": "sin", "Sinh": "sinh", "Sqrt": "sqrt",
    "Tan": "tan",
}


@handles(*MATH)
def math(g, node):
    return g.elementwise(lambda x: g.op(f"math.{MATH[node.op]}", x), node[0])


@handles("Asinh", "Acosh", "Atanh")
def inverse_hyperbolic(g, node):
    return g.elementwise(lambda x: g.inverse_hyperbolic(node.op.lower(), x), node[0])


# ---- arithmetic

BINARY = {"Add": "add", "Sub": "sub", "Mul": "mul"}
MANY = {"Max": "max", "Min": "min", "Sum": "add"}


@handles(*BINARY)
def binary(g, node):
    lhs, rhs = legacy_operands(g, node)
    return g.elementwise(lambda x, y: g.arithmetic(BINARY[node.op], x, y), lhs, rhs)


@handles(*MANY)
def many(g, node):
    return fold_left(
        lambda a, b: g.elementwise(lambda x, y: g.arithmetic(MANY[node.op], x, y), a, b),
        node.inputs())


@handles("Mean")
def mean(g, node):
    total = many_sum(g, node.inputs())
    return g.divide_by_count(total, len(node))


def many_sum(g, values):
    return fold_left(
        lambda a, b: g.elementwise(lambda x, y: g.arithmetic("add", x, y), a, b), values)


def legacy_operands(g, node):
    """Before opset 7 the second operand broadcast from the attribute `axis`."""
    lhs, rhs = node[0], node[1]
    axis = node.attribute("axis")
    if node.opset < 7 and node.attribute("broadcast", 0) and axis is not None:
        rhs = g.reshape(rhs, rhs.shape + (1,) * (lhs.rank - axis % lhs.rank - rhs.rank))
    return lhs, rhs


@handles("Div")
def div(g, node):
    lhs, rhs = legacy_operands(g, node)
    return g.elementwise(lambda x, y: g.divide("div", x, y), lhs, rhs)


@handles("Mod")
def mod(g, node):
    truncated = node.attribute("fmod", 0)

    def compute(x, y):
        rest = g.divide("rem", x, y)
        if truncated or is_unsigned(x.dtype):
            return rest
        # The sign is the divisor's.
        zero = g.like(x, 0)
        wrong = g.op("arith.andi", g.compare("ne", rest, zero), g.op(
            "arith.xori", g.compare("lt", rest, zero), g.compare("lt", y, zero)))
        return g.select(wrong, g.arithmetic("add", rest, y), rest)

    return g.elementwise(compute, node[0], node[1])


@handles("Pow")
def power(g, node):
    x, y = node[0], node[1]
    dtype = x.dtype
    exponent = None
    if y.data is not None and y.data.size == 1:
        exponent = float(y.data.reshape(()))
    if exponent in (1.0, 2.0, 3.0) or exponent in (0.5, -1.0) and is_float(dtype):
        return _simple_power(g, x, exponent)
    wide = dtype if is_float(dtype) else "f64"

    def compute(a, b):
        return g.cast(g.op("math.powf", g.cast(a, wide), g.cast(b, wide)), dtype)

    return g.elementwise(compute, x, y)


def _simple_power(g, x, exponent):
    def compute(a):
        if exponent == 0.5:
            return g.op("math.sqrt", a)
        if exponent == -1.0:
            return g.arithmetic("div", g.like(a, 1), a)
        result = a
        for _ in range(int(exponent) - 1):
            result = g.arithmetic("mul", result, a)
        return result

    return g.elementwise(compute, x)


@handles("Reciprocal")
def reciprocal(g, node):
    return g.elementwise(lambda x: g.arithmetic("div", g.like(x, 1), x), node[0])


@handles("Neg")
def neg(g, node):
    def compute(x):
        if is_float(x.dtype):
            return g.op("arith.negf", x)
        return g.arithmetic("sub", g.like(x, 0), x)

    return g.elementwise(compute, node[0])


@handles("Abs")
def absolute(g, node):
    x = node[0]
    if is_unsigned(x.dtype):
        return x
    name = "math.absf" if is_float(x.dtype) else "math.absi"
    return g.elementwise(lambda a: g.op(name, a), x)


@handles("Sign")
def sign(g, node):
    """Zeros and NaN are their own sign."""
    def compute(x):
        zero = g.like(x, 0)
        if is_unsigned(x.dtype):
            return g.select(g.compare("ne", x, zero), g.like(x, 1), x)
        down = g.select(g.compare("lt", x, zero), g.like(x, -1), x)
        return g.select(g.compare("gt", x, zero), g.like(x, 1), down)

    return g.elementwise(compute, node[0])


# ---- comparison and logic

COMPARE = {"Equal": "eq", "Less": "lt", "LessOrEqual": "le",
           "Greater": "gt", "GreaterOrEqual": "ge"}


@handles(*COMPARE)
def compare(g, node):
    lhs, rhs = legacy_operands(g, node)
    return g.elementwise(lambda x, y: g.compare(COMPARE[node.op], x, y), lhs, rhs)


LOGIC = {"And": "andi", "Or": "ori", "Xor": "xori",
         "BitwiseAnd": "andi", "BitwiseOr": "ori", "BitwiseXor": "xori"}


@handles(*LOGIC)
def logic(g, node):
    lhs, rhs = legacy_operands(g, node)
    return g.elementwise(lambda x, y: g.op(f"arith.{LOGIC[node.op]}", x, y), lhs, rhs)


@handles("Not", "BitwiseNot")
def complement(g, node):
    return g.elementwise(
        lambda x: g.op("arith.xori", x, g.like(x, 1 if x.dtype == "i1" else -1)), node[0])


@handles("BitShift")
def shift(g, node):
    """A shift by all bits or more, or by a negative number of them, shifts
    everything out, where MLIR defines nothing."""
    left = node.attribute("direction") == "LEFT"

    def compute(x, y):
        signed = not is_unsigned(x.dtype)
        unsigned = Value("u" + y.dtype.removeprefix("u"), y.shape, g.use(y).name)
        inside = g.compare("lt", unsigned, g.like(unsigned, bits(x.dtype)))
        amount = g.select(inside, y, g.like(y, bits(x.dtype) - 1 if signed else 0))
        if left:
            return g.select(inside, g.op("arith.shli", x, amount), g.like(x, 0))
        if signed:
            return g.op("arith.shrsi", x, amount)
        return g.select(inside, g.op("arith.shrui", x, amount), g.like(x, 0))

    return g.elementwise(compute, node[0], node[1])


@handles("Where")
def where(g, node):
    return g.elementwise(g.select, node[0], node[1], node[2])


@handles("IsNaN")
def is_nan(g, node):
    return g.elementwise(lambda x: g.compare("unordered", x, x), node[0])


@handles("IsInf")
def is_inf(g, node):
    signs = [sign for name, sign in (("detect_positive", 1), ("detect_negative", -1))
             if node.attribute(name, 1)]

    def compute(x):
        if not signs:
            return g.like(x, 0, "i1")
        found = [g.compare("eq", x, g.like(x, sign * np.inf)) for sign in signs]
        return fold_left(lambda a, b: g.op("arith.ori", a, b), found)

    return g.elementwise(compute, node[0])


# ---- conversion

@handles("Cast")
def cast(g, node):
    return convert(g, node[0], dtype_of(node.attribute("to")), node)


@handles("CastLike")
def cast_like(g, node):
    return convert(g, node[0], node[1].dtype, node)


def convert(g, x, dtype, node):
    """Floats out of an 8-bit type's range become its largest number, infinities
    too, unless `saturate` is 0."""
    def compute(a):
        if not is_float(dtype) or bits(dtype) != 8 or not is_float(a.dtype):
            return g.cast(a, dtype)
        if bits(a.dtype) < 32:
            a = g.cast(a, "f32")
        largest = float(ml_dtypes.finfo(NUMPY_TYPES[dtype]).max)
        if node.attribute("saturate", 1):
            a = g.arithmetic("max", g.arithmetic("min", a, g.like(a, largest)),
                             g.like(a, -largest))
        elif dtype == "f8E4M3FN":
            # 448 is the largest number, and what lies closer to 480 is none.
            inside = g.compare("le", g.op("math.absf", a), g.like(a, 464.0))
            a = g.select(inside, a, g.like(a, np.nan))
        return g.cast(a, dtype)

    return x if x.dtype == dtype else g.elementwise(compute, x)


@handles("BitCast")
def bit_cast(g, node):
    x, dtype = node[0], dtype_of(node.attribute("to"))
    if bits(dtype) != bits(x.dtype):
        raise Unsupported(f"types of {bits(x.dtype)} and {bits(dtype)} bits")
    if not is_float(x.dtype) and not is_float(dtype):
        return g.elementwise(lambda a: g.cast(a, dtype), x)

    def compute(a):
        a = g.use(a)
        return g.result(dtype, a.shape, f"arith.bitcast {a} : {a.type} to "
                        f"{type_of(dtype, a.shape)}")

    return g.elementwise(compute, x)


# ---- no operation at run time

@handles("Identity", "Dropout")
def identity(g, node):
    results = [node[0]]
    if node.op == "Dropout":
        training = node.optional(2) is not None and node.number("training_mode", 2)
        if training and node.number("ratio", 1, 0.5) != 0:
            raise Unsupported("training_mode, which needs random numbers")
        if len(node.outputs) > 1:
            results.append(g.full(True, "i1", node[0].shape))
    return results
