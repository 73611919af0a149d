# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pooling, and the padding that it shares with convolutions."""

from __future__ import annotations

from functools import reduce as fold_left

import numpy as np

from ..dims import Dim, maximum
from ..structured import lowest
from ..text import InvalidModel, Unsupported
from ..types import NUMPY_TYPES, accumulator
from .registry import handles


def padding(node, extents, window, strides, dilations):
    """Elements before and after each spatial dimension."""
    spatial = len(window)
    for name, numbers in (("kernel_shape", window), ("strides", strides),
                          ("dilations", dilations)):
        if len(numbers) != spatial or len(extents) != spatial or any(n < 1 for n in numbers):
            raise InvalidModel(f"{name} {list(numbers)} for {len(extents)} dimensions")
    auto = node.attribute("auto_pad", "NOTSET")
    if auto == "VALID":
        return [0] * spatial, [0] * spatial
    if auto not in ("SAME_UPPER", "SAME_LOWER"):
        pads = list(node.attribute("pads", [0] * 2 * spatial))
        if len(pads) != 2 * spatial or any(p < 0 for p in pads):
            raise InvalidModel(f"pads {pads} for {spatial} dimensions")
        return pads[:spatial], pads[spatial:]
    low, high = [], []
    for extent, w, stride, dilation in zip(extents, window, strides, dilations):
        places = (extent + stride - 1) // stride
        total = maximum((places - 1) * stride + (w - 1) * dilation + 1 - extent, 0)
        small = total // 2
        first, second = (small, total - small)
        if auto == "SAME_LOWER":
            first, second = second, first
        low.append(first)
        high.append(second)
    return low, high


def _window(node, x):
    spatial = x.rank - 2
    window = node.attribute("kernel_shape")
    if window is None or spatial < 1:
        raise InvalidModel("kernel_shape is missing or the image has no dimension to pool")
    strides = node.attribute("strides", [1] * spatial)
    dilations = node.attribute("dilations", [1] * spatial)
    low, high = padding(node, x.shape[2:], window, strides, dilations)
    if not node.attribute("ceil_mode", 0):
        return window, strides, dilations, low, high, high
    # One more place where the last window begins inside the image or before it.
    more = []
    for d, w, s, dilation, lo, hi in zip(x.shape[2:], window, strides, dilations, low, high):
        if isinstance(d, Dim):
            raise Unsupported("ceil_mode with a dynamic extent")
        reach = (w - 1) * dilation + 1
        places = -(-(d + lo + hi - reach) // s) + 1
        if (places - 1) * s >= d + lo:
            places -= 1
        more.append(max(hi, (places - 1) * s + reach - d - lo))
    return window, strides, dilations, low, high, more


@handles("MaxPool")
def max_pool(g, node):
    image = node[0]
    window, strides, dilations, low, _, high = _window(node, image)
    start = lowest(image.dtype)
    x = g.pad(image, (0, 0, *low), (0, 0, *high), g.scalar(start, image.dtype))
    result = g.pool(x, window, strides, dilations, start, "max")
    if len(node.outputs) < 2 or not node.outputs[1]:
        return result
    return [result, _places(g, node, image, result, window, strides, dilations, low)]


def _places(g, node, image, result, window, strides, dilations, low):
    """Where in the image each maximum is, as one number: the first place."""
    spatial, extents = len(window), image.shape[2:]
    order = range(spatial) if not node.attribute("storage_order", 0) else range(spatial)[::-1]
    g.prepare_extents(image.shape)
    image, result = g.use(image), g.use(result)

    def step(total):
        loops = [g.loop_index(i) for i in range(image.rank)]
        tap, at, inside = g.loop_index(image.rank), loops[:2], g.scalar(1, "i1")
        for i in reversed(range(spatial)):
            place = g.on_indices("muli", loops[2 + i], strides[i])
            offset = g.on_indices("muli", g.on_indices("remui", tap, window[i]), dilations[i])
            place = g.on_indices("subi", g.on_indices("addi", place, offset), low[i])
            tap = g.on_indices("divui", tap, window[i])
            for predicate, bound in (("sge", 0), ("slt", extents[i])):
                inside = g.op("arith.andi", inside, g.compare_indices(predicate, place, bound))
            at.insert(2, g.clamped(place, extents[i]))
        number = g.on_indices("addi", g.on_indices("muli", loops[0], image.shape[1]), loops[1])
        for i in order:
            number = g.on_indices("addi", g.on_indices("muli", number, extents[i]), at[2 + i])
        found = g.compare("eq", g.extract(image, at), g.extract(result, loops))
        number = g.from_index(number, "i64")
        first = g.arithmetic("min", number, total)
        return g.select(g.op("arith.andi", found, inside), first, total)

    start = g.full_init(2 ** 63 - 1, "i64", result.shape)
    return g.accumulate(start, int(np.prod(window)), step)


@handles("AveragePool")
def average_pool(g, node):
    x, dtype = node[0], node[0].dtype
    wide = accumulator(dtype)
    if wide != dtype:
        x = g.elementwise(lambda a: g.cast(a, wide), x)
    mean = _mean_of_windows(g, node, x)
    return mean if wide == dtype else g.elementwise(lambda a: g.cast(a, dtype), mean)


def _mean_of_windows(g, node, x):
    window, strides, dilations, low, high, more = _window(node, x)
    padded = g.pad(x, (0, 0, *low), (0, 0, *more), g.scalar(0, x.dtype))
    total = g.pool(padded, window, strides, dilations, 0, "add")
    includes = node.attribute("count_include_pad", 0)
    if not any(low) and not any(more) or includes and list(high) == list(more):
        return g.divide_by_count(total, int(np.prod(window)))
    if any(isinstance(d, Dim) for d in x.shape[2:]):
        raise Unsupported("padding of a dynamic extent")
    counts = _counts(x.shape[2:], window, strides, dilations, low, high, total.shape[2:], includes)
    counts = g.constant(counts.astype(NUMPY_TYPES[x.dtype]))
    return g.elementwise(lambda a, b: g.arithmetic("div", a, b), total, counts)


def _counts(extents, window, strides, dilations, low, high, places, includes):
    """How many elements each window averages."""
    counts = np.ones((), "i8")
    for d, w, s, dilation, lo, hi, n in zip(
            extents, window, strides, dilations, low, high, places):
        at = np.arange(n)[:, None] * s + np.arange(w) * dilation
        inside = at < d + lo + hi if includes else (at >= lo) & (at < lo + d)
        counts = counts[..., None] * inside.sum(1)
    return counts


@handles("GlobalAveragePool", "GlobalMaxPool")
def global_pool(g, node):
    x, axes = node[0], range(2, node[0].rank)
    if node.op == "GlobalMaxPool":
        return g.max(x, axes, keep=True)
    wide = accumulator(x.dtype)
    mean = g.mean(x, axes, keep=True, before=lambda a: g.cast(a, wide))
    return mean if wide == x.dtype else g.elementwise(lambda a: g.cast(a, x.dtype), mean)


@handles("LpPool", "GlobalLpPool")
def lp_pool(g, node):
    """The p-norm of each window."""
    x, p = node[0], node.attribute("p", 2)
    if p < 1 or p != int(p):
        raise Unsupported(f"p = {p}")

    def power(a):
        a = g.op("math.absf", a)
        return fold_left(lambda b, _: g.arithmetic("mul", b, a), range(int(p) - 1), a)

    def root(a):
        if p == 1:
            return a
        return g.op("math.sqrt", a) if p == 2 else g.op("math.powf", a, g.like(a, 1 / p))

    if node.op == "GlobalLpPool":
        total = g.sum(x, range(2, x.rank), keep=True, before=power)
    else:
        window, strides, dilations, low, _, high = _window(node, x)
        x = g.pad(g.elementwise(power, x), (0, 0, *low), (0, 0, *high), g.scalar(0, x.dtype))
        total = g.pool(x, window, strides, dilations, 0, "add")
    return g.elementwise(root, total)
