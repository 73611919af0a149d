# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention.

Scores stay in the type of sums until the end, so that 16-bit results are
rounded once; what is masked is selected away, never added to.
"""

from __future__ import annotations

import math

from ..elementwise import affine_map
from ..text import InvalidModel, Unsupported
from ..types import Value, accumulator, is_float
from .activations import attributes
from .registry import handles


@handles("Attention")
def attention(g, node):
    q, k, v = (_heads(g, node, node[i], name) for i, name in
               enumerate(("q_num_heads", "kv_num_heads", "kv_num_heads")))
    past = 0
    if node.optional(4) is not None:
        past = node[4].shape[2]
        k, v = g.concat([node[4], k], 2), g.concat([node[5], v], 2)
    batch, heads, queries, depth = q.shape
    groups, keys = k.shape[1], k.shape[2]
    if not isinstance(heads, int) or not isinstance(groups, int) or heads % groups:
        raise InvalidModel(f"{heads} heads of queries for {groups} heads of keys")
    # The heads that share keys are rows of one matrix.
    rows = heads // groups * queries
    dtype, wide = q.dtype, accumulator(q.dtype)
    scale = node.attribute("scale")
    if scale is None:
        if not isinstance(depth, int):
            raise Unsupported("a head size that is not known")
        scale = 1 / math.sqrt(depth)

    stack = (batch * groups, rows, depth)
    scores = g.contract(g.reshape(q, stack), g.reshape(k, (batch * groups, keys, depth)),
                        "bmk", "bnk", "bmn", wide)
    scores = g.reshape(scores, (batch, groups, heads // groups, queries, keys))
    cap = node.attribute("softcap", 0.0)

    def scaled(x):
        x = g.arithmetic("mul", x, g.like(x, scale))
        if not cap:
            return x
        return g.op("act.soft_cap", x, attributes=attributes(limit=cap))

    masked = _masked(g, node, scores, scaled, past)
    weights = _softmax(g, node, masked)
    result = g.contract(g.reshape(weights, (batch * groups, rows, keys)),
                        g.reshape(v, (batch * groups, keys, v.shape[3])),
                        "bmk", "bkn", "bmn", wide)
    result = g.reshape(result, (batch, heads, queries, v.shape[3]))
    result = g.elementwise(lambda x: g.cast(x, dtype), result) if wide != dtype else result
    if node[0].rank == 3:
        result = g.transpose(result, (0, 2, 1, 3))
        result = g.reshape(result, (batch, queries, heads * v.shape[3]))
    results = [result, k, v]
    if len(node.outputs) > 3 and node.outputs[3]:
        mode = node.attribute("qk_matmul_output_mode", 0)
        if mode not in range(4):
            raise InvalidModel(f"qk_matmul_output_mode {mode}")
        if mode == 0:
            shown = g.elementwise(lambda x: g.arithmetic("mul", x, g.like(x, scale)), scores)
        else:
            shown = weights if mode == 3 else masked if mode == 2 else g.elementwise(scaled, scores)
        shown = g.reshape(shown, (batch, heads, queries, keys))
        results.append(g.elementwise(lambda x: g.cast(x, dtype), shown))
    return results


def _heads(g, node, x, name):
    """Batch, heads, sequence, depth; of rank 3 the heads are side by side."""
    if x.rank == 4:
        return x
    heads = node.attribute(name)
    if x.rank != 3 or not heads or not isinstance(x.shape[2], int) or x.shape[2] % heads:
        raise InvalidModel(f"{name} {heads} for a shape of {list(x.shape)}")
    x = g.reshape(x, (*x.shape[:2], heads, x.shape[2] // heads))
    return g.transpose(x, (0, 2, 1, 3))


def _masked(g, node, scores, scaled, past) -> Value:
    """The scores with -inf where a query must not see a key."""
    batch, groups, shared, queries, keys = scores.shape
    mask, lengths = node.optional(3), node.optional(6)
    causal = node.attribute("is_causal", 0)
    left, right = (node.attribute(f"{side}_window_size", -1) for side in ("left", "right"))
    inputs, maps = [scores], [affine_map(5, range(5))]
    if mask is not None:
        mask = _mask_of_heads(g, mask, scores)
        inputs.append(mask)
        maps.append(g.broadcast_map(mask.shape, scores.shape))
    if lengths is not None:
        inputs.append(lengths)
        maps.append(affine_map(5, [0]))
    g.prepare_extents([past, queries])

    def compute(x, *rest):
        rest, allowed = list(rest), []
        y = scaled(x)
        if mask is not None:
            m = rest.pop(0)
            if is_float(m.dtype):
                y = g.arithmetic("add", y, g.cast(m, y.dtype))
            else:
                allowed.append(m)
        j, offset = g.loop_index(4), past
        if lengths is not None:
            length = g.as_index(rest.pop(0))
            allowed.append(g.compare_indices("slt", j, length))
            if node.optional(4) is None:
                offset = g.on_indices("subi", length, queries)
        if causal or left >= 0 or right >= 0:
            place = g.on_indices("addi", g.loop_index(3), offset)
        if causal:
            allowed.append(g.compare_indices("sle", j, place))
        if left >= 0:
            allowed.append(g.compare_indices("sge", j, g.on_indices("subi", place, left)))
        if right >= 0:
            allowed.append(g.compare_indices("sle", j, g.on_indices("addi", place, right)))
        for condition in allowed:
            y = g.select(condition, y, g.like(y, -math.inf))
        return y

    return g.generic(inputs, maps, scores.shape, compute)


def _mask_of_heads(g, mask, scores) -> Value:
    """The mask with heads apart by group, and as many keys as there are."""
    batch, groups, shared, queries, keys = scores.shape
    if mask.rank > 4:
        raise InvalidModel(f"a mask of rank {mask.rank}")
    missing = 0 if mask.shape[-1] in (1, keys) else keys - mask.shape[-1]
    if missing != 0:
        filler = -math.inf if is_float(mask.dtype) else False
        mask = g.pad(mask, [0] * mask.rank, [0] * (mask.rank - 1) + [missing],
                     g.scalar(filler, mask.dtype))
    if mask.rank >= 3:
        outer = (1, 1) if mask.shape[-3] == 1 else (groups, shared)
        mask = g.reshape(mask, (*mask.shape[:-3], *outer, *mask.shape[-2:]))
    return mask


def _softmax(g, node, scores) -> Value:
    """A query that sees no key has no weights."""
    if node.attribute("softmax_precision") == 11 and scores.dtype != "f64":
        wide = g.elementwise(lambda x: g.cast(x, "f64"), scores)
        wide = g.row_op("softmax", wide, 4, "masked_row = zero")
        return g.elementwise(lambda x: g.cast(x, scores.dtype), wide)
    return g.row_op("softmax", scores, 4, "masked_row = zero")
