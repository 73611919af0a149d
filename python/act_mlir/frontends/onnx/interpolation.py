# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arithmetic on scalars of one float type in the body of a generic, and the
weights of interpolation."""

from __future__ import annotations

from functools import reduce as fold_left

from ..types import Value


class Scalars:
    def __init__(self, g, dtype: str):
        self.g, self.dtype = g, dtype

    def number(self, value) -> Value:
        return self.g.scalar(value, self.dtype)

    def extent(self, extent) -> Value:
        """An extent, an index or an integer as a float."""
        if isinstance(extent, (int, float)):
            return self.number(float(extent))
        index = extent if isinstance(extent, Value) else self.g.extent_in_body(extent)
        return self.g.cast(self.g.from_index(index, "i64"), self.dtype)

    def on(self, name, *operands) -> Value:
        """`add`, `sub`, `mul`, `div`, `min`, `max` of values and numbers."""
        operands = [v if isinstance(v, Value) else self.number(v) for v in operands]
        return self.g.arithmetic(name, *operands)

    def floor(self, x) -> Value:
        return self.g.op("math.floor", x)

    def weights(self, mode, t, a=-0.75) -> list[Value]:
        """Of the elements around a place t behind one of them: of that one and
        the next, or of the one before them and the one behind them too."""
        back = self.on("sub", 1.0, t)
        if mode == "linear":
            return [back, t]
        return [self._far(self.on("add", t, 1.0), a), self._near(t, a), self._near(back, a),
                self._far(self.on("add", back, 1.0), a)]

    # Cubic convolution after Keys.

    def _near(self, x, a):
        return self._horner(x, a + 2, -(a + 3), 0.0, 1.0)

    def _far(self, x, a):
        return self._horner(x, a, -5 * a, 8 * a, -4 * a)

    def _horner(self, x, *coefficients):
        return fold_left(lambda y, c: self.on("add", self.on("mul", y, x), c),
                         coefficients[1:], self.number(coefficients[0]))
