# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The peers: each makes a call of a cell, on the same inputs.

A call returns when its result is there. torch, torch.compile and jax return
new memory, as they do for their users; onnxruntime and OpenVINO write into
memory that is bound beforehand, as we do.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os

import numpy as np

from . import onnx_model, upstream
from .data import NUMPY, aligned


class Unavailable(Exception):
    """Why a peer does not run a cell."""


# Name: package, why it cannot be held to AVX2 (None where it can).
PEERS = {
    "torch": ("torch", None),
    "inductor": ("torch", None),
    "jax": ("jax", None),
    "onnxruntime": ("onnxruntime", "it has no switch for the instruction set"),
    "openvino": ("openvino", None),
    "upstream": (None, None),  # a baseline more than a peer: see upstream.py
}


def available(level: str) -> tuple[list[str], dict[str, str]]:
    """The peers that can run, and why the others cannot."""
    found, missing = [], {}
    for name, (package, unheld) in PEERS.items():
        if package is None:
            why = upstream.missing()
            missing |= {name: why} if why else {}
            found += [] if why else [name]
        elif importlib.util.find_spec(package) is None:
            missing[name] = "not installed"
        elif level == "v3" and unheld:
            missing[name] = unheld
        else:
            found.append(name)
    return found, missing


def version(name: str) -> str:
    if name == "upstream":
        return "MLIR 22"
    return importlib.metadata.version(PEERS[name][0])


def environment(level: str, threads: int) -> dict[str, str]:
    """What must be set before a peer is loaded."""
    set_ = {name: str(threads) for name in
            ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    flags = [f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'}",
             f"intra_op_parallelism_threads={threads}"]
    if level == "v3":
        flags.append("--xla_cpu_max_isa=AVX2")
        set_ |= {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
                 "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
    return set_ | {"XLA_FLAGS": " ".join(flags), "JAX_PLATFORMS": "cpu",
                   "ORT_LOGGING_LEVEL": "3", "TF_CPP_MIN_LOG_LEVEL": "3"}


def make(name, cell, inputs, weights, level, threads):
    """A function without arguments that runs the cell once and gives its
    result, and one that makes a NumPy array of that."""
    return {"torch": _torch, "inductor": _inductor, "jax": _jax,
            "onnxruntime": _onnxruntime, "openvino": _openvino}[name](
                cell, inputs, weights, level, threads)


def _function(body: str, names, globals_: dict):
    """A function of `names` that runs `body` and returns `y`."""
    lines = body.strip("\n").split("\n")
    source = "\n    ".join([f"def call({', '.join(names)}):", *lines, "return y"])
    space = dict(globals_)
    exec(source, space)
    return space["call"]


# ---- torch

def _torch_parts(cell, inputs, weights, threads):
    import torch
    import torch.nn.functional as F
    torch.set_num_threads(threads)
    types = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}

    def tensor(array):
        bits = array.view({4: np.int32, 2: np.int16}[array.itemsize])
        return torch.from_numpy(bits).view(types[cell.dtype])

    # nn.Linear keeps its weight as (out, in): `w.T` is contiguous.
    held = {k: tensor(np.ascontiguousarray(w.T)).T if w.ndim == 2 else tensor(w)
            for k, w in weights.items()}
    names = [*cell.operation.inputs]
    call = _function(cell.operation.torch, [*names, *held], {"torch": torch, "F": F})
    return torch, call, [tensor(inputs[n]) for n in names], held


def _torch_array(cell):
    def array(tensor):
        import torch
        bits = {4: torch.int32, 2: torch.int16}[tensor.element_size()]
        return tensor.contiguous().view(bits).numpy().view(NUMPY[cell.dtype])
    return array


def _torch(cell, inputs, weights, level, threads):
    torch, call, arguments, held = _torch_parts(cell, inputs, weights, threads)
    arguments += held.values()

    def run():
        with torch.inference_mode():
            return call(*arguments)
    return run, _torch_array(cell)


def _inductor(cell, inputs, weights, level, threads):
    torch, call, arguments, held = _torch_parts(cell, inputs, weights, threads)
    import torch._inductor.config as config
    config.cpp.threads = threads
    config.cpp.simdlen = 256 if level == "v3" else None
    # Lets it pack constant weights, as a model in inference mode may.
    config.freezing = bool(held)
    torch._dynamo.reset()

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for key, value in held.items():
                self.register_parameter(key, torch.nn.Parameter(value, False))

        def forward(self, *tensors):
            return call(*tensors, *(getattr(self, key) for key in held))

    # Elementwise code is the same for every extent: compiled once.
    dynamic = cell.operation.dims == ["n"]
    compiled = torch.compile(Module().eval(), dynamic=dynamic)

    def run():
        with torch.inference_mode():
            return compiled(*arguments)
    return run, _torch_array(cell)


# ---- jax

def _jax(cell, inputs, weights, level, threads):
    import jax
    import jax.numpy as jnp
    op = cell.operation
    call = jax.jit(_function(op.jax, [*op.inputs, *weights],
                             {"jax": jax, "jnp": jnp, "nn": jax.nn}))
    arguments = [jnp.asarray(a) for a in [*inputs.values(), *weights.values()]]
    return (lambda: call(*arguments).block_until_ready()), np.asarray


# ---- onnxruntime, OpenVINO

def _onnxruntime(cell, inputs, weights, level, threads):
    import onnxruntime as ort
    if cell.dtype == "bf16":
        raise Unavailable("no bf16 on CPUs")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    session = ort.InferenceSession(onnx_model.build(cell, weights).SerializeToString(), options,
                                   providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    result = aligned(cell.output(), NUMPY[cell.dtype], cell.offset)
    values = [ort.OrtValue.ortvalue_from_numpy(a) for a in inputs.values()]
    for name, array in inputs.items():
        binding.bind_input(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
    binding.bind_output("y", "cpu", 0, result.dtype, result.shape, result.ctypes.data)

    def run(_keep=(values, inputs)):
        session.run_with_iobinding(binding)
        return result
    return run, lambda array: array


def _openvino(cell, inputs, weights, level, threads):
    import openvino as ov
    core = ov.Core()
    core.set_property("CPU", {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
                              "INFERENCE_PRECISION_HINT": cell.dtype})
    model = onnx_model.build(cell, weights)
    request = core.compile_model(core.read_model(model.SerializeToString()),
                                 "CPU").create_infer_request()
    ports = request.model_inputs
    kept = []
    for port, array in zip(ports, inputs.values()):
        tensor = ov.Tensor(port.element_type, list(array.shape))
        tensor.data.view(np.uint8)[...] = array.view(np.uint8)
        request.set_input_tensor(len(kept), tensor)
        kept.append(tensor)
    result = ov.Tensor(request.model_outputs[0].element_type, list(cell.output()))
    request.set_output_tensor(0, result)

    def run(_keep=kept):
        request.infer(share_inputs=True, share_outputs=True)
        return result
    return run, lambda tensor: tensor.data.view(NUMPY[cell.dtype])


def threads_settled(threads: int):
    """Waits until OpenMP's idle threads no longer spin."""
    if threads > 1:
        import time
        time.sleep(0.003)


def pin(threads: int):
    """One thread stays on one core."""
    if threads == 1:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
