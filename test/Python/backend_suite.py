# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs ONNX's own backend test suite, by the comparison of ONNX's own runner.

    python test/Python/backend_suite.py [--filter REGEX] [--jobs N] [--results FILE]

A case
  passed,
  is unsupported: an error of the importer that names node and operation,
  failed: any other error,
  is wrong: other numbers than the suite's, or
  nearer: out of the suite's tolerance, but in all elements that are, nearer than
  the suite's numbers to what ONNX's evaluator gives in f64.
`scripts/onnx-suite` runs all of it and writes docs/ONNX.md.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import glob
import json
import multiprocessing
import os
import pathlib
import re
import signal
import sys
import warnings

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.loader import load_model_tests
from onnx.backend.test.runner import Runner
from onnx.reference import ReferenceEvaluator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))

KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator", "real")
STATES = ("passed", "nearer", "unsupported", "failed", "wrong")
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16)
SECONDS = 240  # for one case
ACTIVATIONS = {
    "Celu", "Clip", "Elu", "Gelu", "HardSigmoid", "HardSwish", "Hardmax", "LeakyRelu",
    "LogSoftmax", "Mish", "PRelu", "Relu", "Selu", "Shrink", "Sigmoid", "Softmax",
    "Softplus", "Softsign", "SwiGLU", "Swish", "Tanh", "ThresholdedRelu"}


def cases():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return {f"{kind}/{case.name}": case
                for kind in KINDS for case in load_model_tests(kind=kind)}


# ---- models and their data

def load(case):
    """The model and its data sets."""
    if case.model is not None:
        return case.model, [tuple([_array(a) for a in part] for part in pair)
                            for pair in case.data_sets]
    if case.model_dir is None:
        return _load_light(case)
    model, sets = onnx.load(os.path.join(case.model_dir, "model.onnx")), []
    for folder in sorted(glob.glob(os.path.join(case.model_dir, "test_data_set_*"))):
        sets.append(tuple(
            [_read(os.path.join(folder, f"{kind}_{i}.pb"), info) for i, info in enumerate(infos)
             if os.path.exists(os.path.join(folder, f"{kind}_{i}.pb"))]
            for kind, infos in (("input", model.graph.input), ("output", model.graph.output))))
    return model, sets


def _load_light(case):
    """A well-known network with made-up weights, which the package holds."""
    path = pathlib.Path(onnx.__file__).parent.parent / case.url
    model = onnx.load(path)
    given = {tensor.name for tensor in model.graph.initializer}
    inputs = [Runner.generate_dummy_data(info, name=case.name)
              for info in model.graph.input if info.name not in given]
    return model, [(inputs, [_read(str(path).replace(".onnx", "_output_0.pb"),
                                   model.graph.output[0])])]


def _array(value):
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else value


def _read(path, info):
    if not info.type.HasField("tensor_type"):
        return None
    tensor = TensorProto()
    tensor.ParseFromString(pathlib.Path(path).read_bytes())
    return numpy_helper.to_array(tensor)


def operator(name) -> str:
    """What a case of one node, or its body, is about; others are models."""
    base = ALL.get(re.sub(r"_expanded(_ver\d+)?$", "", name), ALL[name])
    if base.model is None or len(base.model.graph.node) != 1:
        return "models"
    return base.model.graph.node[0].op_type


def is_float(name) -> bool:
    """Whether f32 comes in or goes out."""
    case = ALL[name]
    if case.model is None:
        return True
    infos = (*case.model.graph.input, *case.model.graph.output)
    return any(info.type.tensor_type.elem_type == TensorProto.FLOAT for info in infos)


# ---- one case

def run(name):
    """(name, state, why)"""
    from act_mlir import ActError, CompileError, onnx_backend
    from act_mlir.frontends.onnx import ImportFailure
    warnings.simplefilter("ignore")
    case = ALL[name]
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    try:
        model, data_sets = load(case)
        rep = onnx_backend.prepare(model)
        state, why = "passed", ""
        for inputs, outputs in data_sets:
            results = rep.run([np.asarray(a) for a in inputs])
            outputs = [np.asarray(a) for a in outputs]
            if difference := different(results, outputs, case):
                why, state = difference, "wrong"
                if nearer(model, inputs, results, outputs, case):
                    state = "nearer"
        return name, state, why
    except ImportFailure as failure:
        text = str(failure).removeprefix("model: error: ")
        return name, "unsupported" if failure.unsupported else "failed", text
    except (CompileError, ActError) as error:
        return name, "failed", re.sub(r"^\S*model.mlir:", "", str(error)).splitlines()[0]
    except Exception as error:
        return name, "failed", f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


def _too_long(*_):
    raise TimeoutError(f"longer than {SECONDS} s")


def different(results, outputs, case) -> str | None:
    """What the suite's own runner finds."""
    try:
        Runner.assert_similar_outputs(outputs, results, case.rtol, case.atol)
    except AssertionError as error:
        return " ".join(str(error).split())[:200]
    return None


def nearer(model, inputs, results, outputs, case) -> bool:
    """Whether all elements out of tolerance are nearer to f64's."""
    names = [info.name for info in model.graph.input]
    inputs = {name: a.astype("f8") if _is_float_array(a) else a
              for name, a in zip(names, map(np.asarray, inputs))}
    try:
        exact = ReferenceEvaluator(_in_f64(model)).run(None, inputs)
    except Exception:
        return False
    for found, given, value in zip(results, outputs, exact):
        if found.shape != given.shape or found.dtype != given.dtype:
            return False
        if not _is_float_array(found):
            if not np.array_equal(found, given):
                return False
            continue
        found, given = found.astype("f8"), given.astype("f8")
        outside = ~np.isclose(found, given, case.rtol, case.atol, equal_nan=True)
        if (np.abs(found - value) > np.abs(given - value))[outside].any():
            return False
    return True


def _is_float_array(array) -> bool:
    return array.dtype.kind == "f" or array.dtype.name == "bfloat16"


def _in_f64(model):
    """The model with f64 in the place of each shorter float."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    for info in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        if info.type.tensor_type.elem_type in FLOATS:
            info.type.tensor_type.elem_type = TensorProto.DOUBLE
    for tensor in model.graph.initializer:
        tensor.CopyFrom(_tensor_in_f64(tensor))
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                attribute.t.CopyFrom(_tensor_in_f64(attribute.t))
            if attribute.name in ("to", "dtype") and attribute.i in FLOATS:
                attribute.i = TensorProto.DOUBLE
    return model


def _tensor_in_f64(tensor):
    if tensor.data_type not in FLOATS:
        return tensor
    return numpy_helper.from_array(numpy_helper.to_array(tensor).astype("f8"), tensor.name)


# ---- many cases

def run_all(names, jobs, report=None):
    """Names to (state, why)."""
    results = {}
    # A child forked from a process with OpenMP's threads would wait for them.
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=spawn) as pool:
        for name, state, why in pool.map(run, names, chunksize=2):
            results[name] = (state, why)
            if report:
                report(name, state, why)
    return results


def counts(results, names=None):
    found = collections.Counter(results[n][0] for n in (results if names is None else names))
    return {state: found[state] for state in STATES}


ALL = cases()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--filter", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--results", help="a JSON file: what was found replaces what it holds")
    options = parser.parse_args()

    def report(name, state, why):
        if state != "passed":
            print(f"{state:11} {name}: {why}", flush=True)

    names = sorted(n for n in ALL if re.search(options.filter, n))
    results = run_all(names, options.jobs, report)
    print(f"all {len(names)}: {counts(results)}")
    floats = [n for n in names if is_float(n)]
    print(f"float {len(floats)}: {counts(results, floats)}")
    if options.results:
        path = pathlib.Path(options.results)
        held = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(held | results, indent=0, sort_keys=True))


if __name__ == "__main__":
    main()
