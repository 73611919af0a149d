# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Constants, shapes, and parts of tensors."""

from __future__ import annotations

from ..dims import Dim
from ..text import Unsupported
from ..types import Value
from . import bindings
from .registry import handles


@handles("constant")
def constant(g, op):
    return g.constant(bindings.array(op.attribute("value")))


@handles("iota", "dynamic_iota")
def iota(g, op):
    dtype, shape = op.result_type()
    if op.name.endswith("dynamic_iota"):
        shape = op.extents(0)
    axis = op.number("iota_dimension")

    def compute():
        i = g.loop_index(axis)
        return g.cast(g.from_index(i, "i64"), dtype)

    return g.generic([], [], shape, compute)


@handles("get_dimension_size")
def get_dimension_size(g, op):
    extent = g.extents(op[0].shape[op.number("dimension")]).elements
    return Value(op.dtype, (), elements=extent.reshape(()))


@handles("reshape")
def reshape(g, op):
    return g.reshape(op[0], op.static_shape())


@handles("dynamic_reshape")
def dynamic_reshape(g, op):
    return g.reshape(op[0], op.extents(1))


@handles("broadcast_in_dim")
def broadcast_in_dim(g, op):
    return broadcast(g, op[0], op.integers("broadcast_dimensions"), op.static_shape())


@handles("dynamic_broadcast_in_dim")
def dynamic_broadcast_in_dim(g, op):
    return broadcast(g, op[0], op.integers("broadcast_dimensions"), op.extents(1))


def broadcast(g, x, axes, shape):
    """Dimension i of the operand is dimension axes[i] of the result."""
    order = sorted(range(len(axes)), key=axes.__getitem__)
    x = g.transpose(x, order)
    source = [1] * len(shape)
    for axis, extent in zip(sorted(axes), x.shape):
        source[axis] = extent
        if extent != 1:
            g.require_equal(extent, shape[axis], "broadcasting")
    return g.broadcast_to(g.reshape(x, source), shape)


@handles("transpose")
def transpose(g, op):
    return g.transpose(op[0], op.integers("permutation"))


@handles("reverse")
def reverse(g, op):
    return g.reverse(op[0], op.integers("dimensions"))


@handles("concatenate")
def concatenate(g, op):
    return g.concat(op.values, op.number("dimension"))


@handles("slice")
def slice_(g, op):
    return g.slice(op[0], op.integers("start_indices"), op.static_shape(),
                   op.integers("strides"))


@handles("real_dynamic_slice")
def real_dynamic_slice(g, op):
    starts, limits, steps = (op.extents(i, "a bound") for i in (1, 2, 3))
    if any(isinstance(step, Dim) for step in steps):
        raise Unsupported("a step that is not constant")
    shape = [(stop - start + step - 1) // step
             for start, stop, step in zip(starts, limits, steps)]
    return g.slice(op[0], starts, shape, steps)


@handles("pad", "dynamic_pad")
def pad(g, op):
    if op.name.endswith("dynamic_pad"):
        low, high, between = (op.extents(i, "padding") for i in (2, 3, 4))
        if any(isinstance(p, Dim) for p in (*low, *high, *between)):
            raise Unsupported("padding that depends on the input's shape")
    else:
        low, high, between = (op.integers(name) for name in (
            "edge_padding_low", "edge_padding_high", "interior_padding"))
    number = op.constant(1)
    filler = g.scalar(number, op[0].dtype) if number is not None else g.extract(g.use(op[1]), [])
    return padded(g, op[0], low, high, between, filler)


def padded(g, x, low, high, between, filler):
    """Elements before, after and between those of a tensor; negative numbers
    of the first two take elements away."""
    if any(between):
        shape = [d + _gaps(d) * b for d, b in zip(x.shape, between)]
        x = g.insert(x, g.fill(filler, shape), [0] * x.rank, [b + 1 for b in between])
    offsets = [max(-p, 0) for p in low]
    kept = [d - max(-lo, 0) - max(-hi, 0) for d, lo, hi in zip(x.shape, low, high)]
    x = g.slice(x, offsets, kept)
    return g.pad(x, [max(p, 0) for p in low], [max(p, 0) for p in high], filler)


def _gaps(extent):
    """How many gaps there are between so many elements."""
    return max(extent - 1, 0) if isinstance(extent, int) else extent - 1
