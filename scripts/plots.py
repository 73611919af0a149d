#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws the pictures of docs/Rectifier.md into docs/images.

Every value and gradient in them, and every layer of the networks, is computed
by kernels that act-compile makes here; NumPy only draws random numbers and
counts. The numbers that the page quotes are printed; --numbers prints them and
draws nothing.
"""

import functools
import pathlib
import sys

import numpy as np

import act_mlir
from act_mlir import plotting
from act_mlir.plotting import BLUE, GRAY, RED

ROOT = pathlib.Path(__file__).resolve().parent.parent
GREEN, PURPLE, YELLOW = "#009e73", "#aa4499", "#e69f00"

# Every activation of one operand, and its attributes where it needs some.
ACTIVATIONS = {
    "relu": "", "leaky_relu": "{alpha = 0.1}", "relu_squared": "",
    "clamp": "{min = -1.0, max = 1.0}", "threshold": "{theta = 1.0}",
    "elu": "", "celu": "{alpha = 0.5}", "selu": "", "softplus": "",
    "squareplus": "", "gelu": "", "silu": "", "mish": "", "hard_swish": "",
    "sparse_plus": "", "sigmoid": "", "hard_sigmoid": "", "sparse_sigmoid": "",
    "log_sigmoid": "", "softsign": "", "tanh": "", "tanh_shrink": "",
    "soft_cap": "{limit = 3.0}",
    "hard_shrink": "", "soft_shrink": ""}
SOME = ["relu", "leaky_relu", "gelu", "silu", "softplus", "tanh", "sigmoid"]


def curves(names):
    return plotting.curves({name: ACTIVATIONS[name] for name in names})


@functools.cache
def layer(name, width):
    """A dense layer with an activation, and the layer's gradient."""
    w, h = f"tensor<{width}x{width}xf32>", f"tensor<?x{width}xf32>"
    product = """
      %c0 = arith.constant 0 : index
      %zero = arith.constant 0.0 : f32
      %n = tensor.dim %a, %c0 : {h}
      %e = tensor.empty(%n) : {h}
      %f = linalg.fill ins(%zero : f32) outs(%e : {h}) -> {h}
      %p = linalg.matmul ins({left}, {right} : {h}, {w}) outs(%f : {h}) -> {h}"""
    forward = product.format(h=h, w=w, left="%a", right="%w")
    backward = product.format(h=h, w=w, left="%g", right="%t")
    attributes = ACTIVATIONS[name]
    return (act_mlir.compile(f"""
      func.func @layer(%a: {h}, %w: {w}) -> ({h}, {h}) {{{forward}
      %y = act.{name} %p {attributes} : {h}
      return %p, %y : {h}, {h}
      }}"""), act_mlir.compile(f"""
      func.func @layer_grad(%a: {h}, %x: {h}, %t: {w}) -> {h} {{
      %g = act.{name}_grad %a, %x {attributes} : {h}{backward}
      return %p : {h}
      }}"""))


def through(name, depth, width=128, batch=64, seed=1):
    """The last layer's output, and the root mean square of a random gradient
    of it after each layer that it goes back through.

    Weights are drawn as is usual: variance 2 / width for those that are 0 on
    one side, 1 / width for the others.
    """
    rng = np.random.default_rng(seed)
    gain = 1 if name in ("tanh", "sigmoid", "selu") else 2
    forward, backward = layer(name, width)
    h = rng.standard_normal((batch, width), dtype=np.float32)
    weights, inputs = [], []
    for _ in range(depth):
        w = rng.standard_normal((width, width)) * np.sqrt(gain / width)
        weights.append(w.astype(np.float32))
        before, h = forward(h, weights[-1])
        inputs.append(before)
    gradient = rng.standard_normal(h.shape, dtype=np.float32)
    sizes = []
    for w, before in zip(reversed(weights), reversed(inputs)):
        gradient = backward(gradient, before, w.T)
        sizes.append(float(np.sqrt(np.mean(np.square(gradient)))))
    return h, np.array(sizes)


def zeros(name):
    """The share of a layer's outputs that are exactly 0."""
    return np.mean(through(name, 1, batch=1024)[0] == 0)


def numbers():
    """What the page says in its text."""
    x = np.linspace(-8, 8, 100001)
    for name, (_, slope) in curves(SOME)(x).items():
        print(f"largest slope of {name}: {slope.max():.3f}")
    for name in SOME:
        count = round(zeros(name) * 1024 * 128)
        print(f"zeros of a {name} layer: {count} of {1024 * 128}")
    for name in ("relu", "selu", "gelu", "silu", "tanh", "sigmoid"):
        _, sizes = through(name, 30)
        print(f"gradient through 30 {name} layers: {sizes[-1]:.1e}")
    print(f"gradient through 12 sigmoid layers: {sizes[11]:.1e}")
    for scale in (2.0 ** -20, 3.0, 2.0 ** 20):
        call = curves(["relu"])
        wide = np.float32(scale) * x.astype(np.float32)
        same = np.array_equal(call(wide)["relu"][0],
                              np.float32(scale) * call(x)["relu"][0])
        print(f"relu({scale:g} x) == {scale:g} relu(x): {same}")


def style(axes, **limits):
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7, length=2)
    axes.set(**limits)


def save(figure, name):
    path = ROOT / "docs" / "images" / name
    figure.savefig(path, dpi=96, metadata={"Software": None})
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


def draw_activations(plt):
    x = np.linspace(-4, 4, 1601)
    rows = -(-len(ACTIVATIONS) // 5)
    figure, grid = plt.subplots(rows, 5, figsize=(9, 1.7 * rows), sharex=True,
                                layout="constrained")
    for axes in grid.flat[len(ACTIVATIONS):]:
        axes.set_axis_off()
    for axes, (name, (value, slope)) in zip(
            grid.flat, curves(list(ACTIVATIONS))(x).items()):
        axes.axhline(0, color=GRAY, linewidth=0.5)
        axes.axvline(0, color=GRAY, linewidth=0.5)
        for y, color, width, label in ((slope, RED, 2.4, "f'(x)"),
                                       (value, BLUE, 1.2, "f(x)")):
            y = y.astype(float)
            y[1:][np.abs(np.diff(y)) > 0.05] = np.nan  # jumps stay open
            axes.plot(x, y, color=color, linewidth=width, label=label)
        axes.set_title(name, fontsize=9, family="monospace")
        style(axes, ylim=(-2.2, 3.2), xlim=(-4, 4), xticks=[-4, -2, 0, 2, 4],
              yticks=[-2, -1, 0, 1, 2, 3])
    figure.legend(*grid[0, 0].get_legend_handles_labels(), ncols=2,
                  loc="outside lower center", frameon=False, fontsize=9)
    save(figure, "activations.png")


def draw_sparsity(plt):
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3),
                                         layout="constrained")
    rng = np.random.default_rng(1)
    forward, _ = layer("relu", 128)
    before, after = forward(
        rng.standard_normal((512, 128), dtype=np.float32),
        (rng.standard_normal((128, 128)) / np.sqrt(128)).astype(np.float32))
    bins = np.linspace(-4, 4, 81)
    left.hist(before.ravel(), bins, color=GRAY, alpha=0.6)
    left.hist(after[after > 0], bins[40:], histtype="step", color=BLUE,
              linewidth=1.4)
    left.text(-3.9, 2300, "before relu", color="#666666", fontsize=8)
    left.text(1.4, 2300, "after, above 0", color=BLUE, fontsize=8)
    style(left, xlabel="value", ylabel="outputs", ylim=(0, 3000))
    shares = [100 * zeros(name) for name in SOME]
    bars = right.barh(SOME[::-1], shares[::-1], color=BLUE, height=0.6)
    right.bar_label(bars, fmt="%.1f %%", padding=3, fontsize=8)
    style(right, xlabel="outputs that are exactly 0, in %", xlim=(0, 60))
    right.tick_params(axis="y", labelsize=8)
    save(figure, "sparsity.png")


def draw_scale(plt):
    figure, grid = plt.subplots(1, 4, figsize=(10, 2.9), sharey=True,
                                layout="constrained")
    x = np.linspace(-3, 3, 1201)
    names = ["relu", "silu", "softplus", "tanh"]
    call = curves(names)
    for axes, name in zip(grid, names):
        for a, color, width in ((0.25, YELLOW, 4.5), (1.0, BLUE, 2.8),
                                (4.0, "black", 1.1)):
            axes.plot(x, call(a * x)[name][0] / a, color=color,
                      linewidth=width, label=f"a = {a:g}")
        axes.set_title(name, fontsize=9, family="monospace")
        style(axes, ylim=(-3, 4.8), xlim=(-3, 3), xlabel="x")
    grid[0].set_ylabel("f(a x) / a")
    figure.legend(*grid[0].get_legend_handles_labels(), ncols=3,
                  loc="outside lower center", frameon=False, fontsize=9)
    save(figure, "scale.png")


def draw_depth(plt):
    figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
    depth = 30
    for name, color, shift in (("relu", BLUE, 0), ("gelu", GREEN, 0),
                               ("silu", PURPLE, 0), ("selu", YELLOW, 6),
                               ("tanh", "black", -3), ("sigmoid", RED, 0)):
        _, sizes = through(name, depth)
        axes.plot(range(1, depth + 1), sizes, color=color, linewidth=1.6)
        axes.annotate(name, (depth, sizes[-1]), (6, shift), color=color,
                      textcoords="offset points", va="center", fontsize=9)
    axes.set_yscale("log")
    style(axes, xlim=(1, depth), xlabel="layers the gradient went back through",
          ylabel="its root mean square")
    axes.grid(axis="y", color="#dddddd", linewidth=0.5)
    save(figure, "depth.png")


def main():
    numbers()
    if sys.argv[1:] == ["--numbers"]:
        return
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    (ROOT / "docs" / "images").mkdir(exist_ok=True)
    for draw in (draw_activations, draw_sparsity, draw_scale, draw_depth):
        draw(plt)


if __name__ == "__main__":
    main()
