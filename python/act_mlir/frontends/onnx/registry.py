# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Handlers by operation, and a node as a handler sees it."""

from __future__ import annotations

from typing import Callable

import numpy as np
import onnx

from ..dims import Dim
from ..registry import registers
from ..text import DependsOnData, InvalidModel, Unsupported
from ..types import Value
from .loading import ModelFile

# handler(g, node) gives one value or a list.
HANDLERS: dict[str, Callable] = {}
handles = registers(HANDLERS)

# The domains that hold the operations of ONNX itself.
ONNX_DOMAINS = ("", "ai.onnx")


class Node:
    """A node with its operands as values."""

    def __init__(self, proto: onnx.NodeProto, inputs, opset: int, builder, file: ModelFile,
                 run_body=None):
        """`run_body(graph, operands)` gives the results of a nested graph."""
        self.op, self.opset = proto.op_type, opset
        self.outputs = list(proto.output)
        self.values: list[Value | None] = inputs
        self.attributes = {a.name: a for a in proto.attribute}
        self._builder, self._file, self._run_body = builder, file, run_body

    # ---- attributes

    def attribute(self, name: str, default=None):
        found = self.attributes.get(name)
        if found is None:
            return default
        value = onnx.helper.get_attribute_value(found)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    def array(self, name: str) -> np.ndarray | None:
        """A tensor attribute."""
        found = self.attributes.get(name)
        return None if found is None else self._file.array(found.t)

    def dense(self, tensor: onnx.TensorProto) -> np.ndarray:
        return self._file.array(tensor)

    def graph(self, name: str) -> onnx.GraphProto:
        """A graph attribute."""
        if name not in self.attributes:
            raise InvalidModel(f"attribute '{name}' is missing")
        return self.attributes[name].g

    def body(self, name: str, *operands: Value) -> list[Value]:
        """The results of a graph attribute on these operands."""
        return self._run_body(self.graph(name), operands)

    # ---- operands

    def __len__(self):
        return len(self.values)

    def optional(self, i: int) -> Value | None:
        return self.values[i] if i < len(self.values) else None

    def __getitem__(self, i: int) -> Value:
        value = self.optional(i)
        if value is None:
            raise InvalidModel(f"operand {i} is missing")
        return value

    def inputs(self) -> list[Value]:
        """All operands; none may be missing."""
        return [self[i] for i in range(len(self.values))]

    def axis(self, default=None, rank: int | None = None, name="axis") -> int:
        """The attribute `axis`, counted from the start."""
        axis = self.attribute(name, default)
        if axis is None:
            raise InvalidModel(f"attribute '{name}' is missing")
        return normalized(axis, self[0].rank if rank is None else rank)

    def extents(self, i: int, what: str) -> list:
        """The extents that an operand of rank 0 or 1 holds."""
        elements = self._builder.elements(self[i])
        if elements is None:
            raise DependsOnData(f"{what} that depends on data", self[i])
        return list(elements.flat)

    def integers(self, name: str, i: int | None = None, default=None, what=None):
        """Numbers from an attribute (older opsets) or from operand i."""
        if name in self.attributes:
            return list(self.attribute(name))
        if i is None or self.optional(i) is None:
            return default
        numbers = self.extents(i, what or name)
        if any(isinstance(n, Dim) for n in numbers):
            raise Unsupported(f"{what or name} that depends on the input's shape")
        return numbers

    def known(self, i: int, what: str) -> np.ndarray:
        """The array that an operand is known to be."""
        array = self._builder.numbers(self[i])
        if array is None:
            raise DependsOnData(f"{what} that depends on data", self[i])
        return array

    def number(self, name: str, i: int | None = None, default=None):
        """A number from an attribute or from a constant operand i."""
        if name in self.attributes:
            return self.attribute(name)
        if i is None or self.optional(i) is None:
            return default
        value = self[i]
        if value.data is not None and value.data.size == 1:
            return value.data.reshape(())[()]
        elements = self._builder.elements(value)
        if elements is not None and elements.size == 1 and not isinstance(elements.flat[0], Dim):
            return elements.flat[0]
        raise DependsOnData(f"{name} that is not constant", value)


def normalized(axis: int, rank: int) -> int:
    if not -rank <= axis < max(rank, 1):
        raise InvalidModel(f"axis {axis} is out of range for rank {rank}")
    return axis % rank if rank else 0


def normalized_axes(axes, rank: int) -> list[int]:
    result = [normalized(int(axis), rank) for axis in axes]
    if len(set(result)) != len(result):
        raise InvalidModel(f"axes {list(axes)} name a dimension twice")
    return result
