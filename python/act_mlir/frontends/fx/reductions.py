# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions."""

from __future__ import annotations

from ..dims import Dim, product
from ..elementwise import affine_map
from ..text import Unsupported
from ..types import accumulator, is_float
from .registry import aten, axes_of, handles


def reduced(g, out, x, axes, keep, start, join, before=None, after=None):
    """A reduction in the wide form of the result's type."""
    wide = accumulator(out.dtype)
    axes = axes_of(axes, x.rank)

    def first(item):
        item = g.cast(item, wide)
        return before(item) if before else item

    if x.rank == 0:
        total = g.elementwise(first, x)
    else:
        total = g.reduce(x, axes, keep, start, join, first)
    if after:
        total = after(total)
    return g.elementwise(lambda a: g.cast(a, out.dtype), total)


@handles(aten.sum.dim_IntList)
def sum_(g, out, x, axes, keep=False, dtype=None):
    return reduced(g, out, x, axes, keep, 0, lambda a, t: g.arithmetic("add", a, t))


@handles(aten.sum.default)
def sum_all(g, out, x, dtype=None):
    return sum_(g, out, x, None)


@handles(aten.mean.dim)
def mean(g, out, x, axes, keep=False, dtype=None):
    count = product(x.shape[i] for i in axes_of(axes, x.rank))
    return reduced(g, out, x, axes, keep, 0, lambda a, t: g.arithmetic("add", a, t),
                   after=lambda total: g.divide_by_count(total, count))


@handles(aten.mean.default)
def mean_all(g, out, x, dtype=None):
    return mean(g, out, x, None)


@handles(aten.prod.default)
def prod_all(g, out, x, dtype=None):
    return reduced(g, out, x, None, False, 1, lambda a, t: g.arithmetic("mul", a, t))


@handles(aten.prod.dim_int)
def prod(g, out, x, axis, keep=False, dtype=None):
    return reduced(g, out, x, axis, keep, 1, lambda a, t: g.arithmetic("mul", a, t))


@handles(aten.cumsum.default)
def cumsum(g, out, x, axis, dtype=None):
    """Sums of twice as many elements in each step."""
    total = g.elementwise(lambda a: g.cast(a, accumulator(out.dtype)), x)
    extent = x.shape[axis % x.rank] if x.rank else 1
    if isinstance(extent, Dim):
        raise Unsupported("a sum along a dynamic extent")
    offset = 1
    while offset < extent:
        low, shape = [0] * x.rank, list(x.shape)
        low[axis], shape[axis] = offset, extent - offset
        before = g.pad(g.slice(total, [0] * x.rank, shape), low, [0] * x.rank,
                       g.scalar(0, total.dtype))
        total = g.elementwise(lambda a, b: g.arithmetic("add", a, b), total, before)
        offset *= 2
    return g.elementwise(lambda a: g.cast(a, out.dtype), total)


def _extreme(name, g, out, x, axes, keep):
    if x.rank == 0:
        return x
    axes = axes_of(axes, x.rank)
    if out.dtype == "i1":
        bit = "arith.ori" if name == "max" else "arith.andi"
        return g.reduce(x, axes, keep, name == "min", lambda a, t: g.op(bit, a, t))
    return getattr(g, name)(x, axes, keep)


handles(aten.amax.default)(lambda g, out, x, axes=None, keep=False:
                           _extreme("max", g, out, x, axes, keep))
handles(aten.amin.default)(lambda g, out, x, axes=None, keep=False:
                           _extreme("min", g, out, x, axes, keep))
handles(aten.max.default)(lambda g, out, x: _extreme("max", g, out, x, None, False))
handles(aten.min.default)(lambda g, out, x: _extreme("min", g, out, x, None, False))


@handles(aten.linalg_vector_norm.default)
def vector_norm(g, out, x, order=2, axes=None, keep=False, dtype=None):
    def absolute(a):
        return g.op("math.absf", a)

    if not is_float(x.dtype) or order not in (1, 2, float("inf")):
        raise Unsupported(f"order {order} of {x.dtype}")
    if order == 2:
        return reduced(g, out, x, axes, keep, 0, lambda a, t: g.arithmetic("add", a, t),
                       lambda a: g.arithmetic("mul", a, a),
                       lambda v: g.elementwise(lambda a: g.op("math.sqrt", a), v))
    join = "add" if order == 1 else "max"
    return reduced(g, out, x, axes, keep, 0, lambda a, t: g.arithmetic(join, a, t), absolute)


def _place(name, g, x, axis):
    """Where the largest (smallest) element is, the first one; NaN counts as
    such."""
    best = getattr(g, name)(x, [axis], True)
    count = x.shape[axis]
    g.prepare_extents([count])
    maps = [affine_map(x.rank, range(x.rank)), g.broadcast_map(best.shape, x.shape)]

    def compute(a, b):
        found = g.compare("eq", a, b)
        if is_float(a.dtype):
            found = g.op("arith.ori", found, g.compare("ne", a, a))
        place = g.select(found, g.loop_index(axis), g.extent_in_body(count))
        return g.from_index(place, "i64")

    return g.min(g.generic([x, best], maps, x.shape, compute), [axis])


def _arg(name):
    def handler(g, out, x, axis=None, keep=False):
        if x.rank == 0:
            return g.full(0, "i64", out.shape)
        if axis is None:
            x, axis = g.reshape(x, (product(x.shape),)), 0
        return g.reshape(_place(name, g, x, axis % x.rank), out.shape)
    return handler


def _with_place(name):
    def handler(g, outs, x, axis, keep=False):
        if x.rank == 0 or x.dtype == "i1":
            raise Unsupported(f"operands {x.type}")
        axis, made = axis % x.rank, []
        if outs[0].used:
            made.append(g.reshape(getattr(g, name)(x, [axis], keep), outs[0].shape))
        else:
            made.append(None)
        made.append(g.reshape(_place(name, g, x, axis), outs[1].shape) if outs[1].used else None)
        return made
    return handler


for name in ("max", "min"):
    handles(getattr(aten, f"arg{name}").default)(_arg(name))
    handles(getattr(aten, name).dim)(_with_place(name))


def _truth(start, name):
    def handler(g, out, x, axes=None, keep=False):
        if out.dtype != "i1":
            raise Unsupported(f"a result of {out.dtype}")
        return reduced(g, out, x, axes, keep, start, lambda a, t: g.op(f"arith.{name}", a, t))
    return handler


handles(aten.any.default, aten.any.dim, aten.any.dims)(_truth(0, "ori"))
handles(aten.all.default, aten.all.dim, aten.all.dims)(_truth(1, "andi"))


def variance(g, x, axes, correction, wide):
    """(variance, mean) with the axes kept: the mean first, then the squares of
    what is left."""
    count = product(x.shape[i] for i in axes)
    center = g.mean(x, axes, True, lambda a: g.cast(a, wide))

    def squared(a, m):
        difference = g.arithmetic("sub", g.cast(a, wide), m)
        return g.arithmetic("mul", difference, difference)

    total = g.sum(g.elementwise(squared, x, center), axes, True)
    return g.divide_by_count(total, count - correction), center


@handles(aten.var.correction)
def var(g, out, x, axes=None, correction=None, keep=False):
    return var_mean(g, [out, None], x, axes, correction, keep)[0]


@handles(aten.var_mean.correction)
def var_mean(g, outs, x, axes=None, correction=None, keep=False):
    axes = axes_of(axes, x.rank)
    correction = 1 if correction is None else correction
    count = product(x.shape[i] for i in axes)
    if x.rank == 0 or isinstance(count, Dim) and correction != int(correction):
        raise Unsupported(f"a correction of {correction} of {count}")
    if correction == int(correction):
        correction = int(correction)
    if isinstance(count, int) and count - correction <= 0:
        raise Unsupported(f"a correction of {correction} of {count}")
    return [out and g.reshape(g.elementwise(lambda a: g.cast(a, out.dtype), value), out.shape)
            for out, value in zip(outs, variance(
                g, x, axes, correction, accumulator(outs[0].dtype)))]


@handles(aten.native_layer_norm)
def layer_norm(g, outs, x, shape, weight, bias, epsilon):
    """(x - mean) / sqrt(variance + epsilon) by weight and bias; mean and the
    root's reciprocal are results too."""
    wide = accumulator(x.dtype)
    axes = list(range(x.rank - len(shape), x.rank))
    if not axes:
        raise Unsupported("rows of rank 0")
    squares, center = variance(g, x, axes, 0, wide)
    root = g.elementwise(lambda v: g.op("math.rsqrt", g.arithmetic(
        "add", v, g.like(v, epsilon))), squares)
    result = normalized(g, x, center, root, weight, bias, wide, outs[0].dtype)
    return [result, *(g.elementwise(lambda a: g.cast(a, out.dtype), value)
                      if out.used else None for out, value in zip(outs[1:], (center, root)))]


def normalized(g, x, center, root, weight, bias, wide, dtype):
    def compute(*elements):
        a, m, r, *rest = (g.cast(e, wide) for e in elements)
        y = g.arithmetic("mul", g.arithmetic("sub", a, m), r)
        if weight is not None:
            y = g.arithmetic("mul", y, rest.pop(0))
        if bias is not None:
            y = g.arithmetic("add", y, rest.pop(0))
        return g.cast(y, dtype)

    extra = [v for v in (weight, bias) if v is not None]
    return g.elementwise(compute, x, center, root, *extra)
