# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled libraries, kept between processes.

An entry is a folder named by a hash of the program's bytes, of the compiler's
arguments, and of size and time of the files that make it: the compiler, the
runtime's archive, the importer. Beside the library, a file has its size: one
that is broken is made again.

Entries lie in `$ACT_CACHE_DIR`, else `$XDG_CACHE_HOME/act-mlir`, else
`~/.cache/act-mlir`; an empty `$ACT_CACHE_DIR` turns the cache off. The least
recently used ones go when all together take more than `LIMIT` bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import tempfile
import warnings

LIMIT = 1 << 30
_SIZE = "size"


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


def find(root: pathlib.Path, key: str, name: str) -> pathlib.Path | None:
    """The library of an entry that is there and whole."""
    entry = root / key
    library = entry / name
    try:
        if library.stat().st_size != int((entry / _SIZE).read_bytes()):
            return None
        os.utime(entry)
    except (OSError, ValueError):
        return None
    return library


def store(root: pathlib.Path, key: str, name: str, write) -> pathlib.Path:
    """Makes an entry: `write(path)` runs the compiler. Nothing of the entry can
    be seen before all of it is there."""
    with tempfile.TemporaryDirectory(prefix="new-", dir=root) as new:
        folder = pathlib.Path(new, "entry")
        folder.mkdir()
        library = write(folder / name)
        (folder / _SIZE).write_text(str(library.stat().st_size))
        entry = root / key
        try:
            os.rename(folder, entry)
        except OSError:
            # An entry is there: another process's, just now, or a broken one.
            if find(root, key, name) is None:
                os.rename(entry, pathlib.Path(new, "broken"))
                os.rename(folder, entry)
    _evict(root, key)
    return entry / name


def _stamp(path) -> list[int]:
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns]


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
