# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The backend of `torch.compile`: AOTAutograd's graphs, cut into programs."""

from __future__ import annotations

import functools

import torch
from functorch.compile import make_boxed_func, min_cut_rematerialization_partition
from torch._decomp import core_aten_decompositions, decomposition_table, get_decompositions
from torch._dynamo.backends.common import aot_autograd
from torch._guards import TracingContext
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..frontends.fx import HANDLERS
from .partition import compile_graph

aten = torch.ops.aten

# Core operations that become others, which have handlers.
_ALSO = (aten.native_group_norm, aten._native_batch_norm_legit_functional,
         aten._native_batch_norm_legit_no_training, aten._adaptive_avg_pool2d, aten.addmv,
         aten.native_batch_norm, aten._native_batch_norm_legit)
# What torch's own kernels do better than a decomposition would here.
_KEPT = (aten.embedding_dense_backward, aten.avg_pool2d_backward)

OPTIONS = {"accuracy", "freeze", "threads"}


@functools.cache
def decompositions() -> dict:
    """torch's decompositions to core operations, but of those that have
    handlers: activations keep their names."""
    table = {**core_aten_decompositions(), **get_decompositions(_ALSO)}
    kept = {getattr(packet, name) for packet in _KEPT for name in packet.overloads()}
    own = {aten.native_dropout.default: dropout}
    return own | {operation: decomposition for operation, decomposition in table.items()
                  if operation not in HANDLERS and operation not in kept}


def dropout(x, p, train):
    """Zeros in place of a share `p` of the elements. The random numbers depend
    on no other value, so that torch draws them before a program and not in the
    middle of it; they are others than eager draws from the same seed."""
    if not train or p == 0:
        return x.clone(), torch.ones_like(x, dtype=torch.bool)
    if p == 1:
        return torch.zeros_like(x), torch.zeros_like(x, dtype=torch.bool)
    kept = torch.rand(x.shape, device=x.device) > p
    return torch.where(kept, x * (1 / (1 - p)), 0.0), kept


def act(graph, inputs, *, options=None, mode=None):
    """A backend of `torch.compile`.

    `options` are `accuracy` (`highest`, `precise`, `fast` or a number of ULPs),
    `freeze` (whether inference keeps what it computes of parameters alone) and
    `threads`.
    """
    options = dict(options or {})
    if unknown := set(options) - OPTIONS:
        raise ValueError(f"options of the backend act are {', '.join(sorted(OPTIONS))}; "
                         f"got {', '.join(sorted(unknown))}")
    if mode not in (None, "default"):
        raise ValueError(f"the backend act has no mode {mode!r}")

    def compiler(direction):
        return lambda module, _: make_boxed_func_of(
            compile_graph(module, direction, options, _parameters(module, direction, options)))

    # Attention as products and softmax, forward and backward.
    with sdpa_kernel(SDPBackend.MATH):
        return aot_autograd(
            fw_compiler=compiler("forward"), bw_compiler=compiler("backward"),
            inference_compiler=compiler("inference"),
            partition_fn=min_cut_rematerialization_partition,
            decompositions=decompositions())(graph, inputs)


def _parameters(module, direction, options) -> set[int]:
    """The inputs that are parameters and buffers of inference which nothing
    writes: the next call is likely to have the same."""
    context = TracingContext.try_get()
    if direction != "inference" or not options.get("freeze", True) or context is None \
            or context.fw_metadata is None:
        return set()
    inputs = module.graph.find_nodes(op="placeholder")
    metadata = context.fw_metadata
    chosen = set(metadata.static_input_indices) - set(metadata.mutated_inp_runtime_indices)
    return {i for i in chosen if is_static(inputs[i].meta.get("val"))}


def is_static(fake) -> bool:
    return isinstance(fake, torch.Tensor) and all(isinstance(n, int) for n in fake.shape)


def make_boxed_func_of(function):
    """Takes a list of arguments, as AOTAutograd likes it best."""
    function._boxed_call = True
    return function
