# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""onnxruntime's GroupQueryAttention, against onnxruntime."""

import numpy as np
import onnxruntime
import pytest
from onnx import helper, numpy_helper

import act_mlir
from act_mlir.frontends.onnx import import_model
from models import info, numbers

F, HEADS, GROUPS, DEPTH = "f4", 4, 2, 16


def model(packed=False, rotary=False, past=False, **options):
    """The total length is that of a mask, as exporters write it."""
    inputs = [info("q", F, ["B", "S", (HEADS + 2 * GROUPS if packed else HEADS) * DEPTH])]
    operands = ["q", "", ""]
    if not packed:
        operands[1:] = ["k", "v"]
        inputs += [info(n, F, ["B", "S", GROUPS * DEPTH]) for n in "kv"]
    operands += ["pk", "pv"] if past else ["", ""]
    if past:
        inputs += [info(n, F, ["B", GROUPS, "P", DEPTH]) for n in ("pk", "pv")]
    inputs += [info("last", "i4", ["B"]), info("mask", "i8", ["B", "T"])]
    operands += ["last", "total"]
    constants = {"one": np.array(1)}
    if rotary:
        operands += ["cos", "sin"]
        angle = np.outer(np.arange(32), 0.3 ** np.arange(DEPTH // 2))
        constants |= {"cos": np.cos(angle).astype(F), "sin": np.sin(angle).astype(F)}
    nodes = [helper.make_node("Shape", ["mask"], ["shape"]),
             helper.make_node("Gather", ["shape", "one"], ["length"]),
             helper.make_node("Cast", ["length"], ["total"], to=6),
             helper.make_node("GroupQueryAttention", operands, ["y", "nk", "nv"], "gqa",
                              domain="com.microsoft", num_heads=HEADS, kv_num_heads=GROUPS,
                              do_rotary=int(rotary), **options)]
    outputs = [info("y", F, ["B", "S", HEADS * DEPTH])] + [
        info(n, F, ["B", GROUPS, "L", DEPTH]) for n in ("nk", "nv")]
    graph = helper.make_graph(nodes, "gqa", inputs, outputs, [
        numpy_helper.from_array(a, n) for n, a in constants.items()])
    return helper.make_model(graph, ir_version=10, opset_imports=[
        helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)])


def check(proto, calls):
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    names = [i.name for i in session.get_inputs()]
    compiled = act_mlir.compile(import_model(proto, inline_weights=True).text)
    for arrays in calls:
        expected = session.run(None, dict(zip(names, arrays)))
        for name, found, value in zip(("y", "keys", "values"), compiled(*arrays), expected):
            assert found.shape == value.shape, name
            np.testing.assert_allclose(found, value, 1e-4, 1e-5, err_msg=name)


def tokens(batch, count, packed=False):
    if packed:
        return [numbers(batch, count, (HEADS + 2 * GROUPS) * DEPTH)]
    return [numbers(batch, count, n * DEPTH, seed=n + i)
            for i, n in enumerate((HEADS, GROUPS, GROUPS))]


def lengths(last, total):
    return [np.array(last, "i4"), np.ones((len(last), total), "i8")]


@pytest.mark.parametrize("options", [
    {}, {"rotary": True}, {"rotary": True, "rotary_interleaved": 1}, {"packed": True},
    {"softcap": 3.0, "scale": 0.2}, {"local_window_size": 3}])
def test_a_first_call(options):
    packed = options.get("packed", False)
    check(model(**options), [tokens(2, 6, packed) + lengths([5, 5], 6),
                             tokens(1, 3, packed) + lengths([2], 3)])


def cache(batch, length):
    return list(numbers(2, batch, GROUPS, length, DEPTH, seed=9))


@pytest.mark.parametrize("rotary", [False, True])
def test_a_step(rotary):
    """The cache grows by a copy, or has room for more."""
    check(model(past=True, rotary=rotary), [
        tokens(2, 1) + cache(2, 5) + lengths([5, 5], 6),
        tokens(2, 1) + cache(2, 12) + lengths([5, 5], 6)])


def test_sequences_of_different_lengths():
    check(model(past=True, rotary=True), [tokens(2, 1) + cache(2, 9) + lengths([5, 2], 6)])
