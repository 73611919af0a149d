# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Resize and Upsample: one dimension after the other.

Which elements a result takes, and how much of each, does not depend on data: it
is a table that the importer computes in f64. Where extents are dynamic, the
same formulas run in the loops.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from ..dims import Dim, product
from ..elementwise import affine_map
from ..text import InvalidModel, Unsupported
from ..types import NUMPY_TYPES, accumulator, is_float
from .interpolation import Scalars
from .registry import handles, normalized_axes

# With more elements than these the table becomes a matrix.
MAX_TAPS = 8

DYNAMIC = ("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners")


@handles("Upsample")
def upsample(g, node):
    mode = node.attribute("mode", "nearest")
    scales = node.attribute("scales") if node.opset < 9 else node.known(1, "scales")
    plan = _Plan(node, mode, "asymmetric", "floor")
    for axis, scale in enumerate(scales):
        plan.scale(axis, node[0].shape[axis], float(scale))
    return _run(g, node[0], plan)


@handles("Resize")
def resize(g, node):
    x = node[0]
    old = node.opset < 11
    plan = _Plan(node, node.attribute("mode", "nearest"),
                 "asymmetric" if old else
                 node.attribute("coordinate_transformation_mode", "half_pixel"),
                 "floor" if old else node.attribute("nearest_mode", "round_prefer_floor"))
    axes = node.attribute("axes")
    axes = list(range(x.rank)) if axes is None else normalized_axes(axes, x.rank)
    if plan.coordinates == "tf_crop_and_resize":
        roi = [float(r) for r in node.known(1, "roi").flat]
        plan.regions = {axis: (roi[i], roi[len(axes) + i]) for i, axis in enumerate(axes)}
    at = 1 if old else 2
    scales = node.optional(at)
    if scales is not None and scales.shape != (0,):
        for axis, scale in zip(axes, node.known(at, "scales"), strict=True):
            plan.scale(axis, x.shape[axis], float(scale))
    else:
        _by_sizes(node, plan, axes, node.extents(3, "sizes"))
    return _run(g, x, plan)


def _by_sizes(node, plan, axes, sizes):
    policy = node.attribute("keep_aspect_ratio_policy", "stretch")
    shape = node[0].shape
    if len(sizes) != len(axes) or policy not in ("stretch", "not_larger", "not_smaller"):
        raise InvalidModel(f"{len(sizes)} sizes for {len(axes)} dimensions, policy '{policy}'")
    pairs = [(axis, size) for axis, size in zip(axes, sizes)
             if size != shape[axis] or policy != "stretch"]
    dynamic = any(isinstance(size, Dim) or isinstance(shape[axis], Dim) for axis, size in pairs)
    if dynamic and policy != "stretch":
        raise Unsupported(f"policy '{policy}' and a dynamic extent")
    if dynamic:
        for axis, size in pairs:
            plan.scale(axis, shape[axis], None, size)
        return
    scales = [size / shape[axis] for axis, size in pairs]
    if policy != "stretch":
        scales = [(min if policy == "not_larger" else max)(scales)] * len(pairs)
    for (axis, size), scale in zip(pairs, scales):
        if policy != "stretch":
            size = math.floor(scale * shape[axis] + 0.5)
        plan.scale(axis, shape[axis], scale, size)


class _Plan:
    """What a node says about each dimension that changes."""

    def __init__(self, node, mode, coordinates, nearest):
        self.mode = {"bilinear": "linear", "trilinear": "linear"}.get(mode, mode)
        self.coordinates, self.nearest = coordinates, nearest
        self.antialias = node.attribute("antialias", 0)
        self.exclude = node.attribute("exclude_outside", 0)
        self.extrapolation = node.attribute("extrapolation_value", 0.0)
        self.cubic = node.attribute("cubic_coeff_a", -0.75)
        self.regions: dict[int, tuple[float, float]] = {}
        self.axes: dict[int, tuple] = {}
        if self.mode not in ("nearest", "linear", "cubic"):
            raise InvalidModel(f"mode '{mode}'")

    def scale(self, axis, extent, scale, size=None):
        """A dimension that changes; no scale is that of the sizes."""
        if scale is not None and scale <= 0:
            raise InvalidModel(f"a scale of {scale}")
        if scale == 1 and size in (None, extent) and axis not in self.regions:
            return
        if isinstance(extent, Dim) or isinstance(size, Dim):
            if self.coordinates not in DYNAMIC or self.antialias or self.exclude:
                raise Unsupported(f"{self.coordinates}, antialias or exclude_outside "
                                  "and a dynamic extent")
            if size is None:
                ratio = Fraction(scale).limit_denominator(1024)
                if float(ratio) != scale:
                    raise Unsupported(f"a scale of {scale} and a dynamic extent")
                size = extent * ratio.numerator // ratio.denominator
        elif size is None:
            size = math.floor(scale * extent)
        elif scale is None:
            scale = size / extent
        self.axes[axis] = (extent, size, scale)

    def places(self, axis) -> np.ndarray:
        """Where each result lies between the elements of the operand."""
        extent, size, scale = self.axes[axis]
        o, length = np.arange(size, dtype="f8"), scale * extent
        match self.coordinates:
            case "asymmetric":
                return o / scale
            case "align_corners":
                return o * (extent - 1) / (length - 1) if length != 1 else o * 0
            case "half_pixel":
                return (o + 0.5) / scale - 0.5
            case "pytorch_half_pixel":
                return (o + 0.5) / scale - 0.5 if length != 1 else o * 0
            case "half_pixel_symmetric":
                return extent / 2 * (1 - size / length) + (o + 0.5) / scale - 0.5
            case "tf_crop_and_resize":
                start, end = self.regions[axis]
                step = (end - start) * (extent - 1)
                inner = o * step / (length - 1) if length != 1 else o * 0 + step / 2
                return inner + start * (extent - 1)
        raise InvalidModel(f"coordinate_transformation_mode '{self.coordinates}'")

    def table(self, axis):
        """The elements that each result takes, and how much of each."""
        extent, _, scale = self.axes[axis]
        x = self.places(axis)
        if self.mode == "nearest":
            try:
                rounded = {"round_prefer_floor": np.ceil(x - 0.5), "floor": np.floor(x),
                           "round_prefer_ceil": np.floor(x + 0.5), "ceil": np.ceil(x),
                           }[self.nearest]
            except KeyError:
                raise InvalidModel(f"nearest_mode '{self.nearest}'") from None
            return np.clip(rounded, 0, extent - 1).astype("i8")[:, None], None
        shrink = min(scale, 1.0) if self.antialias else 1.0
        radius = math.ceil((1 if self.mode == "linear" else 2) / shrink)
        taps = np.floor(x)[:, None] + np.arange(1 - radius, radius + 1)
        distance = np.abs(taps - x[:, None]) * shrink
        weights = np.maximum(1 - distance, 0) if self.mode == "linear" else self._keys(distance)
        if self.exclude:
            weights = np.where((taps < 0) | (taps >= extent), 0, weights)
        if self.exclude or self.antialias:
            weights = weights / weights.sum(1, keepdims=True)
        return np.clip(taps, 0, extent - 1).astype("i8"), weights

    def _keys(self, t):
        """Cubic convolution after Keys."""
        a = self.cubic
        near = ((a + 2) * t - (a + 3)) * t * t + 1
        far = ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
        return np.where(t <= 1, near, np.where(t < 2, far, 0))


def _run(g, x, plan):
    dtype = x.dtype
    wide = dtype if plan.mode == "nearest" else accumulator(dtype) if is_float(dtype) else "f32"
    if wide != dtype:
        x = g.elementwise(lambda a: g.cast(a, wide), x)
    for axis in plan.axes:
        x = _along(g, x, axis, plan)
    if is_float(dtype) and wide != dtype:
        x = g.elementwise(lambda a: g.cast(a, dtype), x)
    elif wide != dtype:
        x = g.elementwise(lambda a: g.round_to_integer(a, dtype), x)
    return x


def _along(g, x, axis, plan):
    extent, size, scale = plan.axes[axis]
    shape = (*x.shape[:axis], size, *x.shape[axis + 1:])
    if isinstance(extent, Dim) or isinstance(size, Dim):
        repeats = (plan.mode, plan.coordinates, plan.nearest) == ("nearest", "asymmetric", "floor")
        if repeats and scale and scale == int(scale):
            return _repeat(g, x, axis, int(scale))
        return _computed(g, x, axis, plan, shape)
    if 0 in shape:
        return g.full(0, x.dtype, shape)
    places, weights = plan.table(axis)
    if weights is None:
        result = _pick(g, x, axis, places[:, 0], shape)
    elif weights.shape[1] <= MAX_TAPS:
        result = _mix(g, x, axis, places, weights, shape)
    else:
        matrix = np.zeros((size, extent))
        np.add.at(matrix, (np.arange(size)[:, None], places), weights)
        matrix = g.constant(matrix.astype(NUMPY_TYPES[x.dtype]))
        rows = (product(x.shape[:axis]), extent, product(x.shape[axis + 1:]))
        result = g.contract(g.reshape(x, rows), matrix, "akb", "ok", "aob")
        result = g.reshape(result, shape)
    if plan.coordinates == "tf_crop_and_resize":
        at = plan.places(axis)
        outside = g.constant((at < 0) | (at > extent - 1))
        outside = g.reshape(outside, (size, *[1] * (x.rank - 1 - axis)))
        result = g.elementwise(lambda o, a: g.select(o, g.like(a, plan.extrapolation), a),
                               outside, result)
    return result


def _repeat(g, x, axis, times):
    """Each element so many times in a row."""
    apart = (*x.shape[:axis + 1], 1, *x.shape[axis + 1:])
    target = (*x.shape[:axis + 1], times, *x.shape[axis + 1:])
    repeated = g.broadcast_to(g.reshape(x, apart), target)
    return g.reshape(repeated, (*x.shape[:axis], x.shape[axis] * times, *x.shape[axis + 1:]))


def _pick(g, x, axis, places, shape):
    """The elements at known places, as a move where they follow a rule."""
    extent, size = x.shape[axis], len(places)
    if size % extent == 0 and np.array_equal(places, np.arange(size) // (size // extent)):
        return _repeat(g, x, axis, size // extent)
    step = int(places[1] - places[0]) if size > 1 else 1
    if step > 0 and np.array_equal(places, places[0] + step * np.arange(size)):
        offsets, steps = [0] * x.rank, [1] * x.rank
        offsets[axis], steps[axis] = int(places[0]), step
        return g.slice(x, offsets, shape, steps)
    x = g.use(x)

    def read(number):
        at = [g.loop_index(i) for i in range(x.rank)]
        at[axis] = g.as_index(number)
        return g.extract(x, at)

    return g.generic([g.constant(places)], [affine_map(x.rank, [axis])], shape, read)


def _mix(g, x, axis, places, weights, shape):
    x = g.use(x)
    taps = weights.shape[1]
    tables = [g.constant(np.ascontiguousarray(places[:, t])) for t in range(taps)]
    tables += [g.constant(np.ascontiguousarray(weights[:, t]).astype(NUMPY_TYPES[x.dtype]))
               for t in range(taps)]

    def mix(*numbers):
        at, total = [g.loop_index(i) for i in range(x.rank)], None
        for place, weight in zip(numbers[:taps], numbers[taps:]):
            at[axis] = g.as_index(place)
            term = g.arithmetic("mul", weight, g.extract(x, at))
            total = term if total is None else g.arithmetic("add", total, term)
        return total

    return g.generic(tables, [affine_map(x.rank, [axis])] * (2 * taps), shape, mix)


# ---- dynamic extents

def _computed(g, x, axis, plan, shape):
    """Places and weights in the loops."""
    extent, size, scale = plan.axes[axis]
    x = g.use(x)
    g.prepare_extents([extent, size])
    on = Scalars(g, x.dtype if x.dtype == "f64" else "f32")

    def element():
        at = [g.loop_index(i) for i in range(x.rank)]
        place, total = _place(on, plan, at[axis], extent, size, scale), None
        if plan.mode == "nearest":
            at[axis] = _index(g, _rounded(on, plan.nearest, place), extent)
            return g.extract(x, at)
        base = on.floor(place)
        weights = on.weights(plan.mode, on.on("sub", place, base), plan.cubic)
        for i, weight in enumerate(weights, 1 - len(weights) // 2):
            at[axis] = _index(g, on.on("add", base, float(i)), extent)
            term = g.arithmetic("mul", weight, g.extract(x, at))
            total = term if total is None else g.arithmetic("add", total, term)
        return total

    return g.generic([], [], shape, element)


def _index(g, place, extent):
    return g.clamped(g.as_index(g.cast(place, "i64")), extent)


def _place(on, plan, index, extent, size, scale):
    """As `_Plan.places` has it."""
    o, count = on.extent(index), on.extent(size)
    if plan.coordinates == "align_corners":
        steps = on.on("max", on.on("sub", count, 1.0), 1.0)
        last = on.on("sub", on.extent(extent), 1.0)
        return on.on("div", on.on("mul", o, last), steps)
    half = 0.0 if plan.coordinates == "asymmetric" else 0.5
    place = on.on("add", o, half)
    if scale is None:
        place = on.on("div", on.on("mul", place, on.extent(extent)), count)
    else:
        place = on.on("div", place, scale)
    place = on.on("sub", place, half)
    if plan.coordinates == "pytorch_half_pixel":
        one = on.g.compare("eq", count, on.number(1.0))
        place = on.g.select(one, on.number(0.0), place)
    return place


def _rounded(on, nearest, place):
    match nearest:
        case "floor":
            return on.floor(place)
        case "ceil":
            return on.g.op("math.ceil", place)
        case "round_prefer_floor":
            return on.g.op("math.ceil", on.on("sub", place, 0.5))
        case "round_prefer_ceil":
            return on.floor(on.on("add", place, 0.5))
    raise InvalidModel(f"nearest_mode '{nearest}'")
