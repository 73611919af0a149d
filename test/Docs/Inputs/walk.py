# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Follows a page as its reader would, in an empty folder.

    walk.py page.md source folder

In one shell, with ~/act-mlir for the sources, it runs each block of `sh`. A
block behind a line that ends in `` `file`: `` is written to that file first. A
block of `text` is what the commands before it print; `...` matches anything. All they
print is shown, too.
"""

import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"(?:^|\n)(?:[^\n]*`([^`\n]+)`:\n)?\n?```(\w+)\n(.*?)```", re.S)
MARK = "====== "


def matches(expected: str, found: str) -> bool:
    parts = (re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(".*".join(parts), found.strip(), re.S) is not None


def main():
    page, source, folder = sys.argv[1:]
    script, shown = ["set -e"], []
    for file, language, text in BLOCK.findall(pathlib.Path(page).read_text()):
        if language == "sh":
            shown.append([text, None])
            script += [f"echo '{MARK}'", text]
        elif file:
            script.append(f"mkdir -p $(dirname {file})\n"
                          f"cat > {file} <<'{MARK}'\n{text}{MARK}")
        elif language == "text":
            shown[-1][1] = text
    done = subprocess.run(
        ["bash"], input="\n".join(script).replace("~/act-mlir", source),
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    outputs = done.stdout.split(MARK + "\n")[1:]
    print("\n".join(outputs))
    if not outputs:
        sys.exit(f"{page}: error: {done.stdout}")
    for i, output in enumerate(outputs):
        command, expected = shown[i]
        if done.returncode and i == len(outputs) - 1:
            sys.exit(f"{page}: error: exit status {done.returncode} of\n{command}{output}")
        if expected is not None and not matches(expected, output):
            sys.exit(f"{page}: error: these commands\n{command}print\n{output}"
                     f"instead of\n{expected}")
    print(f"{len(outputs)} blocks of commands run, "
          f"{sum(expected is not None for _, expected in shown)} outputs as shown")


if __name__ == "__main__":
    main()
