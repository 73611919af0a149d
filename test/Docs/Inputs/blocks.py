# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a page's first block of each language to a file.

    blocks.py page.md mlir=head.mlir c=main.c
"""

import pathlib
import re
import sys

page = pathlib.Path(sys.argv[1]).read_text()
for argument in sys.argv[2:]:
    language, file = argument.split("=", 1)
    found = re.search(rf"^```{language}\n(.*?)^```", page, re.S | re.M)
    if not found:
        sys.exit(f"{sys.argv[1]}: error: no block of {language}")
    pathlib.Path(file).write_text(found[1])
