# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled models, through the C interface of `act-mlir-c/Runtime.h`.

NumPy arrays go in and come out; what offers DLPack (torch, jax) comes in
without a copy too. Calls release Python's lock while the library runs.
"""

from __future__ import annotations

import copy
import ctypes
import importlib.machinery
import importlib.util
import json
import math
import os
import pathlib

import numpy as np

from .abi import (ABI_VERSION, ActError, Device, Instance, ModelPointer, Options, Status,
                  Tensor, dl_type, named_type, numpy_type)

_CPU = Device(1, 0)
_capsule_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi))
# Kinds of calls (shapes and types of the inputs) that a model remembers.
MAX_PLANS = 64


def _load_call():
    """The compiled way of a call, beside this package or in the build folder;
    None where it was not built: then every call goes through ctypes."""
    here = pathlib.Path(__file__).resolve()
    for folder in (here.parent, here.parents[2] / "build" / "lib"):
        path = str(folder / "_call.abi3.so")
        if os.path.exists(path):
            loader = importlib.machinery.ExtensionFileLoader("act_mlir._call", path)
            module = importlib.util.module_from_spec(
                importlib.util.spec_from_loader("act_mlir._call", loader))
            loader.exec_module(module)
            return module
    return None


_call = _load_call()


def _no_short_way(*arrays):
    return NotImplemented


def describe_arrays(arrays):
    """The arrays as the library sees them, and what must stay alive."""
    tensors, shapes = (Tensor * max(len(arrays), 1))(), []
    for tensor, array in zip(tensors, arrays):
        shape = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
        shapes.append(shape)
        tensor.data, tensor.device = array.ctypes.data, _CPU
        tensor.ndim, tensor.dtype, tensor.shape = array.ndim, dl_type(array.dtype), shape
    return tensors, shapes


_Byte, _Run = ctypes.c_char, ctypes.CFUNCTYPE(ctypes.c_int)


def _address(array: np.ndarray) -> int:
    """Where the elements lie. `ctypes.data` takes three times as long."""
    try:
        return ctypes.addressof(_Byte.from_buffer(array))
    except (TypeError, ValueError):  # read-only, empty, of a type of ml_dtypes
        return array.ctypes.data


class _Plan:
    """The C arguments of one kind of call: only addresses change between calls.

    One thread uses it at a time.
    """

    __slots__ = ("inputs", "outputs", "results", "arguments", "keep", "short")

    def __init__(self, model: Model, arrays):
        count = len(model.outputs)
        tensors, self.keep = describe_arrays(arrays)
        outputs = (Tensor * count)()
        for tensor, output in zip(outputs, model.outputs):
            tensor.shape = shape = (ctypes.c_int64 * max(len(output["shape"]), 1))()
            tensor.device = _CPU
            self.keep.append(shape)
        model._check(model._infer_shapes(model._instance, tensors, len(arrays), outputs, count))
        self.results = [(tuple(tensor.shape[:tensor.ndim]), dtype)
                        for tensor, dtype in zip(outputs, model._result_types)]
        # Elements of an array of structures are views of its memory.
        self.inputs, self.outputs = list(tensors)[:len(arrays)], list(outputs)
        # As C values already: ctypes converts nothing at the call.
        self.arguments = (model._instance, tensors, ctypes.c_int32(len(arrays)), outputs,
                          ctypes.c_int32(count), ctypes.c_void_p(None), ctypes.c_size_t(0),
                          ctypes.c_void_p(None))
        self.short = self._short_way(model, arrays, tensors, outputs)

    def _short_way(self, model, arrays, inputs, outputs):
        """The compiled call of this kind, where there is one."""
        if _call is None:
            return _no_short_way
        try:
            formats = "".join(memoryview(array).format for array in arrays)
            for _, dtype in self.results:
                memoryview(np.empty(0, dtype))
            return _call.prepare(model._run_address, model._instance.value,
                                 bytes(inputs)[:ctypes.sizeof(Tensor) * len(arrays)],
                                 bytes(outputs), formats.encode(), np.empty,
                                 tuple(self.results))
        except ValueError:  # types that buffers do not know, too many tensors
            return _no_short_way


class Model:
    """A compiled model with its weights mapped; call it with arrays.

    >>> import act_mlir
    >>> relu = act_mlir.compile('''
    ...   func.func @relu(%x: tensor<?xf32>) -> tensor<?xf32> {
    ...     %y = act.relu %x : tensor<?xf32>
    ...     return %y : tensor<?xf32>
    ...   }''')
    >>> relu(np.array([-1, 2], np.float32))
    array([0., 2.], dtype=float32)

    Calls release Python's lock, and any number of threads may make them at once.
    The arrays must not change before a call is over.
    """

    def __init__(self, path, weights=None, threads: int = 0):
        try:
            self._library = ctypes.CDLL(os.path.abspath(os.fspath(path)))
            get = self._library.act_model_get
        except OSError as error:
            raise ActError(Status.ARGUMENT, f"{path}: {error}") from None
        except AttributeError:
            raise ActError(Status.ARGUMENT, f"{path}: not a compiled model") from None
        get.restype, get.argtypes = ModelPointer, [ctypes.c_uint32]
        self._model = get(ABI_VERSION)
        if not self._model:
            raise ActError(Status.UNSUPPORTED,
                           f"{path}: does not serve version {ABI_VERSION} of the interface")
        functions = self._model.contents
        self._infer_shapes = functions.infer_shapes
        self._run_address = ctypes.cast(functions.run, ctypes.c_void_p).value
        self._run = _Run(self._run_address)
        self._destroy, self._last_error = functions.destroy, functions.last_error
        self._description = json.loads(functions.describe(self._model))
        self.inputs, self.outputs = self._description["inputs"], self._description["outputs"]
        self.constants = self._description.get("constants", [])  # older libraries
        self._result_types = [numpy_type(result["dtype"]) for result in self.outputs]
        self._names = [argument["name"] for argument in self.inputs]
        self._options = Options(size=ctypes.sizeof(Options), max_threads=threads,
                                weights=os.fsencode(weights) if weights else None)
        self._create()

    def _create(self):
        self._plans, self._instance, self._held = {}, Instance(), ()
        self._short = _no_short_way
        self._check(self._model.contents.create(self._model, self._options, self._instance))

    def another(self) -> Model:
        """The same model with memory and constants of its own."""
        other = copy.copy(self)
        other._create()
        return other

    def prepare(self, *arrays):
        """Takes the constants: before the first call, and again when they have
        changed. They must not change before the next `prepare`.

        >>> import act_mlir
        >>> scaled = act_mlir.compile('''
        ...   func.func @scaled(%x: tensor<2xf32>, %w: tensor<2xf32> {act.constant})
        ...       -> tensor<2xf32> {
        ...     %e = math.exp %w : tensor<2xf32>
        ...     %y = arith.mulf %x, %e : tensor<2xf32>
        ...     return %y : tensor<2xf32>
        ...   }''')
        >>> scaled.prepare(np.array([0, 0], np.float32))
        >>> scaled(np.array([3, 4], np.float32))
        array([3., 4.], dtype=float32)
        """
        held = [_as_array(array) for array in arrays]
        tensors, _ = describe_arrays(held)
        self._check(self._model.contents.prepare(self._instance, tensors, len(held)))
        self._held = held

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

    def explain(self) -> str:
        """The kernels: what is fused in each, and where it stands in the source.

        >>> import act_mlir
        >>> model = act_mlir.compile('''
        ...   func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
        ...     %y = act.silu %x : tensor<8xf32>
        ...     %z = arith.addf %y, %x : tensor<8xf32>
        ...     return %z : tensor<8xf32>
        ...   }''')
        >>> print(model.explain())
        kernel 0: map, 2 operations: act.silu, arith.addf

        Why others did not fuse is what `act-compile --explain` prints.
        """
        lines = []
        for i, kernel in enumerate(self._description["kernels"]):
            count, names = kernel["operations"], ", ".join(kernel["names"])
            many = "" if count == 1 else "s"
            lines.append(f"kernel {i}: {kernel['kind']}, {count} operation{many}: {names}")
        return "\n".join(lines) or "no kernels"

    def selftest(self):
        """Raises `ActError` where this machine gives other bits than the one
        that compiled the model."""
        self._check(self._model.contents.selftest(self._instance))

    def __call__(self, *arrays, **named):
        """Runs the model: one array for each input, in order or by name.

        Gives one array, or a tuple where there are several results. Arrays that
        are contiguous are read where they are.
        """
        if not named:
            result = self._short(*arrays)
            if result is not NotImplemented:
                if type(result) is int:
                    self._check(result)
                return result
        if named or not all([type(a) is np.ndarray and a.flags.c_contiguous for a in arrays]):
            arrays = self._arguments(arrays, named)
        return self._call(arrays)

    def _call(self, arrays):
        """A call with contiguous arrays."""
        kind = tuple([(array.shape, array.dtype) for array in arrays])
        plans = self._plans.get(kind)
        try:
            plan = plans.pop()
        except (AttributeError, IndexError):
            plan = _Plan(self, arrays)
        for tensor, array in zip(plan.inputs, arrays):
            tensor.data = _address(array)
        results = [np.empty(shape, dtype) for shape, dtype in plan.results]
        for tensor, array in zip(plan.outputs, results):
            tensor.data = _address(array)
        status = self._run(*plan.arguments)
        if status:
            self._check(status)
        if plans is not None:
            plans.append(plan)
        else:
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            self._plans[kind] = [plan]
        self._short = plan.short
        return results[0] if len(results) == 1 else tuple(results)

    def _arguments(self, arrays, named):
        if named:
            missing = self._names[len(arrays):]
            if sorted(missing) != sorted(named):
                raise ActError(Status.ARGUMENT,
                               f"inputs are {', '.join(self._names)}; got {len(arrays)} in "
                               f"order and {', '.join(named)} by name")
            arrays = [*arrays, *(named[name] for name in missing)]
        return [_as_array(a) for a in arrays]

    def _check(self, status: int):
        if status:
            message = self._last_error() or b""
            raise ActError(Status(status), message.decode("utf-8", "replace"))


def _as_array(value) -> np.ndarray:
    """A contiguous array; a copy only where it must be."""
    if not isinstance(value, np.ndarray):
        shares = hasattr(value, "__dlpack__") and not isinstance(value, np.generic)
        value = _from_dlpack(value) if shares else np.asarray(value)
    return value if value.flags.c_contiguous else np.ascontiguousarray(value)


def _from_dlpack(value) -> np.ndarray:
    """An array of what another library holds, without a copy; bf16 and f8, which
    NumPy has no type for, as those of ml_dtypes."""
    if value.__dlpack_device__()[0] != _CPU.type:
        raise ActError(Status.ARGUMENT, "an array that is not in the CPU's memory")
    try:
        return np.from_dlpack(value)
    except RuntimeError:
        capsule = value.__dlpack__()
    tensor = Tensor.from_address(_capsule_pointer(capsule, b"dltensor"))
    dtype = named_type(tensor.dtype)
    if dtype is None:
        raise ActError(Status.ARGUMENT, f"no tensor type for arrays of {value.dtype}")
    shape = tensor.shape[:tensor.ndim]
    if 0 in shape:
        return np.empty(shape, dtype)
    strides = [dtype.itemsize * s for s in tensor.strides[:tensor.ndim]] \
        if tensor.strides else None
    size = dtype.itemsize * (1 + sum(s // dtype.itemsize * (d - 1) for s, d in zip(strides, shape))
                             if strides else math.prod(shape))
    memory = (ctypes.c_char * size).from_address(tensor.data + tensor.byte_offset)
    memory.owner = capsule  # for as long as the array lives
    return np.ndarray(shape, dtype, memory, strides=strides)


def load(path, weights=None, threads: int = 0) -> Model:
    """Loads a library that `act-compile` has written.

    `weights` names the file of external weights where it is not beside the
    library; `threads` is how many a call uses at most (0: all there are). Raises
    `ActError` for what is no compiled model.
    """
    return Model(path, weights, threads)
