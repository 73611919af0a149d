# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""If, Loop and Scan: what runs, and how often, is known while importing.

Where the condition of an `If` is not, both branches run and one is selected.
"""

from __future__ import annotations

import numpy as np

from ..dims import Dim
from ..text import DependsOnData, InvalidModel, Unsupported
from ..types import Value
from .registry import handles, normalized

MAX_ITERATIONS = 256


def _known(g, value: Value):
    """The one number that a value is known to be, else None."""
    numbers = g.numbers(value)
    return None if numbers is None or numbers.size != 1 else numbers.reshape(())[()]


@handles("If")
def if_(g, node):
    condition = _known(g, node[0])
    if condition is not None:
        return node.body("then_branch" if condition else "else_branch")
    then, otherwise = node.body("then_branch"), node.body("else_branch")
    both = [*then, *otherwise]
    if not all(isinstance(v, Value) for v in both) or [
            (v.dtype, v.shape) for v in then] != [(v.dtype, v.shape) for v in otherwise]:
        raise DependsOnData("a condition that decides a shape", node[0])
    flag = g.reshape(node[0], ())
    return [a if a is b else g.elementwise(g.select, flag, a, b)
            for a, b in zip(then, otherwise)]


@handles("Loop")
def loop(g, node):
    count = None
    if node.optional(0) is not None:
        count = _known(g, node[0])
        if count is None:
            raise DependsOnData("a number of iterations that depends on data", node[0])
    going = True
    if node.optional(1) is not None:
        going = _known(g, node[1])
        if going is None:
            raise DependsOnData("a condition that depends on data", node[1])
    state = [node[i] for i in range(2, len(node))]
    collected, flag, i = None, g.constant(np.array(True)), 0
    while going and (count is None or i < count):
        if i == MAX_ITERATIONS:
            raise Unsupported(f"more than {MAX_ITERATIONS} iterations")
        flag, *results = node.body("body", g.constant(np.array(i, "i8")), flag, *state)
        state, scanned = results[:len(state)], results[len(state):]
        collected = [[*c, v] for c, v in zip(collected or [[] for _ in scanned], scanned)]
        going, i = _known(g, flag), i + 1
        if going is None:
            raise Unsupported("a condition that a body computes from data")
    if collected is None:
        if len(node.outputs) > len(state):
            raise Unsupported("no iteration")
        collected = []
    return state + [stacked(g, values, 0) for values in collected]


@handles("Scan")
def scan(g, node):
    if node.opset < 9:
        raise Unsupported("a batch dimension (opset 8)")
    count = node.attribute("num_scan_inputs")
    states = len(node) - count
    state, inputs = [node[i] for i in range(states)], [node[i] for i in range(states, len(node))]
    axes = node.attribute("scan_input_axes", [0] * count)
    axes = [normalized(axis, x.rank) for axis, x in zip(axes, inputs)]
    backward = node.attribute("scan_input_directions", [0] * count)
    steps = inputs[0].shape[axes[0]]
    if isinstance(steps, Dim) or steps > MAX_ITERATIONS:
        raise Unsupported(f"{steps} steps (at most {MAX_ITERATIONS})")
    collected = None
    for t in range(steps):
        parts = [_part(g, x, axis, steps - 1 - t if back else t)
                 for x, axis, back in zip(inputs, axes, backward)]
        results = node.body("body", *state, *parts)
        state, scanned = results[:states], results[states:]
        collected = [[*c, v] for c, v in zip(collected or [[] for _ in scanned], scanned)]
    if collected is None:
        raise Unsupported("no step")
    out_axes = node.attribute("scan_output_axes", [0] * len(collected))
    reverse = node.attribute("scan_output_directions", [0] * len(collected))
    return state + [
        stacked(g, values[::-1] if back else values, normalized(axis, values[0].rank + 1))
        for values, axis, back in zip(collected, out_axes, reverse)]


def _part(g, x, axis, t) -> Value:
    offsets = [0] * x.rank
    offsets[axis] = t
    part = g.slice(x, offsets, (*x.shape[:axis], 1, *x.shape[axis + 1:]))
    return g.reshape(part, (*x.shape[:axis], *x.shape[axis + 1:]))


def stacked(g, values, axis) -> Value:
    shape = (*values[0].shape[:axis], 1, *values[0].shape[axis:])
    if any(v.shape != values[0].shape for v in values):
        raise InvalidModel("iterations give different shapes")
    return g.concat([g.reshape(v, shape) for v in values], axis)
