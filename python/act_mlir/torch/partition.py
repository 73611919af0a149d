# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Graphs cut into programs that are compiled, and operations that run eagerly."""

from __future__ import annotations

import operator

import torch
from torch import fx
from torch.fx.passes.infra.partitioner import CapabilityBasedPartitioner
from torch.fx.passes.operator_support import OperatorSupportBase

from ..frontends.fx import import_graph, is_supported
from ..frontends.text import Unsupported
from .program import Program
from .report import Graph, record

aten = torch.ops.aten

# What computes nothing: alone it is no reason for a program.
VIEWS = {operator.getitem} | {getattr(aten, name) for name in (
    "view", "permute", "unsqueeze", "squeeze", "expand", "slice", "select", "t", "transpose",
    "alias", "detach", "split", "split_with_sizes", "unbind", "full", "clone", "empty",
    "_unsafe_view", "zeros", "ones", "arange", "scalar_tensor")}


class _Support(OperatorSupportBase):
    def is_node_supported(self, submodules, node: fx.Node) -> bool:
        return node.op == "call_function" and is_supported(node)


def _moves(node: fx.Node) -> bool:
    return getattr(node.target, "overloadpacket", node.target) in VIEWS


def compile_graph(module: fx.GraphModule, direction: str, options, parameters=frozenset()):
    """A function of a list of arguments that gives the graph's results.

    Of `parameters`, numbers of inputs, the next call is likely to have the same
    ones.
    """
    report = Graph(direction)
    module.graph.eliminate_dead_code()
    partitioner = CapabilityBasedPartitioner(
        module, _Support(), allows_single_node_partition=True)
    partitions = [p for p in partitioner.propose_partitions() if not all(map(_moves, p.nodes))]
    for node in module.graph.nodes:
        if node.op == "call_function" and isinstance(
                node.meta.get("val"), (torch.Tensor, list, tuple)) and not is_supported(node):
            if node.target is not operator.getitem:
                report.eager[node.name] = f"{node.target}: {node.meta['act_why_not']}"
    report.compiled = sum(len(p.nodes) for p in partitions)
    report.partitions = len(partitions)
    fused = partitioner.fuse_partitions(partitions, prefix="act_")
    inputs = fused.graph.find_nodes(op="placeholder")
    frozen = {inputs[i] for i in parameters}
    # Which values are those of symbols, of those before the node at hand.
    programs, symbols = [], {}
    for node in list(fused.graph.nodes):
        if isinstance(size := node.meta.get("val"), torch.SymInt):
            symbols.setdefault(str(size.node.expr), node)
        if node.op == "call_module" and node.target.startswith("act_"):
            program = _program(fused, node, symbols, options, frozen)
            report.programs.append(program.text)
            programs.append(program)
    record(report)
    if len(programs) == 1 and (direct := _direct(fused, programs[0])):
        return direct
    fused.graph.set_codegen(fx.graph.CodeGen())
    fused.recompile()

    def run(arguments):
        given = list(arguments)
        arguments.clear()
        return fused.forward(*given)

    return run


def _program(module, node: fx.Node, symbols, options, frozen) -> Program:
    """Compiles the graph that a node calls; the node calls the program."""
    inner = getattr(module, node.target)
    sources = dict(zip(inner.graph.find_nodes(op="placeholder"), node.args))
    for placeholder, source in sources.items():
        placeholder.meta.setdefault("val", source.meta["val"])
    [output] = inner.graph.find_nodes(op="output")
    single = isinstance(output.args[0], fx.Node)
    imported = import_graph(inner.graph, frozen={
        placeholder for placeholder, source in sources.items() if source in frozen})
    arguments = [sources[placeholder] for placeholder in imported.inputs]
    if missing := [symbol for symbol in imported.carriers if symbol not in symbols]:
        raise Unsupported(f"extents that no argument has: {', '.join(missing)}")
    arguments += [symbols[symbol] for symbol in imported.carriers]
    arguments += [sources[placeholder] for placeholder in imported.frozen]
    program = Program(imported, options, single)
    delattr(module, node.target)
    setattr(module, node.target, program)
    node.args = tuple(arguments)
    return program


def _direct(module, program):
    """A function that calls the one program at once, where the graph is nothing
    else."""
    places, results, returned = {}, {}, []
    for node in module.graph.nodes:
        if node.op == "placeholder":
            places[node] = len(places)
        elif node.op == "call_module":
            if any(argument not in places for argument in node.args):
                return None
            order = [places[argument] for argument in node.args]
            if program.single:
                results[node] = 0
        elif node.op == "call_function" and node.target is operator.getitem:
            results[node] = node.args[1]
        elif node.op == "output":
            for value in node.args[0]:
                if isinstance(value, fx.Node) and value not in results:
                    return None
                returned.append(results[value] if isinstance(value, fx.Node) else value)
        else:
            return None
    call = program.call_at(order)
    if returned == list(range(len(returned))) and not any(v is None for v in returned):
        return call

    def run(arguments):
        made = call(arguments)
        return [None if i is None else made[i] for i in returned]

    return run
