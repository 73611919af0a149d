# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures of activations."""
import sys

import numpy as np
import pytest

import act_mlir

pytest.importorskip("matplotlib")


def lines(figure):
    """The curves f, f' and their errors as pairs of x and y."""
    top, bottom = figure.axes
    return [line.get_data() for axes in (top, bottom) for line in axes.get_lines()[:2]]


@pytest.mark.parametrize("accuracy, dtype, bound", [
    ("precise", "f32", 1), ("highest", "f32", 0.501), ("fast", "bf16", 0.501)])
def test_curves_and_errors(accuracy, dtype, bound, tmp_path):
    figure = act_mlir.plot("silu", accuracy=accuracy, dtype=dtype, span=(-4, 2))
    (x, f), (_, gradient), (places, error), _ = lines(figure)
    assert x[0] == -4 and x[-1] == 2 and np.all(np.diff(x) > 0)
    s = 1 / (1 + np.exp(-x))
    assert np.allclose(f, x * s, rtol=1e-2 if dtype == "bf16" else 1e-6)
    assert np.allclose(gradient, s * (1 + x * (1 - s)), atol=1e-2 if dtype == "bf16" else 1e-6)
    assert 256 < len(places) <= 512
    assert 0.4 < error.max() <= bound
    figure.savefig(tmp_path / "silu.png")
    assert (tmp_path / "silu.png").stat().st_size > 10000


def test_parameters():
    (x, f), *_ = lines(act_mlir.plot("elu", alpha=0.5))
    assert f[0] == pytest.approx(0.5 * np.expm1(-6))
    (x, f), *_ = lines(act_mlir.plot("gelu", approximate="tanh"))
    assert x[0] == -6


def test_what_is_no_activation():
    with pytest.raises(act_mlir.CompileError, match="act.gleu"):
        act_mlir.plot("gleu")
    with pytest.raises(act_mlir.CompileError, match="'act.silu' op has no attribute 'gamma'"):
        act_mlir.plot("silu", gamma=2.0)


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        act_mlir.plot("silu")
