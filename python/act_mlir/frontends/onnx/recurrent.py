# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Recurrent layers, step after step. What the input contributes to all steps is
one matrix product before the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

from ..text import InvalidModel, Unsupported
from ..types import Value
from .activations import attributes, named
from .registry import handles

MAX_STEPS = 256

@dataclass
class Cell:
    """One direction of a layer: parts of its weights, and its functions."""

    g: object
    hidden: int
    recurrent: Value
    bias: Value | None
    recurrent_bias: Value | None
    functions: list[Callable]
    clip: float

    def affine(self, x, h, gates=None) -> list[Value]:
        """x + h R^T + b for each gate, the contribution x being computed."""
        g = self.g
        total = g.contract(h, self.recurrent, "mk", "nk", "mn")
        terms = [v for v in (total, self.bias, self.recurrent_bias) if v is not None]
        total = self.add(x, *terms)
        count = total.shape[1] // self.hidden
        return [self.part(total, i) for i in range(count)]

    def part(self, value, i, count=1):
        offsets = [0] * value.rank
        offsets[-1] = i * self.hidden
        return self.g.slice(value, offsets, (*value.shape[:-1], count * self.hidden))

    def add(self, first, *rest):
        for value in rest:
            first = self.g.elementwise(lambda a, b: self.g.arithmetic("add", a, b), first, value)
        return first

    def multiply(self, a, b):
        return self.g.elementwise(lambda x, y: self.g.arithmetic("mul", x, y), a, b)

    def blend(self, z, a, b):
        """(1 - z) a + z b."""
        g = self.g
        return g.elementwise(lambda t, x, y: g.arithmetic("add", g.arithmetic(
            "mul", g.arithmetic("sub", g.like(t, 1), t), x), g.arithmetic("mul", t, y)), z, a, b)

    def apply(self, i, x):
        g, bound = self.g, self.clip
        if bound:
            x = g.elementwise(lambda a: g.op(
                "act.clamp", a, attributes=attributes(min=-bound, max=bound)), x)
        return g.elementwise(self.functions[i], x)


def _rnn_step(cell, node, x, state):
    [h] = state
    [total] = cell.affine(x, h)
    return [cell.apply(0, total)]


def _gru_step(cell, node, x, state):
    [h] = state
    g = cell.g
    if node.attribute("linear_before_reset", 0):
        both = g.contract(h, cell.recurrent, "mk", "nk", "mn")
        if cell.recurrent_bias is not None:
            both = cell.add(both, cell.recurrent_bias)
            x = cell.add(x, cell.bias)
        gate = cell.add(cell.part(x, 0, 2), cell.part(both, 0, 2))
        z, r = (cell.apply(0, cell.part(gate, i)) for i in range(2))
        inner = cell.add(cell.part(x, 2), cell.multiply(r, cell.part(both, 2)))
    else:
        z, r, _ = cell.affine(x, h)
        z, r = cell.apply(0, z), cell.apply(0, r)
        rows = g.slice(cell.recurrent, [2 * cell.hidden, 0], (cell.hidden, cell.hidden))
        inner = cell.add(cell.part(x, 2), g.contract(cell.multiply(r, h), rows, "mk", "nk", "mn"))
        if cell.bias is not None:
            inner = cell.add(inner, cell.part(cell.bias, 2), cell.part(cell.recurrent_bias, 2))
    return [cell.blend(z, cell.apply(1, inner), h)]


def _lstm_step(cell, node, x, state):
    h, c = state
    i, o, f, n = cell.affine(x, h)
    peephole = node.optional(7)
    if peephole is not None:
        row = cell.g.reshape(cell.g.slice(
            peephole, [cell.direction, 0], (1, peephole.shape[1])), (peephole.shape[1],))
        p = [cell.part(row, k) for k in range(3)]
        i, f = (cell.add(a, cell.multiply(w, c)) for a, w in ((i, p[0]), (f, p[2])))
    i = cell.apply(0, i)
    one_minus = cell.g.elementwise(
        lambda a: cell.g.arithmetic("sub", cell.g.like(a, 1), a), i)
    f = one_minus if node.attribute("input_forget", 0) else cell.apply(0, f)
    c = cell.add(cell.multiply(f, c), cell.multiply(i, cell.apply(1, n)))
    if peephole is not None:
        o = cell.add(o, cell.multiply(p[1], c))
    return [cell.multiply(cell.apply(0, o), cell.apply(2, c)), c]


# Gates, functions by default, and one step of each layer.
LAYERS = {
    "RNN": (1, ["tanh"], _rnn_step),
    "GRU": (3, ["sigmoid", "tanh"], _gru_step),
    "LSTM": (4, ["sigmoid", "tanh", "tanh"], _lstm_step),
}


@handles(*LAYERS)
def recurrent(g, node):
    gates, defaults, step = LAYERS[node.op]
    x = node[0]
    batch_first = node.attribute("layout", 0)
    if batch_first:
        x = g.transpose(x, (1, 0, 2))
    steps, batch, _ = x.shape
    if not isinstance(steps, int) or steps > MAX_STEPS:
        raise Unsupported(f"a sequence of {steps} steps (at most {MAX_STEPS})")
    direction = node.attribute("direction", "forward")
    reverse = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}
    if direction not in reverse:
        raise InvalidModel(f"direction '{direction}'")
    lengths = _lengths(g, node, steps)
    if lengths is not None and direction != "forward":
        raise Unsupported("sequence_lens of a reversed sequence")
    states = 2 if node.op == "LSTM" else 1
    sequences, last = [], [[] for _ in range(states)]
    for d, backward in enumerate(reverse[direction]):
        cell = _cell(g, node, d, gates, defaults)
        weights = _of_direction(g, node[1], d)
        flat = g.reshape(x, (steps * batch, x.shape[2]))
        inputs = g.reshape(g.contract(flat, weights, "mk", "nk", "mn"),
                           (steps, batch, gates * cell.hidden))
        state = [_initial(g, node, 5 + i, d, batch, cell.hidden, batch_first)
                 for i in range(states)]
        outputs = [None] * steps
        for t in reversed(range(steps)) if backward else range(steps):
            now = g.reshape(g.slice(inputs, [t, 0, 0], (1, *inputs.shape[1:])), inputs.shape[1:])
            new = step(cell, node, now, state)
            outputs[t] = new[0]
            if lengths is not None:
                outputs[t] = _while_inside(g, lengths, t, new[0], None)
                new = [_while_inside(g, lengths, t, a, b) for a, b in zip(new, state)]
            state = new
        shape = (1, 1, batch, cell.hidden)
        sequences.append(g.concat([g.reshape(y, shape) for y in outputs], 0))
        for values, value in zip(last, state):
            values.append(g.reshape(value, shape[1:]))
    results = [g.concat(sequences, 1)] + [g.concat(values, 0) for values in last]
    if batch_first:
        results = [g.transpose(results[0], (2, 0, 1, 3))] + [
            g.transpose(value, (1, 0, 2)) for value in results[1:]]
    return results


def _lengths(g, node, steps):
    """How long each sequence is, where not all are as long as the input."""
    lengths = node.optional(4)
    if lengths is None:
        return None
    numbers = g.numbers(lengths)
    return None if numbers is not None and (numbers == steps).all() else lengths


def _while_inside(g, lengths, t, new, old):
    """`new` where a sequence has a step t, else `old`, or 0."""
    column = g.reshape(lengths, (*lengths.shape, 1))

    def compute(length, a, *b):
        inside = g.compare("gt", length, g.like(length, t))
        return g.select(inside, a, b[0] if b else g.like(a, 0))

    return g.elementwise(compute, column, new, *([] if old is None else [old]))


def _of_direction(g, value, d):
    part = g.slice(value, [d] + [0] * (value.rank - 1), (1, *value.shape[1:]))
    return g.reshape(part, value.shape[1:])


def _initial(g, node, i, d, batch, hidden, batch_first):
    value = node.optional(i)
    if value is None:
        return g.full(0, node[0].dtype, (batch, hidden))
    if batch_first:
        value = g.transpose(value, (1, 0, 2))
    return _of_direction(g, value, d)


def _cell(g, node, d, gates, defaults):
    r, b = node[2], node.optional(3)
    hidden = r.shape[2]
    bias = [None, None]
    if b is not None:
        row = _of_direction(g, b, d)
        bias = [g.slice(row, [i * gates * hidden], (gates * hidden,)) for i in range(2)]
    cell = Cell(g, hidden, _of_direction(g, r, d), *bias, _functions(g, node, d, defaults),
                node.attribute("clip", 0.0))
    cell.direction = d
    return cell


def _functions(g, node, d, defaults):
    """The functions of a direction; alpha and beta go to those that have them."""
    names = [name.decode() if isinstance(name, bytes) else name
             for name in node.attribute("activations", [])] or defaults * 2
    alphas = iter(node.attribute("activation_alpha", []))
    betas = iter(node.attribute("activation_beta", []))
    functions = [named(g, name, (alphas, betas)) for name in names]
    count = len(defaults)
    return functions[d * count:(d + 1) * count]
