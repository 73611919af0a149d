# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The compiler's programs: where they are, and as commands of the package."""

from __future__ import annotations

import os
import pathlib
import shutil
import sys


class ToolNotFound(Exception):
    """A program of this project is nowhere."""


def find_tool(name: str) -> str:
    """A tool in `ACT_BIN`, in the build folder beside this package, in the
    package, beside the Python program, or on the path."""
    here = pathlib.Path(__file__).resolve()
    for folder in (os.environ.get("ACT_BIN"), here.parents[2] / "build" / "bin",
                   here.parent / "bin", pathlib.Path(sys.executable).parent):
        if folder and (found := shutil.which(name, path=str(folder))):
            return found
    if found := shutil.which(name):
        return found
    raise ToolNotFound(f"{name} is not found: build it, or name its folder in ACT_BIN")


def lit_config() -> str:
    """What a lit.cfg.py loads to use the tools, see docs/TutorialLit.md."""
    prefix = pathlib.Path(find_tool("act-opt")).parent.parent
    return str(prefix / "share" / "act-mlir" / "lit.cfg.py")


def environment(tool: str) -> dict[str, str]:
    """What a tool runs with: it calls this Python to read ONNX, and the linker
    beside it where there is no other."""
    path = os.environ.get("PATH", os.defpath)
    return {**os.environ, "ACT_PYTHON": sys.executable,
            "PATH": os.pathsep.join((path, os.path.dirname(tool)))}


def main():
    """Becomes the tool whose name this command has."""
    name = pathlib.Path(sys.argv[0]).name
    try:
        tool = find_tool(name)
    except ToolNotFound as error:
        sys.exit(f"error: {error}")
    if os.path.samefile(tool, sys.argv[0]):
        sys.exit(f"error: {name} is not in the package: build it, or name its folder in ACT_BIN")
    os.execve(tool, [tool, *sys.argv[1:]], environment(tool))
