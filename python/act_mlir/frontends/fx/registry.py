# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Handlers by ATen operation, and what they share.

A handler is called as handler(g, out, *arguments): `out` says what the result
is, arguments follow the operation's schema with defaults filled in, tensors as
`Value`s, extents as ints or `Dim`s.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..dims import Dim, Extent
from ..text import Unsupported
from ..types import Value, accumulator, is_float

aten, prims = torch.ops.aten, torch.ops.prims

HANDLERS: dict = {}

DTYPES = {
    torch.float64: "f64", torch.float32: "f32", torch.float16: "f16",
    torch.bfloat16: "bf16", torch.float8_e4m3fn: "f8E4M3FN",
    torch.float8_e5m2: "f8E5M2", torch.bool: "i1", torch.int8: "i8",
    torch.int16: "i16", torch.int32: "i32", torch.int64: "i64",
    torch.uint8: "ui8",
}


@dataclass(frozen=True)
class Result:
    """What torch says of a result: element type, extents, number of users."""

    dtype: str
    shape: tuple[Extent, ...]
    used: bool = True


def handles(*operations):
    """Registers a handler for overloads, or for all overloads of a packet."""
    def register(handler):
        for operation in operations:
            if isinstance(operation, torch._ops.OpOverloadPacket):
                for name in operation.overloads():
                    if not _writes(overload := getattr(operation, name)):
                        HANDLERS[overload] = handler
            else:
                HANDLERS[operation] = handler
        return handler
    return register


def _writes(overload) -> bool:
    """Forms that write into an operand."""
    return overload._schema.is_mutable


def dtype_of(dtype: torch.dtype) -> str:
    if dtype not in DTYPES:
        raise Unsupported(f"element type {dtype}")
    return DTYPES[dtype]


def axis_of(axis: int, rank: int) -> int:
    return axis % max(rank, 1)


def axes_of(axes, rank: int) -> list[int]:
    """Sorted axes; none means all."""
    if axes is None or axes == [] or rank == 0:
        return list(range(rank))
    if isinstance(axes, int):
        axes = [axes]
    return sorted(axis_of(axis, rank) for axis in axes)


def common_type(*operands) -> str:
    """The type that torch computes in, by its rule of promotion: dimensions
    count before tensors of rank 0, those before Python's numbers."""
    def category(dtype):
        return 0 if dtype == "i1" else 2 if is_float(dtype) else 1

    groups: list[list[str]] = [[], [], []]
    for operand in operands:
        if isinstance(operand, Value):
            groups[0 if operand.shape else 1].append(operand.dtype)
        else:
            groups[2].append("i1" if isinstance(operand, bool) else
                             "default" if isinstance(operand, float) else "i64")
    names = {ours: theirs for theirs, ours in DTYPES.items()}
    names["default"] = torch.get_default_dtype()
    best = None
    for group in groups:
        for dtype in group:
            theirs = names[dtype]
            rank = category(DTYPES[theirs])
            if best is None or rank > category(DTYPES[best]):
                if best is None or group is not groups[0]:
                    best = theirs
                else:
                    best = torch.promote_types(best, theirs)
            elif dtype in groups[0] and group is groups[0]:
                best = torch.promote_types(best, theirs)
    return DTYPES[best]


def pointwise(g, out: Result, compute, *operands, dtype=None, wide=True) -> Value:
    """`compute` on operands (tensors or numbers) that broadcast, in torch's
    common type or `dtype`, short floats in f32 where `wide`; then the result's
    type."""
    dtype = dtype or common_type(*operands)
    if wide:
        dtype = accumulator(dtype)
    operands = [g.extent_value(v, "i64") if isinstance(v, Dim) else v for v in operands]
    tensors = [v for v in operands if isinstance(v, Value)]

    def inner(*elements):
        rest = iter(elements)
        first = elements[0]
        given = [g.cast(next(rest), dtype) if isinstance(v, Value)
                 else g.like(first, v, dtype) for v in operands]
        return g.cast(compute(*given), out.dtype)

    return g.elementwise(inner, *tensors)
