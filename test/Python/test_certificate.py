# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a library says of its kernels, and its self test of each one."""
import pathlib
import re

import numpy as np
import pytest

import act_mlir

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPERATIONS = re.findall(r'X\(\w+, "(\w+)", (\d)', (
    ROOT / "include/act-mlir/Numerics/Functions.h").read_text())
MATH = ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "erf", "erfc", "rsqrt")
ATTRIBUTES = {"clamp": "{min = -1.0, max = 1.0}", "threshold": "{theta = 1.0}",
              "gelu_tanh": "{approximate = tanh}"}


def program(kind, only=None):
    """All activations, their gradients and the functions of math, one after the
    other."""
    lines, last, number = [], "%x", 0
    for name, count in OPERATIONS:
        if name == "sqrt" or (only and name not in only):
            continue
        attributes = ATTRIBUTES.get(name, "")
        name = name.removesuffix("_tanh")
        operations = [(("math." if name in MATH else "act.") + name, int(count))]
        if name not in MATH:
            operations.append((f"act.{name}_grad", int(count) + 1))
        for operation, operands in operations:
            number += 1
            values = ", ".join([last] + ["%x"] * (operands - 1))
            lines.append(f"%v{number} = {operation} {values} {attributes} : tensor<8x{kind}>")
            last = f"%v{number}"
    return "\n".join([f"func.func @all(%x: tensor<8x{kind}>) -> tensor<8x{kind}> {{", *lines,
                      f"return {last} : tensor<8x{kind}>", "}"])


@pytest.mark.parametrize("kind, accuracy", [
    ("f32", "fast"), ("f32", "precise"), ("f32", "highest"), ("f64", "precise"),
    ("bf16", "fast"), ("f8E4M3FN", "precise")])
def test_all_kernels(kind, accuracy):
    """Compiled code gives what the compiler's own evaluation does."""
    model = act_mlir.compile(program(kind), target="x86-64-v3", accuracy=accuracy, cache=False)
    model.selftest()
    activations = model.describe()["activations"]
    assert len(activations) > 50
    for one in activations:
        assert one["type"] == kind and one["accuracy"] == accuracy
        assert one["inputs"] > 0 and float.fromhex(one["worst_input"]) is not None
        if (kind, accuracy) == ("f32", "precise"):
            assert one["ulps"] <= 1


def test_describe():
    model = act_mlir.compile(program("f32", ["gelu", "elu", "exp"]), cache=False)
    found = {one["function"]: one for one in model.describe()["activations"]}
    assert sorted(found) == ["elu", "elu_grad", "exp", "gelu", "gelu_grad"]
    gelu = found["gelu"]
    assert gelu["inputs"] == 1 << 32 and 0.5 < gelu["ulps"] <= 1
    assert float.fromhex(gelu["worst_input"]) < 0
    assert found["elu"]["parameters"] == {"alpha": 1}
    assert "parameters" not in gelu


def test_each_accuracy_is_listed():
    text = """func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
      %a = act.silu %x : tensor<8xf32>
      %b = act.silu %a {accuracy = #act.accuracy<highest>} : tensor<8xf32>
      %c = act.silu %b {beta = 1.5} : tensor<8xf32>
      %d = act.silu %c : tensor<8xf32>
      %e = act.relu %d {accuracy = #act.accuracy<ulps = 0.7>} : tensor<8xf32>
      return %e : tensor<8xf32>
    }"""
    found = act_mlir.compile(text, cache=False).describe()["activations"]
    assert [(one["function"], one["accuracy"], one["kernel"], one.get("parameters"))
            for one in found] == [
        ("silu", "precise", "f32-pair", {"beta": 1}),
        ("silu", "highest", "f64-pair", {"beta": 1}),
        ("silu", "precise", "f32-pair", {"beta": 1.5}),
        ("relu", "0.7", "f32", None)]


def test_wrong_kernel(tmp_path):
    """The error names what is wrong: here what was expected is changed."""
    path = tmp_path / "silu.so"
    act_mlir.compile("""func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
      %a = act.silu %x : tensor<?xf32>
      return %a : tensor<?xf32>
    }""", path).selftest()
    library = bytearray(path.read_bytes())
    # silu(8), which is 7.997, stands in the probe and nowhere else.
    number = np.float32(8 / (1 + np.exp(-8.0))).tobytes()
    assert library.count(number) == 1
    library[library.index(number)] ^= 1
    changed = tmp_path / "changed.so"
    changed.write_bytes(library)
    with pytest.raises(act_mlir.ActError) as error:
        act_mlir.load(changed).selftest()
    assert error.value.status == act_mlir.Status.SELFTEST
    expected = number[0] ^ 1 | int.from_bytes(number, "little") & ~0xff
    assert str(error.value) == (
        "silu on f32 by f32-pair: the bits 0x41000000 give "
        f"0x{int.from_bytes(number, 'little'):08x}, expected 0x{expected:08x}")


def test_nothing_to_say():
    text = """func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
      %a = arith.addf %x, %x : tensor<8xf32>
      return %a : tensor<8xf32>
    }"""
    model = act_mlir.compile(text, cache=False)
    assert model.describe()["activations"] == []
    model.selftest()


def test_bounds_without_end():
    """What JSON has no number for is a string."""
    text = """func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
      %a = act.clamp %x {min = 0xFFF0000000000000 : f64, max = 6.0} : tensor<8xf32>
      return %a : tensor<8xf32>
    }"""
    [clamp] = act_mlir.compile(text, cache=False).describe()["activations"]
    assert clamp["parameters"] == {"min": "-inf", "max": 6}
