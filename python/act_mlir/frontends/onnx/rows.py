# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The softmax family: row operations over one dimension."""

from __future__ import annotations

from ..dims import product
from .reduce import reduction_axes
from .registry import handles

ROWS = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Hardmax": "hardmax"}


@handles(*ROWS)
def row(g, node):
    """Before opset 13 all dimensions from `axis` on are one row."""
    x = node[0]
    if node.opset >= 13:
        return g.row_op(ROWS[node.op], x, node.axis(-1))
    axis = node.axis(1) if node.attribute("axis", 1) < x.rank else x.rank
    rows = g.reshape(x, (product(x.shape[:axis]), product(x.shape[axis:])))
    return g.reshape(g.row_op(ROWS[node.op], rows, 1), x.shape)


@handles("ReduceLogSumExp")
def logsumexp(g, node):
    """Several dimensions become one row first."""
    x = node[0]
    axes = reduction_axes(node, x)
    if not axes:
        return x
    kept = [i for i in range(x.rank) if i not in axes]
    moved = g.transpose(x, kept + axes)
    rows = g.reshape(moved, [x.shape[i] for i in kept] + [product(x.shape[i] for i in axes)])
    rows = g.use(rows)
    shape = rows.shape[:-1]
    result = g.logsumexp(rows, rows.rank - 1, shape)
    if node.attribute("keepdims", 1):
        shape = [1 if i in axes else d for i, d in enumerate(x.shape)]
        result = g.reshape(result, shape)
    return result
