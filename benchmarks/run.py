#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times what we compile beside the peers, in one process, in turn.

    benchmarks/run.py elementwise rows          # suites; all of them without a name
    benchmarks/run.py --quick                   # a few cells of each, about a minute
    benchmarks/run.py --prepare                 # builds and checks only: fills the caches
    benchmarks/run.py matmul --level=v3 --threads=2
    benchmarks/run.py compare old.json new.json # losses beyond the noise

benchmarks/README.md says how to read the results.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "python")]

from harness import cells, compare, machine, peers, report  # noqa: E402


def choose(all_cells, quick: bool, only: str | None):
    """The cells to run: of each operation and type one in `quick`."""
    chosen = [cell for cell in all_cells if not only or only in cell.key]
    if not quick:
        return chosen
    small = [cell for cell in chosen if cell.elements() <= 1 << 18 and not cell.offset
             and (cell.flops() or 0) < 1 << 27]
    # Every third operation, of its largest shape.
    best = {}
    for cell in small:
        best[cell.operation.name, cell.dtype] = cell
    return list(best.values())[::3]


def choose_models(models, quick: bool, only: str | None):
    return [model for model in models
            if (only or "") in model.key and (not quick or model.network == "mlp")]


class Progress:
    """A line that is written over where there is a terminal."""

    def __init__(self, total):
        self.total, self.done, self.begin = total, 0, time.monotonic()

    def show(self, key):
        width = 24
        filled = width * self.done // max(self.total, 1)
        text = (f"[{'#' * filled}{'.' * (width - filled)}] {self.done}/{self.total} "
                f"{time.monotonic() - self.begin:4.0f}s {key}")
        end = "" if sys.stderr.isatty() else "\n"
        print(("\r\x1b[K" if sys.stderr.isatty() else "") + text, end=end, file=sys.stderr,
              flush=True)


def start(module, settings):
    """A process that reads its settings and writes lines of JSON."""
    environment = os.environ | peers.environment(settings["level"], settings["threads"])
    environment["PYTHONPATH"] = os.pathsep.join(
        [*sys.path[:2], *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen([sys.executable, "-m", module], env=environment, cwd=HERE,
                               text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(json.dumps(settings))
    process.stdin.close()
    return process


def run_worker(settings, keys, progress, module):
    """Runs cells in a process of their own; a cell that ends the process is
    marked, and the next process goes on behind it."""
    results, left, calls = [], list(keys), {}
    end = time.monotonic() + settings["limit_s"]
    while left and time.monotonic() < end:
        settings = settings | {"keys": left, "limit_s": end - time.monotonic()}
        process = start(module, settings)
        running = None
        for line in process.stdout:
            if not line.startswith("{"):
                continue  # a peer that talks
            record = json.loads(line)
            if "calls" in record:
                calls = calls or record["calls"]
                continue
            if "begin" in record:
                running = record["begin"]
                progress.show(running)
                continue
            results.append(record)
            left.remove(record["key"])
            progress.done += 1
            running = None
        code = process.wait()
        if running is None:
            if code:
                raise SystemExit(f"run.py: error: the worker ends with status {code}")
            break
        results.append({"key": running, "failed": f"the process ended with status {code}"})
        left.remove(running)
        progress.done += 1
    results += [{"key": key, "failed": "no time was left"} for key in left]
    return results, calls


def run_compile(settings, arguments, progress) -> dict:
    """The suite `compile`."""
    process = start("harness.compile_time", settings | {
        "repeats": 3 if arguments.quick else 7,
        "chains": (10, 1000) if arguments.quick else (10, 100, 1000, 10_000, 100_000),
        "layers": (1, 10) if arguments.quick else (1, 10, 100, 1000),
        "weights_mib": (1,) if arguments.quick else (1, 16, 256),
        "limit_s": settings["limit_s"] / 4})
    result = None
    for line in process.stdout:
        record = json.loads(line) if line.startswith("{") else {}
        if "begin" in record:
            progress.show(record["begin"])
            progress.done += 1
        result = record.get("compile", result)
    if process.wait() or result is None:
        raise SystemExit(f"run.py: error: the worker ends with status {process.returncode}")
    return result


def choose_peers(arguments) -> tuple[list[str], dict[str, str]]:
    found, missing = peers.available(arguments.level)
    if arguments.peers is not None:
        wanted = [p for p in arguments.peers.split(",") if p]
        if unknown := set(wanted) - set(peers.PEERS):
            raise SystemExit(f"run.py: error: no peer {', '.join(sorted(unknown))}; there are "
                             f"{', '.join(peers.PEERS)}")
        missing |= {p: "not asked for" for p in found if p not in wanted}
        found = [p for p in found if p in wanted]
    return found, missing


def run_suite(name, arguments) -> int:
    special = name in cells.SPECIAL
    unit, all_cells = ((cells.SPECIAL[name], []) if special else
                       cells.models() if name == "torch" else cells.suite(name))
    pick = choose_models if name == "torch" else choose
    chosen = pick(all_cells, arguments.quick, arguments.only)
    found, missing = choose_peers(arguments)
    settings = {"suite": name, "level": arguments.level, "threads": arguments.threads,
                "peers": found, "prepare": arguments.prepare,
                "sample_ms": 1.0 if arguments.quick else 3.0,
                "rounds": 5 if arguments.quick else 15,
                "cell_s": 0.3 if arguments.quick else 1.2,
                "limit_s": arguments.time_limit}
    if special and arguments.prepare:
        return 0
    progress = Progress(4 if special else len(chosen))
    begin = time.time()
    if special:
        more = {"compile": run_compile(settings, arguments, progress), "cells": []}
    else:
        module = "harness.torch_suite" if name == "torch" else "harness.worker"
        records, calls = run_worker(settings, [cell.key for cell in chosen], progress, module)
        more = {"calls": calls, "cells": records}
    progress.show(f"{name}: done\n" if sys.stderr.isatty() else f"{name}: done")
    result = {"suite": name, "unit": unit, "level": arguments.level,
              "threads": arguments.threads, "machine": machine.describe(),
              "versions": machine.versions(found), "left_out": missing,
              "commit": machine.commit(HERE.parent),
              "date": time.strftime("%Y-%m-%d", time.gmtime(begin)),
              "seconds": round(time.time() - begin)} | more
    failed = report.wrong(result)
    for text in failed:
        print(f"run.py: error: {name}: {text}", file=sys.stderr)
    if not arguments.prepare:
        arguments.output.mkdir(parents=True, exist_ok=True)
        for path in report.write(result, arguments.output):
            print(path)
    return 1 if failed else 0


def main(argv=None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["compare"]:
        return compare.main(argv[1:])
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="suite", help=", ".join(cells.names()))
    parser.add_argument("--quick", action="store_true", help="a few cells, few rounds")
    parser.add_argument("--prepare", action="store_true", help="build and check, time nothing")
    parser.add_argument("--level", choices=["v3", "v4"], default="v4",
                        help="x86-64-v3 (AVX2) or -v4 (AVX-512), peers held to it")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peers", help="some of " + ",".join(peers.PEERS) + "; '' for none")
    parser.add_argument("--only", metavar="TEXT", help="cells whose name has this text")
    parser.add_argument("--time-limit", type=float, default=600, metavar="S",
                        help="start no cell of a suite after S seconds (default 600)")
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "results", metavar="DIR",
                        help="where <suite>-<level>-<threads>t.{json,md,png} and README.md go")
    arguments = parser.parse_args(argv)
    status = 0
    try:
        for name in arguments.suites or cells.names():
            status |= run_suite(name, arguments)
    except cells.SuiteError as error:
        raise SystemExit(f"run.py: error: {error}") from None
    return status


if __name__ == "__main__":
    sys.exit(main())
