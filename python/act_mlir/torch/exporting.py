# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ahead of time: a model as a library with a C header."""

from __future__ import annotations

import pathlib
import tempfile

import torch
from torch.export.graph_signature import InputKind, OutputKind
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..compiler import compile as compile_file
from ..frontends.fx import import_graph
from ..frontends.text import Unsupported
from ..frontends.weights import write_weights
from ..runtime import Model
from .backend import decompositions

_WEIGHTS = {InputKind.PARAMETER: "state_dict", InputKind.BUFFER: "state_dict",
            InputKind.CONSTANT_TENSOR: "constants"}


def export(model: torch.nn.Module, args, output, *, kwargs=None, dynamic_shapes=None,
           accuracy=None, target=None, options=()) -> Model:
    """Writes a model as a library, weights included, and its C header beside it.

    `args`, `kwargs` and `dynamic_shapes` are those of `torch.export.export`;
    the rest is that of `act_mlir.compile`. Extents named in `dynamic_shapes`
    are dynamic in the library. Gives the library, loaded.

    Raises `act_mlir.frontends.text.Unsupported`, which lists every operation
    that has no form here with its line, and what `torch.export` and
    `act_mlir.compile` raise.

    >>> import torch, act_mlir.torch                          # doctest: +SKIP
    >>> act_mlir.torch.export(torch.nn.Mish(), (torch.ones(3),), "mish.so")  # doctest: +SKIP
    <act_mlir.Model mish(input: 3xf32) -> (y0: 3xf32)>
    """
    output = pathlib.Path(output)
    with sdpa_kernel(SDPBackend.MATH), torch.no_grad():
        program = torch.export.export(model, tuple(args), kwargs,
                                      dynamic_shapes=dynamic_shapes, strict=False)
        program = program.run_decompositions(decompositions())
    imported = _imported(program, output.stem)
    with tempfile.TemporaryDirectory(prefix="act-") as folder:
        source = pathlib.Path(folder, f"{output.stem}.mlir")
        source.write_text(imported.text)
        if imported.weights:
            write_weights(imported.weights, source.with_suffix(".weights.json"))
        return compile_file(source, output, accuracy=accuracy, target=target, options=options)


def _imported(program, name):
    signature = program.graph_signature
    for spec in signature.output_specs:
        if spec.kind != OutputKind.USER_OUTPUT:
            raise Unsupported(f"a model that writes into {spec.target}")
    placeholders = {node.name: node for node in program.graph.find_nodes(op="placeholder")}
    constants = {}
    for spec in signature.input_specs:
        if spec.kind in _WEIGHTS:
            held = getattr(program, _WEIGHTS[spec.kind])
            # Buffers that are not kept lie with the constants.
            value = held.get(spec.target, program.constants.get(spec.target))
            constants[placeholders[spec.arg.name]] = value
        elif spec.kind != InputKind.USER_INPUT:
            raise Unsupported(f"an input of kind {spec.kind.name}")
    imported = import_graph(program.graph, name, constants, row_by_row=True)
    if imported.carriers:
        raise Unsupported(f"extents that no input has: {', '.join(imported.carriers)}")
    return imported
