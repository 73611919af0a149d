# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arithmetic, comparison, logic, conversion and mathematical functions."""

from __future__ import annotations

import numpy as np

from ..text import Unsupported
from ..types import Value, bits, is_float, is_unsigned, type_of
from .registry import computes, handles

MATH = {
    "ceil": "math.ceil", "cosine": "math.cos", "exponential": "math.exp",
    "exponential_minus_one": "math.expm1", "floor": "math.floor", "log": "math.log",
    "log_plus_one": "math.log1p", "logistic": "act.sigmoid", "round_nearest_afz": "math.round",
    "round_nearest_even": "math.roundeven", "rsqrt": "math.rsqrt", "sine": "math.sin",
    "sqrt": "math.sqrt", "tan": "math.tan", "tanh": "act.tanh", "chlo.acos": "math.acos",
    "chlo.asin": "math.asin", "chlo.atan": "math.atan", "chlo.cosh": "math.cosh",
    "chlo.erf": "math.erf", "chlo.erfc": "math.erfc", "chlo.sinh": "math.sinh",
    "chlo.tan": "math.tan",
}


@computes(*MATH)
def math(g, op, x):
    if not is_float(x.dtype):
        raise Unsupported(f"operands of {x.dtype}")
    return g.op(MATH[op.name.removeprefix("stablehlo.")], x)


@computes("chlo.acosh", "chlo.asinh", "chlo.atanh")
def inverse_hyperbolic(g, op, x):
    return g.inverse_hyperbolic(op.name.removeprefix("chlo."), x)


@computes("cbrt")
def cube_root(g, op, x):
    """The power 1/3 of |x|, and one step of Newton's for what it lost."""
    a = g.op("math.absf", x)
    y = g.op("math.powf", a, g.like(x, 1 / 3))
    square = g.op("arith.mulf", y, y)
    rest = g.op("arith.subf", g.op("arith.divf", a, square), y)
    refined = g.op("arith.addf", y, g.op("arith.mulf", rest, g.like(x, 1 / 3)))
    usable = g.op("arith.andi", g.compare("gt", a, g.like(x, 0)),
                  g.compare("lt", a, g.like(x, np.inf)))
    return g.op("math.copysign", g.select(usable, refined, a), x)


CALLS = {"mhlo.erf": "math.erf", "mhlo.tan": "math.tan", "mhlo.asin": "math.asin",
         "mhlo.acos": "math.acos", "mhlo.sinh": "math.sinh", "mhlo.cosh": "math.cosh"}
# Calls that say something of their operand, and compute nothing.
IDENTITIES = {"Sharding", "SPMDFullToShardShape", "SPMDShardToFullShape", "annotate_device_placement"}


@handles("custom_call")
def custom_call(g, op):
    target = op.attribute("call_target_name").value
    if target in CALLS:
        return g.elementwise(lambda x: g.op(CALLS[target], x), op[0])
    if target in IDENTITIES:
        return op.values
    if target == "shape_assertion":
        return []  # a call checks that extents agree
    raise Unsupported("")


@handles("optimization_barrier")
def barrier(g, op):
    return op.values


# ---- arithmetic

@computes("add", "subtract", "multiply", "maximum", "minimum")
def arithmetic(g, op, x, y):
    name = {"subtract": "sub"}.get(op.name.removeprefix("stablehlo."),
                                   op.name.removeprefix("stablehlo.")[:3])
    if x.dtype == "i1":
        logic = {"add": "ori", "max": "ori", "mul": "andi", "min": "andi"}
        if name not in logic:
            raise Unsupported("operands of i1")
        return g.op(f"arith.{logic[name]}", x, y)
    return g.arithmetic(name, x, y)


@computes("divide", "remainder")
def quotient(g, op, x, y):
    return g.divide("div" if op.name.endswith("divide") else "rem", x, y)


@computes("power")
def power(g, op, x, y):
    if not is_float(x.dtype):
        return g.op("math.ipowi", x, y)
    return g.op("math.powf", x, y)


@computes("atan2")
def atan2(g, op, y, x):
    return g.op("math.atan2", y, x)


@computes("abs")
def absolute(g, op, x):
    return g.op("math.absf" if is_float(x.dtype) else "math.absi", x)


@computes("negate")
def negate(g, op, x):
    if is_float(x.dtype):
        return g.op("arith.negf", x)
    return g.op("arith.subi", g.like(x, 0), x)


@computes("chlo.square")
def square(g, op, x):
    return g.arithmetic("mul", x, x)


@computes("sign")
def sign(g, op, x):
    """-1, 0 or 1; a zero and NaN stay what they are."""
    zero, one, minus = g.like(x, 0), g.like(x, 1), g.like(x, 0 if is_unsigned(x.dtype) else -1)
    negative = g.select(g.compare("lt", x, zero), minus, x)
    return g.select(g.compare("gt", x, zero), one, negative)


@computes("is_finite")
def is_finite(g, op, x):
    return g.compare("lt", g.op("math.absf", x), g.like(x, np.inf))


@computes("chlo.is_inf")
def is_inf(g, op, x):
    return g.compare("eq", g.op("math.absf", x), g.like(x, np.inf))


@computes("clamp")
def clamp(g, op, low, x, high):
    return g.arithmetic("min", g.arithmetic("max", x, low), high)


# ---- bits

@computes("and", "or", "xor")
def logic(g, op, x, y):
    return g.op(f"arith.{op.name.removeprefix('stablehlo.')}i", x, y)


@computes("not")
def invert(g, op, x):
    ones = 1 if x.dtype == "i1" else 2 ** bits(x.dtype) - 1 if is_unsigned(x.dtype) else -1
    return g.op("arith.xori", x, g.like(x, ones))


@computes("shift_left", "shift_right_logical", "shift_right_arithmetic")
def shift(g, op, x, y):
    """All bits go where the count is none of 0 to the width, less 1."""
    arithmetic = op.name.endswith("arithmetic")
    name = "shli" if op.name.endswith("left") else "shrsi" if arithmetic else "shrui"
    width = bits(x.dtype)
    count = Value("u" + y.dtype.removeprefix("u"), y.shape, g.use(y).name)
    inside = g.compare("lt", count, g.like(count, width))
    if arithmetic:
        return g.op(f"arith.{name}", x, g.select(inside, y, g.like(y, width - 1)))
    shifted = g.op(f"arith.{name}", x, g.select(inside, y, g.like(y, 0)))
    return g.select(inside, shifted, g.like(x, 0))


@computes("count_leading_zeros", "popcnt")
def count_bits(g, op, x):
    return g.op("math.ctpop" if op.name.endswith("popcnt") else "math.ctlz", x)


# ---- comparison, choice, conversion

@computes("compare")
def compare(g, op, x, y):
    if op.word("compare_type") == "TOTALORDER":
        raise Unsupported("a total order of floats")
    return g.compare(op.word("comparison_direction").lower(), x, y)


@computes("select")
def select(g, op, condition, then, otherwise):
    return g.select(condition, then, otherwise)


@computes("convert")
def convert(g, op, x):
    return g.cast(x, op.dtype)


@computes("bitcast_convert")
def bitcast(g, op, x):
    dtype = op.dtype
    if bits(dtype) != bits(x.dtype):
        raise Unsupported(f"a conversion of {x.dtype}'s bits to {dtype}")
    x = g.use(x)
    if is_float(dtype) == is_float(x.dtype):
        return Value(dtype, x.shape, x.name) if dtype != x.dtype else x
    return g.result(dtype, x.shape, f"arith.bitcast {x} : {x.type} to {type_of(dtype, x.shape)}")
