# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the inputs that are too deep, too long or no text into a folder."""
import os
import sys

os.chdir(sys.argv[1])


def write(name, contents):
    if isinstance(contents, str):
        contents = contents.encode()
    with open(name, "wb") as file:
        file.write(contents)


DEEP = 100000
write("empty.mlir", "")
write("nul.mlir", b"\0" * 1000)
write("utf16.mlir", "module {}".encode("utf-16"))
write("image.mlir", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
write("types.mlir",
      "func.func private @f(" + "tuple<" * DEEP + "i32" + ">" * DEEP + ")")
write("regions.mlir", '"a.b"() ({' * DEEP + "}) : () -> ()" * DEEP)
write("attributes.mlir",
      "module attributes {a = " + "[" * DEEP + "]" * DEEP + "} {}")
write("affine.mlir",
      "#m = affine_map<(d0) -> (" + "(" * DEEP + "d0" + ")" * DEEP + ")>")
write("line.mlir", "func.func @f() { return }" + " " * 10**7 + "// end")
