# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the stages that a page shows with what act-compile writes.

    stages.py page.md folder

The page's first block of MLIR is the program; the first block below a heading
`### <stage>` shows that stage. Its lines must be found in the output, in
order, whatever the names of values; `...` matches anything.
"""

import pathlib
import re
import subprocess
import sys

STAGES = ["simplify", "raise", "fuse", "bufferize", "tile", "vectorize", "expand", "lower"]
VALUE = re.compile(r"%\w+")


def block(text):
    return re.search(r"```mlir\n(.*?)```", text, re.S)[1]


def pattern(line):
    parts = VALUE.sub("%", line.strip()).split("...")
    return re.compile(".*".join(re.escape(part) for part in parts) + "$")


def main():
    page = pathlib.Path(sys.argv[1]).read_text()
    program = pathlib.Path(sys.argv[2], "head.mlir")
    program.write_text(block(page))
    for stage in STAGES:
        shown = block(page[page.index(f"\n### {stage}\n"):])
        done = subprocess.run(
            ["act-compile", program, f"--compile-to={stage}", "-o", "-"],
            check=True, capture_output=True, text=True)
        lines = iter(VALUE.sub("%", line.strip())
                     for line in done.stdout.splitlines())
        for line in shown.splitlines():
            if line.strip() == "...":
                continue
            wanted = pattern(line)
            if not any(wanted.match(found) for found in lines):
                sys.exit(f"{sys.argv[1]}: error: stage {stage} has no line "
                         f"(left): {line.strip()}")
        print(f"{stage}: as shown")


main()
