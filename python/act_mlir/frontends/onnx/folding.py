# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is known while importing: the arithmetic of shapes, on ints and symbolic
extents, and exact operations on small constants."""

from __future__ import annotations

import operator

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

from ..dims import Dim, maximum, minimum
from ..types import Value, is_float
from .loading import dtype_of
from .registry import Node, normalized, normalized_axes

MAX_FOLDED = 1 << 16

# Operations of which every result is exact, or correctly rounded.
EXACT = {
    "Abs", "Add", "And", "Cast", "CastLike", "Ceil", "Concat", "Div", "Equal",
    "Expand", "Flatten", "Floor", "Gather", "GatherElements", "GatherND",
    "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min", "Mod",
    "Mul", "Neg", "NonZero", "Not", "OneHot", "Or", "Pad", "Range",
    "Reciprocal", "ReduceMax", "ReduceMin", "Reshape", "Round", "ScatterElements",
    "ScatterND", "Sign", "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Tile",
    "Transpose", "Trilu", "Unsqueeze", "Where", "Xor",
}


class _Undecided(Exception):
    """The answer depends on the value of a symbol."""


def fold(g, node: Node, proto):
    """The node's results, where they are known already; else None."""
    operands = [v for v in node.values if v is not None]
    if not operands:
        return None
    if not all(isinstance(v, Value) for v in operands):
        return None
    if node.op in SYMBOLIC:
        arrays = [None if v is None else g.elements(v) for v in node.values]
        if all(a is not None or v is None for a, v in zip(arrays, node.values)):
            try:
                return _values(SYMBOLIC[node.op](node, *arrays), node)
            except (_Undecided, ZeroDivisionError):
                pass
    if node.op in EXACT:
        arrays = [None if v is None else g.numbers(v) for v in node.values]
        if all(v is None or a is not None and a.size <= MAX_FOLDED
               for v, a in zip(node.values, arrays)):
            return _evaluate(g, node, proto, arrays)
    return None


def _values(results, node):
    if not isinstance(results, list):
        results = [results]
    return [Value(_result_type(node), array.shape, elements=array) for array in results]


def _result_type(node) -> str:
    if node.op in ("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Not", "And", "Or"):
        return "i1"
    if node.op == "Cast":
        return dtype_of(node.attribute("to"))
    return node[1 if node.op == "Where" else 0].dtype


def _evaluate(g, node, proto, arrays):
    evaluator = ReferenceEvaluator(proto, opsets={"": node.opset})
    arrays = {name: array for name, array in zip(proto.input, arrays) if name}
    try:
        with np.errstate(all="ignore"):
            results = evaluator.run(None, arrays)
    except Exception:
        # The handler says what is wrong.
        return None
    return [g.constant(np.asarray(array)) for array in results]


# ---- on object arrays of ints and extents


def _array(value) -> np.ndarray:
    """An object array also where NumPy gave a bare element."""
    if isinstance(value, np.ndarray):
        return value
    array = np.empty((), dtype=object)
    array[()] = value
    return array


def _each(function, operands=2):
    ufunc = np.frompyfunc(function, operands, 1)
    return lambda node, *arrays: _array(ufunc(*arrays))


_not = _each(operator.not_, 1)


def _fold_left(function):
    many = np.frompyfunc(function, 2, 1)

    def run(node, first, *rest):
        for array in rest:
            first = _array(many(first, array))
        return first
    return run


def _divide(a, b):
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    if isinstance(b, int) and b <= 0 or isinstance(a, Dim) and not a.nonnegative():
        raise _Undecided
    return a // b


def _modulo(a, b):
    if isinstance(a, int) and isinstance(b, int):
        return a % b
    return a - a // b * b if isinstance(b, int) and b > 0 else _undecided()


def _undecided():
    raise _Undecided


def _equal(a, b):
    if a == b:
        return True
    if isinstance(a - b, int) or _differ(a, b) or _differ(b, a):
        return False
    raise _Undecided


def _differ(a, b):
    """An extent is never negative."""
    return isinstance(a, Dim) and a.nonnegative() and isinstance(b, int) and b < 0


def _less(a, b):
    difference = a - b
    if isinstance(difference, int):
        return difference < 0
    if difference.nonnegative():
        return False
    if (-difference).nonnegative() and (-difference).terms.get((), 0) > 0:
        return True
    raise _Undecided


def _slice(node, x, *rest):
    bounds = [None if a is None else list(a.flat) for a in rest]
    starts = bounds[0] if bounds else node.attribute("starts")
    ends = bounds[1] if bounds else node.attribute("ends")
    axes = bounds[2] if len(bounds) > 2 and bounds[2] else node.attribute("axes")
    steps = bounds[3] if len(bounds) > 3 and bounds[3] else [1] * len(starts)
    index = [slice(None)] * x.ndim
    for i, axis in enumerate(axes or range(len(starts))):
        parts = (starts[i], ends[i], steps[i])
        if any(isinstance(p, Dim) for p in parts):
            raise _Undecided
        start, end, step = parts
        extent = x.shape[axis]
        index[axis] = slice(start, None if step < 0 and end < -extent else end, step)
    return x[tuple(index)]


def _axes(node, i):
    if "axes" in node.attributes:
        return list(node.attribute("axes"))
    return node.integers("axes", i)


def _squeeze(node, x, axes=None):
    axes = _axes(node, 1)
    if axes is None:
        return x.squeeze()
    return x.reshape([d for i, d in enumerate(x.shape)
                      if i not in normalized_axes(axes, x.ndim)])


def _unsqueeze(node, x, axes=None):
    axes = _axes(node, 1)
    return np.expand_dims(x, tuple(normalized_axes(axes, x.ndim + len(axes))))


def _gather(node, x, indices):
    if any(isinstance(i, Dim) for i in indices.flat):
        raise _Undecided
    axis = normalized(node.attribute("axis", 0), x.ndim)
    return _array(np.take(x, indices.astype("i8"), axis))


def _concat(node, *arrays):
    return np.concatenate(arrays, axis=node.attribute("axis", 0))


def _reduce(function):
    ufunc = np.frompyfunc(function, 2, 1)

    def run(node, x, axes=None):
        axes = _axes(node, 1)
        axes = normalized_axes(axes, x.ndim) if axes else list(range(x.ndim))
        if x.size == 0:
            raise _Undecided
        for axis in sorted(axes, reverse=True):
            x = _array(ufunc.reduce(x, axis=axis))
        keep = node.attribute("keepdims", 1)
        return np.expand_dims(x, tuple(sorted(axes))) if keep else x
    return run


def _split(node, x, sizes=None):
    axis = normalized(node.attribute("axis", 0), x.ndim)
    count = len(node.outputs)
    if sizes is None and "split" not in node.attributes:
        step = -(-x.shape[axis] // count)
        sizes = [step] * (count - 1) + [x.shape[axis] - step * (count - 1)]
    elif sizes is None:
        sizes = node.attribute("split")
    return np.split(x, np.cumsum([int(s) for s in sizes])[:-1], axis)


def _reshape(node, x, shape):
    if any(isinstance(d, Dim) for d in shape.flat):
        raise _Undecided
    return x.reshape([x.shape[i] if d == 0 else int(d) for i, d in enumerate(shape.flat)])


def _cast(node, x, *_):
    target = dtype_of(node.attribute("to"))
    if is_float(target) or target == "i1" or any(isinstance(e, bool) for e in x.flat):
        raise _Undecided
    return x


def _where(node, condition, x, y):
    return _array(np.where(condition.astype(bool), x, y))


SYMBOLIC = {
    "Identity": lambda node, x: x,
    "Add": _each(operator.add), "Sub": _each(operator.sub), "Mul": _each(operator.mul),
    "Div": _each(_divide), "Mod": _each(_modulo),
    "Max": _fold_left(maximum), "Min": _fold_left(minimum),
    "Equal": _each(_equal), "Less": _each(_less),
    "Greater": lambda node, x, y: _each(_less)(node, y, x),
    "GreaterOrEqual": lambda node, x, y: _not(node, _each(_less)(node, x, y)),
    "LessOrEqual": lambda node, x, y: _not(node, _each(_less)(node, y, x)),
    "Not": _not, "And": _each(lambda x, y: x and y),
    "Or": _each(lambda x, y: x or y), "Where": _where, "Cast": _cast,
    "Gather": _gather, "Slice": _slice, "Concat": _concat, "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze, "Reshape": _reshape, "Split": _split,
    "ReduceProd": _reduce(operator.mul), "ReduceSum": _reduce(operator.add),
    "ReduceMax": _reduce(maximum), "ReduceMin": _reduce(minimum),
}
