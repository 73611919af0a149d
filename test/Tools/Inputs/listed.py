# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the passes of a page that a text lacks: `listed.py PAGE TEXT`."""
import re
import sys

page, text = (open(file).read() for file in sys.argv[1:])
passes = re.findall(r"^### `-([\w-]+)`", page, re.M)
assert passes
for name in passes:
    if not re.search(rf"--{name}(?!-?\w)", text):
        print(name)
