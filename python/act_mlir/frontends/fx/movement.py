# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Views and other operations that move elements."""

from __future__ import annotations

from ..dims import Dim
from ..text import Unsupported
from .registry import aten, axis_of, handles


@handles(aten.view.default, aten._unsafe_view, aten.reshape, aten.unsqueeze, aten.squeeze,
         aten.flatten.using_ints, aten._reshape_alias)
def reshape(g, out, x, *_):
    return g.reshape(x, out.shape)


@handles(aten.permute)
def permute(g, out, x, order):
    return g.transpose(x, [axis_of(axis, x.rank) for axis in order])


@handles(aten.transpose.int)
def transpose(g, out, x, first, second):
    order = list(range(x.rank))
    first, second = axis_of(first, x.rank), axis_of(second, x.rank)
    if x.rank:
        order[first], order[second] = order[second], order[first]
    return g.transpose(x, order)


@handles(aten.t)
def t(g, out, x):
    return g.transpose(x, range(x.rank)[::-1])


@handles(aten.expand)
def expand(g, out, x, *_):
    return g.broadcast_to(x, out.shape)


@handles(aten.repeat)
def repeat(g, out, x, counts):
    extents = [1] * (len(counts) - x.rank) + list(x.shape)
    x = g.reshape(x, [d for extent in extents for d in (1, extent)])
    x = g.broadcast_to(x, [d for pair in zip(counts, extents) for d in pair])
    return g.reshape(x, out.shape)


def bounded(extent, start, end):
    """torch's bounds of a slice as extents; an end of 2**63 - 1 is none."""
    def placed(bound):
        if isinstance(bound, int) and bound < 0:
            bound = extent + bound
        if isinstance(bound, int) and isinstance(extent, int):
            return min(max(bound, 0), extent)
        return bound

    start = placed(0 if start is None else start)
    if end is None or isinstance(end, int) and end >= 2 ** 62:
        return start, extent
    return start, placed(end)


@handles(aten.slice.Tensor)
def slice_(g, out, x, axis=0, start=None, end=None, step=1):
    axis = axis_of(axis, x.rank)
    start, _ = bounded(x.shape[axis], start, end)
    offsets, steps = [0] * x.rank, [1] * x.rank
    offsets[axis], steps[axis] = start, step
    if _inside(start, step, out.shape[axis], x.shape[axis]):
        return g.slice(x, offsets, out.shape, steps)
    return part_within(g, x, axis, start, step, out.shape)


def part_within(g, x, axis, start, step, shape):
    """A slice of which torch alone knows that it is inside: by reads that
    cannot leave the dimension."""
    g.prepare_extents([start, x.shape[axis]])
    x = g.use(x)

    def read():
        at = [g.loop_index(i) for i in range(x.rank)]
        place = g.on_indices("addi", g.on_indices("muli", at[axis], step), start)
        at[axis] = g.clamped(place, x.shape[axis])
        return g.extract(x, at)

    return g.generic([], [], shape, read)


def _inside(start, step, count, extent) -> bool:
    """Whether the extents alone say that a slice is inside."""
    def known(number):
        return number >= 0 if isinstance(number, int) else number.nonnegative()

    return count == 0 or known(start) and known(extent - start - (count - 1) * step - 1)


@handles(aten.select.int)
def select(g, out, x, axis, index):
    axis = axis_of(axis, x.rank)
    if isinstance(index, int) and index < 0:
        index = x.shape[axis] + index
    offsets, shape = [0] * x.rank, list(x.shape)
    offsets[axis], shape[axis] = index, 1
    if _inside(index, 1, 1, x.shape[axis]):
        return g.reshape(g.slice(x, offsets, shape), out.shape)
    return g.reshape(part_within(g, x, axis, index, 1, shape), out.shape)


@handles(aten.cat.default)
def cat(g, out, tensors, axis=0):
    tensors = [t for t in tensors if t.shape != (0,) or len(out.shape) == 1]
    tensors = [g.elementwise(lambda a: g.cast(a, out.dtype), t) for t in tensors]
    return g.concat(tensors, axis_of(axis, len(out.shape)))


def parts(g, outs, x, axis):
    """Neighbouring parts along an axis, of the results' extents."""
    axis, offset, results = axis_of(axis, x.rank), 0, []
    for out in outs:
        offsets = [0] * x.rank
        offsets[axis] = offset
        results.append(g.slice(x, offsets, out.shape) if out.used else None)
        offset = offset + out.shape[axis]
    return results


@handles(aten.split.Tensor, aten.split_with_sizes.default, aten.split_with_sizes_copy.default)
def split(g, outs, x, sizes, axis=0):
    return parts(g, outs, x, axis)


@handles(aten.unbind.int)
def unbind(g, outs, x, axis=0):
    axis, results = axis_of(axis, x.rank), []
    for index, out in enumerate(outs):
        results.append(select(g, out, x, axis, index) if out.used else None)
    return results


@handles(aten.constant_pad_nd)
def pad(g, out, x, pads, value=0):
    low, high = [0] * x.rank, [0] * x.rank
    for i in range(len(pads) // 2):
        low[-1 - i], high[-1 - i] = pads[2 * i], pads[2 * i + 1]
    offsets, shape = [], []
    for before, after, extent in zip(low, high, x.shape):
        if not isinstance(before, int) or not isinstance(after, int):
            raise Unsupported("padding by an extent")
        offsets.append(max(-before, 0))
        shape.append(extent - max(-before, 0) - max(-after, 0))
        if before < 0 or after < 0:
            if isinstance(extent, Dim):
                raise Unsupported("cutting off a dynamic extent")
    x = g.slice(x, offsets, shape)
    return g.pad(x, [max(n, 0) for n in low], [max(n, 0) for n in high],
                 g.scalar(value, x.dtype))


@handles(aten.flip)
def flip(g, out, x, axes):
    return g.reverse(x, [axis_of(axis, x.rank) for axis in axes])


@handles(aten.slice_scatter.default)
def slice_scatter(g, out, x, part, axis=0, start=None, end=None, step=1):
    axis = axis_of(axis, x.rank)
    start, _ = bounded(x.shape[axis], start, end)
    if not _inside(start, step, part.shape[axis], x.shape[axis]):
        raise Unsupported(f"writing {part.shape[axis]} from {start} in {x.shape[axis]}")
    offsets, steps = [0] * x.rank, [1] * x.rank
    offsets[axis], steps[axis] = start, step
    if 0 in part.shape:
        return x
    part = g.elementwise(lambda a: g.cast(a, out.dtype), part)
    return g.insert(part, g.use(x), offsets, steps)


@handles(aten.select_scatter.default)
def select_scatter(g, out, x, part, axis, index):
    axis = axis_of(axis, x.rank)
    part = g.reshape(part, [*part.shape[:axis], 1, *part.shape[axis:]])
    if not isinstance(index, int):
        raise Unsupported("an index that is not known")
    if index < 0:
        index = x.shape[axis] + index
    return slice_scatter(g, out, x, part, axis, index, index + 1, 1)
