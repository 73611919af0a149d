# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The baseline `upstream`: the formula, by upstream's passes alone.

`math` operations in an affine loop, vectorized by `affine-super-vectorize`,
expanded by the polynomial approximations of mlir-opt (a test pass, whose
results are wrong in the tails), then LLVM.
"""

from __future__ import annotations

import ctypes
import hashlib
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np

from . import native
from .data import NUMPY, aligned

TOOLS = ("mlir-opt-22", "mlir-translate-22", "opt-22", "llc-22", "cc")
_WIDTH = {"v3": 8, "v4": 16}
_PASSES = """--test-math-polynomial-approximation --canonicalize --cse --lower-affine
    --convert-vector-to-scf --convert-scf-to-cf --convert-vector-to-llvm --convert-math-to-llvm
    --convert-math-to-libm --expand-strided-metadata --lower-affine --finalize-memref-to-llvm
    --convert-arith-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --convert-ub-to-llvm
    --reconcile-unrealized-casts""".split()


def missing() -> str | None:
    """Why the baseline cannot be built here."""
    absent = [tool for tool in TOOLS if not shutil.which(tool)]
    return f"no {', '.join(absent)}" if absent else None


def takes(cell) -> bool:
    return (bool(cell.operation.upstream) and cell.dtype == "f32" and not cell.offset
            and cell.elements() % 16 == 0)


def program(cell) -> str:
    ranked = f"memref<{cell.elements()}xf32>"
    return (f"func.func @f(%in: {ranked}, %out: {ranked}) attributes {{llvm.emit_c_interface}} {{\n"
            f"  affine.for %i = 0 to {cell.elements()} {{\n"
            f"    %a = affine.load %in[%i] : {ranked}\n{cell.operation.upstream.rstrip()}\n"
            f"    affine.store %y, %out[%i] : {ranked}\n  }}\n  return\n}}\n")


def build(text: str, level: str) -> pathlib.Path:
    """The library of a program, made once."""
    key = hashlib.sha256(f"{level} {_PASSES} {text}".encode()).hexdigest()[:16]
    path = native.BUILT / f"upstream-{key}.so"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    cpu = f"-mcpu=x86-64-{level}"
    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = pathlib.Path(name)
        (folder / "f.mlir").write_text(text)
        for command in (
                ["mlir-opt-22", "f.mlir", "-o", "lowered.mlir",
                 f"--affine-super-vectorize=virtual-vector-size={_WIDTH[level]}", *_PASSES],
                ["mlir-translate-22", "--mlir-to-llvmir", "lowered.mlir", "-o", "f.ll"],
                ["opt-22", "-O3", cpu, "f.ll", "-o", "f.bc"],
                ["llc-22", "-O3", cpu, "-mattr=-prefer-256-bit", "-relocation-model=pic",
                 "-filetype=obj", "f.bc", "-o", "f.o"],
                ["cc", "-shared", "f.o", "-o", "f.so", "-lm"]):
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"{command[0]}: {done.stderr.strip()}")
        (folder / "f.so").replace(path)
    return path


class Upstream:
    """The baseline on the inputs of a cell."""

    def __init__(self, cell, inputs, level):
        self._library = ctypes.CDLL(str(build(program(cell), level)))
        self.result = aligned(cell.output(), NUMPY[cell.dtype])
        # A memref descriptor of rank 1: pointer twice, offset, extent, stride.
        self._descriptors = [np.array([a.ctypes.data, a.ctypes.data, 0, a.size, 1], np.int64)
                             for a in (inputs["a"], self.result)]
        self._kept = inputs

    def time(self, count: int) -> float:
        return native.loops().bench_function(
            ctypes.cast(self._library._mlir_ciface_f, ctypes.c_void_p),
            *(ctypes.c_void_p(d.ctypes.data) for d in self._descriptors), ctypes.c_int64(count))

    def value(self):
        self.time(1)
        return self.result
