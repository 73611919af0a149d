# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reading and writing at places that data give.

Writes are seen from the element that is written: it looks for itself among the
indices, so that no two iterations write one place. Indices outside of a
dimension read its nearest element and write nothing.
"""

from __future__ import annotations

import numpy as np

from ..dims import Dim, product
from ..elementwise import affine_map
from ..text import InvalidModel, Unsupported
from .registry import handles, normalized


@handles("GatherElements")
def gather_elements(g, node):
    return g.gather_elements(node[0], node[1], node.axis(0), node[1].shape)


@handles("GatherND")
def gather_nd(g, node):
    x, indices, batch = node[0], node[1], node.attribute("batch_dims", 0)
    depth = indices.shape[-1]
    if isinstance(depth, Dim) or batch + depth > x.rank:
        raise InvalidModel(f"indices of {depth} dimensions of rank {x.rank}")
    shape = (*indices.shape[:-1], *x.shape[batch + depth:])
    g.prepare_extents(x.shape)
    x, indices = g.use(x), g.use(indices)
    outer = indices.rank - 1

    def read():
        loops = [g.loop_index(i) for i in range(len(shape))]
        at = loops[:batch]
        for k in range(depth):
            number = g.extract(indices, [*loops[:outer], g.extent_in_body(k)])
            at.append(g.position(number, x.shape[batch + k]))
        return g.extract(x, at + loops[outer:])

    return g.generic([], [], shape, read)


# What is joined to the element that is there; None: it replaces it.
REDUCTIONS = {"none": None, "add": "add", "mul": "mul", "max": "max", "min": "min"}


def _joined(g, node, found, total, update):
    name = node.attribute("reduction", "none")
    if name not in REDUCTIONS:
        raise InvalidModel(f"reduction '{name}'")
    if REDUCTIONS[name]:
        update = g.arithmetic(REDUCTIONS[name], total, update)
    return g.select(found, update, total)


def _wrapped(g, number, extent):
    """An index, where negative ones count from the end."""
    index = g.as_index(number)
    return g.select(g.compare_indices("slt", index, 0), g.on_indices("addi", index, extent), index)


@handles("ScatterElements", "Scatter")
def scatter_elements(g, node):
    x, indices, updates = node[0], node[1], node[2]
    axis = node.axis(0)
    g.prepare_extents([*x.shape, *indices.shape])
    indices, updates = g.use(indices), g.use(updates)

    def step(total):
        loops = [g.loop_index(i) for i in range(x.rank)]
        at, inside = list(loops), None
        at[axis] = g.loop_index(x.rank)
        for i, extent in enumerate(indices.shape):
            if i == axis or extent == x.shape[i]:
                continue
            here = g.compare_indices("slt", loops[i], extent)
            inside = here if inside is None else g.op("arith.andi", inside, here)
            at[i] = g.clamped(loops[i], extent)
        index = _wrapped(g, g.extract(indices, at), x.shape[axis])
        found = g.compare_indices("eq", index, loops[axis])
        if inside is not None:
            found = g.op("arith.andi", found, inside)
        return _joined(g, node, found, total, g.extract(updates, at))

    if 0 in indices.shape:
        return x
    return g.accumulate(x, indices.shape[axis], step)


@handles("ScatterND")
def scatter_nd(g, node):
    x, indices, updates = node[0], node[1], node[2]
    depth = indices.shape[-1]
    if isinstance(depth, Dim) or depth > x.rank:
        raise InvalidModel(f"indices of {depth} dimensions of rank {x.rank}")
    count = product(indices.shape[:-1])
    if count == 0:
        return x
    g.prepare_extents(x.shape)
    indices = g.use(g.reshape(indices, (count, depth)))
    updates = g.use(g.reshape(updates, (count, *x.shape[depth:])))

    def step(total):
        loops = [g.loop_index(i) for i in range(x.rank)]
        n, found = g.loop_index(x.rank), None
        for k in range(depth):
            number = g.extract(indices, [n, g.extent_in_body(k)])
            here = g.compare_indices("eq", _wrapped(g, number, x.shape[k]), loops[k])
            found = here if found is None else g.op("arith.andi", found, here)
        if found is None:
            found = g.scalar(1, "i1")
        return _joined(g, node, found, total, g.extract(updates, [n, *loops[depth:]]))

    return g.accumulate(x, count, step)


@handles("OneHot")
def one_hot(g, node):
    """`values` are what is written where the index is not, and where it is."""
    indices, values = node[0], node[2]
    [depth] = node.extents(1, "a depth") if g.elements(node[1]) is not None else [
        int(node.number("depth", 1))]
    axis = normalized(node.attribute("axis", -1), indices.rank + 1)
    shape = (*indices.shape[:axis], depth, *indices.shape[axis:])
    loops = [i for i in range(len(shape)) if i != axis]
    values = g.use(values)
    g.prepare_extents([depth])

    def compute(number):
        if number.dtype not in ("i32", "i64"):
            number = g.cast(number, "i64")
        found = g.compare_indices("eq", _wrapped(g, number, depth), g.loop_index(axis))
        off, on = (g.extract(values, [g.extent_in_body(k)]) for k in (0, 1))
        return g.select(found, on, off)

    return g.generic([indices], [affine_map(len(shape), loops)], shape, compute)


@handles("EyeLike")
def eye_like(g, node):
    from .loading import dtype_of
    x, k = node[0], node.attribute("k", 0)
    dtype = dtype_of(node.attribute("dtype")) if node.attribute("dtype") else x.dtype
    if x.rank != 2:
        raise InvalidModel(f"rank {x.rank}, not 2")

    def compute():
        shifted = g.on_indices("addi", g.loop_index(0), k)
        found = g.compare_indices("eq", g.loop_index(1), shifted)
        return g.select(found, g.scalar(1, dtype), g.scalar(0, dtype))

    return g.generic([], [], x.shape, compute)


@handles("ReverseSequence")
def reverse_sequence(g, node):
    """The first `lengths` elements of each batch in the opposite order."""
    x, lengths = node[0], node[1]
    batch, time = node.attribute("batch_axis", 1), node.attribute("time_axis", 0)
    g.prepare_extents(x.shape)
    x = g.use(x)

    def read(length):
        at = [g.loop_index(i) for i in range(x.rank)]
        length = g.as_index(length)
        turned = g.on_indices("subi", g.on_indices("subi", length, 1), at[time])
        inside = g.compare_indices("slt", at[time], length)
        at[time] = g.clamped(g.select(inside, turned, at[time]), x.shape[time])
        return g.extract(x, at)

    return g.generic([lengths], [affine_map(x.rank, [batch])], x.shape, read)


@handles("TensorScatter")
def tensor_scatter(g, node):
    """A cache with an update written behind what each batch holds already."""
    cache, update, starts = node[0], node[1], node.optional(2)
    axis = normalized(node.attribute("axis", -2), cache.rank)
    circular = node.attribute("mode", "linear") == "circular"
    g.prepare_extents([*cache.shape, *update.shape])
    update, extent, count = g.use(update), cache.shape[axis], update.shape[axis]
    if starts is None:
        starts = g.constant(np.zeros(1, "i8"))
        starts = g.broadcast_to(starts, (cache.shape[0],))

    def compute(old, start):
        at = [g.loop_index(i) for i in range(cache.rank)]
        offset = g.on_indices("subi", at[axis], g.as_index(start))
        if circular:
            offset = g.on_indices("remsi", offset, extent)
            offset = g.select(g.compare_indices("slt", offset, 0),
                              g.on_indices("addi", offset, extent), offset)
        inside = g.op("arith.andi", g.compare_indices("sge", offset, 0),
                      g.compare_indices("slt", offset, count))
        at[axis] = g.clamped(offset, count)
        return g.select(inside, g.extract(update, at), old)

    maps = [affine_map(cache.rank, range(cache.rank)), affine_map(cache.rank, [0])]
    return g.generic([cache, starts], maps, cache.shape, compute)
