# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls the compiler, `act-compile`."""

from __future__ import annotations

import os
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence

from . import cache as _cache
from .runtime import Model, load
from .tools import ToolNotFound, environment, find_tool


class CompileError(Exception):
    """Why a model does not compile: what the compiler says, with its place."""


def compile(model, output: str | os.PathLike | None = None, *, target: str | None = None,
            accuracy: str | float | None = None, threads: int = 0, cache: bool = True,
            options: Sequence[str] = ()) -> Model:
    """Compiles a model and loads it.

    `model` is a file (.onnx, .mlir, .mlirbc), an `onnx.ModelProto`, what jax has
    lowered or exported, or a text of MLIR. Files and texts may be StableHLO,
    which is read with jax's bindings.

    `target` names CPU levels, with commas; `accuracy` is `highest`, `precise`
    (the default), `fast`, or a number of ULP; `threads` is how many a call uses
    at most (0: all there are); `options` are more arguments of `act-compile`.

    With `output`, the library goes there, for every CPU from x86-64-v3 up. Without,
    it is for this machine's level alone and kept for the next time that the same
    program is compiled with the same arguments by the same compiler (see
    `act_mlir.cache`); with `cache=False` it lives as long as the result.

    Raises `CompileError`, whose text begins with the place of what is wrong.

    >>> import numpy as np
    >>> silu = compile('''
    ...   func.func @silu(%x: tensor<?xf32>) -> tensor<?xf32> {
    ...     %y = act.silu %x : tensor<?xf32>
    ...     return %y : tensor<?xf32>
    ...   }''', accuracy="fast", threads=1)
    >>> silu
    <act_mlir.Model model(input0: ?xf32) -> (output0: ?xf32)>
    >>> silu(np.array([0, 100], np.float32))
    array([  0., 100.], dtype=float32)
    >>> compile("func.func @f() {")
    Traceback (most recent call last):
    ...
    act_mlir.compiler.CompileError: ...
    """
    try:
        tool = find_tool("act-compile")
    except ToolNotFound as error:
        raise CompileError(str(error)) from None
    name = f"{pathlib.Path(model).stem if _is_path(model) else 'model'}.so"
    model = _without_stablehlo(_without_jax(model))
    arguments = list(options)
    if accuracy is not None:
        arguments.append(f"--accuracy={accuracy}")
    if target is None and output is None:
        target = _level()
    if target is not None:
        arguments.append(f"--march={target}")

    def write(library: pathlib.Path) -> pathlib.Path:
        with tempfile.TemporaryDirectory(prefix="act-") as texts:
            source = _file_of(model, texts)
            done = subprocess.run([tool, str(source), "-o", str(library), *arguments],
                                  capture_output=True, text=True, env=environment(tool))
        if done.returncode != 0:
            raise CompileError(done.stderr.strip() or f"act-compile failed ({done.returncode})")
        return library

    if output is not None:
        return load(write(pathlib.Path(output)), threads=threads)
    content = _content(model) if cache else None
    root = _cache.folder() if content is not None else None
    if root is None:
        folder = tempfile.TemporaryDirectory(prefix="act-")
        loaded = load(write(pathlib.Path(folder.name, name)), threads=threads)
        loaded._folder = folder
        return loaded
    key = _cache.key(content, [name, *arguments], _made_with(tool))
    library = _cache.find(root, key, name) or _cache.store(root, key, name, write)
    return load(library, threads=threads)


def _level() -> str | None:
    """The level of this CPU, the best that there is code for; None where the
    compiler's choice stands."""
    if platform.machine() != "x86_64":
        return None
    with open("/proc/cpuinfo") as info:
        flags = next((line for line in info if line.startswith("flags")), "").split()
    v4 = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
    return "x86-64-v4" if v4 <= set(flags) else "x86-64-v3"


def _made_with(tool: str):
    """The files of this project that decide what the compiler makes."""
    yield tool
    folder = pathlib.Path(tool).resolve().parent
    yield folder.parent / "lib" / "libActRuntime.a"
    yield from sorted(pathlib.Path(__file__).with_name("frontends").rglob("*.py"))


def _is_text(model) -> bool:
    return isinstance(model, str) and ("\n" in model or "func.func" in model)


def _is_path(model) -> bool:
    return isinstance(model, (str, os.PathLike)) and not _is_text(model)


def _without_jax(model):
    """What jax has lowered or exported becomes text."""
    if type(model).__module__.partition(".")[0] == "jax":
        from . import jax
        return jax.lowered(model)[0]
    return model


def _without_stablehlo(model):
    """A program in StableHLO, a text or a file, becomes one in our dialects."""
    source = "program"
    if _is_text(model):
        text = model
    elif _is_path(model) and pathlib.Path(model).suffix == ".mlir":
        source = str(model)
        try:
            text = pathlib.Path(model).read_text()
        except (OSError, UnicodeDecodeError):
            return model  # the compiler says it better
    else:
        return model
    if not re.search(r"^[^\n/]*\bstablehlo\.\w", text, re.M):
        return model
    try:
        from .frontends import stablehlo
    except ImportError as error:
        raise CompileError(f"{source}: error: {error}") from None
    try:
        return stablehlo.import_module(text, source).text
    except stablehlo.ImportFailure as failure:
        raise CompileError(str(failure)) from None


def _content(model) -> bytes | None:
    """The bytes of a program; None where they are not all of it (weights lie in
    other files) or cannot be read."""
    if _is_text(model):
        return model.encode()
    if _is_path(model):
        try:
            content = pathlib.Path(model).read_bytes()
        except OSError:
            return None  # the compiler says it better
        if pathlib.Path(model).suffix in (".mlir", ".mlirbc"):
            weights = pathlib.Path(model).with_suffix(".weights.json")
            return None if weights.exists() else content
    elif hasattr(model, "SerializeToString"):
        content = model.SerializeToString()
    else:
        return None
    # The key under which ONNX names a file of external data.
    return None if b"location" in content else content


def _file_of(model, folder) -> pathlib.Path:
    if _is_text(model):
        path = pathlib.Path(folder, "model.mlir")
        path.write_text(model)
        return path
    if _is_path(model):
        return pathlib.Path(model)
    if not hasattr(model, "SerializeToString"):
        raise TypeError(f"a {type(model).__name__} is no model: a file, a text, an "
                        "onnx.ModelProto, or what jax has lowered; functions of jax go to "
                        "act_mlir.jax.compile, modules of torch to act_mlir.torch.export")
    path = pathlib.Path(folder, "model.onnx")
    path.write_bytes(model.SerializeToString())
    return path
