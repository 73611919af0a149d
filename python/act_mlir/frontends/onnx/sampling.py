# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reading an image at places that data give: GridSample."""

from __future__ import annotations

from ..text import InvalidModel
from ..types import accumulator
from .interpolation import Scalars
from .registry import handles

MODES = {"nearest": "nearest", "linear": "linear", "bilinear": "linear",
         "cubic": "cubic", "bicubic": "cubic"}


@handles("GridSample")
def grid_sample(g, node):
    x, grid = node[0], node[1]
    mode, padding = node.attribute("mode", "linear"), node.attribute("padding_mode", "zeros")
    spatial = x.rank - 2
    if mode not in MODES or padding not in ("zeros", "border", "reflection"):
        raise InvalidModel(f"mode '{mode}', padding_mode '{padding}'")
    if grid.rank != x.rank or grid.shape[-1] != spatial:
        raise InvalidModel(f"a grid of {list(grid.shape)} for an image of rank {x.rank}")
    wide, shape = accumulator(x.dtype), (*x.shape[:2], *grid.shape[1:-1])
    g.prepare_extents(x.shape)
    x, grid = g.use(x), g.use(grid)
    sampler = _Sampler(g, MODES[mode], padding, node.attribute("align_corners", 0), wide)

    def sample():
        loops = [g.loop_index(i) for i in range(len(shape))]
        axes = []
        for i in range(spatial):
            # The last number goes along the first dimension.
            at = [loops[0], *loops[2:], g.extent_in_body(spatial - 1 - i)]
            number = g.cast(g.extract(grid, at), wide)
            axes.append(sampler.taps(number, x.shape[2 + i]))
        return g.cast(sampler.mix(x, loops[:2], axes), x.dtype)

    return g.generic([], [], shape, sample)


class _Sampler(Scalars):
    def __init__(self, g, mode, padding, corners, dtype):
        super().__init__(g, dtype)
        self.mode, self.padding, self.corners = mode, padding, corners

    def taps(self, number, extent):
        """(index, weight) of each element that counts along a dimension."""
        g = self.g
        count = self.extent(extent)
        last = self.on("sub", count, 1.0)
        low, high = (self.number(0.0), last) if self.corners else (
            self.number(-0.5), self.on("sub", count, 0.5))
        place = self.on("add", number, 1.0)
        if self.corners:
            place = self.on("mul", self.on("mul", place, 0.5), last)
        else:
            place = self.on("mul", self.on("sub", self.on("mul", place, count), 1.0), 0.5)
        # Not a number reads the first element.
        place = g.select(g.compare("unordered", place, place), self.number(0.0), place)
        if self.mode == "nearest":
            place = g.op("math.roundeven", place)
        if self.padding == "reflection":
            place = self.reflected(place, low, high)
        # Beyond these all is outside, and any integer type holds them.
        place = self.on("max", self.on("min", place, self.on("add", count, 4.0)), -4.0)
        if self.mode == "nearest":
            return [self.tap(place, self.number(1.0), low, high, last, extent)]
        base = self.floor(place)
        rest = self.on("sub", place, base)
        weights = self.weights(self.mode, rest)
        first = 1 - len(weights) // 2
        return [self.tap(self.on("add", base, float(first + i)), w, low, high, last, extent)
                for i, w in enumerate(weights)]

    def reflected(self, place, low, high):
        """The place, mirrored at the borders until it lies between them."""
        width = self.on("max", self.on("sub", high, low), 1e-30)
        t = self.g.op("math.absf", self.on("sub", place, low))
        turns = self.floor(self.on("div", t, width))
        rest = self.on("sub", t, self.on("mul", turns, width))
        half = self.on("mul", turns, 0.5)
        even = self.g.compare("eq", self.floor(half), half)
        return self.on("add", low, self.g.select(even, rest, self.on("sub", width, rest)))

    def tap(self, place, weight, low, high, last, extent):
        g = self.g
        if self.padding == "zeros":
            inside = g.op("arith.andi", g.compare("ge", place, self.number(0.0)),
                          g.compare("le", place, last))
            weight = g.select(inside, weight, self.number(0.0))
        elif self.padding == "reflection":
            place = self.reflected(place, low, high)
        index = g.as_index(g.cast(place, "i64"))
        return g.clamped(index, extent), weight

    def mix(self, x, at, axes):
        """The sum of the elements by the product of their weights."""
        if not axes:
            return self.g.cast(self.g.extract(x, at), self.dtype)
        total = None
        for index, weight in axes[0]:
            part = self.mix(x, [*at, index], axes[1:])
            # An element of no weight may be infinite.
            none = self.g.compare("eq", weight, self.number(0.0))
            part = self.g.select(none, self.number(0.0), self.on("mul", weight, part))
            total = part if total is None else self.on("add", total, part)
        return total
