# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reading and writing at places that data give.

A scatter is seen from the element that is written, which looks for itself among
the indices: no two iterations write one place.
"""

from __future__ import annotations

from ..dims import Dim, product
from ..elementwise import affine_map
from ..text import Unsupported
from .bindings import hlo
from .registry import handles


@handles("dynamic_slice")
def dynamic_slice(g, op):
    """The part that begins at indices, moved so that it lies inside."""
    x, sizes = op[0], op.integers("slice_sizes")
    starts = _known_starts(g, op.values[1:])
    if starts is not None:
        places = [_inside(start, d, size) for start, d, size in zip(starts, x.shape, sizes)]
        return g.slice(x, places, sizes)
    g.prepare_extents(x.shape)
    x, starts = g.use(x), [g.use(v) for v in op.values[1:]]

    def read():
        at = []
        for axis, (start, size) in enumerate(zip(starts, sizes)):
            first = _start(g, g.extract(start, []), x.shape[axis], size)
            at.append(g.on_indices("addi", first, g.loop_index(axis)))
        return g.extract(x, at)

    return g.generic([], [], sizes, read)


def _known_starts(g, values):
    """Indices that are constants."""
    found = [g.numbers(v) for v in values]
    return None if any(f is None for f in found) else [int(f.reshape(())) for f in found]


def _inside(start: int, extent, size: int) -> int:
    if isinstance(extent, Dim):
        raise Unsupported("a dynamic extent")
    return min(max(start, 0), extent - size)


def _start(g, number, extent, size):
    """An index moved so that `size` elements from it lie inside."""
    last = g.on_indices("subi", extent, size)
    return g.on_indices("minsi", g.on_indices("maxsi", g.as_index(number), 0), last)


@handles("dynamic_update_slice")
def dynamic_update_slice(g, op):
    x, update = op[0], op[1]
    if 0 in update.shape:
        return x
    starts = _known_starts(g, op.values[2:])
    if starts is not None and not any(isinstance(d, Dim) for d in (*x.shape, *update.shape)):
        places = [_inside(*place) for place in zip(starts, x.shape, update.shape)]
        return g.insert(update, g.use(x), places)
    g.prepare_extents([*x.shape, *update.shape])
    update, starts = g.use(update), [g.use(v) for v in op.values[2:]]

    def compute(old):
        at, found = [], None
        for axis, start in enumerate(starts):
            first = _start(g, g.extract(start, []), x.shape[axis], update.shape[axis])
            offset = g.on_indices("subi", g.loop_index(axis), first)
            found = _both(g, found, _within(g, offset, update.shape[axis]))
            at.append(g.clamped(offset, update.shape[axis]))
        new = g.extract(update, at)
        return new if found is None else g.select(found, new, old)

    return g.generic([x], [affine_map(x.rank, range(x.rank))], x.shape, compute)


def _within(g, index, extent):
    return g.op("arith.andi", g.compare_indices("sge", index, 0),
                g.compare_indices("slt", index, extent))


def _both(g, first, second):
    return second if first is None else g.op("arith.andi", first, second)


@handles("gather", "dynamic_gather")
def gather(g, op):
    """Windows of the operand that begin at indices, moved inside."""
    x, indices = op[0], op[1]
    numbers = op.numbers("dimension_numbers", hlo.GatherDimensionNumbers)
    sizes = op.extents(2) if op.name.endswith("dynamic_gather") else op.integers("slice_sizes")
    indices = _with_vectors(g, indices, numbers.index_vector_dim)
    offsets = list(numbers.offset_dims)
    gone = {*numbers.collapsed_slice_dims, *numbers.operand_batching_dims}
    windows = [i for i in range(x.rank) if i not in gone]
    rank = indices.rank - 1 + len(offsets)
    outer = [i for i in range(rank) if i not in offsets]
    shape = [None] * rank
    for place, axis in zip(outer, range(indices.rank - 1)):
        shape[place] = indices.shape[axis]
    for place, axis in zip(offsets, windows):
        shape[place] = sizes[axis]
    batching = dict(zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims))
    g.prepare_extents(x.shape)
    g.prepare_extents(sizes)
    x, indices = g.use(x), g.use(indices)

    def read():
        loops = [g.loop_index(i) for i in outer]
        first = {}
        for k, axis in enumerate(numbers.start_index_map):
            number = g.extract(indices, [*loops, g.extent_in_body(k)])
            first[axis] = _start(g, number, x.shape[axis], sizes[axis])
        for axis, batch in batching.items():
            first[axis] = loops[batch - (batch > numbers.index_vector_dim)]
        for axis, place in zip(windows, offsets):
            loop = g.loop_index(place)
            first[axis] = g.on_indices("addi", first[axis], loop) if axis in first else loop
        return g.extract(x, [first.get(i) or g.extent_in_body(0) for i in range(x.rank)])

    return g.generic([], [], shape, read)


def _with_vectors(g, indices, axis: int):
    """Indices whose last dimension holds the parts of one."""
    if axis == indices.rank:
        return g.reshape(indices, (*indices.shape, 1))
    return g.transpose(indices, [*(i for i in range(indices.rank) if i != axis), axis])


@handles("scatter")
def scatter(g, op):
    """Updates joined to the windows that begin at indices; windows that do not
    lie inside change nothing."""
    if len(op) != 3:
        raise Unsupported(f"{len(op) // 2} operands")
    x, updates = op[0], op[2]
    numbers = op.numbers("scatter_dimension_numbers", hlo.ScatterDimensionNumbers)
    indices = _with_vectors(g, op[1], numbers.index_vector_dim)
    batching = dict(zip(numbers.input_batching_dims, numbers.scatter_indices_batching_dims))
    gone = {*numbers.inserted_window_dims, *batching}
    windows = [i for i in range(x.rank) if i not in gone]
    in_updates = list(numbers.update_window_dims)
    outer = [i for i in range(updates.rank) if i not in in_updates]
    batch_shape = indices.shape[:-1]
    if any(isinstance(d, Dim) for d in batch_shape):
        raise Unsupported("a dynamic number of indices")
    count = product(batch_shape)
    if count == 0 or 0 in updates.shape:
        return x
    depth = indices.shape[-1]
    sizes = {axis: updates.shape[place] for axis, place in zip(windows, in_updates)}
    updates = g.transpose(updates, [*outer, *in_updates])
    updates = g.use(g.reshape(updates, (count, *(sizes[i] for i in windows))))
    indices = g.use(g.reshape(indices, (count, depth)))
    g.prepare_extents([*x.shape, *sizes.values()])

    def step(total):
        loops = [g.loop_index(i) for i in range(x.rank)]
        n, first, found = g.loop_index(x.rank), {}, None
        for k, axis in enumerate(numbers.scattered_dims_to_operand_dims):
            number = g.as_index(g.extract(indices, [n, g.extent_in_body(k)]))
            last = g.on_indices("subi", x.shape[axis], sizes.get(axis, 1))
            inside = g.op("arith.andi", g.compare_indices("sge", number, 0),
                          g.compare_indices("sle", number, last))
            found, first[axis] = _both(g, found, inside), number
        for axis, batch in batching.items():
            first[axis] = _batch_index(g, n, batch_shape, batch - (batch > numbers.index_vector_dim))
        at = []
        for axis in range(x.rank):
            offset = g.on_indices("subi", loops[axis], first[axis]) if axis in first \
                else loops[axis]
            size = sizes.get(axis, 1)
            if axis in first or size != x.shape[axis]:
                found = _both(g, found, _within(g, offset, size))
                offset = g.clamped(offset, size)
            if axis in sizes:
                at.append(offset)
        [joined] = op.body(total, g.extract(updates, [n, *at]))
        return joined if found is None else g.select(found, joined, total)

    return g.accumulate(x, count, step)


def _batch_index(g, n, shape, axis: int):
    """Index `axis` of number n of all indices."""
    n = g.on_indices("divui", n, product(shape[axis + 1:]))
    return g.on_indices("remui", n, shape[axis])
