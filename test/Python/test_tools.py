# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The package's commands."""

import importlib
import pathlib
import subprocess
import sys
import tomllib

import act_mlir.tools
import pytest
from conftest import ROOT

SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


def command(tmp_path, name, *arguments, **environment):
    """Runs what an installed package puts into a file of this name."""
    module, function = SCRIPTS[name].split(":")
    script = tmp_path / name
    script.write_text(f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n")
    return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True,
                          env={"PYTHONPATH": str(ROOT / "python"), "PATH": "/usr/bin:/bin",
                               **environment})


@pytest.mark.parametrize("name", SCRIPTS)
def test_commands_are_the_tools(tmp_path, name):
    module, function = SCRIPTS[name].split(":")
    assert callable(getattr(importlib.import_module(module), function))
    done = command(tmp_path, name, "--help")
    assert done.returncode == 0 and name in done.stdout + done.stderr


def test_the_lit_configuration_is_beside_the_tools():
    assert "load_config" in pathlib.Path(act_mlir.tools.lit_config()).read_text()


def test_a_tool_that_fails_keeps_its_status(tmp_path):
    done = command(tmp_path, "act-compile", "missing.mlir", "-o", str(tmp_path / "m.so"))
    assert done.returncode == 1 and done.stderr.startswith("missing.mlir: error")


def test_a_tool_that_is_not_there(tmp_path):
    (tmp_path / "act-none").write_text("from act_mlir.tools import main\nmain()\n")
    done = subprocess.run([sys.executable, tmp_path / "act-none"], capture_output=True, text=True,
                          env={"PYTHONPATH": str(ROOT / "python"), "PATH": ""})
    assert done.returncode == 1
    assert done.stderr == ("error: act-none is not found: build it, or name its folder in "
                           "ACT_BIN\n")
