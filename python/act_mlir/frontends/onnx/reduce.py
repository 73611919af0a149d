# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions."""

from __future__ import annotations

from ..dims import product
from ..text import Unsupported
from ..types import accumulator, is_float
from .registry import handles, normalized_axes


def reduction_axes(node, x) -> list[int]:
    """Axes from the attribute or, later, an operand; none means all, or no
    reduction where the node says so."""
    axes = node.integers("axes", 1)
    if not axes:
        return [] if node.attribute("noop_with_empty_axes", 0) else list(range(x.rank))
    return sorted(normalized_axes(axes, x.rank))


@handles("ReduceSum", "ReduceSumSquare", "ReduceL1", "ReduceL2", "ReduceMean",
         "ReduceLogSum", "ReduceProd", "ReduceMax", "ReduceMin")
def reduction(g, node):
    x = node[0]
    axes, keep = reduction_axes(node, x), bool(node.attribute("keepdims", 1))
    kind = node.op.removeprefix("Reduce")
    if kind in ("Max", "Min"):
        return x if not axes else getattr(g, kind.lower())(x, axes, keep)
    wide = accumulator(x.dtype)

    def before(item):
        item = g.cast(item, wide)
        if kind in ("SumSquare", "L2"):
            return g.arithmetic("mul", item, item)
        if kind == "L1":
            return absolute(g, item)
        return item

    if not axes:
        total = g.elementwise(before, x)
    else:
        start, join = (1, "mul") if kind == "Prod" else (0, "add")
        total = g.reduce(x, axes, keep, start, lambda a, t: g.arithmetic(join, a, t), before)
    if kind == "Mean":
        total = g.divide_by_count(total, product(x.shape[i] for i in axes))
    finish = {"L2": "math.sqrt", "LogSum": "math.log"}.get(kind)
    if finish and not is_float(x.dtype):
        raise Unsupported(f"operands of {x.dtype}")

    def after(value):
        return g.cast(g.op(finish, value) if finish else value, x.dtype)

    return g.elementwise(after, total) if finish or wide != x.dtype else total


def absolute(g, item):
    return g.op("math.absf" if is_float(item.dtype) else "math.absi", item)
