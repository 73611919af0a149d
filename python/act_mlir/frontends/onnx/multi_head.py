# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""onnxruntime's MultiHeadAttention and Attention, which its optimizer makes of
encoders. What is masked is lowered by `mask_filter_value`, as it does."""

from __future__ import annotations

import math

from ..elementwise import affine_map
from ..text import InvalidModel, Unsupported
from ..types import Value, accumulator
from .linear import matrix_product
from .registry import handles


@handles("com.microsoft.MultiHeadAttention")
def multi_head_attention(g, node):
    q, k, v = node[0], node.optional(1), node.optional(2)
    if k is None or k.rank != 3 or v is None or v.rank != 3 or len(node) > 8:
        raise Unsupported("packed operands or a shared cache")
    bias = node.optional(3)
    if bias is not None:
        offset, parts = 0, []
        for x in (q, k, v):
            part = g.slice(bias, [offset], (x.shape[2],))
            parts.append(g.elementwise(lambda a, b: g.arithmetic("add", a, b), x, part))
            offset = offset + x.shape[2]
        q, k, v = parts
    return _attend(g, node, (q, k, v), node.optional(4), node.optional(5),
                   (node.optional(6), node.optional(7)))


@handles("com.microsoft.Attention")
def attention(g, node):
    """One product makes queries, keys and values."""
    if node.optional(4) is not None or node.attribute("do_rotary", 0) or len(node) > 6:
        raise Unsupported("a cache or a rotation")
    packed = matrix_product(g, node[0], node[1])
    if node.optional(2) is not None:
        packed = g.elementwise(lambda a, b: g.arithmetic("add", a, b), packed, node[2])
    sizes = node.attribute("qkv_hidden_sizes") or [packed.shape[2] // 3] * 3
    parts, offset = [], 0
    for size in sizes:
        parts.append(g.slice(packed, (0, 0, offset), (*packed.shape[:2], size)))
        offset += size
    return _attend(g, node, parts, node.optional(3), node.optional(5), (None, None))[:1]


def _attend(g, node, operands, mask, bias, past):
    heads = node.attribute("num_heads")
    if not heads or any(not isinstance(x.shape[2], int) or x.shape[2] % heads for x in operands):
        raise InvalidModel(f"{heads} heads of {[x.shape[2] for x in operands]} elements")
    q, k, v = (g.transpose(g.reshape(x, (*x.shape[:2], heads, x.shape[2] // heads)), (0, 2, 1, 3))
               for x in operands)
    if past[0] is not None:
        k, v = g.concat([past[0], k], 2), g.concat([past[1], v], 2)
    batch, _, queries, depth = q.shape
    keys, wide = k.shape[2], accumulator(q.dtype)
    scale = node.attribute("scale", 0.0) or 1 / math.sqrt(depth)
    scores = g.contract(g.reshape(q, (batch * heads, queries, depth)),
                        g.reshape(k, (batch * heads, keys, depth)), "bmk", "bnk", "bmn", wide)
    scores = g.reshape(scores, (batch, heads, queries, keys))
    weights = g.row_op("softmax", _biased(g, node, scores, scale, mask, bias), 3)
    result = g.contract(g.reshape(weights, (batch * heads, queries, keys)),
                        g.reshape(v, (batch * heads, keys, v.shape[3])), "bmk", "bkn", "bmn", wide)
    result = g.transpose(g.reshape(result, (batch, heads, queries, v.shape[3])), (0, 2, 1, 3))
    result = g.reshape(result, (batch, queries, heads * v.shape[3]))
    return [g.elementwise(lambda x: g.cast(x, q.dtype), result), k, v][:max(len(node.outputs), 1)]


def _biased(g, node, scores, scale, mask, bias) -> Value:
    batch, _, queries, keys = scores.shape
    low = node.attribute("mask_filter_value", -10000.0)
    inputs, maps = [scores], [affine_map(4, range(4))]
    if bias is not None:
        inputs.append(bias)
        maps.append(g.broadcast_map(bias.shape, scores.shape))
    lengths = False
    if mask is not None:
        if mask.rank == 1:
            g.require_equal(mask.shape[0], batch, "a length for each sequence")
        elif mask.rank > 3:
            raise Unsupported(f"a mask of rank {mask.rank}")
        lengths = mask.rank == 1
        inputs.append(mask)
        maps.append(affine_map(4, [[0], [0, 3], [0, 2, 3]][mask.rank - 1]))
    g.prepare_extents([keys - queries])

    def compute(x, *rest):
        rest = list(rest)
        x = g.arithmetic("mul", x, g.like(x, scale))
        if bias is not None:
            x = g.arithmetic("add", x, g.cast(rest.pop(0), x.dtype))
        j = g.loop_index(3)
        if mask is not None:
            m = rest.pop(0)
            seen = (g.compare_indices("slt", j, g.as_index(m)) if lengths
                    else g.compare("ne", m, g.like(m, 0)))
            x = g.select(seen, x, g.arithmetic("add", x, g.like(x, low)))
        if node.attribute("unidirectional", 0):
            last = g.on_indices("addi", g.loop_index(2), keys - queries)
            x = g.select(g.compare_indices("sle", j, last), x, g.like(x, -math.inf))
        return x

    return g.generic(inputs, maps, scores.shape, compute)
