# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays that end where memory ends: a read or write behind them is a fault."""

import ctypes
import mmap

import numpy as np

_libc = ctypes.CDLL(None, use_errno=True)


def empty(shape, dtype) -> np.ndarray:
    """An array with an inaccessible page right behind it, and zeros before it."""
    dtype, page = np.dtype(dtype), mmap.PAGESIZE
    bytes_ = int(np.prod(shape, dtype="i8")) * dtype.itemsize
    pages = -(-bytes_ // page)
    memory = mmap.mmap(-1, (pages + 1) * page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    if _libc.mprotect(ctypes.c_void_p(start + pages * page), page, 0):
        raise OSError(ctypes.get_errno(), "mprotect")
    return np.frombuffer(memory, np.uint8, bytes_, pages * page - bytes_).view(dtype).reshape(shape)


def copy(array: np.ndarray) -> np.ndarray:
    result = empty(array.shape, array.dtype)
    result[...] = array
    return result
