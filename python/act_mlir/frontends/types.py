# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Element types, numbers as MLIR spells them, and values of a graph."""

from __future__ import annotations

import re
from dataclasses import dataclass

import ml_dtypes
import numpy as np

from .dims import Dim, Extent

# Our name for an element type to NumPy's. MLIR's integers have no sign, so the
# unsigned ones are kept apart here only.
NUMPY_TYPES = {
    "f64": np.dtype("f8"),
    "f32": np.dtype("f4"),
    "f16": np.dtype("f2"),
    "bf16": np.dtype(ml_dtypes.bfloat16),
    "f8E4M3FN": np.dtype(ml_dtypes.float8_e4m3fn),
    "f8E5M2": np.dtype(ml_dtypes.float8_e5m2),
    "i1": np.dtype("?"),
    "i8": np.dtype("i1"),
    "i16": np.dtype("i2"),
    "i32": np.dtype("i4"),
    "i64": np.dtype("i8"),
    "ui8": np.dtype("u1"),
    "ui16": np.dtype("u2"),
    "ui32": np.dtype("u4"),
    "ui64": np.dtype("u8"),
}
DTYPE_OF = {numpy_type: name for name, numpy_type in NUMPY_TYPES.items()}
FLOATS = {"f64": 64, "f32": 32, "f16": 16, "bf16": 16, "f8E4M3FN": 8, "f8E5M2": 8}


def is_float(dtype: str) -> bool:
    return dtype in FLOATS


def is_unsigned(dtype: str) -> bool:
    return dtype.startswith("u") or dtype == "i1"


def bits(dtype: str) -> int:
    return FLOATS.get(dtype) or int(dtype.lstrip("ui"))


def accumulator(dtype: str) -> str:
    """Sums of 16- and 8-bit floats run in f32."""
    return "f32" if is_float(dtype) and bits(dtype) < 32 else dtype


def element(dtype: str) -> str:
    """The element type in MLIR."""
    return dtype.removeprefix("u")


def number(value, dtype: str) -> str:
    """A literal of an element type."""
    if dtype == "i1":
        return "true" if value else "false"
    if not is_float(dtype):
        return str(int(value))
    value = np.array(value).astype(NUMPY_TYPES[dtype])
    wide = float(value)
    if not np.isfinite(wide):
        raw = value.view(f"u{value.itemsize}")
        return f"0x{int(raw):0{2 * value.itemsize}X}"
    text = repr(wide)
    mantissa, _, exponent = text.partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}e{exponent}" if exponent else mantissa


def quoted(text: str) -> str:
    """A string literal of MLIR: bytes other than plain ASCII as hex."""
    out = []
    for byte in text.encode("utf-8", "surrogateescape"):
        plain = 32 <= byte < 127 and byte not in b'"\\'
        out.append(chr(byte) if plain else f"\\{byte:02X}")
    return '"' + "".join(out) + '"'


def identifier(name: str, otherwise: str = "main") -> str:
    """A C identifier made of any name."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", name or "")
    if not name.strip("_"):
        return otherwise
    return f"_{name}" if name[0].isdigit() else name


def type_of(dtype: str, shape) -> str:
    """`tensor<?x4xf32>`, or the element type where there is no shape."""
    if shape is None:
        return element(dtype)
    extents = "".join("?x" if isinstance(d, Dim) else f"{d}x" for d in shape)
    return f"tensor<{extents}{element(dtype)}>"


@dataclass(eq=False)
class Value:
    """A tensor, or a scalar where `shape` is None.

    `data` holds a constant, which enters the text only when an operation needs
    it; `transposed` another value and the order in which this one has its
    dimensions; `elements` what an integer tensor is known to hold, as ints and `Dim`s
    in an object array: the arithmetic of shapes never becomes tensor code.
    """

    dtype: str
    shape: tuple[Extent, ...] | None
    name: str | None = None
    data: object = None
    elements: np.ndarray | None = None
    key: str | None = None
    transposed: tuple[Value, tuple[int, ...]] | None = None

    @property
    def type(self) -> str:
        return type_of(self.dtype, self.shape)

    @property
    def rank(self) -> int:
        return len(self.shape)

    def __str__(self):
        if self.name is None:
            raise AssertionError("a value that is not in the text yet")
        return self.name
