# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled models and copies, called from C."""

from __future__ import annotations

import ctypes
import hashlib
import os
import pathlib
import subprocess
import tempfile

import numpy as np

import act_mlir
from act_mlir import runtime

from . import onnx_model
from .data import NUMPY, aligned

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILT = ROOT / "build" / "benchmarks"
_library = None


def loops():
    """loop.c, compiled once a version."""
    global _library
    if _library is None:
        source = HERE / "loop.c"
        key = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
        path = BUILT / f"loop-{key}.so"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                out = pathlib.Path(folder, "loop.so")
                subprocess.run(["cc", "-O2", "-fopenmp", "-shared", "-fPIC",
                                f"-I{ROOT / 'include'}", str(source), "-o", str(out)], check=True)
                os.replace(out, path)
        _library = ctypes.CDLL(str(path))
        _library.bench_model.restype = ctypes.c_double
        _library.bench_copy.restype = ctypes.c_double
        _library.bench_function.restype = ctypes.c_double
    return _library


class CompiledModel:
    """One accuracy of ours, on memory of its own for the result."""

    def __init__(self, cell, inputs, weights, accuracy, level, threads):
        text = cell.mlir()
        model = text if text else onnx_model.build(cell, weights)
        self.model = act_mlir.compile(model, accuracy=accuracy,
                                      target={"v3": "x86-64-v3", "v4": "native"}[level],
                                      threads=threads)
        self.arrays = [inputs[name] for name in cell.operation.inputs]
        self.result = aligned(cell.output(), NUMPY[cell.dtype], cell.offset)
        self.inputs, self._shapes = runtime.describe_arrays(self.arrays)
        self.outputs, self._more = runtime.describe_arrays([self.result])
        size = ctypes.c_size_t()
        functions = self.model._model.contents
        self.model._check(functions.workspace_size(
            self.model._instance, self.inputs, len(self.arrays), ctypes.byref(size)))
        self.workspace = aligned((max(size.value, 64),), np.dtype("u1"))
        self.size = self.workspace.nbytes

    def time(self, count: int) -> float:
        ns = loops().bench_model(
            self.model._model, self.model._instance, self.inputs, len(self.arrays),
            self.outputs, 1, ctypes.c_void_p(self.workspace.ctypes.data),
            ctypes.c_size_t(self.size), ctypes.c_int64(count))
        if ns < 0:
            raise RuntimeError(self.model._last_error().decode())
        return ns

    def value(self) -> np.ndarray:
        self.time(1)
        return self.result


class Copy:
    """A copy that reads and writes as many bytes as the cell must."""

    def __init__(self, cell, threads, streaming):
        self.half = max(64, cell.bytes() // 2 // 64 * 64)
        self.scale = cell.bytes() / (2 * self.half)
        self.to, self.source = (aligned((self.half,), np.dtype("u1")) for _ in range(2))
        self.to[:], self.source[:] = 0, 1
        self.threads, self.streaming = threads, streaming

    def time(self, count: int) -> float:
        return self.scale * loops().bench_copy(
            ctypes.c_void_p(self.to.ctypes.data), ctypes.c_void_p(self.source.ctypes.data),
            ctypes.c_size_t(self.half), int(self.streaming), self.threads,
            ctypes.c_int64(count))
