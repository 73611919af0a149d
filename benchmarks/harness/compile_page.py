# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The page of the suite `compile`."""

from __future__ import annotations


def _table(title: str, note: str, columns: dict, rows: list[dict]) -> list[str]:
    """A table of compilations: `columns` has each heading and what it is of a row;
    of one that failed, the first is its size and the second says why."""
    lines = ["", f"## {title}", "", *([note, ""] if note else []),
             "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in rows:
        size, *others = columns.values()
        cells = ([row["failed"], *["-"] * (len(others) - 1)] if "failed" in row
                 else [cell(row) for cell in others])
        lines.append("| " + " | ".join([size(row), *cells]) + " |")
    return lines


def tables(result: dict) -> list[str]:
    """The tables of a result, as Markdown."""
    lines = ["## One fused kernel, from text to callable", "",
             "silu(a) * b, f32, in ms.", "", "| how | best | median |", "|---|---|---|"]
    lines += [f"| {name} | {t['best']:.3g} | {t['median']:.3g} |"
              for name, t in result["one_kernel"].items()]
    seconds, peak = (lambda r: f"{r['seconds']:.2f}"), (lambda r: f"{r['peak_mib']:.0f}")
    lines += _table("Chains to a library", "", {
        "operations": lambda r: f"{r['operations']:,}",
        "s": seconds,
        "ms per operation": lambda r: f"{1e3 * r['seconds'] / r['operations']:.3f}",
        "peak MiB": peak}, result["chains"])
    lines += _table("Equal layers to a library",
                    "gelu(x w + b), w of 64x64, each layer with its own.", {
        "layers": lambda r: f"{r['layers']:,}",
        "s": seconds,
        "ms per layer": lambda r: f"{1e3 * r['seconds'] / r['layers']:.2f}",
        "library, KiB per layer": lambda r: f"{r['library_kib'] / r['layers']:.1f}",
        "peak MiB": peak}, result["networks"])
    lines += _table("A matrix as weights, from ONNX to a library", "", {
        "weights, MiB": lambda r: f"{r['weights_mib']:.0f}",
        "s": seconds,
        "library over weights": lambda r: f"{r['library_over_weights']:.3f}",
        "peak memory over weights": lambda r: f"{r['memory_over_weights']:.2f}"},
        result["libraries"])
    return [*lines, ""]
