# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The page of the suite `compile`."""

from __future__ import annotations


def tables(result: dict) -> list[str]:
    """The tables of a result, as Markdown."""
    lines = ["## One fused kernel, from text to callable", "",
             "silu(a) * b, f32, in ms.", "", "| how | best | median |", "|---|---|---|"]
    lines += [f"| {name} | {t['best']:.3g} | {t['median']:.3g} |"
              for name, t in result["one_kernel"].items()]
    lines += ["", "## Chains to a library", "",
              "| operations | s | ms per operation | peak MiB |", "|---|---|---|---|"]
    for row in result["chains"]:
        lines.append(f"| {row['operations']:,} | " + (
            f"{row['failed']} | - | - |" if "failed" in row else
            f"{row['seconds']:.2f} | {1e3 * row['seconds'] / row['operations']:.3f} | "
            f"{row['peak_mib']:.0f} |"))
    lines += ["", "## Equal layers to a library", "",
              "gelu(x w + b), w of 64x64, each layer with its own.", "",
              "| layers | s | ms per layer | library, KiB per layer | peak MiB |",
              "|---|---|---|---|---|"]
    for row in result["networks"]:
        lines.append(f"| {row['layers']:,} | " + (
            f"{row['failed']} | - | - | - |" if "failed" in row else
            f"{row['seconds']:.2f} | {1e3 * row['seconds'] / row['layers']:.2f} | "
            f"{row['library_kib'] / row['layers']:.1f} | {row['peak_mib']:.0f} |"))
    lines += ["", "## A matrix as weights, from ONNX to a library", "",
              "| weights, MiB | s | library over weights | peak memory over weights |",
              "|---|---|---|---|"]
    for row in result["libraries"]:
        lines.append(f"| {row['weights_mib']:.0f} | " + (
            f"{row['failed']} | - | - |" if "failed" in row else
            f"{row['seconds']:.2f} | {row['library_over_weights']:.3f} | "
            f"{row['memory_over_weights']:.2f} |"))
    return [*lines, ""]
