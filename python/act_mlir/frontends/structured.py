# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reductions, contractions, convolutions, pooling and rows."""

from __future__ import annotations

from .dims import product
from .elementwise import affine_map
from .movement import MovementMixin
from .types import NUMPY_TYPES, Value, is_float, type_of

import numpy as np


def lowest(dtype: str):
    """What is smaller than any other: the maximum of nothing."""
    if dtype == "i1":
        return 0
    return -np.inf if is_float(dtype) else np.iinfo(NUMPY_TYPES[dtype]).min


def highest(dtype: str):
    if dtype == "i1":
        return 1
    return np.inf if is_float(dtype) else np.iinfo(NUMPY_TYPES[dtype]).max


class StructuredMixin(MovementMixin):
    # ---- reductions

    def reduce(self, value: Value, axes, keep: bool, start, join, before=None) -> Value:
        """Joins the elements along `axes`, beginning with the number `start`.

        `before` maps an element first, and may change its type.
        """
        axes = sorted(axes)
        kept = [i for i in range(value.rank) if i not in axes]
        shape = tuple(value.shape[i] for i in kept)
        value = self.use(value)
        with self.body() as lines:
            item = Value(value.dtype, None, self.fresh())
            mapped = before(item) if before else item
            total = Value(mapped.dtype, None, self.fresh())
            joined = join(mapped, total)
            self.emit(f"linalg.yield {joined} : {joined.type}")
        out = self.full_init(start, mapped.dtype, shape)
        iterators = ["reduction" if i in axes else "parallel" for i in range(value.rank)]
        maps = [affine_map(value.rank, range(value.rank)), affine_map(value.rank, kept)]
        result = self.region_op([value], maps, iterators, out, [item, total], lines)
        if keep:
            result = self.reshape(
                result, [1 if i in axes else d for i, d in enumerate(value.shape)])
        return result

    def full_init(self, number, dtype: str, shape) -> Value:
        """Initial values of a reduction, as an operation that repeats for free."""
        return self.fill(self.scalar(number, dtype), shape)

    def accumulate(self, start: Value, count, step) -> Value:
        """Goes over `count` steps for each element of `start`, the loop after
        those over its dimensions: step(total) gives the next total."""
        rank, start = start.rank, self.use(start)
        steps = self.empty("i1", (count,))
        with self.body() as lines:
            elements = [Value(v.dtype, None, self.fresh()) for v in (steps, start)]
            total = step(elements[1])
            self.emit(f"linalg.yield {total} : {total.type}")
        maps = [affine_map(rank + 1, [rank]), affine_map(rank + 1, range(rank))]
        return self.region_op([steps], maps, ["parallel"] * rank + ["reduction"], start,
                              elements, lines)

    def sum(self, value, axes, keep=False, before=None) -> Value:
        return self.reduce(value, axes, keep, 0,
                           lambda x, total: self.arithmetic("add", x, total), before)

    def max(self, value, axes, keep=False) -> Value:
        return self.reduce(value, axes, keep, lowest(value.dtype),
                           lambda x, total: self.arithmetic("max", x, total))

    def min(self, value, axes, keep=False) -> Value:
        return self.reduce(value, axes, keep, highest(value.dtype),
                           lambda x, total: self.arithmetic("min", x, total))

    def mean(self, value, axes, keep=False, before=None) -> Value:
        total = self.sum(value, axes, keep, before)
        return self.divide_by_count(total, product(value.shape[i] for i in axes))

    def divide_by_count(self, total: Value, count) -> Value:
        if isinstance(count, (int, float)):
            return self.elementwise(
                lambda x: self.arithmetic("div", x, self.like(x, count)), total)
        number = self.extent_value(count, total.dtype)
        return self.elementwise(lambda x, n: self.arithmetic("div", x, n), total, number)

    def extent_value(self, extent, dtype: str) -> Value:
        """A dynamic extent as a tensor of rank 0."""
        number = Value("i64", (), elements=np.array(extent, dtype=object))
        return self.cast(number, dtype)

    def row_op(self, name: str, value: Value, axis: int, attributes="") -> Value:
        value = self.use(value)
        if attributes:
            attributes = f" {{{attributes}}}"
        return self.result(value.dtype, value.shape,
                           f"act.{name} {value} dimension({axis}){attributes} : {value.type}")

    def logsumexp(self, value: Value, axis: int, shape) -> Value:
        value = self.use(value)
        return self.result(
            value.dtype, shape, f"act.logsumexp {value} dimension({axis}) : "
            f"{value.type} -> {type_of(value.dtype, shape)}")

    # ---- contractions

    def contract(self, lhs: Value, rhs: Value, lhs_dims: str, rhs_dims: str,
                 out_dims: str, dtype=None) -> Value:
        """Products of elements, summed over the letters that `out_dims` lacks,
        as einsum writes it: contract(a, b, "mk", "kn", "mn")."""
        extents = {}
        for value, dims in ((lhs, lhs_dims), (rhs, rhs_dims)):
            for letter, extent in zip(dims, value.shape):
                if letter in extents:
                    self.require_equal(extents[letter], extent, "contraction")
                extents[letter] = extent
        dtype = dtype or lhs.dtype
        lhs, rhs, lhs_dims, rhs_dims = _untransposed(lhs, rhs, lhs_dims, rhs_dims, out_dims)
        lhs, rhs = self.use(lhs), self.use(rhs)
        shape = [extents[letter] for letter in out_dims]
        out = self.full_init(0, dtype, shape)
        named = _NAMED.get((lhs_dims, rhs_dims, out_dims))
        if named and dtype == lhs.dtype == rhs.dtype:
            name, transposed = named
            maps = ""
            if transposed:
                order = out_dims + "k"
                maps = " indexing_maps = [" + ", ".join(
                    affine_map(len(order), [order.index(c) for c in dims])
                    for dims in (lhs_dims, rhs_dims, out_dims)) + "]"
            return self.result(
                dtype, shape, f"linalg.{name}{maps} ins({lhs}, {rhs} : {lhs.type}, "
                f"{rhs.type}) outs({out} : {out.type}) -> {out.type}")
        letters = out_dims + "".join(sorted(set(lhs_dims + rhs_dims) - set(out_dims)))
        maps = [affine_map(len(letters), [letters.index(c) for c in dims])
                for dims in (lhs_dims, rhs_dims, out_dims)]
        iterators = ["parallel" if c in out_dims else "reduction" for c in letters]
        return self.multiply_add(lhs, rhs, maps, iterators, out)

    def multiply_add(self, lhs, rhs, maps, iterators, out) -> Value:
        """out += lhs * rhs over the loops that the maps describe."""
        lhs, rhs = self.use(lhs), self.use(rhs)
        with self.body() as lines:
            elements = [Value(v.dtype, None, self.fresh()) for v in (lhs, rhs, out)]
            a, b, total = elements
            term = self.arithmetic("mul", self.cast(a, out.dtype), self.cast(b, out.dtype))
            total = self.arithmetic("add", total, term)
            self.emit(f"linalg.yield {total} : {total.type}")
        return self.region_op([lhs, rhs], maps, iterators, out, elements, lines)


_NAMED = {
    ("mk", "kn", "mn"): ("matmul", False),
    ("km", "kn", "mn"): ("matmul", True),
    ("mk", "nk", "mn"): ("matmul", True),
    ("km", "nk", "mn"): ("matmul", True),
    ("bmk", "bkn", "bmn"): ("batch_matmul", False),
    ("bmk", "bnk", "bmn"): ("batch_matmul", True),
}


def _untransposed(lhs, rhs, lhs_dims, rhs_dims, out_dims):
    """The operands before a transposition that the product can do itself."""
    def before(value, dims):
        if value.transposed is None:
            return value, dims
        source, order = value.transposed
        return source, "".join(dims[order.index(i)] for i in range(len(order)))

    for left in (before(lhs, lhs_dims), (lhs, lhs_dims)):
        for right in (before(rhs, rhs_dims), (rhs, rhs_dims)):
            if (left[1], right[1], out_dims) in _NAMED:
                return left[0], right[0], left[1], right[1]
    return lhs, rhs, lhs_dims, rhs_dims
