#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Errors of single activations in f32, ours and the peers'.

    python benchmarks/accuracy.py [--stride=1021] [--peers=<name>,...] [<operation>...]

Every stride-th pattern of f32 is an input, so every exponent has as many, and
the reference is ours in f64. Each contender runs in a process of its own: none
sees what another does to the floating-point environment. Writes
benchmarks/results/accuracy.tsv and docs/images/accuracy-<operation>.png, or
those files to --output; a contender that does not run keeps the rows that it
has.
"""
import argparse
import ctypes
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "python")]

from harness import cells, data, native, peers, upstream  # noqa: E402

COLUMNS = ("operation", "contender", "version", "ulps", "worst", "result",
           "inputs", "above_half", "above_1", "above_4", "specials")
OURS = ("act highest", "act precise", "act fast")
PEERS = ("torch", "jax", "onnxruntime", "openvino", "upstream", "glibc")
SPECIALS = np.array([-np.inf, -0.0, 0.0, np.inf, np.nan], np.float32)
LEVEL = "v4" if "avx512f" in pathlib.Path("/proc/cpuinfo").read_text() else "v3"
# Where an error that is no number stands in a plot.
TOP = 1e12


def inputs_of(stride):
    """The strided numbers, then the special ones, 16 times a whole number."""
    patterns = np.arange(0, 1 << 32, stride, dtype=np.uint64).astype(np.uint32)
    x = patterns.view(np.float32)
    x = np.concatenate([x[~np.isnan(x)], SPECIALS])
    padded = data.aligned((-(-x.size // 16) * 16,), np.dtype("f4"))
    padded[:] = np.resize(x, padded.size)
    return padded, x.size


def glibc(operation, x):
    source = (f"#include <math.h>\nvoid f(const float *a, float *y, long n) {{\n"
              f"  for (long i = 0; i < n; ++i) {{\n    float x = a[i];\n"
              f"    y[i] = {operation.glibc};\n  }}\n}}\n")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "f.so")
        subprocess.run(["cc", "-O2", "-ffp-contract=off", "-shared", "-fPIC", "-x", "c", "-",
                        "-o", path, "-lm"], input=source, text=True, check=True)
        y = np.empty_like(x)
        ctypes.CDLL(str(path)).f(ctypes.c_void_p(x.ctypes.data),
                                 ctypes.c_void_p(y.ctypes.data), ctypes.c_long(x.size))
    return y


def run(contender, name, stride, path):
    """Writes a contender's results to a file; returns why there are none."""
    x, _ = inputs_of(stride)
    operation = cells.operations()[name]
    cell = cells.Cell(operation, "f32", (x.size,))
    try:
        if contender.startswith("act "):
            model = native.CompiledModel(cell, {"a": x}, {}, contender[4:], LEVEL, 1)
            y = model.value()
        elif contender == "upstream":
            if not upstream.takes(cell):
                return "no formula"
            y = upstream.Upstream(cell, {"a": x}, LEVEL).value()
        elif contender == "glibc":
            y = glibc(operation, x)
        else:
            field = contender if contender in ("torch", "jax") else "onnx"
            if not getattr(operation, field):
                return "no formula"
            call, array = peers.make(contender, cell, {"a": x}, {}, LEVEL, 1)
            y = array(call())
    except Exception as error:
        return " ".join(str(error).split())[:200] or repr(error)
    np.save(path, np.asarray(y, np.float32).reshape(-1))
    return None


def exact(name, x):
    operation = cells.operations()[name]
    import act_mlir
    body = operation.mlir.replace(": T", ": tensor<?xf64>")
    model = act_mlir.compile(f"func.func @f(%a: tensor<?xf64>) -> tensor<?xf64> {{\n{body}\n"
                             "  return %y : tensor<?xf64>\n}\n")
    return np.asarray(model(x.astype(np.float64)))


def errors(y, expected):
    """In ULP of f32; infinity is 2^128, NaN instead of a number infinitely far."""
    def number(v):
        return np.clip(v.astype(np.float64), -2.0**128, 2.0**128)
    _, exponent = np.frexp(expected)
    unit = np.ldexp(1.0, np.maximum(exponent - 1, -126) - 23)
    unit[np.isinf(expected)] = 2.0**104
    error = np.abs(number(y) - number(expected)) / unit
    error[np.isnan(y) & ~np.isnan(expected)] = np.inf
    error[np.isnan(y) & np.isnan(expected)] = 0
    return error


def text(value):
    return repr(float(value)).replace("e+", "e")


def specials(found, expected):
    """What is wrong, as `f(-inf) = nan`."""
    wrong = []
    for x, y, z in zip(SPECIALS, found, expected.astype(np.float32)):
        same = np.isnan(y) and np.isnan(z) or y == z and np.signbit(y) == np.signbit(z)
        if not same:
            wrong.append(f"f({x:g}) = {y:g}")
    return ", ".join(wrong)


def measure(name, contender, y, x, expected):
    """A row of the table, and the errors."""
    numbers = x.size - SPECIALS.size
    y = y[:x.size]
    error = errors(y[:numbers], expected[:numbers])
    worst = int(np.argmax(error))
    row = dict(operation=name, contender=contender, version=version(contender),
               ulps=f"{error[worst]:.4g}", worst=text(x[worst]), result=text(y[worst]),
               inputs=str(numbers), above_half=str(int(np.sum(error > 0.5))),
               above_1=str(int(np.sum(error > 1))), above_4=str(int(np.sum(error > 4))),
               specials=specials(y[numbers:], expected[numbers:]))
    return row, error


def version(contender):
    if contender in ("torch", "jax", "onnxruntime", "openvino", "upstream"):
        return peers.version(contender).removesuffix("+cpu")
    return os.confstr("CS_GNU_LIBC_VERSION").split()[1] if contender == "glibc" else ""


def draw(path, name, x, curves):
    """The largest error in each of a few hundred places on the axis, which is
    linear around zero and logarithmic further out."""
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    colors = {"act highest": "#0b3c5d", "act precise": "#1b6ca8", "act fast": "#63b0e3",
              "torch": "#d1495b", "jax": "#edae49", "onnxruntime": "#66a182",
              "openvino": "#8d6a9f", "upstream": "#999999", "glibc": "#5b4b3a"}
    edge, count = np.arcsinh(1e3), 360
    place = np.clip((np.arcsinh(np.clip(x, -1e3, 1e3)) / edge + 1) / 2 * count, 0, count - 1)
    place = place.astype(int)
    centers = np.sinh(((np.arange(count) + 0.5) / count * 2 - 1) * edge)
    figure, axis = plt.subplots(figsize=(7.2, 3.2), layout="constrained")
    for contender, error in curves.items():
        top = np.zeros(count)
        np.maximum.at(top, place, np.minimum(error, TOP))
        ours = contender.startswith("act")
        axis.plot(centers, np.maximum(top, 0.02), color=colors[contender], label=contender,
                  lw=1.6 if ours else 0.9, zorder=3 if ours else 2)
    axis.axhline(1, color="black", lw=0.5, ls=":")
    axis.set_xscale("asinh", linear_width=1)
    axis.set_xlim(-1e3, 1e3)
    axis.set_xticks([-1000, -100, -10, -3, -1, 0, 1, 3, 10, 100, 1000])
    axis.set_xticklabels(["\u2264 -1000", "-100", "-10", "-3", "-1", "0", "1", "3", "10", "100",
                          "\u2265 1000"])
    axis.set_yscale("log")
    axis.set_ylim(0.02, TOP)
    axis.set_xlabel("x")
    axis.set_ylabel("largest error, ULP")
    axis.set_title(f"{name}, f32", fontsize=10)
    axis.legend(fontsize=7, ncols=3, frameon=False, loc="upper center")
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)


def read(table):
    if not table.exists():
        return {}
    rows = [dict(zip(COLUMNS, line.split("\t")))
            for line in table.read_text().splitlines()[1:]]
    return {(row["operation"], row["contender"]): row for row in rows}


def write(table, rows):
    order = [*OURS, *PEERS]
    keys = sorted(rows, key=lambda k: (k[0], order.index(k[1])))
    table.write_text("\t".join(COLUMNS) + "\n" + "".join(
        "\t".join(rows[k][c] for c in COLUMNS) + "\n" for k in keys))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("operations", nargs="*")
    parser.add_argument("--stride", type=int, default=1021)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--output", type=pathlib.Path)
    arguments = parser.parse_args()
    known = [k for k, op in cells.operations().items() if op.glibc]
    wanted = [p for p in arguments.peers.split(",") if p]
    if set(arguments.operations) - set(known):
        parser.error(f"expected operations of {', '.join(known)}")
    if set(wanted) - set(PEERS):
        parser.error(f"expected peers of {', '.join(PEERS)}")
    if arguments.stride < 1:
        parser.error("expected a stride of at least 1")
    table = (arguments.output or ROOT / "benchmarks" / "results") / "accuracy.tsv"
    images = arguments.output or ROOT / "docs" / "images"
    found, missing = peers.available(LEVEL)
    contenders = [*OURS, *(p for p in wanted if p in found or p == "glibc")]
    for peer in sorted(missing.keys() & set(wanted)):
        print(f"{peer}: {missing[peer]}")
    os.environ.update(peers.environment(LEVEL, 1))
    x, size = inputs_of(arguments.stride)
    x = x[:size]
    numbers = size - SPECIALS.size
    spawn, rows = multiprocessing.get_context("spawn"), read(table)
    with tempfile.TemporaryDirectory() as folder:
        # A process for each contender, for all operations.
        pools = {c: spawn.Pool(1) for c in contenders}
        for name in arguments.operations or known:
            with np.errstate(all="ignore"):
                expected, curves = exact(name, x), {}
                for contender, pool in pools.items():
                    path = os.path.join(folder, f"{contender}.npy")
                    why = pool.apply(run, (contender, name, arguments.stride, path))
                    if why:
                        print(f"{name}, {contender}: {why}")
                        continue
                    row, error = measure(name, contender, np.load(path), x, expected)
                    rows[name, contender] = row
                    curves[contender] = error
                    print(*(row[c] for c in COLUMNS), sep="\t", flush=True)
                draw(images / f"accuracy-{name}.png", name, x[:numbers], curves)
            write(table, rows)
        for pool in pools.values():
            pool.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
