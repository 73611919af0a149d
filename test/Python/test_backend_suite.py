# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every activation of ONNX's backend suite, and a sample of the rest of it,
against docs/ONNX.md, which `scripts/onnx-suite` writes."""

import re

import backend_suite as suite
from conftest import ROOT

# One in so many of the cases that are no activations; never the large networks.
STRIDE = 12


def documented() -> dict[str, str]:
    """Cases that have not passed, to their state."""
    rows = re.findall(r"^\| (\S+/\S+) \| (\w+) \|", (ROOT / "docs" / "ONNX.md").read_text(), re.M)
    return {name: state for name, state in rows if state in suite.STATES}


def compare(names):
    states, known = suite.run_all(names, jobs=2), documented()
    changed = {name: f"{state}, documented as {known.get(name, 'passed')}: {why}"
               for name, (state, why) in states.items() if state != known.get(name, "passed")}
    assert not changed, "\n".join(f"{name}: {text}" for name, text in changed.items())


def test_activations():
    names = [name for name in suite.ALL if suite.operator(name) in suite.ACTIVATIONS]
    assert len(names) > 100
    assert not [name for name in names if name in documented()]
    compare(names)


def test_a_sample():
    names = sorted(name for name in suite.ALL if not name.startswith("real/")
                   and suite.operator(name) not in suite.ACTIVATIONS)
    compare(names[::STRIDE])


def test_nothing_is_wrong():
    assert "wrong" not in documented().values() and "failed" not in documented().values()
