# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The text of docs/Accuracy.md, which scripts/accuracy writes."""
import json

MODES = ("fast", "precise", "highest")
SHORT = ("f16", "bf16", "f8E4M3FN", "f8E5M2")
# Names of the benchmarks that are other ones.
BENCHMARKS = {"hard_swish": "hardswish", "gelu_grad": "gelu_bwd",
              "silu_grad": "silu_bwd"}
INTRODUCTION = """\
# Accuracy of the kernels

Written by `scripts/accuracy` from `lib/Numerics/Measurements.tsv`, which
`scripts/sweep` fills, and from `benchmarks/results`; change those, not this.

Errors are in units of the last place (ULP) of the result's type, infinity
counting as the first number out of range; parameters are at their defaults.

| kernel | computes |
|---|---|
| `f32` | one operation in f32, which alone rounds |
| `f32-plain` | in f32, rounded at each step |
| `f32-pair` | in f32, with the rests of the sums that matter |
| `f64-core` | in f64, rounded once |
| `f64-pair` | in pairs of f64, rounded once |

A mode takes the cheapest kernel whose largest measured error is within its
bound:

| | `fast` | `precise` | `highest` |
|---|---|---|---|
| f32, one input | 4 | 1 | correctly rounded |
| f32, two inputs | 4 | 1 | 0.51 |
| f16, bf16, 8 bits, one input | correctly rounded | correctly rounded | correctly rounded |
| f16, bf16, 8 bits, two inputs | 1 | 0.51 | 0.51 |
| f64 | 2 | 2 | not offered |
"""
F32 = """
## f32

For each mode the kernel, its largest error, the input that has it (of
gradients x and dy), and ns per element at x86-64-v4 and v3 with one thread and
262,144 elements, where [benchmarks](../benchmarks/results/README.md) have it.
**Bold**: all 2^32 inputs were tried (of gradients, all x at dy = 1, and pairs).

| function | `fast` | at | ns v4, v3 | `precise` | at | ns v4, v3 | `highest` | at |
|---|---|---|---|---|---|---|---|---|
"""
NARROW = """
## 16 and 8 bits

The kernels, with the modes that take them where these are not all, and the
largest error. All inputs were tried; of two operands all x with 16 values of
the other one, of 8 bits all pairs.

| function | f16 | bf16 | f8E4M3FN | f8E5M2 |
|---|---|---|---|---|
"""
F64 = """
## f64

`fast` and `precise` take the same kernel. Inputs of every exponent, against
MPFR.

| function | kernel | ULP | at |
|---|---|---|---|
"""
PEERS = """
## Beside others, f32

The largest error in ULP, and in parentheses the share of inputs whose results
are more than 4 ULP off, of every 1021st pattern of f32; the reference is
`f64-pair` on f64. inf: NaN where there is a number. jax takes subnormal numbers
for zero. `upstream` is the formula through MLIR's own passes and polynomial
approximations, `glibc` the formula as one writes it in C.
[The table](../benchmarks/results/accuracy.tsv) has worst inputs and results;
[benchmarks](../benchmarks/README.md#errors) say how to measure it again.

"""
SPECIALS = """
Values at -inf, -0, 0, inf and NaN other than ours, which are the limits:

"""
PLOTS = """
In the plots each place on the axis has the largest error nearby; at both ends
stands all that is further out.

"""
DETAILS = """
## All kernels

The column "inputs" says how many were visited: 4,294,967,296 are all that f32
has, others are every n-th; f16, bf16 and the 8-bit types: all inputs; f64:
inputs of every exponent, against MPFR. Up to 32 bits the reference is the
kernel on pairs of f64 before its rounding. It is correct to 2^-66, which the
unit tests hold against MPFR, but for softplus and log_sigmoid, to 2^-53, where
e^-|x| is the second number of a pair; a result within 2^-50 of a tie is
compared with MPFR's. For rows of a sweep of the kernels in f32 alone
(`--single`) it is the f64 core, unrounded; what that may be off, 2^-11 ULP, is
in the error. Gradients and prelu are measured with the other
operands at 1 and with others of every exponent; of 8 bits, with all.

| column | what it says |
|---|---|
| ULP, at | the largest error, and the input that has it; of gradients x, with dy after the comma, of prelu with the slope |
| misrounded | results other than the correctly rounded one |
| > 1, > 4 | results with larger errors |
| order | neighbours in the sample whose results are in the wrong order |
| specials | results at -inf, -0, 0, inf, NaN (gradients: dy = 1) |
| steps | scalar operations of one evaluation |

| function | type | kernel | ULP | at | inputs | misrounded | > 1 | > 4 | order | specials | steps |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def at(row, places=6):
    """The worst input in decimal; the details have it in full."""
    if float(row["ulps"]) == 0:
        return ""
    parts = [row["worst"], row["other"]] if row["other"] else [row["worst"]]
    return ", ".join(f"{float.fromhex(p):.{places}g}" for p in parts)


def error(row):
    return f"{float(row['ulps']):.5g}"


def times(root):
    """ns per element by function, mode and level."""
    found = {}
    for name in ("elementwise-v4-1t", "elementwise-v3-1t", "chains-v4-1t"):
        path = root / "benchmarks" / "results" / f"{name}.json"
        if not path.exists():
            continue
        for cell in json.loads(path.read_text())["cells"]:
            if (cell.get("dtype") != "f32" or cell.get("shape") != [262144]
                    or cell.get("offset")):
                continue
            for mode in ("fast", "precise"):
                time = cell.get("times", {}).get(f"act {mode}")
                if time:
                    found[cell["operation"], mode, name.split("-")[1]] = (
                        f"{time['best'] / cell['elements']:.3g}")
    return found


def f32(rows, choices, names, ns):
    for name in names:
        cells = [name]
        for mode in MODES:
            row = rows.get((name, "f32", choices.get((name, "f32", mode))))
            if not row:
                cells += ["", "", ""]
                continue
            bold = "**" if int(row["inputs"]) >= 1 << 32 else ""
            other = BENCHMARKS.get(name, name)
            cost = [ns.get((other, mode, level), "") for level in ("v4", "v3")]
            cells += [f"`{row['kernel']}` {bold}{error(row)}{bold}", at(row),
                      ", ".join(c for c in cost if c)]
        yield cells[:-1]


def narrow(rows, choices, names):
    for name in names:
        cells = [name]
        for kind in SHORT:
            kernels = {}
            for mode in MODES:
                kernel = choices.get((name, kind, mode))
                if (name, kind, kernel) in rows:
                    kernels.setdefault(kernel, []).append(mode)
            cells.append("; ".join(
                f"`{kernel}` {error(rows[name, kind, kernel])}"
                + (f" ({', '.join(modes)})" if len(kernels) > 1 else "")
                for kernel, modes in kernels.items()))
        yield cells


def f64(rows, choices, names):
    for name in names:
        row = rows.get((name, "f64", choices.get((name, "f64", "precise"))))
        if row:
            yield [name, f"`{row['kernel']}`", error(row), at(row, 17)]


def table(lines):
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def peers(root):
    path = root / "benchmarks" / "results" / "accuracy.tsv"
    if not path.exists():
        return ""
    header, *lines = path.read_text().splitlines()
    rows = [dict(zip(header.split("\t"), line.split("\t"))) for line in lines]
    names = list(dict.fromkeys(row["operation"] for row in rows))
    contenders = list(dict.fromkeys(row["contender"] for row in rows))
    versions = {row["contender"]: row["version"] for row in rows}
    found = {(row["operation"], row["contender"]): row for row in rows}

    def cell(name, contender):
        row = found.get((name, contender))
        if not row:
            return ""
        share = 100 * int(row["above_4"]) / int(row["inputs"])
        return f"{float(row['ulps']):.3g}" + (
            f" ({share:.2g} %)" if share else "")

    text = PEERS + table([
        ["function", *(f"{c} {versions[c]}".strip() for c in contenders)],
        ["---"] * (len(contenders) + 1),
        *([name, *(cell(name, c) for c in contenders)] for name in names)])
    text += SPECIALS
    for name in names:
        wrong = {}
        for contender in contenders:
            row = found.get((name, contender))
            if row and row["specials"]:
                wrong.setdefault(row["specials"], []).append(contender)
        if wrong:
            text += f"- {name}: " + "; ".join(
                f"{values} ({', '.join(who)})"
                for values, who in wrong.items()) + "\n"
    text += PLOTS
    for name in names:
        text += f"![error of {name} against x](images/accuracy-{name}.png)\n"
    return text


def details(rows):
    columns = ("function", "type", "kernel", "ulps", "worst", "inputs",
               "misrounded", "above_1", "above_4", "unordered", "specials",
               "operations")
    for row in rows:
        row = dict(row)
        row["inputs"] = f"{int(row['inputs']):,}"
        if row["other"]:
            row["worst"] += ", " + row["other"]
        yield [row[c] for c in columns]


def page(rows, choices, root):
    """`rows` in the order of the table; `choices` the kernel of each function,
    type and mode."""
    known = {(r["function"], r["type"], r["kernel"]): r for r in rows}
    names = list(dict.fromkeys(row["function"] for row in rows))
    # Gradients last.
    names.sort(key=lambda name: name.endswith("_grad"))
    return (INTRODUCTION + F32 + table(f32(known, choices, names, times(root)))
            + NARROW + table(narrow(known, choices, names))
            + F64 + table(f64(known, choices, names))
            + peers(root) + DETAILS + table(details(rows)))
