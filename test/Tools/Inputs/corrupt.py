# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Changes one constant of a library at a time: `corrupt.py LIBRARY COPY`.

A constant is a number of 32 bits that the section .rodata has, or the weights;
its largest bit of the fraction changes. Says how many copies fail their self
test.
"""
import ctypes
import re
import struct
import subprocess
import sys

library, copy = sys.argv[1:]
data = open(library, "rb").read()
sections = subprocess.run(["readelf", "-SW", library], capture_output=True,
                          text=True, check=True).stdout


def numbers(name):
    found = re.search(rf" {re.escape(name)} +PROGBITS +\w+ +(\w+) +(\w+)",
                      sections)
    if not found:
        return []
    begin, size = (int(text, 16) for text in found.groups())
    return [at for at in range(begin, begin + size - 3, 4)
            if 1e-4 < abs(struct.unpack_from("<f", data, at)[0]) < 1e4]


class Model(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("size", ctypes.c_uint32)] + [
        (name, ctypes.c_void_p) for name in
        ("describe", "create", "destroy", "infer_shapes", "workspace_size",
         "run", "selftest", "last_error", "program")]


def selftest(path):
    get = ctypes.CDLL(path).act_model_get
    get.restype = ctypes.POINTER(Model)
    model = get(1)
    instance = ctypes.c_void_p()
    create = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
                              ctypes.c_void_p)(model.contents.create)
    assert create(model, None, ctypes.byref(instance)) == 0
    return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(
        model.contents.selftest)(instance)


assert selftest(library) == 0
for name in (".rodata", ".act.weights"):
    failed = tried = 0
    for at in numbers(name):
        changed = bytearray(data)
        changed[at + 2] ^= 0x40
        # A name of its own, or the loader takes the library that it has.
        path = f"{copy}.{at}"
        open(path, "wb").write(changed)
        failed += selftest(path) == 5
        tried += 1
    if tried:
        print(f"{name}: {100 * failed // tried}% of {tried} found")
