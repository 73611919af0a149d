# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""scripts/check finds what it is there to find."""

import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check"
LICENSE = ("// Part of act-mlir, under the Apache License v2.0 with LLVM "
           "Exceptions.\n"
           "// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n")
PASSES = LICENSE + 'def A : Pass<"act-a"> {\n}\n'


def check(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    run = subprocess.run([sys.executable, str(CHECK), str(root)],
                         capture_output=True, text=True)
    assert not run.stderr
    *errors, summary = run.stdout.splitlines()
    assert summary.startswith(f"scripts/check: {len(files)} files, "
                              f"{len(errors)} errors")
    assert run.returncode == (1 if errors else 0)
    return errors


def test_nothing_to_find(tmp_path):
    assert check(tmp_path, {
        "lib/A/A.cpp": LICENSE + "int a;\n",
        "include/Passes.td": PASSES,
        "test/a.mlir": "// RUN: act-opt %s -act-a\n",
        "test/Inputs/long.mlir": "\n" * 301}) == []


@pytest.mark.parametrize("name, text, error", [
    ("lib/A.cpp", "int a;\n", "lib/A.cpp:1: error: expected 'SPDX"),
    ("scripts/a", "#!/bin/sh\n", "scripts/a:1: error: expected 'SPDX"),
    ("lib/A.cpp", LICENSE + "int  a;\n",
     "lib/A.cpp:3: error: clang-format-22 would change this"),
    ("include/A.td", LICENSE + "// " + "a" * 78 + "\n",
     "include/A.td:3: error: 81 columns, more than 80"),
    ("include/A.td", LICENSE + "\n" * 599,
     "include/A.td:601: error: 601 lines, more than 600"),
    ("include/A.h", LICENSE + "//\n" * 799,
     "include/A.h:801: error: 801 lines, more than 800"),
    ("test/1/2/3/4/5/a.mlir", "",
     "test/1/2/3/4/5/a.mlir:1: error: more than 4 folders deep"),
    ("lib/A.cpp", LICENSE + "//\n" * 198,
     "lib/A.cpp:200: error: the median of cpp files is 200 lines"),
    ("test/a.mlir", "\n" * 60,
     "test/a.mlir:60: error: the median of test files is 60 lines"),
    ("include/Passes.td", PASSES,
     "include/Passes.td:3: error: no test runs the pass 'act-a'"),
])
def test_violation(tmp_path, name, text, error):
    [found] = check(tmp_path, {name: text})
    assert found.startswith(error)


def test_longest_test(tmp_path):
    short = {f"test/{n}.mlir": "\n" for n in range(2)}
    [found] = check(tmp_path, {**short, "test/a.mlir": "\n" * 301})
    assert found == "test/a.mlir:301: error: 301 lines, more than 300"


def test_longer_name_is_another_pass(tmp_path):
    [found] = check(tmp_path, {
        "include/Passes.td": PASSES,
        "test/a.mlir": "// RUN: act-opt %s -act-a-b -x-act-a\n// -act-a\n"})
    assert found.endswith("no test runs the pass 'act-a'")
