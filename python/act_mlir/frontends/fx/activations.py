# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Activations, their gradients and the softmax family: one `act` operation
each, where there is one."""

from __future__ import annotations

import math

from ..text import Unsupported
from ..types import accumulator, is_float, number
from .registry import aten, axis_of, handles, pointwise


def attributes(**numbers) -> str:
    return ", ".join(f"{name} = {number(value, 'f64')} : f64"
                     for name, value in numbers.items())


def activation(g, out, name, *operands, text="", **numbers):
    """An `act` operation in the result's type."""
    if not is_float(out.dtype):
        raise Unsupported(f"operands of {out.dtype}")
    text = text or attributes(**numbers)
    return pointwise(g, out, lambda *x: g.op(f"act.{name}", *x, attributes=text),
                     *operands, dtype=out.dtype, wide=False)


UNARY = {
    aten.sigmoid: "sigmoid", aten.tanh: "tanh", aten.mish: "mish", aten.silu: "silu",
    aten.hardswish: "hard_swish", aten.hardsigmoid: "hard_sigmoid", aten.selu: "selu",
}
# Gradients as (dy, x); torch keeps results for others.
GRADIENTS = {
    aten.silu_backward: "silu_grad", aten.mish_backward: "mish_grad",
    aten.hardswish_backward: "hard_swish_grad",
    aten.hardsigmoid_backward: "hard_sigmoid_grad",
}


def _register(table):
    for operation, name in table.items():
        handles(operation)(lambda g, out, *operands, name=name:
                           activation(g, out, name, *operands))


_register(UNARY)
_register(GRADIENTS)


@handles(aten.relu)
def relu(g, out, x):
    if is_float(out.dtype):
        return activation(g, out, "relu", x)
    return pointwise(g, out, lambda a: g.arithmetic("max", a, g.like(a, 0)), x)


@handles(aten.threshold_backward)
def threshold_backward(g, out, dy, x, theta):
    if theta == 0:
        return activation(g, out, "relu_grad", dy, x)
    return activation(g, out, "threshold_grad", dy, x, theta=theta)


@handles(aten.threshold)
def threshold(g, out, x, theta, value):
    return activation(g, out, "threshold", x, theta=theta, value=value)


@handles(aten.gelu)
def gelu(g, out, x, form):
    text = "approximate = tanh" if form == "tanh" else ""
    return activation(g, out, "gelu", x, text=text)


@handles(aten.gelu_backward)
def gelu_backward(g, out, dy, x, form):
    text = "approximate = tanh" if form == "tanh" else ""
    return activation(g, out, "gelu_grad", dy, x, text=text)


@handles(aten.leaky_relu)
def leaky_relu(g, out, x, slope):
    return activation(g, out, "leaky_relu", x, alpha=slope)


@handles(aten.leaky_relu_backward)
def leaky_relu_backward(g, out, dy, x, slope, is_result):
    if is_result and slope < 0:
        raise Unsupported("a negative slope with the result kept")
    return activation(g, out, "leaky_relu_grad", dy, x, alpha=slope)


@handles(aten.elu)
def elu(g, out, x, alpha, scale, input_scale):
    if input_scale != 1:
        raise Unsupported(f"input_scale {input_scale}")
    if scale == 1:
        return activation(g, out, "elu", x, alpha=alpha)
    return activation(g, out, "selu", x, alpha=alpha, scale=scale)


@handles(aten.elu_backward)
def elu_backward(g, out, dy, alpha, scale, input_scale, is_result, x):
    if not is_result and input_scale == 1:
        if scale == 1:
            return activation(g, out, "elu_grad", dy, x, alpha=alpha)
        return activation(g, out, "selu_grad", dy, x, alpha=alpha, scale=scale)
    if not is_result:
        raise Unsupported(f"input_scale {input_scale}")

    def compute(d, y):
        positive = g.compare("gt", y, g.like(y, 0))
        below = g.arithmetic("mul", g.arithmetic("mul", d, g.like(d, input_scale)),
                             g.arithmetic("add", y, g.like(y, alpha * scale)))
        return g.select(positive, g.arithmetic("mul", d, g.like(d, scale)), below)

    return pointwise(g, out, compute, dy, x)


@handles(aten.celu)
def celu(g, out, x, alpha):
    return activation(g, out, "celu", x, alpha=alpha)


@handles(aten.softplus)
def softplus(g, out, x, beta, limit):
    """Above the limit torch gives x, from which the function differs there only
    where the limit is low."""
    if beta <= 0:
        raise Unsupported(f"beta {beta}")
    y = activation(g, out, "softplus", x, beta=beta)
    if beta * limit >= ALWAYS_SAME:
        return y
    return g.elementwise(lambda a, b: g.select(above(g, a, beta, limit), a, b), x, y)


# softplus(x) rounds to x from here on, in f64 too, nearly.
ALWAYS_SAME = 20


def above(g, x, beta, limit):
    wide = g.cast(x, accumulator(x.dtype))
    return g.compare("gt", g.arithmetic("mul", wide, g.like(wide, beta)), g.like(wide, limit))


@handles(aten.softplus_backward)
def softplus_backward(g, out, dy, x, beta, limit):
    if beta <= 0:
        raise Unsupported(f"beta {beta}")
    dx = activation(g, out, "softplus_grad", dy, x, beta=beta)
    if beta * limit >= ALWAYS_SAME:
        return dx
    return g.elementwise(lambda d, a, b: g.select(above(g, a, beta, limit), d, b), dy, x, dx)


@handles(aten.hardtanh)
def hardtanh(g, out, x, low, high):
    return clamp(g, out, x, low, high)


@handles(aten.hardtanh_backward)
def hardtanh_backward(g, out, dy, x, low, high):
    text = attributes(min=low, max=high) + ", boundary_grad = 0 : i64"
    return activation(g, out, "clamp_grad", dy, x, text=text)


@handles(aten.clamp.default, aten.clamp.Tensor, aten.clamp_min, aten.clamp_max)
def clamp(g, out, x, low=None, high=None):
    numbers = (low is None or isinstance(low, (int, float))) and (
        high is None or isinstance(high, (int, float)))
    if numbers and is_float(out.dtype):
        low = -math.inf if low is None else low
        high = math.inf if high is None else high
        if low <= high:
            return activation(g, out, "clamp", x, min=low, max=high)
    if low is not None:
        x = pointwise(g, out, lambda a, b: g.arithmetic("max", a, b), x, low,
                      dtype=out.dtype, wide=False)
    if high is not None:
        x = pointwise(g, out, lambda a, b: g.arithmetic("min", a, b), x, high,
                      dtype=out.dtype, wide=False)
    return x


@handles(aten.hardshrink)
def hardshrink(g, out, x, limit):
    if limit < 0:
        return x
    return activation(g, out, "hard_shrink", x, **{"lambda": limit})


@handles(aten.softshrink)
def softshrink(g, out, x, limit):
    return activation(g, out, "soft_shrink", x, **{"lambda": limit})


@handles(aten.hardshrink_backward)
def hardshrink_backward(g, out, dy, x, limit):
    if limit < 0:
        return dy
    return activation(g, out, "hard_shrink_grad", dy, x, **{"lambda": limit})


@handles(aten.softshrink_backward)
def softshrink_backward(g, out, dy, x, limit):
    return activation(g, out, "soft_shrink_grad", dy, x, **{"lambda": limit})


@handles(aten._prelu_kernel)
def prelu(g, out, x, slope):
    return activation(g, out, "prelu", x, slope)


@handles(aten.log_sigmoid_forward)
def log_sigmoid(g, out, x):
    """The second result is exp(-|x|), which torch keeps for the gradient."""
    kept = None
    if out[1].used and out[1].shape:
        kept = pointwise(g, out[1], lambda a: g.op(
            "math.exp", g.op("arith.negf", g.op("math.absf", a))), x)
    return [activation(g, out[0], "log_sigmoid", x), kept]


@handles(aten.log_sigmoid_backward)
def log_sigmoid_backward(g, out, dy, x, _):
    return activation(g, out, "log_sigmoid_grad", dy, x)


@handles(aten.tanh_backward)
def tanh_backward(g, out, dy, y):
    """torch keeps tanh's result: dy (1 - y^2)."""
    return pointwise(g, out, lambda d, y: g.arithmetic("mul", d, g.arithmetic(
        "sub", g.like(y, 1), g.arithmetic("mul", y, y))), dy, y)


@handles(aten.sigmoid_backward)
def sigmoid_backward(g, out, dy, y):
    return pointwise(g, out, lambda d, y: g.arithmetic("mul", d, g.arithmetic(
        "mul", g.arithmetic("sub", g.like(y, 1), y), y)), dy, y)


@handles(aten.glu)
def glu(g, out, x, axis):
    return gated(g, out, f"act.glu {g.use(x)} dimension({axis_of(axis, x.rank)}) "
                 f"{{activation = #act.fn<sigmoid>, gate = second}} : {x.type}")


def gated(g, out, text):
    from ..types import type_of
    return g.result(out.dtype, out.shape, f"{text} -> {type_of(out.dtype, out.shape)}")


@handles(aten.glu_backward)
def glu_backward(g, out, dy, x, axis):
    return g.result(out.dtype, out.shape, f"act.glu_grad {g.use(dy)}, {g.use(x)} "
                    f"dimension({axis_of(axis, x.rank)}) {{activation = #act.fn<sigmoid>, "
                    f"gate = second}} : {dy.type}, {x.type}")


# ---- rows

def row(g, out, name, x, axis, attributes=""):
    x = g.elementwise(lambda a: g.cast(a, out.dtype), x)
    if x.rank == 0:
        one = g.row_op(name, g.reshape(x, (1,)), 0, attributes)
        return g.reshape(one, ())
    return g.row_op(name, x, axis_of(axis, x.rank), attributes)


@handles(aten._softmax.default)
def softmax(g, out, x, axis, half_to_float):
    return row(g, out, "softmax", x, axis)


@handles(aten._safe_softmax)
def safe_softmax(g, out, x, axis, dtype):
    """A row of -inf alone gives zeros."""
    return row(g, out, "softmax", x, axis, "masked_row = zero")


@handles(aten._log_softmax.default)
def log_softmax(g, out, x, axis, half_to_float):
    return row(g, out, "log_softmax", x, axis)


def row_grad(name):
    def handler(g, out, dy, y, axis, dtype):
        wide = accumulator(y.dtype)
        dy, y = (g.use(g.elementwise(lambda a: g.cast(a, wide), v)) for v in (dy, y))
        if y.rank == 0:
            dy, y = g.use(g.reshape(dy, (1,))), g.use(g.reshape(y, (1,)))
        result = g.result(wide, y.shape, f"act.{name} {dy}, {y} "
                          f"dimension({axis_of(axis, y.rank)}) : {y.type}")
        return g.elementwise(lambda a: g.cast(a, out.dtype), g.reshape(result, out.shape))
    return handler


handles(aten._softmax_backward_data.default)(row_grad("softmax_grad"))
handles(aten._log_softmax_backward_data.default)(row_grad("log_softmax_grad"))


@handles(aten.logsumexp.default)
def logsumexp(g, out, x, axes, keep):
    from .registry import axes_of
    from ..dims import product
    axes = axes_of(axes, x.rank)
    if x.rank == 0:
        return x
    kept = [i for i in range(x.rank) if i not in axes]
    moved = g.transpose(x, kept + axes)
    rows = g.reshape(moved, [x.shape[i] for i in kept] + [product(x.shape[i] for i in axes)])
    rows = g.use(g.elementwise(lambda a: g.cast(a, out.dtype), rows))
    return g.reshape(g.logsumexp(rows, rows.rank - 1, rows.shape[:-1]), out.shape)
