# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What onnxruntime's optimizer makes of transformers: its domain `com.microsoft`."""

from __future__ import annotations

import numpy as np

from ..dims import product
from ..text import InvalidModel, Unsupported
from ..types import Value, accumulator
from .activations import activation, named
from .linear import convolution, gemm, matrix_product
from .normalization import affine, rms, standardize
from .registry import handles


def add(g, first, *rest) -> Value:
    """Sums, rounded once each."""
    for value in rest:
        if value is not None:
            first = g.elementwise(lambda a, b: g.arithmetic("add", a, b), first, value)
    return first


@handles("com.microsoft.Gelu", "com.microsoft.BiasGelu", "com.microsoft.FastGelu")
def gelu(g, node):
    """FastGelu is the form by tanh."""
    text = "approximate = tanh" if node.op == "FastGelu" else ""
    return g.elementwise(lambda x: g.op("act.gelu", x, attributes=text),
                         add(g, node[0], node.optional(1)))


@handles("com.microsoft.QuickGelu")
def quick_gelu(g, node):
    return activation(g, "silu", node[0], beta=node.attribute("alpha", 1.702))


@handles("com.microsoft.SkipLayerNormalization")
def skip_layer_norm(g, node):
    """The norm of a sum, which is the fourth result."""
    total = add(g, node[0], node[1], node.optional(4))
    result, mean, deviation = standardize(
        g, total, [total.rank - 1], node.attribute("epsilon", 1e-12))
    return [affine(g, result, node[2], node.optional(3), total.dtype), mean, deviation, total]


@handles("com.microsoft.SkipSimplifiedLayerNormalization")
def skip_rms_norm(g, node):
    if any(node.outputs[1:3]):
        raise Unsupported("a mean or a deviation as a result")
    total = add(g, node[0], node[1], node.optional(3))
    result = rms(g, total, [total.rank - 1], node.attribute("epsilon", 1e-5), node[2])
    return [result, None, None, total]


@handles("com.microsoft.EmbedLayerNormalization")
def embed_layer_norm(g, node):
    """The norm of the embeddings of words, places and segments; then how many
    words of each sequence count, and the sum."""
    ids, segments, mask, given = node[0], node.optional(1), node.optional(7), node.optional(8)
    words, places = g.gather(node[2], ids, 0), node[3]
    if given is not None:
        rows = g.gather(places, given, 0)
    else:
        g.prepare_extents(places.shape)
        table = g.use(places)
        rows = g.generic([], [], (ids.shape[1], places.shape[1]), lambda: g.extract(
            table, [g.clamped(g.loop_index(0), places.shape[0]), g.loop_index(1)]))
    total = add(g, words, rows, None if segments is None else g.gather(node[4], segments, 0))
    result, _, _ = standardize(g, total, [2], node.attribute("epsilon", 1e-12))
    result = affine(g, result, node[5], node[6], total.dtype)
    if mask is None:
        count = g.full(0, "i32", (ids.shape[0],))
    else:
        count = g.sum(mask, [1])
    return [result, count, total]


@handles("com.microsoft.SimplifiedLayerNormalization")
def simplified_norm(g, node):
    if any(node.outputs[1:]):
        raise Unsupported("a deviation as a result")
    x = node[0]
    return rms(g, x, range(node.axis(-1), x.rank), node.attribute("epsilon", 1e-5), node[1])


@handles("com.microsoft.FusedMatMul")
def fused_matmul(g, node):
    if node.attribute("transBatchA", 0) or node.attribute("transBatchB", 0):
        raise Unsupported("transBatchA or transBatchB")
    operands = []
    for i, name in enumerate(("transA", "transB")):
        x = node[i]
        if node.attribute(name, 0) and x.rank > 1:
            x = g.transpose(x, [*range(x.rank - 2), x.rank - 1, x.rank - 2])
        operands.append(x)
    result, alpha = matrix_product(g, *operands), node.attribute("alpha", 1.0)
    if alpha == 1:
        return result
    return g.elementwise(lambda a: g.arithmetic("mul", a, g.like(a, alpha)), result)


@handles("com.microsoft.FusedGemm")
def fused_gemm(g, node):
    numbers = [node.attribute(f"activation_{name}") for name in ("alpha", "beta")]
    return activated(g, node, gemm(g, node), [n for n in numbers if n is not None])


@handles("com.microsoft.FusedConv")
def fused_conv(g, node):
    result = convolution(g, node, node[0], node[1], node.optional(2))
    return activated(g, node, add(g, result, node.optional(3)),
                     node.attribute("activation_params", []))


def activated(g, node, x, numbers) -> Value:
    name = node.attribute("activation")
    if not name:
        return x
    shared = iter(numbers)
    return g.elementwise(named(g, name, (shared, shared)), x)


@handles("com.microsoft.MatMulNBits")
def matmul_bits(g, node):
    """By the transpose of a weight in blocks of 4- or 8-bit integers, each with
    a scale and a zero point."""
    x, bits, block = node[0], node.attribute("bits", 4), node.attribute("block_size")
    n, k = node.attribute("N"), node.attribute("K")
    if bits not in (4, 8) or node.optional(4) is not None:
        raise Unsupported(f"{bits} bits" if bits not in (4, 8) else "g_idx")
    blocks = -(-k // block)
    weight = _unpacked(node.known(1, "a weight"), bits).reshape(n, blocks, block)
    zero = np.full((n, blocks, 1), 1 << (bits - 1), "u1")
    if node.optional(3) is not None:
        given = node.known(3, "a zero point")
        if given.dtype != np.uint8:
            raise Unsupported(f"a zero point of {given.dtype}")
        zero = _unpacked(given.reshape(n, -1), bits)[:, :blocks].reshape(n, blocks, 1)
    # The difference of two such integers needs one more bit than they have.
    centered = weight.astype("i2") - zero
    centered = g.constant(centered if bits == 8 else centered.astype("i1"), f"{node.outputs[0]}.weight")
    scale = g.reshape(node[2], (n, blocks, 1))
    wide = accumulator(x.dtype)
    dense = g.elementwise(lambda w, s: g.arithmetic("mul", g.cast(w, wide), g.cast(s, wide)),
                          centered, scale)
    dense = g.slice(g.reshape(dense, (n, blocks * block)), [0, 0], (n, k))
    g.require_equal(x.shape[-1], k, "the rows of a weight")
    rows = g.elementwise(lambda a: g.cast(a, wide), x)
    rows = g.reshape(rows, (product(x.shape[:-1]), k))
    result = g.reshape(g.contract(rows, dense, "mk", "nk", "mn"), (*x.shape[:-1], n))
    return g.elementwise(lambda a: g.cast(a, x.dtype), add(g, result, node.optional(5)))


def _unpacked(raw, bits):
    """Integers of a row of bytes, the first one in the lower half."""
    if raw.dtype != np.uint8:
        raise InvalidModel(f"packed integers in {raw.dtype}")
    if bits == 8:
        return raw
    return np.stack([raw & 15, raw >> 4], -1).reshape(*raw.shape[:-1], -1)
