# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reading and writing at places that data give."""

from __future__ import annotations

from ..elementwise import affine_map
from ..text import Unsupported
from ..types import Value
from .registry import aten, axis_of, handles

# A scatter looks at this many indices for each element at most.
MAX_SCATTERED = 8


@handles(aten.embedding.default)
def embedding(g, out, weight, indices, *_):
    return g.gather(weight, indices, 0)


@handles(aten.index_select)
def index_select(g, out, x, axis, indices):
    if x.rank == 0:
        x = g.reshape(x, (1,))
    return g.reshape(g.gather(x, indices, axis_of(axis, x.rank)), out.shape)


@handles(aten.gather.default)
def gather(g, out, x, axis, indices, sparse_grad=False):
    if x.rank == 0 or indices.rank == 0:
        x, indices = (v if v.rank else g.reshape(v, (1,)) for v in (x, indices))
        return g.reshape(g.gather(x, indices, 0), out.shape)
    return g.gather_elements(x, indices, axis_of(axis, x.rank), out.shape)


@handles(aten.index.Tensor)
def index(g, out, x, indices):
    """Tensors of indices broadcast; their dimensions stand where they are, if
    they are neighbours, else first."""
    indices = [*indices, *[None] * (x.rank - len(indices))]
    placed = [i for i, v in enumerate(indices) if v is not None]
    if not placed or any(indices[i].dtype in ("i1", "ui8") for i in placed):
        raise Unsupported("masks as indices")
    shape = g.broadcast_shapes(*(indices[i].shape for i in placed))
    together = placed[-1] - placed[0] + 1 == len(placed)
    first = placed[0] if together else 0
    g.prepare_extents(x.shape)
    x = g.use(x)
    rank = len(out.shape)
    outer = [i for i in range(rank) if not first <= i < first + len(shape)]

    def read(*numbers):
        loops, numbers = iter(outer), iter(numbers)
        at = []
        for axis in range(x.rank):
            if axis in placed:
                at.append(g.position(next(numbers), x.shape[axis]))
            else:
                at.append(g.loop_index(next(loops)))
        return g.extract(x, at)

    maps = []
    for i in placed:
        skip = first + len(shape) - indices[i].rank
        maps.append(affine_map(rank, ["0" if d == 1 and shape[skip - first + n] != 1 else skip + n
                                      for n, d in enumerate(indices[i].shape)]))
    return g.generic([indices[i] for i in placed], maps, out.shape, read)


@handles(aten.scatter_add.default)
def scatter_add(g, out, x, axis, indices, update):
    return scatter(g, out, x, axis, indices, update, join="add")


@handles(aten.scatter.value, aten.scatter.src)
def scatter(g, out, x, axis, indices, update, join=None):
    """Seen from the element that is written, so that no two iterations write
    one place: for few indices along the axis."""
    raise_if_wide(x, indices, axis)
    axis = axis_of(axis, x.rank)
    g.prepare_extents([*x.shape, *indices.shape])
    indices = g.use(indices)
    if isinstance(update, Value):
        if update.shape != indices.shape:
            raise Unsupported("more updates than indices")
        update = g.use(update)

    def step(total):
        loops = [g.loop_index(i) for i in range(x.rank)]
        at = list(loops)
        at[axis] = g.loop_index(x.rank)
        found = g.compare_indices("eq", g.as_index(g.extract(indices, at)), loops[axis])
        number = g.extract(update, at) if isinstance(update, Value) else g.scalar(
            update, x.dtype)
        if join:
            number = g.arithmetic(join, total, number)
        return g.select(found, number, total)

    return g.accumulate(x, indices.shape[axis], step)


def raise_if_wide(x, indices, axis):
    if x.rank == 0 or indices.rank == 0:
        raise Unsupported("rank 0")
    axis = axis_of(axis, x.rank)
    count = indices.shape[axis]
    if not isinstance(count, int) or not 0 < count <= MAX_SCATTERED:
        raise Unsupported(f"{count} indices along the axis")
    if any(a != b for i, (a, b) in enumerate(zip(x.shape, indices.shape)) if i != axis):
        raise Unsupported("fewer indices than elements beside the axis")
