# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs cells in a process of its own, one JSON line each on standard output.

Started by benchmarks/run.py, which sets the peers' environment; see there.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

from . import cells, data, native, peers, timing, upstream


def run_cell(cell, settings, calls) -> dict:
    """Times one cell; what a contender cannot run is said under `missing`.

    `calls` is what a call of each peer costs: it is taken from the peer's time
    where the work is compared, since ours is called from C.
    """
    level, threads = settings["level"], settings["threads"]
    inputs, weights = data.arrays(cell)
    expected = data.reference(cell, inputs, weights)
    record = {"key": cell.key, "operation": cell.operation.name, "dtype": cell.dtype,
              "shape": cell.shape, "offset": cell.offset, "elements": cell.elements(),
              "bytes": cell.bytes(), "flops": cell.flops(), "small": cell.small,
              "bounds": cell.bounds, "errors": {}, "missing": {}}
    loops = {}

    def add(name, make):
        try:
            loop, value = make()
            if expected is not None:
                found = value()
                record["errors"][name] = {
                    "ulp": data.ulp(found, expected, cell.dtype),
                    "relative": data.relative(found, expected)}
            loops[name] = loop
        except Exception as error:
            record["missing"][name] = " ".join(str(error).split())[:200] or repr(error)

    def ours(accuracy):
        model = native.CompiledModel(cell, inputs, weights, accuracy, level, threads)
        if cell.small and accuracy == cell.accuracies[0]:
            loops["act from Python"] = timing.python_loop(
                lambda: model.model(*model.arrays))
        return model.time, model.value

    def peer(name):
        if name == "upstream":
            baseline = upstream.Upstream(cell, inputs, level)
            return baseline.time, baseline.value
        call, array = peers.make(name, cell, inputs, weights, level, threads)
        return timing.python_loop(call), lambda: array(call())

    for accuracy in cell.accuracies:
        add(f"act {accuracy}", lambda: ours(accuracy))
    for name in settings["peers"]:
        if name != "upstream" or upstream.takes(cell) and threads == 1:
            add(name, lambda: peer(name))
    if not cell.flops():
        loops["copy"] = native.Copy(cell, threads, False).time
        if cell.bytes() > 32 << 20:
            loops["streaming copy"] = native.Copy(cell, threads, True).time
    if settings["prepare"]:
        return record
    samples = timing.interleaved(loops, settings["sample_ms"], settings["rounds"],
                                 settings["cell_s"], lambda: peers.threads_settled(threads))
    record["times"] = {name: timing.summary(s) for name, s in samples.items()}
    record["ratios"] = {}
    for name in samples:
        if not name.startswith("act ") or cell.small != (name == "act from Python"):
            continue
        record["ratios"][name] = {
            other: timing.ratio([t - (0 if cell.small else calls.get(other, 0)) for t in s],
                                samples[name])
            for other, s in samples.items() if not other.startswith("act ")
            and not (cell.small and other == "upstream")}  # that is called from C
    return record


def call_costs(settings) -> dict[str, float]:
    """Nanoseconds of a call of each peer: relu of 16 elements."""
    cell = cells.Cell(cells.operations()["relu"], "f32", (16,))
    inputs, weights = data.arrays(cell)
    loops = {name: timing.python_loop(peers.make(name, cell, inputs, weights, settings["level"],
                                                 settings["threads"])[0])
             for name in settings["peers"] if name != "upstream"}
    if settings["prepare"] or not loops:
        return {}
    samples = timing.interleaved(loops, settings["sample_ms"], settings["rounds"], 2.0)
    return {name: min(s) for name, s in samples.items()}


def main():
    settings = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    peers.pin(settings["threads"])
    _, all_cells = cells.suite(settings["suite"])
    wanted = {cell.key: cell for cell in all_cells}
    begin = time.monotonic()
    calls = call_costs(settings)
    print(json.dumps({"calls": calls}), flush=True)
    for key in settings["keys"]:
        if time.monotonic() - begin > settings["limit_s"]:
            break
        print(json.dumps({"begin": key}), flush=True)
        print(json.dumps(run_cell(wanted[key], settings, calls)), flush=True)


if __name__ == "__main__":
    main()
