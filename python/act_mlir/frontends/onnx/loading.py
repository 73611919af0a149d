# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Model files of any size.

Large tensors never enter the protocol buffer: the file is mapped, each large
`raw_data` is replaced by a handle of 16 bytes, and what is left is parsed. Every
later step works on a small model, and a weight is a view of the mapped file.
"""

from __future__ import annotations

import math
import pathlib
import secrets

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto

from ..text import InvalidModel, Unsupported
from ..types import NUMPY_TYPES

LARGE = 1024
DEPTH = 64

DTYPES = {
    TensorProto.DOUBLE: "f64", TensorProto.FLOAT: "f32",
    TensorProto.FLOAT16: "f16", TensorProto.BFLOAT16: "bf16",
    TensorProto.FLOAT8E4M3FN: "f8E4M3FN", TensorProto.FLOAT8E5M2: "f8E5M2",
    TensorProto.BOOL: "i1", TensorProto.INT8: "i8", TensorProto.INT16: "i16",
    TensorProto.INT32: "i32", TensorProto.INT64: "i64",
    TensorProto.UINT8: "ui8", TensorProto.UINT16: "ui16",
    TensorProto.UINT32: "ui32", TensorProto.UINT64: "ui64",
}

# Two of these are a byte, the first one in its lower half.
PACKED = {TensorProto.INT4: "i8", TensorProto.UINT4: "ui8"}

# The messages on the way to tensors: field number to message.
_MESSAGES = {
    "Model": {7: "Graph", 25: "Function"},
    "Function": {7: "Node"},
    "Graph": {1: "Node", 5: "Tensor"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph"},
}
_RAW_DATA = 9


def dtype_of(data_type: int) -> str:
    try:
        return DTYPES[data_type]
    except KeyError:
        name = (TensorProto.DataType.Name(data_type)
                if data_type in TensorProto.DataType.values() else data_type)
        raise Unsupported(f"element type {name}") from None


class ModelFile:
    """A parsed model, and where the data of its tensors are."""

    def __init__(self, source: pathlib.Path | bytes):
        """`source` is a file, or its bytes: then there is no folder in which
        external data could lie."""
        self.folder = None if isinstance(source, bytes) else source.parent
        self._nonce = secrets.token_bytes(8)
        self._places: list[tuple[int, int]] = []
        self._mapped: dict[pathlib.Path, np.memmap] = {}
        self._file = _mapped(source)
        if len(self._file) == 0:
            raise InvalidModel("not an ONNX model: the file is empty")
        slim = self._slim(memoryview(self._file), 0, len(self._file), "Model", 0)
        self.model = onnx.ModelProto()
        try:
            self.model.ParseFromString(slim)
        except DecodeError:
            raise InvalidModel("not an ONNX model: malformed protocol buffer") from None
        if not self.model.HasField("graph"):
            raise InvalidModel("not an ONNX model: it has no graph")

    # ---- the wire format

    def _slim(self, data, at, end, message, depth) -> bytes:
        """The bytes of a message with handles for large data."""
        if depth > DEPTH:
            raise InvalidModel(f"graphs are nested deeper than {DEPTH}")
        nested, out, copied = _MESSAGES.get(message, {}), [], at
        while at < end:
            start = at
            tag, at = _varint(data, at, end)
            field, wire = tag >> 3, tag & 7
            if wire == 2:
                length, at = _varint(data, at, end)
                if at + length > end:
                    raise InvalidModel("not an ONNX model: truncated")
                body = None
                if field in nested:
                    body = self._slim(data, at, at + length, nested[field], depth + 1)
                elif message == "Tensor" and field == _RAW_DATA and length > LARGE:
                    body = self._nonce + len(self._places).to_bytes(8, "little")
                    self._places.append((at, length))
                if body is not None:
                    out += [bytes(data[copied:start]), _encoded(tag), _encoded(len(body)), body]
                    copied = at + length
                at += length
            elif wire == 0:
                _, at = _varint(data, at, end)
            elif wire in (1, 5):
                at += 8 if wire == 1 else 4
            else:
                raise InvalidModel("not an ONNX model: malformed protocol buffer")
        if at != end:
            raise InvalidModel("not an ONNX model: truncated")
        out.append(bytes(data[copied:end]))
        return b"".join(out)

    # ---- tensors

    def is_handle(self, tensor: TensorProto) -> bool:
        """Whether the data are not in the message, but in the file."""
        return len(tensor.raw_data) == 16 and tensor.raw_data.startswith(self._nonce)

    def unpacked(self, tensor: TensorProto) -> np.ndarray:
        """The data of a tensor of 4-bit integers, one a byte."""
        count = math.prod(tensor.dims)
        raw = self.array(TensorProto(
            name=tensor.name, data_type=TensorProto.UINT8, dims=[(count + 1) // 2],
            **{field.name: value for field, value in tensor.ListFields()
               if field.name in ("raw_data", "int32_data", "data_location", "external_data")}))
        values = np.stack([raw & 15, raw >> 4], -1).reshape(-1)[:count].reshape(tensor.dims)
        if tensor.data_type == TensorProto.UINT4:
            return values
        return (values ^ 8).view("i1") - np.int8(8)

    def array(self, tensor: TensorProto) -> np.ndarray:
        """The tensor's data, as a view of a file where they are large."""
        dtype = NUMPY_TYPES[dtype_of(tensor.data_type)]
        if any(d < 0 for d in tensor.dims):
            raise InvalidModel(f"tensor '{tensor.name}' has a negative extent")
        count = math.prod(tensor.dims)
        if tensor.data_location == TensorProto.EXTERNAL:
            return self._external(tensor, dtype, count)
        raw = tensor.raw_data
        if self.is_handle(tensor):
            at, length = self._places[int.from_bytes(raw[8:], "little")]
            self._check_length(tensor, count * dtype.itemsize, length)
            return self._view(self._file, dtype, count, at).reshape(tensor.dims)
        if tensor.HasField("raw_data"):
            self._check_length(tensor, count * dtype.itemsize, len(raw))
            return np.frombuffer(raw, dtype).reshape(tensor.dims)
        try:
            return onnx.numpy_helper.to_array(tensor).reshape(tensor.dims)
        except ValueError as error:
            raise InvalidModel(f"tensor '{tensor.name}': {error}") from None

    def _external(self, tensor, dtype, count) -> np.ndarray:
        entries = {entry.key: entry.value for entry in tensor.external_data}
        where = f"tensor '{tensor.name}'"
        location = entries.get("location", "")
        path = pathlib.PurePath(location)
        if self.folder is None:
            raise InvalidModel(f"{where}: external data, but the model is no file")
        if not location or path.is_absolute() or ".." in path.parts:
            raise InvalidModel(f"{where}: external data must lie in the model's "
                               f"folder, not at '{location}'")
        full, folder = (self.folder / path).resolve(), self.folder.resolve()
        if not full.is_relative_to(folder):
            raise InvalidModel(f"{where}: external data '{location}' lead out of "
                               "the model's folder")
        if not full.is_file():
            raise InvalidModel(f"{where}: no external data at '{location}'")
        expected = count * dtype.itemsize
        try:
            offset = int(entries.get("offset") or 0)
            length = int(entries.get("length") or expected)
        except ValueError:
            raise InvalidModel(f"{where}: offset or length is not a number") from None
        self._check_length(tensor, expected, length)
        if offset < 0 or offset + length > full.stat().st_size:
            raise InvalidModel(f"{where}: external data end before byte {offset + length}")
        if expected == 0:
            return np.empty(tensor.dims, dtype)
        if full not in self._mapped:
            self._mapped[full] = np.memmap(full, mode="r")
        return self._view(self._mapped[full], dtype, count, offset).reshape(tensor.dims)

    @staticmethod
    def _view(mapped: np.ndarray, dtype, count: int, at: int) -> np.ndarray:
        return np.ndarray((count,), dtype, buffer=mapped, offset=at)

    @staticmethod
    def _check_length(tensor, expected: int, found: int):
        if expected != found:
            shape = "x".join(map(str, tensor.dims))
            raise InvalidModel(f"tensor '{tensor.name}' of shape {shape} needs "
                               f"{expected} bytes, but has {found}")


def _mapped(source) -> np.ndarray:
    if isinstance(source, bytes):
        return np.frombuffer(source, np.uint8)
    if not source.is_file():
        raise InvalidModel("not a file" if source.exists() else "no such file")
    if source.stat().st_size == 0:
        return np.empty(0, np.uint8)
    return np.memmap(source, mode="r")


def _varint(data, at: int, end: int):
    value = shift = 0
    while True:
        if at >= end or shift > 63:
            raise InvalidModel("not an ONNX model: malformed protocol buffer")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
