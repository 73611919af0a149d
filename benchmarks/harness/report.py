# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Results as JSON, as a page, and as a plot."""

from __future__ import annotations

import json
import math

from . import compile_page, plots

# The largest distance to the reference, over the largest value, where a suite
# states no bound in ULP.
RELATIVE = {"f32": 1e-5, "f16": 4e-3, "bf16": 3e-2}


def wrong(result: dict) -> list[str]:
    """Results of ours that are not right, and cells that ours does not run."""
    found = []
    for cell in result["cells"]:
        found += [f"{cell['key']}, {name}: {why}" for name, why in cell.get("missing", {}).items()
                  if name.startswith("act ")]
        for name, error in cell.get("errors", {}).items():
            accuracy = name.removeprefix("act ")
            if not name.startswith("act "):
                continue
            bound, measure = cell["bounds"].get(accuracy), "ulp"
            if bound is None:
                bound, measure = RELATIVE[cell["dtype"]], "relative"
            if not error[measure] <= bound:
                found.append(f"{cell['key']}, {name}: {error[measure]:.3g} from the reference "
                             f"({measure}), at most {bound:g} expected")
    return found


def write(result: dict, folder) -> list:
    """Data, page and plot of a result, and the page over all results."""
    stem = f"{result['suite']}-{result['level']}-{result['threads']}t"
    data, page, plot = (folder / f"{stem}.{suffix}" for suffix in ("json", "md", "png"))
    data.write_text(_json(result))
    drawn = plots.draw(result, plot)
    page.write_text(_page(result, plot.name if drawn else None))
    index = folder / "README.md"
    index.write_text(_index(folder))
    return [data, page, *([plot] if drawn else []), index]


def _index(folder) -> str:
    """One line for each result of the folder and each accuracy of ours."""
    lines = ["# Results", "",
             "How many times as long the fastest peer of each cell takes; "
             "[how to read it](../README.md).", "",
             "| suite | ours | cells | geometric mean | below 1.0 | worst |",
             "|---|---|---|---|---|---|"]
    for path in sorted(folder.glob("*-*t.json")):
        result = json.loads(path.read_text())
        name = (f"[{result['suite']}, {result['level']}, {result['threads']} thread"
                f"{'s' if result['threads'] > 1 else ''}]({path.stem}.md)")
        rows = _standings([cell for cell in result["cells"] if "times" in cell])
        lines += [f"| {name} | {row}" for row in rows or ["- | - | - | - | - |"]]
    return "\n".join([*lines, ""])


def _json(result: dict) -> str:
    """One line a cell, four digits."""
    def rounded(value):
        if isinstance(value, float):
            return float(f"{value:.4g}") if math.isfinite(value) else None
        if isinstance(value, dict):
            return {k: rounded(v) for k, v in value.items()}
        return [rounded(v) for v in value] if isinstance(value, (list, tuple)) else value

    head = {k: v for k, v in result.items() if k != "cells"}
    text = json.dumps(rounded(head), indent=1)[:-2]
    lines = ",\n".join("  " + json.dumps(rounded(cell)) for cell in result["cells"])
    return f'{text},\n "cells": [\n{lines}\n ]\n}}\n'


def best_peer(cell: dict, ours: str) -> str | None:
    """The peer that comes closest to ours, or beats it most."""
    ratios = {k: r["best"] for k, r in cell["ratios"].get(ours, {}).items()
              if not k.endswith("copy")}
    return min(ratios, key=ratios.get) if ratios else None


def value(cell: dict, name: str, unit: str, calls: dict) -> float | None:
    """What the table shows of a contender, in the suite's unit."""
    if name not in cell["times"]:
        return None
    ns = cell["times"][name]["best"] - (0 if cell["small"] else calls.get(name, 0))
    if unit == "GFLOP/s":
        return cell["flops"] / ns
    if unit == "us per call":
        return ns / 1e3
    if unit == "ns per call":
        return ns
    return ns / cell["elements"] if not cell["small"] else ns


def _page(result: dict, plot: str | None) -> str:
    unit, calls = result["unit"], result.get("calls")
    lines = [f"# {result['suite']}: {unit}, {result['level']}, "
             f"{result['threads']} thread{'s' if result['threads'] > 1 else ''}", "",
             f"Written by `benchmarks/run.py {result['suite']} --level={result['level']} "
             f"--threads={result['threads']}`; [how to read it](../README.md).", ""]
    lines += _machine(result)
    if plot:
        lines += [f"![{unit} of each operation]({plot})", ""]
    if "compile" in result:
        return "\n".join(lines + compile_page.tables(result["compile"]))
    timed = [cell for cell in result["cells"] if "times" in cell]
    lines += _summary(timed)
    groups = {}
    for cell in timed:
        groups.setdefault(_group(cell), []).append(cell)
    for title, group in groups.items():
        lines += [f"## {title}" + (", ns per call" if _of_calls(group, unit) else ""), ""]
        lines += _table(group, unit, calls)
    lines += _left(result)
    return "\n".join(lines)


def _of_calls(group, unit) -> bool:
    return unit == "ns per element" and all(cell["small"] for cell in group)


def _group(cell) -> str:
    if cell["flops"]:
        return f"{cell['operation']}, {cell['dtype']}"
    text = f"{cell['dtype']}, {' x '.join(f'{n:,}' for n in cell['shape'])}"
    return text + (f", {cell['offset']} past alignment" if cell["offset"] else "")


def _machine(result) -> list[str]:
    machine = result["machine"]
    caches = ", ".join(f"{k} {v}" for k, v in machine["caches"].items())
    versions = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    lines = [f"{machine['cpu']} (family {machine['family']}"
             f"{', a virtual machine' if machine['hypervisor'] else ''}), {machine['cores']} "
             f"cores, {caches}; {', '.join(machine['flags'])}. {machine['system']}, Python "
             f"{machine['python']}. Commit {result['commit']}, {result['date']}, "
             f"{result['seconds']} s.", "",
             f"Peers: {versions or 'none'}. " + " ".join(
                 f"{name} is left out: {why}." for name, why in result["left_out"].items())]
    if result.get("calls"):
        lines += ["", "A call costs " + ", ".join(f"{k} {v / 1e3:.1f} us"
                                                 for k, v in result["calls"].items())
                  + "; that is taken from the peers' times below, except where calls are "
                    "compared."]
    return lines + [""]


def _standings(timed) -> list[str]:
    """Geometric mean and worst cell against the fastest peer: rows of a table."""
    lines = []
    for name in ("act precise", "act fast", "act from Python"):
        ratios = [(cell["ratios"][name][peer]["best"], cell["key"], peer) for cell in timed
                  if (peer := best_peer(cell, name))]
        if not ratios:
            continue
        positive = [r[0] for r in ratios if r[0] > 0]
        mean = math.exp(sum(map(math.log, positive)) / max(len(positive), 1))
        worst = min(ratios)
        lines.append(f"{name} | {len(ratios)} | {mean:.2f} | {sum(r[0] < 1 for r in ratios)} | "
                     f"{worst[0]:.2f}: {worst[1]}, {worst[2]} |")
    return lines


def _summary(timed) -> list[str]:
    rows = _standings(timed)
    return ["How many times as long the fastest peer of each cell takes:", "",
            "| ours | cells | geometric mean | below 1.0 | worst |", "|---|---|---|---|---|",
            *(f"| {row}" for row in rows), ""] if rows else []


def _table(group, unit, calls) -> list[str]:
    names = list(dict.fromkeys(n for cell in group for n in cell["times"]))
    ours = list(dict.fromkeys(n for cell in group for n in cell["ratios"]))
    shapes = bool(group[0]["flops"])
    measure = "ulp" if group[0]["bounds"] else "relative"
    errors = [f"{'ULP' if measure == 'ulp' else 'error'}: ours", "fastest peer"]
    head = ["shape" if shapes else "operation", *names,
            *(f"ratio, {n.removeprefix('act ')}" for n in ours), *errors]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for cell in group:
        row = [" x ".join(map(str, cell["shape"])) if shapes else cell["operation"]]
        for name in names:
            shown = value(cell, name, unit, calls)
            row.append("-" if shown is None else _digits(shown))
        row += [_ratio(cell, name) for name in ours]
        peer = next((p for name in ours if (p := best_peer(cell, name))), None)
        for name in ("act precise", peer):
            error = cell["errors"].get(name)
            row.append(f"{error[measure]:.2g}" if error else "-")
        lines.append("| " + " | ".join(row) + " |")
    return [*lines, ""]


def _digits(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _ratio(cell, name) -> str:
    """Best to best, the quartiles of the rounds, the peer; marked below 1."""
    peer = best_peer(cell, name)
    if not peer:
        return "-"
    r = cell["ratios"][name][peer]
    text = f"{r['best']:.2f} ({r['q1']:.2f} to {r['q3']:.2f}) {peer}"
    return f"**&#9660; {text}**" if r["best"] < 1 else text


def _left(result) -> list[str]:
    """What was not run, and why."""
    lines = []
    for cell in result["cells"]:
        if "failed" in cell:
            lines.append(f"- {cell['key']}: {cell['failed']}")
        for name, why in cell.get("missing", {}).items():
            lines.append(f"- {cell['key']}, {name}: {why}")
    merged = {}
    for line in lines:
        head, _, why = line.rpartition(": ")
        merged.setdefault(why, []).append(head.removeprefix("- "))
    return ["## Not run", "", *(f"- {why}: {'; '.join(heads)}" for why, heads in merged.items()),
            ""] if merged else []
