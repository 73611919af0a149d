# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Constants, shapes, and parts of tensors."""

from __future__ import annotations

import numpy as np

from ..dims import Dim, divide_exactly, maximum, minimum, product
from ..elementwise import affine_map
from ..text import InvalidModel, Unsupported
from ..types import NUMPY_TYPES, Value, is_float
from .registry import handles, normalized, normalized_axes


@handles("Constant")
def constant(g, node):
    found = [name for name in node.attributes if name.startswith(("value", "sparse"))]
    if len(found) != 1:
        raise InvalidModel("one attribute must give the value")
    [name] = found
    if name == "value":
        return g.constant(node.array("value"))
    if name in ("value_float", "value_floats"):
        return g.constant(np.array(node.attribute(name), "f4"))
    if name in ("value_int", "value_ints"):
        return g.constant(np.array(node.attribute(name), "i8"))
    raise Unsupported(name)


@handles("ConstantOfShape")
def constant_of_shape(g, node):
    shape = node.extents(0, "a shape")
    value = node.array("value")
    value = np.zeros(1, "f4") if value is None else value.reshape(1)
    if any(isinstance(d, Dim) for d in shape) or product(shape) > 4096:
        return g.full(value[0], g.constant(value).dtype, shape)
    return g.constant(np.full(shape, value[0], value.dtype))


@handles("Shape")
def shape(g, node):
    rank = node[0].rank
    extents = node[0].shape[slice(node.attribute("start", 0), node.attribute("end", rank))]
    return g.extents(*extents)


@handles("Size")
def size(g, node):
    return Value("i64", (), elements=_object(product(node[0].shape)))


def _object(extent):
    array = np.empty((), dtype=object)
    array[()] = extent
    return array


# ---- the same elements in another shape

@handles("Reshape")
def reshape(g, node):
    x = node[0]
    target = node.attribute("shape") if node.opset < 5 else node.extents(1, "a shape")
    target = list(target)
    if not node.attribute("allowzero", 0):
        for i, extent in enumerate(target):
            if extent == 0:
                if i >= x.rank:
                    raise InvalidModel(f"extent {i} of {target} copies what rank {x.rank} lacks")
                target[i] = x.shape[i]
    unknown = [i for i, extent in enumerate(target) if extent == -1]
    if len(unknown) > 1:
        raise InvalidModel(f"shape {target} has more than one -1")
    if unknown:
        rest = product(extent for extent in target if extent != -1)
        total = product(x.shape)
        if rest == 0:
            raise InvalidModel(f"the -1 in {target} stands for any number")
        if isinstance(total, int) and isinstance(rest, int) and total % rest:
            raise InvalidModel(f"{total} elements do not fit {target}")
        quotient = divide_exactly(total, rest)
        if quotient is None:
            raise Unsupported(f"a shape of {target} for {total} elements")
        target[unknown[0]] = quotient
    if any(isinstance(extent, int) and extent < 0 for extent in target):
        raise InvalidModel(f"shape {target} has a negative extent")
    return g.reshape(x, target)


@handles("Flatten")
def flatten(g, node):
    x, axis = node[0], node.attribute("axis", 1)
    if not -x.rank <= axis <= x.rank:
        raise InvalidModel(f"axis {axis} is out of range for rank {x.rank}")
    axis %= x.rank if axis < 0 else x.rank + 1
    return g.reshape(x, (product(x.shape[:axis]), product(x.shape[axis:])))


@handles("Squeeze")
def squeeze(g, node):
    x = node[0]
    axes = node.integers("axes", 1)
    if axes is None:
        if any(isinstance(d, Dim) for d in x.shape):
            raise Unsupported("no axes, and a dynamic extent")
        axes = [i for i, d in enumerate(x.shape) if d == 1]
    axes = normalized_axes(axes, x.rank)
    for axis in axes:
        g.require_equal(x.shape[axis], 1, "a squeezed dimension")
    return g.reshape(x, [d for i, d in enumerate(x.shape) if i not in axes])


@handles("Unsqueeze")
def unsqueeze(g, node):
    x = node[0]
    axes = node.integers("axes", 1)
    rank = x.rank + len(axes)
    axes = normalized_axes(axes, rank)
    extents = iter(x.shape)
    return g.reshape(x, [1 if i in axes else next(extents) for i in range(rank)])


@handles("Transpose")
def transpose(g, node):
    x = node[0]
    order = node.attribute("perm", list(range(x.rank))[::-1])
    if sorted(order) != list(range(x.rank)):
        raise InvalidModel(f"perm {list(order)} is no permutation of {x.rank} dimensions")
    if x.data is not None and x.data.size <= 4096:
        return g.constant(np.ascontiguousarray(x.data.transpose(order)))
    return g.transpose(x, order)


@handles("Expand")
def expand(g, node):
    shape = g.broadcast_shapes(node[0].shape, tuple(node.extents(1, "a shape")))
    return g.broadcast_to(node[0], shape)


@handles("DepthToSpace", "SpaceToDepth")
def depth_space(g, node):
    x, block = node[0], node.attribute("blocksize")
    if x.rank != 4:
        raise InvalidModel(f"rank {x.rank}, not 4")
    n, c, h, w = x.shape
    if node.op == "SpaceToDepth":
        x = g.reshape(x, (n, c, h // block, block, w // block, block))
        blocks_first = node.attribute("mode", "DCR") == "DCR"
        x = g.transpose(x, (0, 3, 5, 1, 2, 4) if blocks_first else (0, 1, 3, 5, 2, 4))
        return g.reshape(x, (n, c * block * block, h // block, w // block))
    if node.attribute("mode", "DCR") == "DCR":
        x = g.reshape(x, (n, block, block, c // block ** 2, h, w))
        x = g.transpose(x, (0, 3, 4, 1, 5, 2))
    else:
        x = g.reshape(x, (n, c // block ** 2, block, block, h, w))
        x = g.transpose(x, (0, 1, 4, 2, 5, 3))
    return g.reshape(x, (n, c // block ** 2, h * block, w * block))


# ---- parts

@handles("Concat")
def concat(g, node):
    values = node.inputs()
    return g.concat(values, normalized(node.attribute("axis", 1), values[0].rank))


@handles("Split")
def split(g, node):
    x, axis = node[0], node.axis(0)
    extent, count = x.shape[axis], len(node.outputs)
    sizes = node.integers("split", 1)
    if sizes is None:
        step = (extent + count - 1) // count
        sizes = [step] * (count - 1) + [extent - step * (count - 1)]
    if len(sizes) != count:
        raise InvalidModel(f"{len(sizes)} parts for {count} results")
    g.require_equal(sum(sizes[1:], sizes[0]), extent, "the sum of the parts")
    results, offsets = [], [0] * x.rank
    for part in sizes:
        shape = (*x.shape[:axis], part, *x.shape[axis + 1:])
        results.append(g.slice(x, offsets, shape))
        offsets[axis] = offsets[axis] + part
    return results


@handles("Slice")
def slice_(g, node):
    x = node[0]
    if node.opset < 10:
        starts, ends = node.attribute("starts"), node.attribute("ends")
        axes, steps = node.attribute("axes"), None
    else:
        starts, ends = node.extents(1, "a start"), node.extents(2, "an end")
        axes = node.integers("axes", 3)
        steps = node.integers("steps", 4)
    axes = normalized_axes(range(len(starts)) if axes is None else axes, x.rank)
    steps = [1] * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        raise InvalidModel("starts, ends, axes and steps do not agree")
    reversed_axes = [axis for axis, step in zip(axes, steps) if step < 0]
    offsets, shape, strides = [0] * x.rank, list(x.shape), [1] * x.rank
    for start, end, axis, step in zip(starts, ends, axes, steps):
        extent = x.shape[axis]
        if step < 0:
            # In the reversed dimension, element i is element extent - 1 - i.
            start, end = _from_end(start, extent), _from_end(end, extent)
        low = _bound(start, extent, step < 0)
        high = maximum(_bound(end, extent, step < 0), low)
        offsets[axis], strides[axis] = low, abs(step)
        shape[axis] = (high - low + abs(step) - 1) // abs(step)
    if reversed_axes:
        x = g.reverse(x, reversed_axes)
    return g.slice(x, offsets, shape, strides)


def _from_end(at, extent):
    """A bound of a backward slice, counted from the last element."""
    if isinstance(at, int) and at < 0:
        return maximum(minimum(-1 - at, extent), 0)
    return maximum(extent - 1 - at, 0)


def _bound(at, extent, ready):
    """A bound within [0, extent]; negative ones count from the end."""
    if not ready and isinstance(at, int) and at < 0:
        return maximum(extent + at, 0)
    if at == extent or isinstance(at, int) and at >= 2 ** 31 - 1:
        return extent
    return minimum(at, extent)


@handles("Gather")
def gather(g, node):
    return g.gather(node[0], node[1], node.axis(0))


@handles("Tile")
def tile(g, node):
    """Each repeated dimension as two, of which the first one broadcasts."""
    x, repeats = node[0], node.extents(1, "repeats")
    if len(repeats) != x.rank:
        raise InvalidModel(f"{len(repeats)} repeats for rank {x.rank}")
    apart = [d for extent in x.shape for d in (1, extent)]
    target = [d for repeat, extent in zip(repeats, x.shape) for d in (repeat, extent)]
    result = g.broadcast_to(g.reshape(x, apart), target)
    return g.reshape(result, [r * d for r, d in zip(repeats, x.shape)])


@handles("Pad")
def pad(g, node):
    x = node[0]
    if node.opset < 11:
        pads, filler = node.attribute("pads"), node.attribute("value", 0.0)
        axes = list(range(x.rank))
    else:
        pads, filler = node.extents(1, "pads"), node.number("constant_value", 2, 0)
        axes = node.integers("axes", 3)
        axes = list(range(x.rank)) if axes is None else normalized_axes(axes, x.rank)
    if len(pads) != 2 * len(axes):
        raise InvalidModel(f"{len(pads)} pads for {len(axes)} dimensions")
    mode = node.attribute("mode", "constant")
    low, high = [0] * x.rank, [0] * x.rank
    for i, axis in enumerate(axes):
        low[axis], high[axis] = pads[i], pads[len(axes) + i]
    if any(isinstance(p, Dim) for p in low + high):
        raise Unsupported("pads that depend on the input's shape")
    if mode != "constant":
        return _pad_by_reading(g, x, low, high, mode)
    # What negative pads cut off.
    offsets = [max(-p, 0) for p in low]
    kept = [d - max(-lo, 0) - max(-hi, 0) for d, lo, hi in zip(x.shape, low, high)]
    x = g.slice(x, offsets, kept)
    return g.pad(x, [max(p, 0) for p in low], [max(p, 0) for p in high],
                 g.scalar(filler, x.dtype))


def _pad_by_reading(g, x, low, high, mode):
    """`edge`, `reflect` and `wrap`: each element is one of the operand's."""
    if mode not in ("edge", "reflect", "wrap"):
        raise InvalidModel(f"mode '{mode}'")
    shape = [lo + d + hi for lo, d, hi in zip(low, x.shape, high)]
    g.prepare_extents(x.shape)
    x = g.use(x)

    def place(axis, extent):
        i = g.on_indices("subi", g.loop_index(axis), low[axis])
        if low[axis] == 0 and high[axis] == 0:
            return i
        if mode == "edge":
            return g.clamped(i, extent)
        # A period of the pattern, and the place within it, not negative.
        period = extent
        if mode == "reflect":
            period = g.on_indices("subi", g.on_indices("muli", extent, 2), 2)
            period = g.on_indices("maxsi", period, 1)
        i = g.on_indices("remsi", i, period)
        i = g.select(g.compare_indices("slt", i, 0), g.on_indices("addi", i, period), i)
        if mode == "reflect":
            i = g.select(g.compare_indices("sge", i, extent), g.on_indices("subi", period, i), i)
        return g.clamped(i, extent)

    return g.generic([], [], shape, lambda: g.extract(
        x, [place(axis, extent) for axis, extent in enumerate(x.shape)]))


@handles("Trilu")
def trilu(g, node):
    x, upper = node[0], node.attribute("upper", 1)
    k = node.number("k", 1, 0)
    if not isinstance(k, (int, np.integer)):
        raise Unsupported("k that is not constant")

    def compute(a):
        row, column = g.loop_index(x.rank - 2), g.loop_index(x.rank - 1)
        keep = g.compare_indices("sge" if upper else "sle", column,
                                 g.on_indices("addi", row, int(k)))
        return g.select(keep, a, g.like(a, 0))

    return g.generic([x], [affine_map(x.rank, range(x.rank))], x.shape, compute)


@handles("Range")
def range_(g, node):
    if is_float(node[0].dtype):
        bounds = [node.known(i, "a bound").reshape(()) for i in range(3)]
        return g.constant(np.arange(*bounds, dtype=NUMPY_TYPES[node[0].dtype]))
    start, limit, delta = (node.extents(i, "a bound")[0] for i in range(3))
    if isinstance(delta, Dim) or delta == 0:
        raise Unsupported("a step that is not constant")
    count = limit - start
    count = maximum((count + delta - 1) // delta if delta > 0 else (-count - delta - 1) // -delta, 0)
    dtype = node[0].dtype
    if not isinstance(count, Dim) and not isinstance(start, Dim):
        return g.constant((start + delta * np.arange(count)).astype(NUMPY_TYPES[dtype]))
    g.prepare_extents([start])

    def compute():
        i = g.on_indices("muli", g.loop_index(0), delta)
        return g.from_index(g.on_indices("addi", i, start), dtype)

    return g.generic([], [], [count], compute)
