# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""torch's symbolic sizes, which are sympy's expressions, as extents."""

from __future__ import annotations

from functools import reduce

import sympy
import torch
from torch.utils._sympy.functions import CleanDiv, FloorDiv, Max, Min, Mod, PythonMod

from ..dims import Dim, Extent, maximum, minimum
from ..text import Unsupported


def extent(size) -> Extent:
    """An int, or a `torch.SymInt` as a `Dim` over torch's own symbols."""
    if isinstance(size, torch.SymInt):
        return _extent(size.node.expr)
    return int(size)


def symbols_of(sizes) -> set[str]:
    """The names of the symbols that the sizes depend on."""
    return {str(symbol) for size in sizes if isinstance(size, torch.SymInt)
            for symbol in size.node.expr.free_symbols}


def _extent(expr) -> Extent:
    parts = [_extent(part) for part in expr.args] if not expr.is_Atom else []
    match expr:
        case sympy.Integer():
            return int(expr)
        case sympy.Symbol():
            return Dim.symbol(str(expr))
        case sympy.Add():
            return sum(parts)
        case sympy.Mul():
            return reduce(lambda a, b: a * b, parts)
        case sympy.Pow() if isinstance(parts[1], int) and parts[1] > 0:
            return reduce(lambda a, b: a * b, [parts[0]] * parts[1])
        case FloorDiv() | CleanDiv():
            return parts[0] // parts[1]
        case Mod() | PythonMod():
            return parts[0] - parts[0] // parts[1] * parts[1]
        case Max() | sympy.Max():
            return reduce(maximum, parts)
        case Min() | sympy.Min():
            return reduce(minimum, parts)
    raise Unsupported(f"the extent {expr}")
