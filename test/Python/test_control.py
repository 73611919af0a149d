# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Recurrent layers, and graphs within graphs, against onnxruntime."""

import numpy as np
import onnx
import pytest
from onnx import helper

from models import Graph, info, numbers
from act_mlir.frontends.onnx import ImportFailure, import_model

F = "f4"
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


@pytest.mark.parametrize("layer", GATES)
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_recurrent_layers(layer, direction):
    gates, hidden, count = GATES[layer], 3, 1 + (direction == "bidirectional")
    g = Graph(x=(F, [4, 2, 5]))
    w, r = numbers(count, gates * hidden, 5), numbers(count, gates * hidden, hidden, seed=1)
    b, h = numbers(count, 2 * gates * hidden, seed=2), numbers(count, 2, hidden, seed=3)
    results = 3 if layer == "LSTM" else 2
    options = {"hidden_size": hidden, "direction": direction, "outputs": results}
    g.add(layer, "x", w, r, **options)
    g.add(layer, "x", w, r, b, None, h, **options)
    if layer == "GRU":
        g.add(layer, "x", w, r, b, linear_before_reset=1, **options)
    if layer == "LSTM":
        g.add(layer, "x", w, r, b, None, h, h * 2, numbers(count, 3 * hidden, seed=5), **options)
    g.check(numbers(4, 2, 5), atol=1e-5)


def test_sequences_of_different_lengths():
    g = Graph(x=(F, [4, 2, 5]), lengths=("i4", [2]))
    g.add("LSTM", "x", numbers(1, 12, 5), numbers(1, 12, 3, seed=1), None, "lengths",
          hidden_size=3, outputs=3)
    g.check(numbers(4, 2, 5), np.array([2, 4], "i4"))


def body(name, nodes, inputs, outputs):
    return helper.make_graph(nodes, name, inputs, outputs)


def conditional():
    """x doubled where the flag is set, else its sine's stand-in, x + 1."""
    result = [info("r", F, [3])]
    then = body("then", [helper.make_node("Add", ["x", "x"], ["r"], "twice")], [], result)
    other = body("other", [helper.make_node("Add", ["x", "one"], ["r"], "more")], [], result)
    g = Graph(x=(F, [3]), flag=("?", []))
    g.constants.append(onnx.numpy_helper.from_array(np.ones(3, F), "one"))
    g.add("If", "flag", then_branch=then, else_branch=other)
    return g


def test_a_condition_selects():
    g = conditional()
    for flag in (True, False):
        g.check(numbers(3), np.array(flag))


def test_a_loop_of_known_length():
    step = body("step", [
        helper.make_node("Add", ["a", "x"], ["b"], "sum"),
        helper.make_node("Identity", ["going"], ["on"]),
        helper.make_node("Mul", ["b", "b"], ["square"])],
        [info("i", "i8", []), info("going", "?", []), info("a", F, [3])],
        [info("on", "?", []), info("b", F, [3]), info("square", F, [3])])
    g = Graph(x=(F, [3]))
    last, squares = g.add("Loop", np.array(4), np.array(True), "x", body=step, outputs=2, hidden=True)
    g.add("Reshape", last, np.array([3]))
    g.add("Reshape", squares, np.array([4, 3]))
    g.check(numbers(3))


def test_a_scan():
    step = body("step", [
        helper.make_node("Add", ["s", "x_t"], ["t"], "sum"),
        helper.make_node("Identity", ["t"], ["out"])],
        [info("s", F, [2]), info("x_t", F, [2])], [info("t", F, [2]), info("out", F, [2])])
    g = Graph(x=(F, [5, 2]))
    g.add("Scan", np.zeros(2, F), "x", body=step, num_scan_inputs=1, outputs=2)
    g.check(numbers(5, 2))


def test_nodes_of_bodies_are_reported():
    g = conditional()
    model = g.model()
    [branch] = [a for a in model.graph.node[0].attribute if a.name == "else_branch"]
    branch.g.node[0].op_type = "Unique"
    with pytest.raises(ImportFailure, match=r'1 node is not supported yet: Unique \(1: "more"\)'):
        import_model(model)


def test_sequences_within_a_model():
    g = Graph(x=(F, [5, 3]))
    parts = g.add("SplitToSequence", "x", np.array(2), hidden=True)
    g.add("SequenceLength", parts)
    g.add("SequenceAt", parts, np.array(-1))
    shorter = g.add("SequenceErase", parts, np.array(0), hidden=True)
    g.add("ConcatFromSequence", shorter, axis=0)
    g.check(numbers(5, 3))


def test_a_sequence_is_no_result():
    g = Graph(x=(F, [5, 3]))
    g.add("SplitToSequence", "x")
    with pytest.raises(ImportFailure, match="SplitToSequence with a result that is not a tensor"):
        import_model(g.model())
