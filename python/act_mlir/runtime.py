# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled models, through the C interface of `act-mlir-c/Runtime.h`.

NumPy arrays go in and come out; what offers DLPack (torch, jax) comes in
without a copy too. Calls release Python's lock while the library runs.
"""

from __future__ import annotations

import ctypes
import enum
import json
import os

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


class ActError(Exception):
    """An error of a compiled model; `status` says of which kind."""

    def __init__(self, status: Status, message: str):
        super().__init__(message)
        self.status = status


# ---- the C structures

class _Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int32), ("id", ctypes.c_int32)]


class _DType(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16)]


class _Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device", _Device),
                ("ndim", ctypes.c_int32), ("dtype", _DType),
                ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


class _Options(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("parallel_for", ctypes.c_void_p),
                ("parallel_user", ctypes.c_void_p), ("max_threads", ctypes.c_int32),
                ("allocate", ctypes.c_void_p), ("allocate_user", ctypes.c_void_p),
                ("weights", ctypes.c_char_p)]


class _Model(ctypes.Structure):
    pass


_tensors = ctypes.POINTER(_Tensor)
_model, _instance = ctypes.POINTER(_Model), ctypes.c_void_p
_Model._fields_ = [
    ("abi_version", ctypes.c_uint32), ("size", ctypes.c_uint32),
    ("describe", ctypes.CFUNCTYPE(ctypes.c_char_p, _model)),
    ("create", ctypes.CFUNCTYPE(ctypes.c_int, _model, ctypes.POINTER(_Options),
                                ctypes.POINTER(_instance))),
    ("destroy", ctypes.CFUNCTYPE(None, _instance)),
    ("infer_shapes", ctypes.CFUNCTYPE(ctypes.c_int, _instance, _tensors, ctypes.c_int32,
                                      _tensors, ctypes.c_int32)),
    ("workspace_size", ctypes.CFUNCTYPE(ctypes.c_int, _instance, _tensors, ctypes.c_int32,
                                        ctypes.POINTER(ctypes.c_size_t))),
    ("run", ctypes.CFUNCTYPE(ctypes.c_int, _instance, _tensors, ctypes.c_int32, _tensors,
                             ctypes.c_int32, ctypes.c_void_p, ctypes.c_size_t,
                             ctypes.c_void_p)),
    ("selftest", ctypes.CFUNCTYPE(ctypes.c_int, _instance)),
    ("last_error", ctypes.CFUNCTYPE(ctypes.c_char_p)),
]

# NumPy's kinds to DLPack's codes; bfloat16 and the 8-bit floats have no kind.
_CODES = {"i": 0, "u": 1, "f": 2, "b": 6}
_NAMED_CODES = {"bfloat16": 4, "float8_e4m3fn": 10, "float8_e5m2": 12}
_CPU = _Device(1, 0)


def _dl_type(dtype: np.dtype) -> _DType:
    code = _NAMED_CODES.get(dtype.name)
    if code is None:
        code = _CODES.get(dtype.kind)
    if code is None or not dtype.isnative:
        raise ActError(Status.ARGUMENT, f"no tensor type for arrays of {dtype}")
    return _DType(code, 8 * dtype.itemsize, 1)


def numpy_type(name: str) -> np.dtype:
    """NumPy's type for a name that `describe` uses: f32, bf16, i64, i1, ..."""
    plain = {"i1": "?", "f64": "f8", "f32": "f4", "f16": "f2", "i64": "i8", "i32": "i4",
             "i16": "i2", "i8": "i1", "ui64": "u8", "ui32": "u4", "ui16": "u2", "ui8": "u1"}
    if name in plain:
        return np.dtype(plain[name])
    import ml_dtypes
    return np.dtype({"bf16": ml_dtypes.bfloat16, "f8E4M3FN": ml_dtypes.float8_e4m3fn,
                     "f8E5M2": ml_dtypes.float8_e5m2}[name])


class Model:
    """A compiled model with its weights mapped; call it with arrays.

    >>> model = load("model.so")            # doctest: +SKIP
    >>> probabilities = model(images)       # doctest: +SKIP
    """

    def __init__(self, path, weights=None, max_threads: int = 0):
        self._instance = _instance()
        try:
            self._library = ctypes.CDLL(os.path.abspath(os.fspath(path)))
            get = self._library.act_model_get
        except OSError as error:
            raise ActError(Status.ARGUMENT, f"{path}: {error}") from None
        except AttributeError:
            raise ActError(Status.ARGUMENT, f"{path}: not a compiled model") from None
        get.restype, get.argtypes = _model, [ctypes.c_uint32]
        self._model = get(ABI_VERSION)
        if not self._model:
            raise ActError(Status.UNSUPPORTED,
                           f"{path}: does not serve version {ABI_VERSION} of the interface")
        functions = self._model.contents
        self._infer_shapes, self._run = functions.infer_shapes, functions.run
        self._destroy, self._last_error = functions.destroy, functions.last_error
        self._description = json.loads(functions.describe(self._model))
        self.inputs, self.outputs = self._description["inputs"], self._description["outputs"]
        self._result_types = [numpy_type(result["dtype"]) for result in self.outputs]
        self._names = [argument["name"] for argument in self.inputs]
        options = _Options(size=ctypes.sizeof(_Options), max_threads=max_threads,
                           weights=os.fsencode(weights) if weights else None)
        self._check(functions.create(self._model, options, self._instance))

    def __del__(self):
        if getattr(self, "_instance", None):
            self._destroy(self._instance)
            self._instance = None

    def __repr__(self):
        def listed(arguments):
            return ", ".join(f"{a['name']}: {'x'.join(map(str, [*a['shape'], a['dtype']]))}"
                             for a in arguments)
        return f"<act_mlir.Model {self._description['name']}({listed(self.inputs)}) -> " \
               f"({listed(self.outputs)})>"

    def describe(self) -> dict:
        """Inputs, outputs, CPU levels, accuracy, versions."""
        return json.loads(json.dumps(self._description))

    def selftest(self):
        """Raises `ActError` where this machine gives other bits than the one
        that compiled the model."""
        self._check(self._model.contents.selftest(self._instance))

    def __call__(self, *arrays, **named):
        """Runs the model: one array for each input, in order or by name.

        Gives one array, or a tuple where there are several results. Arrays that
        are contiguous are read where they are.
        """
        arrays = self._arguments(arrays, named)
        inputs, _keep = self._describe_arrays(arrays)
        count = len(self.outputs)
        outputs = (_Tensor * count)()
        shapes = [(ctypes.c_int64 * max(len(o["shape"]), 1))() for o in self.outputs]
        for tensor, shape in zip(outputs, shapes):
            tensor.shape = shape
            tensor.device = _CPU
        self._check(self._infer_shapes(self._instance, inputs, len(arrays), outputs, count))
        results = []
        for tensor, dtype in zip(outputs, self._result_types):
            array = np.empty(tuple(tensor.shape[:tensor.ndim]), dtype)
            tensor.data = array.ctypes.data
            results.append(array)
        self._check(self._run(self._instance, inputs, len(arrays), outputs, count,
                              None, 0, None))
        return results[0] if count == 1 else tuple(results)

    def _arguments(self, arrays, named):
        if named:
            missing = self._names[len(arrays):]
            if sorted(missing) != sorted(named):
                raise ActError(Status.ARGUMENT,
                               f"inputs are {', '.join(self._names)}; got {len(arrays)} in "
                               f"order and {', '.join(named)} by name")
            arrays = [*arrays, *(named[name] for name in missing)]
        return [_as_array(a) for a in arrays]

    @staticmethod
    def _describe_arrays(arrays):
        """The arrays as the library sees them, and what must stay alive."""
        tensors, shapes = (_Tensor * max(len(arrays), 1))(), []
        for tensor, array in zip(tensors, arrays):
            shape = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
            shapes.append(shape)
            tensor.data, tensor.device = array.ctypes.data, _CPU
            tensor.ndim, tensor.dtype, tensor.shape = array.ndim, _dl_type(array.dtype), shape
        return tensors, shapes

    def _check(self, status: int):
        if status:
            message = self._last_error() or b""
            raise ActError(Status(status), message.decode("utf-8", "replace"))


def _as_array(value) -> np.ndarray:
    """A contiguous array; a copy only where it must be."""
    if not isinstance(value, np.ndarray):
        value = np.from_dlpack(value) if hasattr(value, "__dlpack__") and not isinstance(
            value, np.generic) else np.asarray(value)
    return value if value.flags.c_contiguous else np.ascontiguousarray(value)


def load(path, weights=None, max_threads: int = 0) -> Model:
    """Loads a library that `act-compile` has written.

    `weights` names the file of external weights where it is not beside the
    library; `max_threads` is 1 for a model that never uses threads.
    """
    return Model(path, weights, max_threads)
