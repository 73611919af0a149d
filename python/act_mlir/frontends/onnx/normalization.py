# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Normalizations: reduce-then-map rows, and affine maps of channels."""

from __future__ import annotations

from ..dims import product
from ..text import InvalidModel, Unsupported
from ..types import accumulator
from .registry import handles, normalized_axes


@handles("BatchNormalization")
def batch_norm(g, node):
    """(x - mean) / sqrt(variance + epsilon) * scale + bias, by channel. In
    training they are the batch's, and what runs along moves towards them."""
    x = node[0]
    scale, bias, mean, variance = (
        g.reshape(node[i], (*node[i].shape, *[1] * (x.rank - 2))) for i in range(1, 5))
    epsilon, running = node.attribute("epsilon", 1e-5), []
    if node.attribute("training_mode", 0):
        running, wide = [mean, variance], mean.dtype
        _, mean, variance = center(g, g.elementwise(lambda a: g.cast(a, wide), x),
                                   [i for i in range(x.rank) if i != 1])
        mean, variance = (g.reshape(v, running[0].shape) for v in (mean, variance))
        share = node.attribute("momentum", 0.9)
        running = [g.reshape(g.elementwise(lambda old, new: g.arithmetic(
            "add", g.arithmetic("mul", old, g.like(old, share)),
            g.arithmetic("mul", new, g.like(new, 1 - share))), old, new), old.shape[:1])
            for old, new in zip(running, (mean, variance))]
    elif len([o for o in node.outputs if o]) > 1:
        raise Unsupported("results of training (opset < 14)")

    def compute(a, s, b, m, v):
        root = g.op("math.sqrt", g.arithmetic("add", v, g.like(v, epsilon)))
        wide = m.dtype
        factor = g.arithmetic("div", g.cast(s, wide), root)
        centered = g.arithmetic("sub", g.cast(a, wide), m)
        result = g.arithmetic("add", g.arithmetic("mul", centered, factor), g.cast(b, wide))
        return g.cast(result, x.dtype)

    return [g.elementwise(compute, x, scale, bias, mean, variance), *running]


def center(g, x, axes):
    """x - mean, the mean and the variance along axes."""
    mean = g.mean(x, axes, keep=True)
    centered = g.elementwise(lambda a, m: g.arithmetic("sub", a, m), x, mean)
    square = g.sum(centered, axes, keep=True, before=lambda a: g.arithmetic("mul", a, a))
    return centered, mean, g.divide_by_count(square, product(x.shape[i] for i in axes))


def standardize(g, x, axes, epsilon):
    """(x - mean) / sqrt(variance + epsilon) along axes; also mean and the
    reciprocal of the root."""
    wide = accumulator(x.dtype)
    if wide != x.dtype:
        x = g.elementwise(lambda a: g.cast(a, wide), x)
    centered, mean, variance = center(g, x, axes)

    def inverse(v):
        root = g.op("math.sqrt", g.arithmetic("add", v, g.like(v, epsilon)))
        return g.arithmetic("div", g.like(root, 1), root)

    deviation = g.elementwise(inverse, variance)
    result = g.elementwise(lambda a, d: g.arithmetic("mul", a, d), centered, deviation)
    return result, mean, deviation


def affine(g, x, scale, bias, dtype):
    def compute(a, s, *b):
        wide = a.dtype
        a = g.arithmetic("mul", a, g.cast(s, wide))
        if b:
            a = g.arithmetic("add", a, g.cast(b[0], wide))
        return g.cast(a, dtype)

    operands = [x, scale] + ([bias] if bias is not None else [])
    return g.elementwise(compute, *operands)


@handles("MeanVarianceNormalization")
def mean_variance_norm(g, node):
    """(x - mean) / (deviation + 1e-9) along axes."""
    x = node[0]
    axes = normalized_axes(node.attribute("axes", [0, 2, 3]), x.rank)
    centered, _, variance = center(g, x, axes)

    def compute(a, v):
        deviation = g.arithmetic("add", g.op("math.sqrt", v), g.like(v, 1e-9))
        return g.arithmetic("div", a, deviation)

    return g.elementwise(compute, centered, variance)


@handles("LayerNormalization")
def layer_norm(g, node):
    x, scale, bias = node[0], node[1], node.optional(2)
    axes = range(node.axis(-1), x.rank)
    result, mean, deviation = standardize(g, x, axes, node.attribute("epsilon", 1e-5))
    return [affine(g, result, scale, bias, x.dtype), mean, deviation][:max(len(node.outputs), 1)]


@handles("RMSNormalization")
def rms_norm(g, node):
    return rms(g, node[0], range(node.axis(-1), node[0].rank),
               node.attribute("epsilon", 1e-5), node[1])


def rms(g, x, axes, epsilon, scale):
    """x scale / sqrt(mean of x^2 + epsilon) along axes."""
    dtype, wide = x.dtype, accumulator(x.dtype)
    if wide != dtype:
        x = g.elementwise(lambda a: g.cast(a, wide), x)
    square = g.sum(x, axes, keep=True, before=lambda a: g.arithmetic("mul", a, a))
    mean = g.divide_by_count(square, product(x.shape[i] for i in axes))

    def compute(a, m, s):
        root = g.op("math.sqrt", g.arithmetic("add", m, g.like(m, epsilon)))
        a = g.arithmetic("div", a, root)
        return g.cast(g.arithmetic("mul", a, g.cast(s, wide)), dtype)

    return g.elementwise(compute, x, mean, scale)


@handles("InstanceNormalization")
def instance_norm(g, node):
    x = node[0]
    result, _, _ = standardize(g, x, range(2, x.rank), node.attribute("epsilon", 1e-5))
    scale, bias = (g.reshape(node[i], (*node[i].shape, *[1] * (x.rank - 2))) for i in (1, 2))
    return affine(g, result, scale, bias, x.dtype)


@handles("GroupNormalization")
def group_norm(g, node):
    """Before opset 21 scale and bias go by group, since then by channel."""
    x, groups = node[0], node.attribute("num_groups")
    if not isinstance(x.shape[1], int) or x.shape[1] % groups:
        raise InvalidModel(f"{x.shape[1]} channels in {groups} groups")
    grouped = g.reshape(x, (x.shape[0], groups, x.shape[1] // groups, *x.shape[2:]))
    result, _, _ = standardize(g, grouped, range(2, grouped.rank),
                               node.attribute("epsilon", 1e-5))
    ones = [1] * (x.rank - 2)
    if node.opset >= 21:
        result = g.reshape(result, x.shape)
        shape = (x.shape[1], *ones)
    else:
        shape = (groups, 1, *ones)
    result = affine(g, result, g.reshape(node[1], shape), g.reshape(node[2], shape), x.dtype)
    return g.reshape(result, x.shape)


@handles("LpNormalization")
def lp_norm(g, node):
    """x over its p-norm along an axis; 0 where the norm is 0."""
    x, axis, p = node[0], node.axis(-1), node.attribute("p", 2)
    if p not in (1, 2):
        raise Unsupported(f"p = {p}")
    total = g.sum(x, [axis], keep=True, before=lambda a: (
        g.arithmetic("mul", a, a) if p == 2 else g.op("math.absf", a)))

    def compute(a, t):
        norm = g.op("math.sqrt", t) if p == 2 else t
        zero = g.like(norm, 0)
        return g.select(g.compare("eq", norm, zero), zero, g.arithmetic("div", a, norm))

    return g.elementwise(compute, x, total)


@handles("LRN")
def lrn(g, node):
    """Across channels: x / (bias + alpha / size * sum of squares) ^ beta."""
    x, size = node[0], node.attribute("size")
    alpha, beta = node.attribute("alpha", 1e-4), node.attribute("beta", 0.75)
    bias = node.attribute("bias", 1.0)
    square = g.elementwise(lambda a: g.arithmetic("mul", a, a), x)
    low = (size - 1) // 2
    # Channels as the first of two pooled dimensions; the rest stays apart.
    flat = g.reshape(square, (1, x.shape[0], x.shape[1], product(x.shape[2:])))
    flat = g.pad(flat, (0, 0, low, 0), (0, 0, size - 1 - low, 0), g.scalar(0, x.dtype))
    total = g.pool(flat, [size, 1], [1, 1], [1, 1], 0, "add")
    total = g.reshape(total, x.shape)

    def compute(a, t):
        base = g.arithmetic("add", g.like(t, bias), g.arithmetic(
            "mul", g.like(t, alpha / size), t))
        return g.arithmetic("div", a, g.op("math.powf", base, g.like(t, beta)))

    return g.elementwise(compute, x, total)
