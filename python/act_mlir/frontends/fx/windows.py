# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions, pooling and their gradients."""

from __future__ import annotations

from functools import reduce as fold_left

from ..dims import Dim, product
from ..elementwise import affine_map
from ..structured import lowest
from ..text import Unsupported
from ..types import accumulator, is_float
from .linear import narrow
from .registry import aten, handles


def pairs(numbers, spatial):
    return list(numbers) * spatial if len(numbers) == 1 else list(numbers)


def _padded(g, image, pads, filler=0):
    return g.pad(image, (0, 0, *pads), (0, 0, *pads), g.scalar(filler, image.dtype))


def _convolution(g, x, kernel, strides, pads, dilations, transposed, more, groups):
    """Sums in the wide form of the operands' type."""
    wide = accumulator(x.dtype)
    if not transposed:
        return g.convolve(_padded(g, x, pads), kernel, strides, dilations, groups, wide)
    reach = [(w - 1) * d for w, d in zip(kernel.shape[2:], dilations)]
    return g.convolve_transposed(
        x, kernel, strides, dilations, groups, [r - p for r, p in zip(reach, pads)],
        [r - p + m for r, p, m in zip(reach, pads, more)], wide)


def _rank(x, kernel):
    spatial = kernel.rank - 2
    if not 1 <= spatial <= 3 or x.rank != kernel.rank:
        raise Unsupported(f"rank {x.rank}")
    return spatial


@handles(aten.convolution.default)
def convolution(g, out, x, kernel, bias, strides, pads, dilations, transposed, more, groups):
    spatial = _rank(x, kernel)
    strides, pads, dilations, more = (
        pairs(n, spatial) for n in (strides, pads, dilations, more))
    result = _convolution(g, x, kernel, strides, pads, dilations, transposed, more, groups)
    if bias is None:
        return narrow(g, result, out.dtype)
    bias = g.reshape(bias, (*bias.shape, *[1] * spatial))
    return g.elementwise(lambda a, b: g.cast(g.arithmetic(
        "add", a, g.cast(b, a.dtype)), out.dtype), result, bias)


@handles(aten.convolution_backward.default)
def convolution_backward(g, outs, change, x, kernel, sizes, strides, pads, dilations,
                         transposed, more, groups, mask):
    """Of the image, the kernel and the bias. The image's is a convolution of the
    other direction."""
    spatial, wide = _rank(x, kernel), accumulator(x.dtype)
    strides, pads, dilations = (pairs(n, spatial) for n in (strides, pads, dilations))
    window, made = kernel.shape[2:], []
    large, small = (change, x) if transposed else (x, change)
    if any(isinstance(d, Dim) for v in (large, small) for d in v.shape[2:]):
        raise Unsupported("gradients of images of dynamic extents")
    # What strides leave over at the end.
    more = [h + 2 * p - (w - 1) * d - 1 - (n - 1) * s for h, p, w, d, n, s in zip(
        large.shape[2:], pads, window, dilations, small.shape[2:], strides)]
    if transposed and mask[0] or mask[1]:
        image = _padded(g, large, pads)
        image = g.slice(image, [0] * image.rank, (*image.shape[:2], *(
            h - m for h, m in zip(image.shape[2:], more))))
    if mask[0]:
        result = (g.convolve(image, kernel, strides, dilations, groups, wide) if transposed else
                  _convolution(g, change, kernel, strides, pads, dilations, True, more, groups))
        made.append(narrow(g, result, outs[0].dtype))
    else:
        made.append(None)
    if mask[1]:
        result = g.convolve_for_kernel(image, small, window, strides, dilations, groups, wide)
        made.append(narrow(g, result, outs[1].dtype))
    else:
        made.append(None)
    if mask[2]:
        total = g.sum(change, [0, *range(2, change.rank)], before=lambda a: g.cast(a, wide))
        made.append(narrow(g, total, outs[2].dtype))
    else:
        made.append(None)
    return made


def _window(x, window, strides, pads, dilations, ceil):
    window, pads, dilations = (pairs(n, 2) for n in (window, pads, dilations))
    strides = pairs(strides, 2) if len(strides) else window
    if ceil or x.rank != 4 or not is_float(x.dtype):
        raise Unsupported("ceil_mode" if ceil else f"{x.type}")
    return window, strides, pads, dilations


@handles(aten.max_pool2d_with_indices.default)
def max_pool(g, outs, x, window, strides=(), pads=(0,), dilations=(1,), ceil=False):
    window, strides, pads, dilations = _window(x, window, strides, pads, dilations, ceil)
    start = lowest(x.dtype)
    padded = _padded(g, x, pads, start)
    return [g.pool(padded, window, strides, dilations, start, "max"),
            _places(g, outs[1], x, padded, window, strides, pads, dilations)
            if outs[1].used else None]


def _places(g, out, x, padded, window, strides, pads, dilations):
    """Which element of the image each window's maximum is: the first of the
    largest, or the last NaN."""
    width = x.shape[3]
    if any(isinstance(d, Dim) for d in x.shape[2:]):
        raise Unsupported("places in images of dynamic extents")
    numbers = [(i, j) for i in range(window[0]) for j in range(window[1])]

    def first(axis):
        """Where the window begins, in the image."""
        place = g.on_indices("subi", g.on_indices(
            "muli", g.loop_index(2 + axis), strides[axis]), pads[axis])
        outside = g.on_indices("maxsi", g.on_indices("subi", 0, place), 0)
        steps = g.on_indices("ceildivui", outside, dilations[axis])
        inside = g.on_indices("addi", place, g.on_indices("muli", steps, dilations[axis]))
        return place, inside

    def compute(*taps):
        (top, y), (left, x) = first(0), first(1)
        found = g.from_index(g.on_indices("addi", g.on_indices("muli", y, width), x), "i64")
        origin = g.from_index(g.on_indices("addi", g.on_indices("muli", top, width), left), "i64")
        best = g.scalar(lowest(taps[0].dtype), taps[0].dtype)
        for (i, j), tap in zip(numbers, taps):
            offset = i * dilations[0] * width + j * dilations[1]
            place = g.arithmetic("add", origin, g.scalar(offset, "i64"))
            better = g.op("arith.ori", g.compare("gt", tap, best), g.compare("ne", tap, tap))
            found, best = g.select(better, place, found), g.select(better, tap, best)
        return found

    taps = g.taps(padded, window, strides, dilations, out.shape[2:])
    return g.generic(taps, [affine_map(4, range(4))] * len(taps), out.shape, compute)


@handles(aten.max_pool2d_with_indices_backward.default)
def max_pool_backward(g, out, change, x, window, strides, pads, dilations, ceil, places):
    """Each element gathers the changes of the windows whose maximum it is."""
    window, strides, pads, dilations = _window(x, window, strides, pads, dilations, ceil)
    wide = accumulator(x.dtype)
    changes = _windows_around(g, change, x, window, strides, pads, dilations)
    names = _windows_around(g, places, x, window, strides, pads, dilations, -1)
    count = len(changes)

    def compute(*elements):
        place = g.on_indices("addi", g.on_indices("muli", g.loop_index(2), x.shape[3]),
                             g.loop_index(3))
        place, zero = g.from_index(place, "i64"), g.scalar(0, wide)
        terms = [g.select(g.compare("eq", name, place), g.cast(one, wide), zero)
                 for one, name in zip(elements, elements[count:])]
        return g.cast(fold_left(lambda a, b: g.arithmetic("add", a, b), terms), out.dtype)

    taps = changes + names
    return g.generic(taps, [affine_map(4, range(4))] * len(taps), out.shape, compute)


def _windows_around(g, values, x, window, strides, pads, dilations, filler=0):
    """For each element of an image, the values of the windows that have it."""
    if any(isinstance(d, Dim) for d in (*x.shape[2:], *values.shape[2:])):
        raise Unsupported("gradients of images of dynamic extents")
    reach = [(w - 1) * d for w, d in zip(window, dilations)]
    before = [r - p for r, p in zip(reach, pads)]
    after = [h + p - (n - 1) * s - 1 for h, p, n, s in zip(
        x.shape[2:], pads, values.shape[2:], strides)]
    around = g.spread_around(values, strides, before, after, filler)
    return g.taps(around, window, [1, 1], dilations, x.shape[2:])


def _average(x, window, strides, pads, ceil, include, divisor):
    window, strides, pads, _ = _window(x, window, strides, pads, (1,), ceil)
    if any(pads) and not include and not divisor:
        raise Unsupported("padding that does not count")
    return window, strides, pads, divisor or product(window)


@handles(aten.avg_pool2d.default)
def average_pool(g, out, x, window, strides=(), pads=(0,), ceil=False, include=True,
                 divisor=None):
    window, strides, pads, count = _average(x, window, strides, pads, ceil, include, divisor)
    wide = accumulator(x.dtype)
    x = g.elementwise(lambda a: g.cast(a, wide), x)
    total = g.pool(_padded(g, x, pads), window, strides, (1, 1), 0, "add")
    return narrow(g, g.divide_by_count(total, count), out.dtype)


@handles(aten.avg_pool2d_backward.default)
def average_pool_backward(g, out, change, x, window, strides, pads, ceil, include, divisor):
    window, strides, pads, count = _average(x, window, strides, pads, ceil, include, divisor)
    wide = accumulator(x.dtype)
    taps = _windows_around(g, change, x, window, strides, pads, (1, 1))

    def compute(*elements):
        total = fold_left(lambda a, b: g.arithmetic("add", a, b),
                          [g.cast(e, wide) for e in elements])
        return g.cast(g.arithmetic("div", total, g.like(total, count)), out.dtype)

    return g.generic(taps, [affine_map(4, range(4))] * len(taps), out.shape, compute)
