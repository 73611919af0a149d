# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plots: bandwidth under the roof of a copy, or GFLOP/s."""

from __future__ import annotations

OURS = {"act precise": "#1b6ca8", "act fast": "#63b0e3"}


def draw(result: dict, path) -> bool:
    """Writes the plot of a suite; whether there was something to draw."""
    timed = [c for c in result["cells"] if "times" in c and not c["small"] and not c["offset"]]
    if not timed:
        return False
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    panels = {}
    for cell in timed:
        panels.setdefault(_panel(cell), []).append(cell)
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(6.5 * columns, 2.9 * rows),
                                squeeze=False, layout="constrained")
    for axis, (title, group) in zip(axes.flat, panels.items()):
        _bars(axis, title, group, result)
    for axis in list(axes.flat)[len(panels):]:
        axis.set_visible(False)
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return True


def _panel(cell) -> str:
    if cell["flops"]:
        return f"{cell['operation']}, {cell['dtype']}"
    return f"{cell['dtype']}, {' x '.join(f'{n:,}' for n in cell['shape'])}"


def _rate(cell, ns) -> float:
    """GFLOP/s, or GB/s."""
    return (cell["flops"] or cell["bytes"]) / ns


def _bars(axis, title, group, result):
    calls = result["calls"]
    labels = ["x".join(map(str, c["shape"])) if c["flops"] else c["operation"] for c in group]
    fastest = []
    for cell in group:
        times = [cell["times"][p]["best"] - calls.get(p, 0) for p in result["versions"]
                 if p in cell["times"]]
        fastest.append(_rate(cell, min(times)) if times else 0)
    series = [(name, [_rate(c, c["times"][name]["best"]) if name in c["times"] else 0
                      for c in group], color) for name, color in OURS.items()]
    series = [s for s in series if any(s[1])]
    if any(fastest):
        series.append(("fastest peer", fastest, "#c9c9c9"))
    width = 0.8 / max(len(series), 1)
    for k, (name, values, color) in enumerate(series):
        at = [i + (k - (len(series) - 1) / 2) * width for i in range(len(group))]
        axis.bar(at, values, width, label=name, color=color)
    for name, style in (("copy", "-"), ("streaming copy", "--")):
        roofs = [_rate(c, c["times"][name]["best"]) for c in group if name in c["times"]]
        if roofs:
            axis.axhline(max(roofs), color="#a33", linestyle=style, linewidth=1, label=name)
    axis.set_xticks(range(len(group)), labels, rotation=35, ha="right", fontsize=8)
    axis.set_ylabel("GFLOP/s" if group[0]["flops"] else "GB/s")
    axis.set_title(title, fontsize=9)
    axis.spines[["top", "right"]].set_visible(False)
