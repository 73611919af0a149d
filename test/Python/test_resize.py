# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Resizing and sampling, against onnxruntime."""

import numpy as np
import pytest

from models import Graph, numbers

F = "f4"


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_resize(mode):
    g = Graph(x=(F, ["N", 2, 5, 6]))
    for coordinates in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
        for scales in ([1, 1, 2, 2], [1, 1, 0.6, 1.5]):
            g.add("Resize", "x", None, np.array(scales, F), mode=mode,
                  coordinate_transformation_mode=coordinates)
        g.add("Resize", "x", None, None, np.array([9, 4]), mode=mode, axes=[2, 3],
              coordinate_transformation_mode=coordinates)
    g.check(numbers(2, 2, 5, 6), atol=1e-5)


def test_nearest_of_every_rounding():
    g = Graph(x=(F, [1, 1, 6, 5]))
    for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        for size in (3, 4, 12):
            g.add("Resize", "x", None, None, np.array([1, 1, size, size + 2]),
                  nearest_mode=rounding)
    g.check(numbers(1, 1, 6, 5))


def test_antialias():
    g = Graph(x=(F, [1, 1, 12, 9]))
    for mode in ("linear", "cubic"):
        g.add("Resize", "x", None, None, np.array([1, 1, 5, 4]), mode=mode, antialias=1)
    g.check(numbers(1, 1, 12, 9), atol=1e-4)


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_images_of_any_size(mode):
    g = Graph(x=(F, ["N", 2, "H", "W"]), y=(F, [1, 1, "P", "Q"]))
    size = g.add("Concat", g.add("Shape", "x", end=2, hidden=True),
                 g.add("Shape", "y", start=2, hidden=True), axis=0, hidden=True)
    for coordinates in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
        for scales in ([1, 1, 2, 3], [1, 1, 0.5, 1.5]):
            if coordinates != "align_corners" or min(scales) == 1:
                g.add("Resize", "x", None, np.array(scales, F), mode=mode, nearest_mode="floor",
                      coordinate_transformation_mode=coordinates)
        g.add("Resize", "x", None, None, size, mode=mode, nearest_mode="floor",
              coordinate_transformation_mode=coordinates)
    for extents, target in (((4, 6), (7, 5)), ((2, 8), (1, 16))):
        g.check(numbers(1, 2, *extents), numbers(1, 1, *target), atol=1e-5)


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_grid_sample(padding):
    g = Graph(x=(F, ["N", 2, 5, 4]), grid=(F, ["N", 3, 6, 2]))
    for mode in ("nearest", "linear", "cubic"):
        for corners in (0, 1):
            g.add("GridSample", "x", "grid", mode=mode, padding_mode=padding,
                  align_corners=corners)
    g.check(numbers(2, 2, 5, 4), numbers(2, 3, 6, 2, low=-1.6, high=1.6, seed=1), atol=1e-5)
