#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What --reproducible costs: times with it over times without it.

    benchmarks/reproducible.py     # writes results/reproducible.md, about a minute

One cell of each operation of the suites, one thread, the host's CPU. Where the
machine code is the same there is nothing to time; else the best of four turns.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "python")]

from act_mlir.compiler import find_tool  # noqa: E402
from harness import cells, data, onnx_model  # noqa: E402

SUITES = ("elementwise", "elementwise16", "chains", "rows", "matmul", "programs")


def choose():
    """Of each operation and type the largest cell that stays in the caches."""
    found = {}
    for suite in SUITES:
        for cell in cells.suite(suite)[1]:
            if 1 << 12 <= cell.elements() <= 1 << 18 and not cell.offset:
                found[cell.operation.name, cell.dtype] = cell
    return list(found.values())


def compile_cell(cell, folder, name, emit, *options):
    text, path = cell.mlir(), folder / f"{name}.mlir"
    if text:
        path.write_text(text)
    else:
        path = folder / f"{name}.onnx"
        path.write_bytes(onnx_model.build(cell, data.arrays(cell)[1]).SerializeToString())
    out = folder / f"{name}.{emit}{len(options)}"
    out = out.with_suffix(f".{len(options)}.so") if emit == "shared" else out
    subprocess.run([find_tool("act-compile"), path, "-o", out, f"--emit={emit}",
                    "--march=native", *options], check=True)
    return out


def microseconds(cell, library):
    inputs = [f"--input={'x'.join(map(str, shape))}x{cell.dtype}=linspace(-4,4)"
              for shape in cell.inputs().values()]
    count = max(9, min(1000, (1 << 24) // (cell.flops() or 16 * cell.elements())))
    out = subprocess.run([find_tool("act-run"), library, *inputs, "--max-threads=1",
                          f"--repeat={count}"], check=True, capture_output=True, text=True)
    return float(re.search(r"best ([\d.]+) us", out.stdout)[1])


def main():
    rows = []
    with tempfile.TemporaryDirectory(prefix="act-bench-") as name:
        folder = pathlib.Path(name)
        for i, cell in enumerate(choose()):
            ways = ([], ["--reproducible"])
            text = [compile_cell(cell, folder, f"c{i}", "asm", *options).read_text()
                    for options in ways]
            if text[0] == text[1]:
                rows.append((1.0, cell.key, None, None))
                continue
            pair = [compile_cell(cell, folder, f"c{i}", "shared", *options)
                    for options in ways]
            best = [min(times) for times in zip(*([microseconds(cell, library)
                                                   for library in pair] for _ in range(4)))]
            rows.append((best[1] / best[0], cell.key, *best))
            print(f"{rows[-1][1]}: {rows[-1][0]:.3f}", file=sys.stderr, flush=True)
    rows.sort(reverse=True)
    mean = 1.0
    for row in rows:
        mean *= row[0] ** (1 / len(rows))
    lines = ["# The cost of --reproducible", "",
             "Written by `benchmarks/reproducible.py`. Time with it over time without it, one "
             "thread.", "",
             f"{len(rows)} cells, {sum(r[2] is None for r in rows)} of them the same machine "
             f"code; worst {rows[0][0]:.2f}, geometric mean {mean:.2f}.", "",
             "| cell | us without | us with | ratio |", "|---|---|---|---|"]
    lines += [f"| {key} | " + ("same code | | 1" if plain is None else
                               f"{plain:.1f} | {same:.1f} | {ratio:.2f}") + " |"
              for ratio, key, plain, same in rows]
    (HERE / "results" / "reproducible.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
