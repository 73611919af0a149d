# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled libraries, kept between processes.

An entry is a folder named by a hash of the program's bytes, of the compiler's
arguments, and of size and time of the files that make it: the compiler, the
runtime's archive, the importer. Beside the library, `depends.json` lists the
libraries of MLIR and LLVM in the same way: with others, it is made again.

Entries lie in `$ACT_CACHE_DIR`, else `$XDG_CACHE_HOME/act-mlir`, else
`~/.cache/act-mlir`; an empty `$ACT_CACHE_DIR` turns the cache off. The least
recently used ones go when all together take more than `LIMIT` bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import warnings

LIMIT = 1 << 30
_DEPENDS = "depends.json"


def folder() -> pathlib.Path | None:
    """The cache's folder, which only this user can write; None where there is
    none to be had."""
    named = os.environ.get("ACT_CACHE_DIR")
    if named == "":
        return None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = pathlib.Path(named) if named else pathlib.Path(base, "act-mlir")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat()
    except OSError as error:
        warnings.warn(f"compiled models are not kept: {error}", stacklevel=4)
        return None
    # What lies here is loaded as code.
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        warnings.warn(f"compiled models are not kept: others may write to {path}", stacklevel=4)
        return None
    return path


def key(content: bytes, arguments, made_with) -> str:
    """A name for what the files `made_with` make of `content` with these
    arguments."""
    hashed = hashlib.sha256()
    stamps = [[str(path), *_stamp(path)] for path in made_with]
    for part in (json.dumps([stamps, arguments]).encode(), content):
        hashed.update(len(part).to_bytes(8, "little"))
        hashed.update(part)
    return hashed.hexdigest()


def find(root: pathlib.Path, name: str) -> pathlib.Path | None:
    """The library of an entry that is there and not stale."""
    entry = root / name
    try:
        depends = json.loads((entry / _DEPENDS).read_bytes())
        if any(_stamp(path) != stamp for path, *stamp in depends["files"]):
            return None
        library = entry / depends["library"]
        if library.stat().st_size != depends["size"]:
            return None
        os.utime(entry)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return library


def store(root: pathlib.Path, name: str, write, tool: str) -> pathlib.Path:
    """Makes an entry: `write(folder)` runs the compiler `tool`, and gives the
    path of the library. Nothing of the entry can be seen before all of it is
    there."""
    with tempfile.TemporaryDirectory(prefix="new-", dir=root) as new:
        folder = pathlib.Path(new, "entry")
        folder.mkdir()
        library = write(folder)
        (library.parent / _DEPENDS).write_text(json.dumps({
            "library": library.name, "size": library.stat().st_size,
            "files": [[path, *_stamp(path)] for path in _libraries_of(tool)]}))
        entry = root / name
        try:
            os.rename(library.parent, entry)
        except OSError:
            # An entry is there: another process's, just now, or a stale one.
            if find(root, name) is None:
                os.rename(entry, pathlib.Path(new, "stale"))
                os.rename(library.parent, entry)
    _evict(root, name)
    return entry / library.name


def _stamp(path) -> list[int]:
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns]


def _libraries_of(tool: str) -> list[str]:
    """The shared libraries of MLIR and LLVM that a program runs with."""
    done = subprocess.run(["ldd", tool], capture_output=True, text=True)
    return [os.path.realpath(path)
            for path in re.findall(r"=> (\S*/lib(?:MLIR|LLVM)\S*)", done.stdout)]


def _evict(root: pathlib.Path, keep: str):
    entries, total = [], 0
    for entry in root.iterdir():
        try:
            size = sum(file.stat().st_size for file in entry.iterdir())
            entries.append((entry.stat().st_mtime, size, entry))
            total += size
        except OSError:
            continue  # another process removed it, or makes it
    for _, size, entry in sorted(entries):
        if total <= LIMIT:
            break
        if entry.name != keep and not entry.name.startswith("new-"):
            shutil.rmtree(entry, ignore_errors=True)
            total -= size
