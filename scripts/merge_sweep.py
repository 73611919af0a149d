#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Puts the rows of a sweep in the place of their old ones.

    scripts/merge_sweep.py <rows> <registry rows>
"""
import re
import sys

PAGE = "docs/Accuracy.md"
REGISTRY = "lib/Numerics/Measurements.inc"
TYPES = ["f64", "f32", "f16", "bf16", "f8E4M3FN", "f8E5M2"]
KERNELS = ["f32", "f32-plain", "f32-pair", "f64-core", "f64-pair"]
ENUMERATORS = {"Native": "f32", "Plain": "f32-plain", "Paired": "f32-pair",
               "Core": "f64-core", "Wide": "f64-pair"}
HEAD = """\
# Accuracy of the kernels

Written by `scripts/sweep`; change that, not this.

Errors are in units of the last place (ULP) of the result's type, infinity
counting as the first number out of range; parameters are at their defaults.
The column "inputs" says how many were visited: 4,294,967,296 are all that f32
has, others are every n-th; f16, bf16 and the 8-bit types: all inputs; f64:
inputs of every exponent, against MPFR. Up to 32 bits the reference is the
kernel on pairs of f64, unrounded, which is correct to 2^-60 and held against
MPFR by the unit tests; where it comes that close to a tie MPFR decides. For the
kernels in f32 on f32 data it is the f64 core, unrounded; what that may be off,
2^-11 ULP, is in the error. Gradients and prelu are measured with the other
operands at 1 and with others of every exponent.

| column | what it says |
|---|---|
| kernel | `f32`: one operation in f32. `f32-plain`: in f32, rounded at each step. `f32-pair`: in f32, with the rests of the sums that matter. `f64-core`: in f64, rounded once. `f64-pair`: in pairs of f64 |
| ULP, at | the largest error, and the input that has it |
| misrounded | results other than the correctly rounded one |
| > 1, > 4 | results with larger errors |
| order | neighbours in the sample whose results are in the wrong order |
| specials | results at -inf, -0, 0, inf, NaN (gradients: dy = 1) |
| steps | scalar operations of one evaluation |

Kernels with an error above 4 ULP are listed but not offered.

| function | type | kernel | ULP | at | inputs | misrounded | > 1 | > 4 | order | specials | steps |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def rows_of(path):
    rows = {}
    for line in open(path):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 12 and cells[1] in TYPES:
            rows[tuple(cells[:3])] = line
    return rows


def registry_of(path):
    rows = {}
    for line in open(path):
        match = re.match(r"ACT_MEASURED\((\w+), (\w+), (\w+),", line)
        if match:
            function, kind, kernel = match.groups()
            key = (function, next(t for t in TYPES if t.upper() == kind.upper()),
                   ENUMERATORS[kernel])
            rows[key] = line
    return rows


def merge(old, new, functions):
    rows = dict(old)
    rows.update(new)
    return sorted(rows.items(), key=lambda item: (
        functions.index(item[0][0]), TYPES.index(item[0][1]),
        KERNELS.index(item[0][2])))


def write(path, head, old, new, dropped=()):
    for key in dropped:
        old.pop(key, None)
    functions = list(dict.fromkeys(key[0] for key in list(old) + list(new)))
    with open(path, "w") as file:
        file.write(head)
        file.writelines(line for _, line in merge(old, new, functions))


def main():
    measured, offered = rows_of(sys.argv[1]), registry_of(sys.argv[2])
    write(PAGE, HEAD, rows_of(PAGE), measured)
    # A kernel that was measured and is not offered leaves the registry.
    names = {}
    for key in measured:
        names[key[0].replace("_", "")] = key[0]
    old = registry_of(REGISTRY)
    dropped = [key for key in old
               if (names.get(key[0].lower()), *key[1:]) in measured]
    write(REGISTRY, "", old, offered, dropped)


if __name__ == "__main__":
    main()
