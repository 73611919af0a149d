# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Handlers by operation, and an operation as a handler sees it."""

from __future__ import annotations

from typing import Callable

import numpy as np

from ..registry import registers
from ..text import DependsOnData, Unsupported
from ..types import Value
from . import bindings

# handler(g, op) gives one value or a list; compute(g, op, *operands) is one of
# scalars, or of tensors of one shape.
HANDLERS: dict[str, Callable] = {}
ELEMENTWISE: dict[str, Callable] = {}

handles, computes = registers(HANDLERS), registers(ELEMENTWISE)


class Operation:
    """An operation with its operands as values."""

    def __init__(self, op, operands: list[Value], builder, run_body):
        self.op, self.name, self.values = op, op.name, operands
        self._builder, self._run_body = builder, run_body

    def __getitem__(self, i: int) -> Value:
        return self.values[i]

    def __len__(self):
        return len(self.values)

    def attribute(self, name: str):
        """An attribute of the dialect's own kind, or None."""
        return self.op.attributes[name] if name in self.op.attributes else None

    def integers(self, name: str, default=None) -> list[int] | None:
        found = self.attribute(name)
        return default if found is None else bindings.integers(found)

    def pairs(self, name: str, count: int) -> list[tuple[int, int]]:
        """`count` rows of two numbers; zeros where the attribute is missing."""
        found = self.attribute(name)
        if found is None:
            return [(0, 0)] * count
        return [tuple(row) for row in np.array(found).reshape(-1, 2).tolist()]

    def number(self, name: str) -> int:
        return int(self.attribute(name).value)

    def word(self, name: str) -> str:
        """An attribute that is one of some words, such as `LT`."""
        found = self.attribute(name)
        return "" if found is None else bindings.word(found)

    def numbers(self, name: str, kind):
        """An attribute of dimension numbers."""
        return kind(self.attribute(name))

    def result_type(self, i: int = 0):
        """Element type and extents (None: dynamic) of a result."""
        return bindings.tensor_type(self.op.results[i].type)

    @property
    def dtype(self) -> str:
        return self.result_type()[0]

    def static_shape(self, i: int = 0) -> tuple[int, ...]:
        shape = self.result_type(i)[1]
        if None in shape:
            raise Unsupported("a dynamic extent")
        return shape

    def extents(self, i: int, what: str = "a shape") -> list:
        """What an operand of integers is known to hold."""
        elements = self._builder.elements(self[i])
        if elements is None:
            raise DependsOnData(f"{what} that depends on data", self[i])
        return list(elements.flat)

    def constant(self, i: int):
        """The number of a constant operand of one element, or None."""
        value = self[i]
        if value.data is not None and value.data.size == 1:
            return value.data.reshape(())[()]
        return None

    def body(self, *operands: Value) -> list[Value]:
        """The results of the operation's region on scalars."""
        return self._run_body(self.op.regions[0].blocks[0], operands)

    def body_names(self) -> list[str]:
        """The operations of the region, without what ends it."""
        return [op.operation.name for op in self.op.regions[0].blocks[0].operations][:-1]
