# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The examples in the package's docstrings give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import act_mlir

NAMES = [module.name for module in pkgutil.walk_packages(
    act_mlir.__path__, "act_mlir.", onerror=lambda name: None)
    if not module.name.endswith("__main__")]
# What the modules need that only tests install.
OPTIONAL = {"torch", "jax"}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("name", NAMES)
def test_examples(name):
    for part in OPTIONAL & {*name.split("."), *(["torch"] if ".fx" in name else []),
                            *(["jax"] if ".stablehlo" in name else [])}:
        pytest.importorskip(part)
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert not failed


def test_there_are_examples():
    parser = doctest.DocTestParser()
    with_examples = [name for name in ("compiler", "runtime", "jax", "frontends.dims")
                     if parser.get_examples(open(
                         importlib.util.find_spec(f"act_mlir.{name}").origin).read())]
    assert with_examples == ["compiler", "runtime", "jax", "frontends.dims"]
