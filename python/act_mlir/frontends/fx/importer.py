# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A graph of ATen operations with fake tensors, node by node, through the
handlers."""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import fx

from ..elementwise import affine_map
from ..graph import GraphBuilder
from ..text import Bind, InvalidModel, Unsupported
from ..types import NUMPY_TYPES, Value
from . import handlers  # noqa: F401 (registers them)
from .registry import HANDLERS, Result, dtype_of
from .symbols import extent, symbols_of

# Lists of tensors that an operation gives: torch has them as one value.
getitem = operator.getitem


@dataclass
class ImportedGraph:
    """The text of a module, its weights, and how a call goes.

    Its arguments are `inputs`, `carriers` and `frozen`, the constant ones.
    `carriers` are symbols that no input's extents tell: each is one more input,
    [n] without elements to read. `orders` are, for each result that torch lays
    out differently, the dimensions from the outermost in memory to the
    innermost: the program's result has them in this order.
    """

    text: str
    weights: dict[str, Value]
    inputs: list[fx.Node]
    frozen: list[fx.Node]
    carriers: list[str]
    orders: list[tuple[int, ...] | None] = field(default_factory=list)


def why_not(node: fx.Node) -> str | None:
    """Why a node has no form here; None where it has one."""
    if node.op != "call_function":
        return f"a node of kind {node.op}"
    if node.target is getitem:
        return why_not(node.args[0]) if isinstance(node.args[0], fx.Node) else "an index"
    if node.target not in HANDLERS:
        return "no handler"
    try:
        builder = GraphBuilder()
        values = {}
        symbols = set()
        for number, source in enumerate(node.all_input_nodes):
            symbols |= symbols_of(_sizes(source.meta.get("val")))
            values[source] = _input(builder, source, f"x{number}")
        symbols |= symbols_of(_sizes(node.meta.get("val")))
        for name in sorted(symbols):
            builder.input(name, "i8", [name])
        run(builder, node, values)
    except (Unsupported, InvalidModel, Bind) as reason:
        return str(reason)
    except Exception as error:
        # What a handler did not expect runs eagerly, and is reported.
        return f"{type(error).__name__}: {error}"
    return None


def is_supported(node: fx.Node) -> bool:
    """Whether a node compiles: tried on its own, with torch's types and
    extents."""
    if "act_why_not" not in node.meta:
        node.meta["act_why_not"] = why_not(node)
    return node.meta["act_why_not"] is None


def import_graph(graph: fx.Graph, name: str = "main", constants=None,
                 row_by_row=False, frozen=()) -> ImportedGraph:
    """Reads a graph whose nodes are all supported; raises `Unsupported` with
    each one that is not.

    `constants` maps placeholders to tensors that become weights; those of
    `frozen` become constant arguments. Results have torch's layout, or, where
    `row_by_row`, that of C.
    """
    constants = constants or {}
    builder = GraphBuilder()
    values, inputs, bound, wanted = {}, [], set(), set()
    [output] = graph.find_nodes(op="output")
    refused = defaultdict(list)
    for node in graph.nodes:
        if node.op == "call_function" and not _is_size(node):
            wanted |= symbols_of(_sizes(node.meta.get("val")))
            if not is_supported(node):
                refused[f"{node.target} ({node.meta['act_why_not']})"].append(_where(node))
    if refused:
        raise Unsupported("not supported: " + ", ".join(
            f"{what}: {', '.join(places)}" for what, places in sorted(refused.items())))
    for number, node in enumerate(graph.find_nodes(op="placeholder")):
        if node in constants:
            values[node] = builder.constant(numpy_of(constants[node]), node.name)
            continue
        if node in frozen:
            continue
        fake = node.meta["val"]
        values[node] = _input(builder, node, node.name or f"x{number}")
        if isinstance(fake, torch.Tensor):
            inputs.append(node)
            wanted |= symbols_of(fake.shape)
            bound |= {str(size.node.expr) for size in fake.shape
                      if isinstance(size, torch.SymInt)}
    carriers = sorted(wanted - bound)
    for symbol in carriers:
        builder.input(symbol, "i8", [symbol])
    frozen = [node for node in graph.find_nodes(op="placeholder") if node in frozen]
    for node in frozen:
        values[node] = _input(builder, node, node.name, constant=True)
    for node in graph.nodes:
        if node.op == "call_function" and not _is_size(node):
            builder.location = _location(node)
            values[node] = run(builder, node, values)
    builder.location = ""
    outputs, orders = [], []
    results = output.args[0]
    for index, node in enumerate([results] if isinstance(results, fx.Node) else results):
        value = values[node]
        order = None if row_by_row else memory_order(node.meta["val"])
        if order is not None:
            value = builder.transpose(value, order)
        orders.append(order)
        outputs.append((f"y{index}", _own(builder, value, outputs)))
    return ImportedGraph(builder.finish(name, outputs), builder.weights, inputs, frozen,
                         carriers, orders)


def _is_size(node) -> bool:
    """A node that computes an extent, which is known from its value, or checks
    one."""
    return not isinstance(node.meta.get("val"), (torch.Tensor, list, tuple))


def _own(g, value: Value, outputs) -> Value:
    """Each result has a value of its own, which is no input."""
    value = g.use(value)
    if any(value.name == other.name for _, other in outputs) or value.name.startswith("%arg"):
        return g.generic([value], [affine_map(value.rank, range(value.rank))], value.shape, lambda x: x)
    return value


def run(g, node: fx.Node, values):
    """The values of a node's results."""
    if node.target is getitem:
        return values[node.args[0]][node.args[1]]

    def resolved(argument):
        if isinstance(argument, fx.Node):
            if argument in values and values[argument] is not None:
                return values[argument]
            fake = argument.meta["val"]
            if isinstance(fake, torch.SymInt):
                return extent(fake)
            raise Unsupported(f"an operand of {type(fake).__name__}")
        if isinstance(argument, torch.SymInt):
            return extent(argument)
        if isinstance(argument, (list, tuple)):
            return [resolved(a) for a in argument]
        return argument

    schema = node.target._schema
    named = dict(node.kwargs)
    arguments = []
    for index, parameter in enumerate(schema.arguments):
        if index < len(node.args):
            arguments.append(resolved(node.args[index]))
        elif parameter.name in named:
            arguments.append(resolved(named[parameter.name]))
        else:
            arguments.append(parameter.default_value)
    outs = _results(node)
    result = HANDLERS[node.target](g, outs, *arguments)
    for value, out in zip(*((v if isinstance(v, (list, tuple)) else [v])
                            for v in (result, outs))):
        _check(value, out)
    return result


def _results(node):
    fake = node.meta["val"]
    if isinstance(fake, torch.Tensor):
        return _result(fake)
    if not isinstance(fake, (list, tuple)):
        raise Unsupported(f"a result of {type(fake).__name__}")
    used = {user.args[1] for user in node.users if user.target is getitem}
    return [_result(f, i in used) if isinstance(f, torch.Tensor) else None
            for i, f in enumerate(fake)]


def _result(fake, used=True) -> Result:
    return Result(dtype_of(fake.dtype), tuple(extent(size) for size in fake.shape), used)


def _check(value, out):
    """What a handler made is what torch says that it is."""
    if value is None or out is None:
        if value is None and out is not None and out.used:
            raise Unsupported("a result that is read")
        return
    if value.dtype != out.dtype:
        raise Unsupported(f"a result of {value.dtype}, not {out.dtype}")
    if value.rank != len(out.shape) or any(
            a != b for a, b in zip(value.shape, out.shape)):
        raise Unsupported(f"a result of {value.shape}, not {out.shape}")


def _input(builder, node, name, constant=False) -> Value | None:
    fake = node.meta.get("val")
    if isinstance(fake, (list, tuple)):
        return None
    if not isinstance(fake, torch.Tensor):
        return None
    if fake.layout != torch.strided or fake.device.type != "cpu":
        raise Unsupported(f"a tensor on {fake.device} of layout {fake.layout}")
    return builder.input(name, dtype_of(fake.dtype), [extent(size) for size in fake.shape],
                         constant)


def _sizes(fake):
    if isinstance(fake, torch.Tensor):
        return list(fake.shape)
    if isinstance(fake, torch.SymInt):
        return [fake]
    return [s for f in fake for s in _sizes(f)] if isinstance(fake, (list, tuple)) else []


def memory_order(fake) -> tuple[int, ...] | None:
    """The dimensions from the outermost in memory to the innermost, where the
    tensor is dense and not row by row."""
    strides, shape = ([n.node.hint if isinstance(n, torch.SymInt) else n for n in numbers]
                      for numbers in (fake.stride(), fake.shape))
    if None in strides or None in shape or 0 in shape:
        return None
    order = sorted(range(len(shape)), key=lambda d: (-strides[d], d))
    moving = [d for d in order if shape[d] != 1]
    if moving == sorted(moving):
        return None
    expected = 1
    for d in reversed(moving):
        if strides[d] != expected:
            return None
        expected *= shape[d]
    return tuple(order)


def numpy_of(tensor: torch.Tensor) -> np.ndarray:
    """A tensor's elements, without a copy where it is contiguous."""
    tensor = tensor.detach().contiguous()
    kind = NUMPY_TYPES[dtype_of(tensor.dtype)]
    if tensor.dtype in (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):
        words = torch.int16 if kind.itemsize == 2 else torch.uint8
        return tensor.view(words).numpy().view(kind)
    return tensor.numpy()


_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


def _location(node) -> str | tuple[str, int]:
    """The line of the model that a node comes from."""
    frames = _FRAME.findall(node.meta.get("stack_trace") or "")
    if frames:
        file, line = frames[-1]
        return file, int(line)
    return node.name


def _where(node) -> str:
    place = _location(node)
    return place if isinstance(place, str) else f"{place[0]}:{place[1]}"
