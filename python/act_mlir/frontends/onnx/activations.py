# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Activations: one `act` operation each."""

from __future__ import annotations

import math

import numpy as np

from ..text import Unsupported
from ..types import NUMPY_TYPES, is_float, number
from .registry import handles

# ONNX's operation to ours, with our attribute, ONNX's and its default. ONNX
# keeps attributes in f32; what they are exactly is what the operation computes.
UNARY = {
    "Celu": ("celu", {"alpha": ("alpha", 1.0)}),
    "Elu": ("elu", {"alpha": ("alpha", 1.0)}),
    "HardSigmoid": ("hard_sigmoid", {"alpha": ("alpha", 0.2), "beta": ("beta", 0.5)}),
    "HardSwish": ("hard_swish", {}),
    "LeakyRelu": ("leaky_relu", {"alpha": ("alpha", 0.01)}),
    "Mish": ("mish", {}),
    "Selu": ("selu", {"alpha": ("alpha", 1.67326319217681884765625),
                      "scale": ("gamma", 1.05070102214813232421875)}),
    "Sigmoid": ("sigmoid", {}),
    "Softplus": ("softplus", {}),
    "Softsign": ("softsign", {}),
    "Swish": ("silu", {"beta": ("alpha", 1.0)}),
    "Tanh": ("tanh", {}),
    "ThresholdedRelu": ("threshold", {"theta": ("alpha", 1.0)}),
}


# Names within an attribute to ours, with the attributes that alpha and beta
# become and their defaults.
NAMED = {
    "relu": ("relu", ()), "tanh": ("tanh", ()), "sigmoid": ("sigmoid", ()),
    "softsign": ("softsign", ()), "softplus": ("softplus", ()),
    "leakyrelu": ("leaky_relu", (("alpha", 0.01),)), "elu": ("elu", (("alpha", 1.0),)),
    "thresholdedrelu": ("threshold", (("theta", 1.0),)),
    "hardsigmoid": ("hard_sigmoid", (("alpha", 0.2), ("beta", 0.5))),
    "clip": ("clamp", (("min", -math.inf), ("max", math.inf))),
}


def named(g, name: str, numbers):
    """The function of that name; its parameters are next in their iterators."""
    if name.lower() not in NAMED:
        raise Unsupported(f"activation {name}")
    ours, parameters = NAMED[name.lower()]
    text = attributes(**{parameter: next(source, default) for (parameter, default), source
                         in zip(parameters, numbers)})
    return lambda x: g.op(f"act.{ours}", x, attributes=text)


def attributes(**numbers) -> str:
    return ", ".join(f"{name} = {number(value, 'f64')} : f64"
                     for name, value in numbers.items())


def activation(g, name: str, *operands, **numbers):
    """An `act` operation on operands that broadcast against each other."""
    text = attributes(**numbers)
    return g.elementwise(lambda *x: g.op(f"act.{name}", *x, attributes=text), *operands)


@handles(*UNARY)
def unary(g, node):
    name, parameters = UNARY[node.op]
    numbers = {ours: node.attribute(theirs, default)
               for ours, (theirs, default) in parameters.items()}
    return activation(g, name, node[0], **numbers)


@handles("Relu")
def relu(g, node):
    if is_float(node[0].dtype):
        return activation(g, "relu", node[0])
    return g.elementwise(lambda x: g.arithmetic("max", x, g.like(x, 0)), node[0])


@handles("Gelu")
def gelu(g, node):
    form = node.attribute("approximate", "none")
    if form not in ("none", "tanh"):
        raise Unsupported(f"approximate = '{form}'")
    text = "approximate = tanh" if form == "tanh" else ""
    return g.elementwise(lambda x: g.op("act.gelu", x, attributes=text), node[0])


@handles("PRelu")
def prelu(g, node):
    """Before opset 7 a slope of rank 1 goes by channel."""
    x, slope = node[0], node[1]
    if node.opset < 7 and slope.rank == 1 and slope.shape != (1,) and x.rank > 2:
        slope = g.reshape(slope, (*slope.shape, *[1] * (x.rank - 2)))
    return activation(g, "prelu", x, slope)


@handles("Shrink")
def shrink(g, node):
    limit, bias = node.attribute("lambd", 0.5), node.attribute("bias", 0.0)
    if limit < 0:
        raise Unsupported("lambd < 0")
    x = node[0]
    if not is_float(x.dtype):
        raise Unsupported(f"operands of {x.dtype}")
    if bias == 0:
        return activation(g, "hard_shrink", x, **{"lambda": limit})
    return activation(g, "soft_shrink", x, **{"lambda": limit, "bias": bias})


@handles("Clip")
def clip(g, node):
    """Bounds are attributes (opset < 11) or optional operands."""
    x = node[0]
    if node.opset < 11:
        low = g.constant(_typed(node.attribute("min", -3.4028234663852886e38), x))
        high = g.constant(_typed(node.attribute("max", 3.4028234663852886e38), x))
    else:
        low, high = node.optional(1), node.optional(2)
    bounds = [None if b is None else b.data for b in (low, high)]
    if is_float(x.dtype) and all(b is None or v is not None
                                 for b, v in zip((low, high), bounds)):
        least = -math.inf if low is None else float(bounds[0].reshape(()))
        most = math.inf if high is None else float(bounds[1].reshape(()))
        if least <= most:
            return activation(g, "clamp", x, min=least, max=most)
    if low is not None:
        x = g.elementwise(lambda a, b: g.arithmetic("max", a, b), x, low)
    if high is not None:
        x = g.elementwise(lambda a, b: g.arithmetic("min", a, b), x, high)
    return x


def _typed(value, like):
    return np.array(value).astype(NUMPY_TYPES[like.dtype])


@handles("SwiGLU")
def swiglu(g, node):
    """The gate comes first, the value second: one rounding for each of the two
    steps, as the operation's own definition has it."""
    gate = activation(g, "silu", node[0], beta=node.attribute("alpha", 1.0))
    return g.elementwise(lambda a, b: g.arithmetic("mul", a, b), gate, node[1])
