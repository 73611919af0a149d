# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs ONNX's own backend test suite and writes what came out as a table.

    python test/Python/backend_suite.py [--filter TEXT] [--write FILE] [--jobs N]

A case passes, is wrong (other numbers), fails (an error that is none of the
importer's), or is unsupported (a located error of the importer).
"""

import argparse
import collections
import concurrent.futures
import glob
import os
import pathlib
import re
import signal
import sys
import warnings

import numpy as np
import onnx
from onnx.backend.test.runner import Runner

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
warnings.simplefilter("ignore")

LIMIT = 30
KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator")


def cases():
    from onnx.backend.test.loader import load_model_tests
    return {f"{kind}/{case.name}": case for kind in KINDS for case in load_model_tests(kind=kind)}


def load(case):
    """The model and its data sets."""
    if case.model is not None:
        return case.model, [tuple([_plain(a) for a in part] for part in pair)
                            for pair in case.data_sets]
    model = onnx.load(os.path.join(case.model_dir, "model.onnx"))
    sets = []
    for folder in sorted(glob.glob(os.path.join(case.model_dir, "test_data_set_*"))):
        def tensors(kind, infos):
            count = len(glob.glob(os.path.join(folder, f"{kind}_*.pb")))
            return [_tensor(os.path.join(folder, f"{kind}_{i}.pb"), infos[i])
                    for i in range(count)]
        sets.append((tensors("input", model.graph.input), tensors("output", model.graph.output)))
    return model, sets


def _plain(value):
    """Some cases give their arrays as messages."""
    if isinstance(value, onnx.TensorProto):
        return onnx.numpy_helper.to_array(value)
    return value


def _tensor(path, info):
    if not info.type.HasField("tensor_type"):
        return None
    tensor = onnx.TensorProto()
    with open(path, "rb") as file:
        tensor.ParseFromString(file.read())
    return onnx.numpy_helper.to_array(tensor)


def same(results, expected, case):
    """What the suite's own runner finds different."""
    try:
        Runner.assert_similar_outputs(expected, results, case.rtol, case.atol)
    except AssertionError as error:
        return " ".join(str(error).split())[:160]
    return None


def run(name):
    from act_mlir import ActError, CompileError, onnx_backend
    from act_mlir.frontends.onnx import ImportFailure
    case = ALL[name]
    signal.alarm(LIMIT)
    try:
        model, data_sets = load(case)
        rep = onnx_backend.prepare(model)
        for inputs, outputs in data_sets:
            results = rep.run([np.asarray(a) for a in inputs])
            if why := same(results, [np.asarray(a) for a in outputs], case):
                return name, "wrong", why
        return name, "passed", ""
    except ImportFailure as failure:
        text = str(failure).removeprefix("model: error: ")
        return name, "unsupported" if failure.unsupported else "failed", text
    except (CompileError, ActError) as error:
        text = re.sub(r"^\S*model.mlir:", "", str(error))
        return name, "failed", text.splitlines()[0]
    except Exception as error:
        return name, "failed", f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


def _too_long(*_):
    raise TimeoutError(f"longer than {LIMIT} s")


def is_float(case):
    """Whether all inputs are of a float type, or decide a shape."""
    if case.model is None:
        return True
    kinds = [info.type.tensor_type.elem_type for info in
             (*case.model.graph.input, *case.model.graph.output)]
    return onnx.TensorProto.FLOAT in kinds


def main():
    global ALL
    parser = argparse.ArgumentParser()
    parser.add_argument("--filter", default="")
    parser.add_argument("--write")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    ALL = cases()
    names = sorted(n for n in ALL if re.search(options.filter, n))
    results = {}
    signal.signal(signal.SIGALRM, _too_long)
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for name, state, why in pool.map(run, names, chunksize=4):
            results[name] = (state, why)
            if state != "passed" and not options.quiet:
                print(f"{state:11} {name}: {why}", flush=True)
    counts = collections.Counter(state for state, _ in results.values())
    floats = collections.Counter(results[n][0] for n in names if is_float(ALL[n]))
    print(f"all {len(names)}: {dict(counts)}")
    print(f"float {sum(floats.values())}: {dict(floats)}")
    if options.write:
        write(options.write, results, counts)


def write(path, results, counts):
    lines = ["# ONNX's backend test suite", "",
             "Written by `test/Python/backend_suite.py --write`. "
             + ", ".join(f"{counts[s]} {s}" for s in ("passed", "unsupported", "failed", "wrong"))
             + ".", "", "| case | state | why |", "|---|---|---|"]
    for name, (state, why) in sorted(results.items()):
        if state != "passed":
            lines.append(f"| {name} | {state} | {why.replace('|', chr(92) + '|')[:160]} |")
    pathlib.Path(path).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
