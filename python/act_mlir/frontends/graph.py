# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What every importer is thin over: shapes, broadcasting and element types are
decided here once, and everything becomes `act` and upstream operations."""

from __future__ import annotations

import numpy as np

from .dims import Dim
from .types import NUMPY_TYPES, Value, is_float
from .windows import WindowMixin

# Integer constants of at most this many elements take part in the arithmetic of
# shapes.
MAX_ELEMENTS = 4096


class GraphBuilder(WindowMixin):
    """Operations on values of a graph; see the mixins for which.

    >>> g = GraphBuilder()
    >>> x = g.input("x", "f32", ["N", 4])
    >>> bias = g.constant(np.ones(4, "f4"))
    >>> y = g.elementwise(lambda a, b: g.arithmetic("add", a, b), x, bias)
    >>> "linalg.generic" in g.finish("f", [("y", y)])
    True
    """

    def extents(self, *numbers) -> Value:
        """A tensor of rank 1 that holds extents, known while importing."""
        elements = np.empty(len(numbers), dtype=object)
        elements[:] = numbers
        return Value("i64", elements.shape, elements=elements)

    def numbers(self, value: Value) -> np.ndarray | None:
        """The array of a constant, or of extents that are all known."""
        if value.data is None and value.elements is not None:
            if not any(isinstance(e, Dim) for e in value.elements.flat):
                value.data = np.array(value.elements.tolist(), NUMPY_TYPES[value.dtype])
        return value.data

    def elements(self, value: Value) -> np.ndarray | None:
        """What an integer tensor holds, where that is known."""
        if value.elements is not None:
            return value.elements
        if value.data is None or is_float(value.dtype) or value.data.size > MAX_ELEMENTS:
            return None
        value.elements = np.empty(value.data.shape, dtype=object)
        value.elements[...] = value.data.tolist()
        return value.elements
