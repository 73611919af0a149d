# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The suite `compile`: from text to a callable, long chains, sizes of libraries.

Peers make the same program and give a first result, in a process that has
loaded them already; their own caches are off.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import act_mlir
from act_mlir.compiler import find_tool

from . import cells, data, onnx_model, peers

PROGRAM = "swiglu"  # one fused kernel


def chain(length: int) -> str:
    """A program of `length` operations, each on the result of the last."""
    names = ("relu", "hard_swish", "leaky_relu")
    body = "\n".join(f"  %v{i + 1} = act.{names[i % 3]} %v{i} : tensor<?xf32>"
                     for i in range(length))
    return (f"func.func @chain(%v0: tensor<?xf32>) -> tensor<?xf32> {{\n{body}\n"
            f"  return %v{length} : tensor<?xf32>\n}}\n")


def weighted(mib: int):
    """The ONNX bytes of a product with a constant matrix of about `mib` MiB, and
    the bytes of the weights."""
    n = int((mib * 2**20 / 4) ** 0.5)
    cell = cells.Cell(cells.operations()["linear"], "f32", (4, n, n))
    _, weights = data.arrays(cell)
    return (onnx_model.build(cell, weights).SerializeToString(),
            sum(w.nbytes for w in weights.values()))


def run_tool(arguments, limit_s: float) -> dict:
    """Seconds and peak memory of a process, or why there are none.

    The peak is asked of /proc while it runs: what `wait4` reports begins with
    that of this process.
    """
    begin = time.perf_counter()
    process = subprocess.Popen([str(a) for a in arguments], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    status, peak_kib = pathlib.Path(f"/proc/{process.pid}/status"), 0
    while process.poll() is None:
        if found := re.search(r"VmHWM:\s+(\d+)", status.read_text()):
            peak_kib = int(found[1])
        if time.perf_counter() - begin > limit_s:
            process.kill()
            process.wait()
            return {"failed": f"more than {limit_s:.0f} s"}
        time.sleep(0.002)
    if process.returncode:
        return {"failed": f"status {process.returncode}"}
    return {"seconds": time.perf_counter() - begin, "peak_mib": peak_kib / 1024}


def milliseconds(call, repeats: int) -> dict:
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - begin))
    return {"best": min(times), "median": statistics.median(times)}


def one_kernel(settings, folder) -> dict:
    """Milliseconds from text to something that can be called."""
    cell = cells.Cell(cells.operations()[PROGRAM], "f32", (4096,))
    inputs, weights = data.arrays(cell)
    text, repeats = cell.mlir(), settings["repeats"]
    path = folder / "program.mlir"
    path.write_text(text)
    tools = {name: find_tool(name) for name in ("act-compile", "act-run", "act-opt")}

    def tool(name, *arguments):
        subprocess.run([tools[name], *arguments], check=True, capture_output=True)

    x = "--input=16xf32=1"
    os.environ["ACT_CACHE_DIR"] = str(folder / "cache")
    act_mlir.compile(text)
    found = {
        "act_mlir.compile, kept from before": milliseconds(
            lambda: act_mlir.compile(text), 10 * repeats),
        "act_mlir.compile, new": milliseconds(
            lambda: act_mlir.compile(text, cache=False), repeats),
        "act-compile, x86-64-v4 and v3": milliseconds(
            lambda: tool("act-compile", path, "-o", folder / "p.so"), repeats),
        "act-run, compiled in memory and run": milliseconds(
            lambda: tool("act-run", path, x, x), repeats),
        "act-opt --version, starting alone": milliseconds(
            lambda: tool("act-opt", "--version"), repeats),
    }
    for name in settings["peers"]:
        if name == "upstream":
            continue
        try:
            if name == "inductor":
                import torch._inductor.config
                torch._inductor.config.force_disable_caches = True

            def first():
                if name == "jax":
                    import jax
                    jax.clear_caches()
                peers.make(name, cell, inputs, weights, settings["level"], 1)[0]()
            first()
            found[name] = milliseconds(first, 2 if name == "inductor" else repeats)
        except peers.Unavailable:
            continue
    return found


def chains(settings, folder) -> list[dict]:
    """Seconds and memory for chains of operations, to a library."""
    rows = []
    for length in settings["chains"]:
        path = folder / "chain.mlir"
        path.write_text(chain(length))
        library = folder / "chain.so"
        row = run_tool([find_tool("act-compile"), path, "-o", library,
                        f"--march=x86-64-{settings['level']}"], settings["limit_s"])
        rows.append({"operations": length} | row)
        if "failed" in row:
            break
    return rows


def libraries(settings, folder) -> list[dict]:
    """Time, memory and size for models of mostly weights."""
    rows = []
    for mib in settings["weights_mib"]:
        model, size = weighted(mib)
        path, library = folder / "weights.onnx", folder / "weights.so"
        path.write_bytes(model)
        del model
        row = run_tool([find_tool("act-compile"), path, "-o", library,
                        f"--march=x86-64-{settings['level']}"], settings["limit_s"])
        if "seconds" in row:
            row |= {"library_over_weights": library.stat().st_size / size,
                    "memory_over_weights": row["peak_mib"] * 2**20 / size}
        rows.append({"weights_mib": size / 2**20} | row)
    return rows


def main():
    settings = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="act-bench-") as name:
        folder = pathlib.Path(name)
        result = {}
        for part in (chains, libraries, one_kernel):
            print(json.dumps({"begin": part.__name__}), flush=True)
            result[part.__name__] = part(settings, folder)
    print(json.dumps({"compile": result}), flush=True)


if __name__ == "__main__":
    main()
