# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls the compiler, `act-compile`."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from .runtime import Model, load


class CompileError(Exception):
    """Why a model does not compile: what the compiler says, with its place."""


def find_tool(name: str) -> str:
    """A tool in `ACT_BIN`, in the build folder beside this package, beside the
    Python program, or on the path."""
    here = pathlib.Path(__file__).resolve().parents[2]
    for folder in (os.environ.get("ACT_BIN"), here / "build" / "bin",
                   pathlib.Path(sys.executable).parent):
        if folder and (found := shutil.which(name, path=str(folder))):
            return found
    if found := shutil.which(name):
        return found
    raise CompileError(f"{name} is not found: build it, or name its folder in ACT_BIN")


def compile(model, output=None, *, accuracy=None, march=None, options=()) -> Model:
    """Compiles a model and loads it.

    `model` is a file (.onnx, .mlir, .mlirbc), an `onnx.ModelProto`, or a text
    of MLIR. The library goes to `output`, or to a temporary folder that lives
    as long as the result. `options` are more arguments of `act-compile`.
    """
    folder = None
    if output is None or not isinstance(model, (str, os.PathLike)) or _is_text(model):
        folder = tempfile.TemporaryDirectory(prefix="act-")
    source = _file_of(model, folder)
    library = pathlib.Path(output) if output else pathlib.Path(folder.name, f"{source.stem}.so")
    command = [find_tool("act-compile"), str(source), "-o", str(library), *options]
    if accuracy is not None:
        command.append(f"--accuracy={accuracy}")
    if march is not None:
        command.append(f"--march={march}")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CompileError(done.stderr.strip() or f"act-compile failed ({done.returncode})")
    loaded = load(library)
    loaded._folder = folder
    return loaded


def _is_text(model) -> bool:
    return isinstance(model, str) and ("\n" in model or "func.func" in model)


def _file_of(model, folder) -> pathlib.Path:
    if _is_text(model):
        path = pathlib.Path(folder.name, "model.mlir")
        path.write_text(model)
        return path
    if isinstance(model, (str, os.PathLike)):
        return pathlib.Path(model)
    path = pathlib.Path(folder.name, "model.onnx")
    path.write_bytes(model.SerializeToString())
    return path
