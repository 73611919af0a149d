# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The structures of `act-mlir-c/Runtime.h` for ctypes."""

from __future__ import annotations

import ctypes
import enum

import numpy as np

ABI_VERSION = 1


class Status(enum.IntEnum):
    OK = 0
    ARGUMENT = 1
    CPU = 2
    MEMORY = 3
    WEIGHTS = 4
    SELFTEST = 5
    UNSUPPORTED = 6
    DEVICE = 7


class ActError(Exception):
    """An error of a compiled model; `status` says of which kind."""

    def __init__(self, status: Status, message: str):
        super().__init__(message)
        self.status = status


class Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int32), ("id", ctypes.c_int32)]


class DType(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16)]


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device", Device),
                ("ndim", ctypes.c_int32), ("dtype", DType),
                ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


class Options(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("parallel_for", ctypes.c_void_p),
                ("parallel_user", ctypes.c_void_p), ("max_threads", ctypes.c_int32),
                ("allocate", ctypes.c_void_p), ("allocate_user", ctypes.c_void_p),
                ("weights", ctypes.c_char_p), ("device", Device)]


class ModelFunctions(ctypes.Structure):
    pass


_Tensors = ctypes.POINTER(Tensor)
ModelPointer, Instance = ctypes.POINTER(ModelFunctions), ctypes.c_void_p
ModelFunctions._fields_ = [
    ("abi_version", ctypes.c_uint32), ("size", ctypes.c_uint32),
    ("describe", ctypes.CFUNCTYPE(ctypes.c_char_p, ModelPointer)),
    ("create", ctypes.CFUNCTYPE(ctypes.c_int, ModelPointer, ctypes.POINTER(Options),
                                ctypes.POINTER(Instance))),
    ("destroy", ctypes.CFUNCTYPE(None, Instance)),
    ("infer_shapes", ctypes.CFUNCTYPE(ctypes.c_int, Instance, _Tensors, ctypes.c_int32,
                                      _Tensors, ctypes.c_int32)),
    ("workspace_size", ctypes.CFUNCTYPE(ctypes.c_int, Instance, _Tensors, ctypes.c_int32,
                                        ctypes.POINTER(ctypes.c_size_t))),
    ("run", ctypes.CFUNCTYPE(ctypes.c_int, Instance, _Tensors, ctypes.c_int32, _Tensors,
                             ctypes.c_int32, ctypes.c_void_p, ctypes.c_size_t,
                             ctypes.c_void_p)),
    ("selftest", ctypes.CFUNCTYPE(ctypes.c_int, Instance)),
    ("last_error", ctypes.CFUNCTYPE(ctypes.c_char_p)),
    ("program", ctypes.c_void_p),
    ("prepare", ctypes.CFUNCTYPE(ctypes.c_int, Instance, _Tensors, ctypes.c_int32)),
]

# NumPy's kinds to DLPack's codes; bfloat16 and the 8-bit floats have no kind.
_CODES = {"i": 0, "u": 1, "f": 2, "b": 6}
_NAMED_CODES = {"bfloat16": 4, "float8_e4m3fn": 10, "float8_e5m2": 12}


def dl_type(dtype: np.dtype) -> DType:
    code = _NAMED_CODES.get(dtype.name)
    if code is None:
        code = _CODES.get(dtype.kind)
    if code is None or not dtype.isnative:
        raise ActError(Status.ARGUMENT, f"no tensor type for arrays of {dtype}")
    return DType(code, 8 * dtype.itemsize, 1)


def numpy_type(name: str) -> np.dtype:
    """NumPy's type for a name that `describe` uses: f32, bf16, i64, i1, ..."""
    plain = {"i1": "?", "f64": "f8", "f32": "f4", "f16": "f2", "i64": "i8", "i32": "i4",
             "i16": "i2", "i8": "i1", "ui64": "u8", "ui32": "u4", "ui16": "u2", "ui8": "u1"}
    if name in plain:
        return np.dtype(plain[name])
    import ml_dtypes
    return np.dtype({"bf16": ml_dtypes.bfloat16, "f8E4M3FN": ml_dtypes.float8_e4m3fn,
                     "f8E5M2": ml_dtypes.float8_e5m2}[name])


def named_type(dtype: DType) -> np.dtype | None:
    """NumPy's type, through ml_dtypes, for a tensor type that NumPy lacks."""
    import ml_dtypes
    for name, code in _NAMED_CODES.items():
        if code == dtype.code and dtype.lanes == 1:
            found = np.dtype(getattr(ml_dtypes, name))
            return found if 8 * found.itemsize == dtype.bits else None
    return None
