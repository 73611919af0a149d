# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures of activations, drawn by matplotlib from what kernels compute."""

from __future__ import annotations

import ml_dtypes
import numpy as np

from .abi import numpy_type
from .compiler import compile

BLUE, RED, GRAY = "#0072b2", "#d55e00", "#999999"
# Places along the axis of the errors, and the numbers that each one has tried.
PLACES, TRIES = 512, 256


def curves(activations: dict[str, str], dtype: str = "f32", accuracy=None):
    """x -> {name: (f(x), f'(x))}, for names of activations and their attributes:
    one program with all of them.

    >>> call = curves({"relu": "", "elu": "{alpha = 0.5}"})
    >>> call([-1, 2])["relu"]
    (array([0., 2.], dtype=float32), array([0., 1.], dtype=float32))
    """
    tensor, body, results = f"tensor<?x{dtype}>", [], []
    for name, attributes in activations.items():
        body += [f"%{name} = act.{name} %x {attributes} : {tensor}",
                 f"%{name}_d = act.{name}_grad %one, %x {attributes} : {tensor}"]
        results += [f"%{name}", f"%{name}_d"]
    types = ", ".join([tensor] * len(results))
    model = compile("\n".join([
        f"func.func @curves(%x: {tensor}, %one: {tensor}) -> ({types}) {{",
        *body, f"return {', '.join(results)} : {types}", "}"]), accuracy=accuracy)

    def call(x):
        x = np.asarray(x, numpy_type(dtype))
        values = model(x, np.ones_like(x))
        return dict(zip(activations, zip(values[::2], values[1::2])))
    return call


def ulps(values, reference):
    """How far values are from a reference in f64, in units of the last place of
    their type.

    >>> ulps(np.float32([1, 1 + 2 ** -23]), np.array([1, 1.0]))
    array([0., 1.])
    """
    info = ml_dtypes.finfo(values.dtype)
    exponents = np.maximum(np.frexp(reference)[1] - 1, info.minexp)
    return np.abs(values.astype(float) - reference) * np.exp2(info.nmant - exponents)


def plot(activation: str, *, span=(-6, 6), accuracy=None, dtype: str = "f32", **parameters):
    """Draws an activation and its gradient, and below the errors of both.

    `activation` is the name of an operation of one operand, `parameters` are its
    attributes; `accuracy` is as in `compile`. An error is the largest nearby of
    131,072 numbers of the type in the span, against kernels in f64. Gives a
    `matplotlib.figure.Figure`, which notebooks show, and which `savefig` writes;
    raises `CompileError` for what is no activation or none of its parameters.

    >>> plot("silu", beta=1.702).savefig("silu.png")      # doctest: +SKIP
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("act_mlir.plot needs matplotlib: pip install matplotlib") from None
    attributes = ", ".join(f"{name} = {value if isinstance(value, str) else f'{value:.17e}'}"
                           for name, value in parameters.items())
    program = {activation: f"{{{attributes}}}"}
    x = np.unique(np.linspace(*span, PLACES * TRIES).astype(numpy_type(dtype)))
    found = curves(program, dtype, accuracy)(x)[activation]
    exact = curves(program, "f64")(x)[activation]
    x = x.astype(float)
    place = np.clip((x - span[0]) / (span[1] - span[0]) * PLACES, 0, PLACES - 1).astype(int)
    places, first = np.unique(place, return_index=True)

    figure = Figure(figsize=(7, 5), layout="constrained")
    top, bottom = figure.subplots(2, sharex=True, height_ratios=(3, 2))
    for values, reference, color, label in zip(found, exact, (BLUE, RED), ("f(x)", "f'(x)")):
        top.plot(x, values.astype(float), color=color, linewidth=1.4, label=label)
        bottom.plot(x[first], np.maximum.reduceat(ulps(values, reference), first), color=color,
                    linewidth=0.9)
    for axes, label in ((top, ""), (bottom, "error in ULP")):
        axes.axhline(0, color=GRAY, linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set(xlim=span, ylabel=label)
    bottom.set(ylim=(0, None), xlabel="x")
    top.set_title(" ".join([activation, attributes]).strip() + f", {dtype}, "
                  f"{accuracy or 'precise'}", fontsize=10, family="monospace")
    top.legend(frameon=False)
    return figure
