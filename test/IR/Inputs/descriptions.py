# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests what the descriptions of docs/Dialect.md say.

  examples <page>             a program of all examples
  values <page>               a program that evaluates activations at -inf, -0,
                              +0 and +inf, with the parameters of the example
  compare <page> <program>    compares what that became with the descriptions
"""

import math
import re
import struct
import sys


def entries(page: str):
    """(mnemonic, text) of each operation."""
    parts = re.split(r"^#### `act\.(\w+)` ", page, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def split_types(text: str) -> list[str]:
    return re.split(r",\s*(?=tensor|vector|f|i)", text.strip())


def wrap(example: str) -> str:
    """A function around operations that lack their operands."""
    if "func.func" in example:
        return example
    types, defined = {}, set()
    joined = re.sub(r"\n\s+", " ", example)
    for line in joined.strip().splitlines():
        result, rest = line.split(" = ", 1)
        operands = re.findall(r"%\w+", rest.split(" : ")[0])
        signature = rest.rsplit(" : ", 1)[1].split(" -> ")[0]
        given = split_types(signature)
        if len(given) == 1:
            given *= len(operands)
        for operand, kind in zip(operands, given, strict=True):
            if operand not in defined:
                types[operand] = kind
        defined.add(result.strip())
    arguments = ", ".join(f"{name}: {kind}" for name, kind in types.items())
    return f"func.func @example({arguments}) {{\n{joined}\nreturn\n}}"


def examples(page: str) -> str:
    blocks = []
    for mnemonic, text in entries(page):
        found = re.findall(r"^```mlir\n(.*?)^```", text, flags=re.M | re.S)
        # A terminator stands in its parent's example.
        if not found and mnemonic != "yield":
            sys.exit(f"act.{mnemonic} has no example")
        blocks += map(wrap, found)
    return "\n// -----\n".join(blocks)


def described(page: str):
    """(mnemonic, parameters, values as text) of each activation."""
    for mnemonic, text in entries(page):
        values = re.search(
            r"f\(-inf\) = (.+), f\(-0\) = (.+), f\(\+0\) = (.+), "
            r"f\(\+inf\) = (.+?)(?: \(|; NaN)", text)
        if values:
            example = re.search(rf"act\.{mnemonic} %x(.*) : tensor", text)
            yield mnemonic, example.group(1), values.groups()


def program(page: str) -> str:
    lines = []
    for mnemonic, parameters, _ in described(page):
        lines.append(f"""\
func.func @{mnemonic}() -> tensor<4xf32> {{
  %x = arith.constant dense<[0xFF800000, -0.0, 0.0, 0x7F800000]> : tensor<4xf32>
  %y = act.{mnemonic} %x{parameters} : tensor<4xf32>
  return %y : tensor<4xf32>
}}""")
    return "\n".join(lines)


def f32(x: float) -> float:
    return struct.unpack("f", struct.pack("f", x))[0]


def number(text: str) -> float:
    if text.startswith("0x"):
        return struct.unpack("f", struct.pack("I", int(text, 16)))[0]
    return float(text)


def compare(page: str, folded: str) -> int:
    differ = count = 0
    for mnemonic, parameters, texts in described(page):
        names = {name: float(value) for name, value in re.findall(
            r"(\w+) = (-?[\d.]+)", parameters)}
        names |= dict(inf=math.inf, log=math.log, sqrt=math.sqrt)
        body = folded.split(f"@{mnemonic}()")[1].split("return")[0]
        dense = re.search(r"dense<\[?(.*?)\]?> : tensor<4xf32>", body)
        if not dense or "act." in body:
            sys.exit(f"act.{mnemonic} did not fold")
        got = [number(x) for x in dense.group(1).split(", ")]
        got = got * 4 if len(got) == 1 else got
        count += 1
        for where, text, value in zip(("-inf", "-0", "+0", "+inf"), texts,
                                      got):
            # -0 is a float; products are written with a blank.
            formula = re.sub(r"(?<=\w) (?=\w)", " * ", text)
            formula = re.sub(r"(?<![\d.])0(?![\d.])", "0.0", formula)
            want = f32(eval(formula, dict(names)))
            same = (value == want and
                    math.copysign(1, value) == math.copysign(1, want))
            if not same and not math.isclose(value, want, rel_tol=1e-6):
                differ += 1
                print(f"act.{mnemonic} at {where} is {value}, "
                      f"its description says {text}")
    print(f"{count} activations compared, {differ} differ")
    return differ


page = open(sys.argv[2]).read()
if sys.argv[1] == "examples":
    print(examples(page))
elif sys.argv[1] == "values":
    print(program(page))
else:
    sys.exit(compare(page, open(sys.argv[3]).read()) != 0)
