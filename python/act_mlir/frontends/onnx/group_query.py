# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""onnxruntime's GroupQueryAttention: attention with a cache that each sequence
of a batch has filled to a place of its own, and rotated positions."""

from __future__ import annotations

import math

from ..dims import maximum
from ..elementwise import affine_map
from ..text import InvalidModel, Unsupported
from ..types import Value, accumulator
from .activations import attributes
from .registry import handles


@handles("com.microsoft.GroupQueryAttention")
def group_query_attention(g, node):
    heads, groups = node.attribute("num_heads"), node.attribute("kv_num_heads")
    for name, default in (("smooth_softmax", 0), ("k_quant_type", "NONE"), ("v_quant_type", "NONE")):
        if node.attribute(name, default) not in (default, -1):
            raise Unsupported(name)
    if any(node.optional(i) is not None for i in range(9, len(node))):
        raise Unsupported("position_ids, attention_bias or head_sink")
    if not heads or not groups or heads % groups:
        raise InvalidModel(f"{heads} heads of queries for {groups} heads of keys")
    q, k, v = _operands(g, node, heads, groups)
    batch, _, queries, depth = q.shape
    starts = _starts(g, node[5], queries)
    if node.attribute("do_rotary", 0):
        pairs = node.attribute("rotary_interleaved", 0)
        q, k = (rotated(g, x, starts, node[7], node[8], pairs) for x in (q, k))
    [total] = node.extents(6, "a total length")
    k, v = (_cache(g, node.optional(3 + i), x, starts, total) for i, x in enumerate((k, v)))
    keys, wide = k.shape[2], accumulator(q.dtype)
    scale = node.attribute("scale", 0.0) or 1 / math.sqrt(depth)
    rows = heads // groups * queries
    scores = g.contract(g.reshape(q, (batch * groups, rows, depth)),
                        g.reshape(k, (batch * groups, keys, depth)), "bmk", "bnk", "bmn", wide)
    scores = g.reshape(scores, (batch, groups, heads // groups, queries, keys))
    weights = g.row_op("softmax", _masked(g, node, scores, starts, scale), 4, "masked_row = zero")
    result = g.contract(g.reshape(weights, (batch * groups, rows, keys)),
                        g.reshape(v, (batch * groups, keys, depth)), "bmk", "bkn", "bmn", wide)
    result = g.transpose(g.reshape(result, (batch, heads, queries, depth)), (0, 2, 1, 3))
    result = g.reshape(result, (batch, queries, heads * depth))
    return [g.elementwise(lambda x: g.cast(x, q.dtype), result), k, v][:max(len(node.outputs), 1)]


def _operands(g, node, heads, groups):
    """Queries, keys and values by head; one operand may hold all of them."""
    packed = node.optional(1) is None
    counts = [heads, groups, groups]
    depth = node[0].shape[2]
    if not isinstance(depth, int):
        raise Unsupported("a head size that is not known")
    depth //= heads + 2 * groups if packed else heads
    parts, offset = [], 0
    for i, count in enumerate(counts):
        x = node[0] if packed else node[i]
        if packed:
            x = g.slice(x, (0, 0, offset), (*x.shape[:2], count * depth))
            offset += count * depth
        x = g.reshape(x, (*x.shape[:2], count, depth))
        parts.append(g.transpose(x, (0, 2, 1, 3)))
    return parts


def _starts(g, last, queries) -> Value:
    """How many keys each sequence has had before, from where its last key is;
    a shorter sequence of a first call has its padding at the end."""
    last = g.reshape(last, (last.shape[0],))
    g.prepare_extents([queries])

    def compute(a):
        before = g.on_indices("subi", g.on_indices("addi", g.as_index(a), 1), queries)
        return g.from_index(g.on_indices("maxsi", before, 0), "i64")

    return g.generic([last], [affine_map(1, [0])], last.shape, compute)


@handles("com.microsoft.RotaryEmbedding")
def rotary_embedding(g, node):
    """Positions are one for each token, or where the first one is."""
    x, positions, heads = node[0], node[1], node.attribute("num_heads", 0)
    if node.attribute("is_packed_batching", 0) or node.attribute("scale", 1.0) != 1:
        raise Unsupported("is_packed_batching or scale")
    flat = x.rank == 3
    if flat:
        if not isinstance(x.shape[2], int):
            raise Unsupported("a width that is not known")
        depth = x.shape[2] // heads if heads else 2 * node[2].shape[1]
        x = g.transpose(g.reshape(x, (*x.shape[:2], x.shape[2] // depth, depth)), (0, 2, 1, 3))
    if positions.rank == 1:
        positions = g.broadcast_to(positions, (x.shape[0],))
    result = rotated(g, x, positions, node[2], node[3], node.attribute("interleaved", 0))
    return g.reshape(g.transpose(result, (0, 2, 1, 3)), node[0].shape) if flat else result


def rotated(g, x, positions, cosine, sine, interleaved) -> Value:
    """Pairs of elements of each head turned by the angles of a position: the
    sequence's first one (rank 1), or each token's (rank 2)."""
    cosine, sine = g.use(cosine), g.use(sine)
    places, half = cosine.shape
    if not isinstance(half, int) or 2 * half > x.shape[3]:
        raise InvalidModel(f"a rotation of {half} pairs for heads of {x.shape[3]}")
    wide = accumulator(x.dtype)
    g.prepare_extents([places])
    x = g.use(x)

    def compute(position):
        at = [g.loop_index(i) for i in range(4)]
        d = g.on_indices("minsi", at[3], 2 * half - 1)
        if interleaved:
            pair, second = g.on_indices("divui", d, 2), g.on_indices("remui", d, 2)
            is_second = g.compare_indices("ne", second, 0)
            other = g.on_indices("addi", d, g.select(
                is_second, g.extent_in_body(-1), g.extent_in_body(1)))
        else:
            pair = g.on_indices("remui", d, half)
            is_second = g.compare_indices("sge", d, half)
            other = g.on_indices("addi", d, g.select(
                is_second, g.extent_in_body(-half), g.extent_in_body(half)))
        place = g.as_index(position)
        if positions.rank == 1:
            place = g.on_indices("addi", place, at[2])
        place = g.clamped(place, places)
        own, mate = (g.cast(g.extract(x, [*at[:3], i]), wide) for i in (at[3], other))
        c, s = (g.cast(g.extract(table, [place, pair]), wide) for table in (cosine, sine))
        s = g.select(is_second, s, g.op("arith.negf", s))
        turned = g.arithmetic("add", g.arithmetic("mul", own, c), g.arithmetic("mul", mate, s))
        inside = g.compare_indices("slt", at[3], 2 * half)
        return g.cast(g.select(inside, turned, own), x.dtype)

    loops = [0, 2][:positions.rank]
    return g.generic([positions], [affine_map(4, loops)], x.shape, compute)


def _cache(g, past, new, starts, total) -> Value:
    """The new keys or values behind those that each sequence has had, then 0."""
    length = total if past is None else maximum(past.shape[2], total)
    shape = (*new.shape[:2], length, new.shape[3])
    before = 0 if past is None else past.shape[2]
    g.prepare_extents([length, before, new.shape[2]])
    new, past = g.use(new), past and g.use(past)

    def compute(start):
        at = [g.loop_index(i) for i in range(4)]
        offset = g.on_indices("subi", at[2], g.as_index(start))
        old = zero = g.scalar(0, new.dtype)
        fresh = g.extract(new, [*at[:2], g.clamped(offset, new.shape[2]), at[3]])
        fresh = g.select(g.compare_indices("slt", offset, new.shape[2]), fresh, zero)
        if past is not None and before != 0:
            old = g.extract(past, [*at[:2], g.clamped(at[2], before), at[3]])
            old = g.select(g.compare_indices("slt", at[2], before), old, zero)
        return g.select(g.compare_indices("slt", offset, 0), old, fresh)

    return g.generic([starts], [affine_map(4, [0])], shape, compute)


def _masked(g, node, scores, starts, scale) -> Value:
    """What comes after a query, or too long before it, is none of its keys."""
    cap, window = node.attribute("softcap", 0.0), node.attribute("local_window_size", -1)

    def compute(x, start):
        x = g.arithmetic("mul", x, g.like(x, scale))
        if cap:
            x = g.op("act.soft_cap", x, attributes=attributes(limit=cap))
        j = g.loop_index(4)
        place = g.on_indices("addi", g.as_index(start), g.loop_index(3))
        seen = g.compare_indices("sle", j, place)
        if window > 0:
            first = g.on_indices("subi", place, window)
            seen = g.op("arith.andi", seen, g.compare_indices("sgt", j, first))
        return g.select(seen, x, g.like(x, -math.inf))

    maps = [affine_map(5, range(5)), affine_map(5, [0])]
    return g.generic([scores, starts], maps, scores.shape, compute)
