# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The suite `compile`: from text to a callable, long chains, layers that repeat,
sizes of libraries.

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

import numpy as np

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


def layers(count: int, width: int = 64) -> str:
    """A network of `count` equal layers, gelu(x w + b), each with weights of its
    own."""
    x, row, square = f"tensor<?x{width}xf32>", f"tensor<{width}xf32>", f"tensor<{width}x{width}xf32>"
    random = np.random.default_rng(0)

    def constant(name, kind, elements):
        numbers = random.standard_normal(elements, np.float32) / width
        return f'  %{name} = arith.constant dense<"0x{numbers.tobytes().hex()}"> : {kind}'

    lines = [f"func.func @network(%x0: {x}) -> {x} {{",
             "  %c0 = arith.constant 0 : index",
             "  %zero = arith.constant 0.0 : f32",
             f"  %rows = tensor.dim %x0, %c0 : {x}",
             f"  %empty = tensor.empty(%rows) : {x}",
             f"  %zeros = linalg.fill ins(%zero : f32) outs(%empty : {x}) -> {x}"]
    for i in range(count):
        lines += [constant(f"w{i}", square, width * width), constant(f"b{i}", row, width),
                  f"  %m{i} = linalg.matmul ins(%x{i}, %w{i} : {x}, {square}) outs(%zeros : {x}) -> {x}",
                  f"  %r{i} = linalg.broadcast ins(%b{i} : {row}) outs(%empty : {x}) dimensions = [0]",
                  f"  %a{i} = arith.addf %m{i}, %r{i} : {x}",
                  f"  %x{i + 1} = act.gelu %a{i} : {x}"]
    return "\n".join([*lines, f"  return %x{count} : {x}", "}", ""])


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


def compile_texts(settings, folder, key, texts) -> list[dict]:
    """Seconds, memory and KiB of a library for each of texts of growing size, by
    what `key` names of them; after the first that takes too long, no more."""
    rows = []
    for size, text in texts:
        path, library = folder / "program.mlir", folder / "program.so"
        path.write_text(text)
        row = run_tool([find_tool("act-compile"), path, "-o", library,
                        f"--march=x86-64-{settings['level']}"], settings["limit_s"])
        if "seconds" in row:
            row["library_kib"] = library.stat().st_size / 1024
        rows.append({key: size} | row)
        if "failed" in row:
            break
    return rows


def chains(settings, folder) -> list[dict]:
    """Chains of elementwise operations."""
    return compile_texts(settings, folder, "operations",
                         ((n, chain(n)) for n in settings["chains"]))


def networks(settings, folder) -> list[dict]:
    """Networks of equal layers."""
    return compile_texts(settings, folder, "layers",
                         ((n, layers(n)) for n in settings["layers"]))


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
        for part in (chains, networks, libraries, one_kernel):
            print(json.dumps({"begin": part.__name__}), flush=True)
            result[part.__name__] = part(settings, folder)
    print(json.dumps({"compile": result}), flush=True)


if __name__ == "__main__":
    main()
