# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sequences of tensors, which exist while importing only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..dims import Dim
from ..text import InvalidModel, Unsupported
from ..types import Value
from .control import stacked
from .registry import handles, normalized


@dataclass(eq=False)
class Sequence:
    """Tensors of any shapes."""

    values: list[Value]

    dtype = "a sequence"
    data = elements = None


def _sequence(node, i=0) -> list[Value]:
    if not isinstance(node[i], Sequence):
        raise InvalidModel(f"operand {i} is no sequence")
    return node[i].values


def _position(node, i, count, default) -> int:
    if node.optional(i) is None:
        return default
    at = int(node.known(i, "a position").reshape(()))
    if not -count <= at <= count:
        raise InvalidModel(f"position {at} in a sequence of {count}")
    return at + count if at < 0 else at


@handles("SequenceConstruct", "SequenceEmpty")
def construct(g, node):
    return Sequence(node.inputs())


@handles("SequenceInsert")
def insert(g, node):
    values = _sequence(node)
    at = _position(node, 2, len(values), len(values))
    return Sequence([*values[:at], node[1], *values[at:]])


@handles("SequenceErase")
def erase(g, node):
    values = _sequence(node)
    at = _position(node, 1, len(values), len(values) - 1)
    return Sequence(values[:at] + values[at + 1:])


@handles("SequenceAt")
def at(g, node):
    values = _sequence(node)
    position = _position(node, 1, len(values), 0)
    if position >= len(values):
        raise InvalidModel(f"position {position} in a sequence of {len(values)}")
    return values[position]


@handles("SequenceLength")
def length(g, node):
    return g.constant(np.array(len(_sequence(node)), "i8"))


@handles("ConcatFromSequence")
def concat(g, node):
    values, axis = _sequence(node), node.attribute("axis")
    if not values:
        raise InvalidModel("an empty sequence")
    if node.attribute("new_axis", 0):
        return stacked(g, values, normalized(axis, values[0].rank + 1))
    return g.concat(values, normalized(axis, values[0].rank))


@handles("SplitToSequence")
def split(g, node):
    """Parts of the given sizes, of one size, or of extent 1."""
    x, axis = node[0], node.axis(0)
    extent = x.shape[axis]
    if isinstance(extent, Dim):
        raise Unsupported("a dynamic extent that is split")
    sizes, dropped = [1] * extent, not node.attribute("keepdims", 1)
    if node.optional(1) is not None:
        given, dropped = node.known(1, "a size"), False
        sizes = [int(s) for s in given.flat]
        if given.ndim == 0:
            [size] = sizes
            if size < 1:
                raise InvalidModel(f"parts of {size}")
            sizes = [min(size, extent - i) for i in range(0, extent, size)]
    if sum(sizes) != extent:
        raise InvalidModel(f"parts of {sizes} of {extent}")
    values, offsets = [], [0] * x.rank
    for size in sizes:
        shape = (*x.shape[:axis], size, *x.shape[axis + 1:])
        part = g.slice(x, offsets, shape)
        if dropped:
            part = g.reshape(part, (*x.shape[:axis], *x.shape[axis + 1:]))
        values.append(part)
        offsets[axis] += size
    return Sequence(values)
