# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Weights by reference: a file of raw little-endian data, and a manifest.

The manifest is JSON, {name: {dtype, shape, file, offset, length}}; relative
files are relative to the manifest. Data begin at multiples of 64 bytes.
"""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
from contextlib import contextmanager

import numpy as np

from .types import Value

ALIGNMENT = 64


@contextmanager
def replacing(path: pathlib.Path):
    """A file that takes its name when it is complete; an old one stays intact
    until then."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_weights(weights: dict[str, Value], manifest: pathlib.Path):
    """Writes the manifest and, beside it, the data that no file holds yet."""
    data = manifest.with_suffix(".bin")
    entries, offset = {}, 0
    with replacing(data) as file:
        for key, value in weights.items():
            entry = {"dtype": value.dtype, "shape": list(value.data.shape)}
            found = _in_file(value.data)
            if found is None:
                padding = -offset % ALIGNMENT
                file.write(b"\0" * padding)
                offset += padding
                array = np.ascontiguousarray(value.data)
                file.write(array.reshape(-1).view(np.uint8))
                entry |= {"file": data.name, "offset": offset, "length": array.nbytes}
                offset += array.nbytes
            else:
                source, start = found
                entry |= {"file": _reference(source, manifest.parent),
                          "offset": start, "length": value.data.nbytes}
            entries[key] = entry
    with replacing(manifest) as file:
        lines = [f" {json.dumps(key)}: {json.dumps(entry)}" for key, entry in entries.items()]
        file.write(("{\n" + ",\n".join(lines) + "\n}\n").encode())


def _in_file(array: np.ndarray):
    """The file and offset that an array is mapped from, where it is aligned."""
    base = array
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    if not isinstance(base, np.memmap) or not array.flags.c_contiguous:
        return None
    while isinstance(base.base, np.memmap):
        base = base.base
    offset = base.offset + array.ctypes.data - base.ctypes.data
    return (pathlib.Path(base.filename), offset) if offset % ALIGNMENT == 0 else None


def _reference(source: pathlib.Path, folder: pathlib.Path) -> str:
    source, folder = source.resolve(), folder.resolve()
    return str(source.relative_to(folder) if source.is_relative_to(folder) else source)
