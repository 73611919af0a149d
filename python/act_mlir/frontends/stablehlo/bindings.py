# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is read through jaxlib's own bindings of MLIR and StableHLO."""

from __future__ import annotations

import re

import numpy as np

from ..text import Unsupported
from ..types import NUMPY_TYPES

try:
    from jax._src.interpreters.mlir import make_ir_context
    from jax._src.lib.mlir import ir
    from jax._src.lib.mlir.dialects import hlo
except ImportError as error:
    raise ImportError("StableHLO is read with jax: pip install jax") from error


class SyntaxFailure(Exception):
    """What is no module: a message, and the line of the text."""


DTYPES = {
    "f64": "f64", "f32": "f32", "f16": "f16", "bf16": "bf16",
    "f8E4M3FN": "f8E4M3FN", "f8E5M2": "f8E5M2", "i1": "i1", "i8": "i8",
    "i16": "i16", "i32": "i32", "i64": "i64", "ui8": "ui8", "ui16": "ui16",
    "ui32": "ui32", "ui64": "ui64",
}


def parse(text: str):
    """A module, and the context that it lives in."""
    context = make_ir_context()
    try:
        return ir.Module.parse(text, context), context
    except ir.MLIRError as error:
        first = error.error_diagnostics[0] if error.error_diagnostics else None
        if first is None:
            raise SyntaxFailure(str(error).splitlines()[0], 1) from None
        place = file_and_line(first.location)
        raise SyntaxFailure(first.message, place[1] if place else 1) from None


def tensor_type(kind) -> tuple[str, tuple]:
    """Element type and extents; None for a dynamic one."""
    if not isinstance(kind, ir.RankedTensorType):
        raise Unsupported(f"type {kind}")
    element = str(kind.element_type)
    if element not in DTYPES:
        raise Unsupported(f"element type {element}")
    shape = tuple(None if kind.is_dynamic_dim(i) else kind.get_dim_size(i)
                  for i in range(kind.rank))
    return DTYPES[element], shape


def integers(attribute) -> list[int]:
    if isinstance(attribute, (ir.DenseIntElementsAttr, ir.DenseElementsAttr)):
        return np.array(attribute).reshape(-1).tolist()
    return [int(i) for i in attribute]


def word(attribute) -> str:
    """The last word of `#stablehlo<comparison_direction LT>`."""
    return re.findall(r"\w+", str(attribute))[-1]


def array(attribute) -> np.ndarray:
    """The data of a constant."""
    kind = attribute.type
    dtype, shape = tensor_type(kind)
    numpy_type = NUMPY_TYPES[dtype]
    if dtype in ("bf16", "f8E4M3FN", "f8E5M2"):
        return _from_text(str(attribute), numpy_type, shape)
    return np.array(attribute).astype(numpy_type, copy=False).reshape(shape)


def _from_text(text: str, dtype, shape) -> np.ndarray:
    """Types that Python's buffers do not know, from how they are printed."""
    literal = text[text.index("<") + 1:text.rindex(">", 0, text.rindex(":"))]
    count = int(np.prod(shape))
    if literal.startswith('"0x'):
        data = np.frombuffer(bytes.fromhex(literal[3:-1]), dtype)
    else:
        data = np.array([_number(word, dtype) for word in
                         re.findall(r"[-+.\w]+", literal)], dtype)
    return np.resize(data, count).reshape(shape)


def _number(word: str, dtype):
    if word.startswith("0x"):
        return np.array(int(word, 16), f"u{dtype.itemsize}").view(dtype)[()]
    return dtype.type(float(word))


def file_and_line(location) -> tuple[str, int] | None:
    """The innermost line of Python that a location names."""
    if isinstance(location, ir.FileLineColLoc):
        return getattr(location.filename, "value", location.filename), location.start_line
    for part in ("child_loc", "callee", "caller"):
        inner = getattr(location, part, None)
        if inner is not None and (found := file_and_line(inner)):
            return found
    for inner in getattr(location, "locations", ()):
        if found := file_and_line(inner):
            return found
    return None


def location_name(location) -> str:
    """The name that a location gives, or none."""
    return getattr(location, "name_str", "")
