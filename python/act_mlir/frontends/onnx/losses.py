# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Losses. Indices of classes read inside of the dimension, whatever they are."""

from __future__ import annotations

from ..dims import product
from ..elementwise import affine_map
from ..text import InvalidModel
from ..types import Value, accumulator
from .registry import handles


@handles("NegativeLogLikelihoodLoss")
def negative_log_likelihood(g, node):
    return likelihood_loss(g, node, node[0], node[1], node.optional(2))


@handles("SoftmaxCrossEntropyLoss")
def cross_entropy(g, node):
    logs = g.row_op("log_softmax", node[0], 1)
    return [likelihood_loss(g, node, logs, node[1], node.optional(2)), logs]


def likelihood_loss(g, node, logs, target, weight):
    """- weight[t] logs[n, t, ...] for the class t = target[n, ...]."""
    kind, ignored = node.attribute("reduction", "mean"), node.attribute("ignore_index")
    if kind not in ("mean", "sum", "none") or logs.rank != target.rank + 1:
        raise InvalidModel(f"reduction '{kind}' of ranks {logs.rank} and {target.rank}")
    wide, classes = accumulator(logs.dtype), logs.shape[1]
    g.prepare_extents([classes])
    logs = g.use(logs)
    weight = weight and g.use(weight)
    loops = affine_map(target.rank, range(target.rank))

    def factor(t) -> Value:
        place = g.clamped(g.as_index(t), classes)
        one = g.cast(g.extract(weight, [place]), wide) if weight else g.scalar(1, wide)
        if ignored is None:
            return one
        zero = g.scalar(0, wide)
        return g.select(g.compare("eq", t, g.like(t, ignored)), zero, one)

    def loss(t) -> Value:
        at = [g.loop_index(i) for i in range(target.rank)]
        at.insert(1, g.clamped(g.as_index(t), classes))
        term = g.arithmetic("mul", factor(t), g.cast(g.extract(logs, at), wide))
        # What is ignored may be anything, infinite too.
        if ignored is not None:
            skipped = g.compare("eq", t, g.like(t, ignored))
            term = g.select(skipped, g.scalar(0, wide), term)
        return g.op("arith.negf", term)

    losses = g.generic([target], [loops], target.shape, loss)
    axes = range(target.rank)
    if kind != "none":
        losses = g.sum(losses, axes)
    if kind == "mean" and weight is None and ignored is None:
        losses = g.divide_by_count(losses, product(target.shape))
    elif kind == "mean":
        total = g.sum(g.generic([target], [loops], target.shape, factor), axes)
        losses = g.elementwise(lambda a, b: g.arithmetic("div", a, b), losses, total)
    return g.elementwise(lambda x: g.cast(x, logs.dtype), losses)
