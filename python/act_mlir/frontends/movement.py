# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations that move elements and compute none."""

from __future__ import annotations

import numpy as np

from .dims import Dim, divide_exactly, product
from .elementwise import ElementwiseMixin, affine_map
from .text import InvalidModel, Unsupported
from .types import Value, element, type_of


class MovementMixin(ElementwiseMixin):
    # ---- shapes

    def reshape(self, value: Value, shape) -> Value:
        """The same elements, row by row, in another shape."""
        shape = tuple(shape)
        if value.shape == shape:
            return value
        self.require_equal(product(value.shape), product(shape), "reshaping")
        if value.data is not None and not any(isinstance(d, Dim) for d in shape):
            return Value(value.dtype, shape, data=value.data.reshape(shape), key=value.key)
        if value.elements is not None and not any(isinstance(d, Dim) for d in shape):
            return Value(value.dtype, shape, elements=value.elements.reshape(shape))
        middle, collapse, expand = _common_shape(value.shape, shape)
        if middle != value.shape:
            value = self._reassociate("collapse_shape", value, middle, collapse)
        if middle != shape:
            value = self._reassociate("expand_shape", value, shape, expand)
        return value

    def _reassociate(self, name, value: Value, shape, groups) -> Value:
        value = self.use(value)
        extents = ""
        if name == "expand_shape":
            extents = f" output_shape {self.mixed(shape)}"
        groups = ", ".join(f"[{', '.join(map(str, g))}]" for g in groups)
        return self.result(
            value.dtype, shape, f"tensor.{name} {value} [{groups}]{extents} : "
            f"{value.type} into {type_of(value.dtype, shape)}")

    def flatten(self, value: Value, first: int, last: int) -> Value:
        """Dimensions `first` to `last`, exclusive, as one (1 where none)."""
        shape = value.shape
        return self.reshape(
            value, (*shape[:first], product(shape[first:last]), *shape[last:]))

    def transpose(self, value: Value, order) -> Value:
        """Dimension i of the result is dimension order[i] of the operand."""
        order = tuple(order)
        if order == tuple(range(value.rank)):
            return value
        if value.transposed is not None:
            # One movement in place of two.
            source, first = value.transposed
            return self.transpose(source, [first[i] for i in order])
        shape = tuple(value.shape[i] for i in order)
        moving = [i for i in order if value.shape[i] != 1]
        if moving == sorted(moving):
            return self.reshape(value, shape)
        position = {axis: i for i, axis in enumerate(order)}
        reads = affine_map(value.rank, [position[i] for i in range(value.rank)])
        result = self.generic([value], [reads], shape, lambda x: x)
        result.transposed = value, order
        return result

    # ---- parts

    def slice(self, value: Value, offsets, shape, steps=None) -> Value:
        """The part that begins at `offsets`; steps are positive."""
        shape, steps = tuple(shape), tuple(steps or (1,) * value.rank)
        if shape == value.shape and all(o == 0 for o in offsets):
            return value
        if 0 in shape:
            # Nothing is left to read, whatever the offsets are.
            return self.full(0, value.dtype, shape)
        value = self.use(value)
        return self.result(
            value.dtype, shape, f"tensor.extract_slice {value}{self.mixed(offsets)} "
            f"{self.mixed(shape)} {self.mixed(steps)} : {value.type} to "
            f"{type_of(value.dtype, shape)}")

    def reverse(self, value: Value, axes) -> Value:
        """The elements of some dimensions in the opposite order."""
        loops = value.rank

        def read(*_):
            at = []
            for axis, extent in enumerate(value.shape):
                i = self.loop_index(axis)
                at.append(self.on_indices("subi", extent - 1, i) if axis in axes else i)
            return self.extract(value, at)

        value = self.use(value)
        self.prepare_extents(value.shape[axis] - 1 for axis in axes)
        return self.generic([], [], value.shape, read) if loops else value

    def concat(self, values, axis: int) -> Value:
        shape = list(values[0].shape)
        for value in values[1:]:
            for i, extent in enumerate(value.shape):
                if i == axis:
                    shape[i] = shape[i] + extent
                else:
                    self.require_equal(shape[i], extent, "concatenation")
        values = [v for v in values if v.shape[axis] != 0] or values[:1]
        if len(values) == 1:
            return values[0]
        result = self.empty(values[0].dtype, shape)
        offsets = [0] * len(shape)
        for value in values:
            result = self.insert(value, result, offsets)
            offsets[axis] = offsets[axis] + value.shape[axis]
        return result

    def insert(self, value: Value, into: Value, offsets, steps=None) -> Value:
        value, steps = self.use(value), steps or (1,) * value.rank
        return self.result(
            into.dtype, into.shape, f"tensor.insert_slice {value} into "
            f"{into}{self.mixed(offsets)} {self.mixed(value.shape)} "
            f"{self.mixed(steps)} : {value.type} into {into.type}")

    def pad(self, value: Value, low, high, filler: Value) -> Value:
        """`filler` (a scalar) around the value."""
        if not any(low) and not any(high):
            return value
        value = self.use(value)
        shape = tuple(lo + d + hi for lo, d, hi in zip(low, value.shape, high))
        if any(isinstance(d, int) and d < 0 for d in shape):
            raise InvalidModel(f"padding leaves a negative extent: {shape}")
        indices = ", ".join(f"{self.fresh()}: index" for _ in shape)
        result = Value(value.dtype, shape, self.fresh())
        pad = "  " * (len(self._scopes) + 1)
        self._scopes[-1] += [
            f"{pad}{result} = tensor.pad {value} low{self.mixed(low)} "
            f"high{self.mixed(high)} {{",
            f"{pad}^bb0({indices}):",
            f"{pad}  tensor.yield {filler} : {filler.type}"]
        self.emit(f"}} : {value.type} to {result.type}")
        return result

    # ---- reading at computed places, in the body of a generic

    def loop_index(self, axis: int) -> Value:
        return self.result("index", None, f"linalg.index {axis} : index")

    def on_indices(self, name: str, lhs, rhs) -> Value:
        """`addi`, `subi`, `muli`, `maxsi` ... of indices or extents."""
        lhs, rhs = (v if isinstance(v, Value) else self.extent_in_body(v) for v in (lhs, rhs))
        return self.result("index", None, f"arith.{name} {lhs}, {rhs} : index")

    def compare_indices(self, predicate: str, lhs, rhs) -> Value:
        """`eq`, `slt`, `sle` ... of indices or extents."""
        lhs, rhs = (v if isinstance(v, Value) else self.extent_in_body(v) for v in (lhs, rhs))
        return self.result("i1", None, f"arith.cmpi {predicate}, {lhs}, {rhs} : index")

    def as_index(self, number: Value) -> Value:
        if number.dtype == "index":
            return number
        cast = "index_castui" if number.dtype.startswith("u") else "index_cast"
        return self.result("index", None, f"arith.{cast} {number} : {number.type} to index")

    def from_index(self, index: Value, dtype: str) -> Value:
        return self.result(dtype, None, f"arith.index_cast {index} : index to {element(dtype)}")

    def prepare_extents(self, extents):
        """Makes the dynamic ones before the body that reads them."""
        for extent in extents:
            if isinstance(extent, Dim):
                self.index(extent)

    def extent_in_body(self, extent) -> Value:
        if isinstance(extent, Dim):
            return Value("index", None, self.index(extent))
        return self.result("index", None, f"arith.constant {extent} : index")

    def extract(self, value: Value, at) -> Value:
        return self.result(value.dtype, None, f"tensor.extract {value}"
                           f"[{', '.join(map(str, at))}] : {value.type}")

    def position(self, number: Value, extent) -> Value:
        """An index read from a tensor: negative ones count from the end, and
        what lies outside becomes the nearest element, never foreign memory."""
        index = self.as_index(number)
        index = self.select(self.compare_indices("slt", index, 0),
                            self.on_indices("addi", index, extent), index)
        return self.clamped(index, extent)

    def clamped(self, index: Value, extent) -> Value:
        """The nearest index inside of a dimension."""
        last = self.on_indices("subi", extent, 1)
        return self.on_indices("minsi", self.on_indices("maxsi", index, 0), last)

    def gather(self, value: Value, indices: Value, axis: int) -> Value:
        """value[..., indices, ...]: the indices' dimensions replace `axis`."""
        known = _known_index(indices)
        if known is not None and isinstance(value.shape[axis], int):
            return self._gather_one(value, known, axis)
        value, indices = self.use(value), self.use(indices)
        shape = (*value.shape[:axis], *indices.shape, *value.shape[axis + 1:])
        self.prepare_extents([value.shape[axis]])

        def read(number):
            at = [self.loop_index(i) for i in range(axis)]
            at.append(self.position(number, value.shape[axis]))
            at += [self.loop_index(i) for i in range(axis + indices.rank, len(shape))]
            return self.extract(value, at)

        loops = range(axis, axis + indices.rank)
        return self.generic([indices], [affine_map(len(shape), loops)], shape, read)

    def gather_elements(self, value: Value, indices: Value, axis: int, shape) -> Value:
        """At each place of `shape` the value's element there, but along `axis`
        the one that the index at that place names."""
        self.prepare_extents(value.shape)
        value = self.use(value)

        def read(number):
            at = [self.loop_index(i) for i in range(value.rank)]
            at[axis] = self.position(number, value.shape[axis])
            return self.extract(value, at)

        return self.generic([indices], [affine_map(value.rank, range(value.rank))], shape, read)

    def _gather_one(self, value: Value, index: int, axis: int) -> Value:
        extent = value.shape[axis]
        if not -extent <= index < extent:
            raise InvalidModel(f"index {index} is outside a dimension of {extent}")
        offsets = [0] * value.rank
        offsets[axis] = index % extent
        shape = list(value.shape)
        shape[axis] = 1
        part = self.slice(value, offsets, shape)
        return self.reshape(part, (*shape[:axis], *shape[axis + 1:]))


def _known_index(indices: Value) -> int | None:
    if indices.rank == 0 and indices.data is not None:
        return int(indices.data)
    return None


def _common_shape(source, target):
    """A shape that both collapse to: (shape, groups of source, of target)."""
    middle, collapse, expand = [], [], []
    i = j = 0
    while i < len(source) and j < len(target):
        i0, j0 = i, j
        lhs, rhs = source[i], target[j]
        i, j = i + 1, j + 1
        while lhs != rhs:
            if i < len(source) and (j == len(target) or _smaller(lhs, rhs)):
                lhs, i = lhs * source[i], i + 1
            elif j < len(target):
                rhs, j = rhs * target[j], j + 1
            else:
                # Only the whole is known to agree.
                return ((product(source),), [list(range(len(source)))],
                        [list(range(len(target)))])
        middle.append(lhs)
        collapse.append(list(range(i0, i)))
        expand.append(list(range(j0, j)))
    # What is left are extents of one, or zeros and what goes with them.
    if i < len(source) or j < len(target):
        if not middle:
            return (), [], []
        if product(source[i:]) != 1 or product(target[j:]) != 1:
            return ((product(source),), [list(range(len(source)))],
                    [list(range(len(target)))])
        collapse[-1] += range(i, len(source))
        expand[-1] += range(j, len(target))
    return tuple(middle), collapse, expand


def _smaller(lhs, rhs) -> bool:
    """Whether the left product is the one to grow."""
    if isinstance(lhs, int) and isinstance(rhs, int):
        return lhs < rhs
    if divide_exactly(rhs, lhs) is not None:
        return True
    return divide_exactly(lhs, rhs) is None and isinstance(lhs, int)
