# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations of onnxruntime's own domain, against onnxruntime."""

import numpy as np
import onnxruntime
from onnx import helper, numpy_helper

import act_mlir
from act_mlir.frontends.onnx import import_model
from models import info, numbers

F = "f4"


def check(nodes, constants, results, *arrays, rtol=1e-4, atol=1e-5):
    """`nodes` are (operation, operands, results, attributes)."""
    names = [f"x{i}" for i in range(len(arrays))]
    graph = helper.make_graph(
        [helper.make_node(op, operands, outputs, f"{op}{i}", domain="com.microsoft", **attributes)
         if op != "SimplifiedLayerNormalization" else
         helper.make_node(op, operands, outputs, f"{op}{i}", **attributes)
         for i, (op, operands, outputs, attributes) in enumerate(nodes)],
        "main", [info(n, a.dtype, ["N", *a.shape[1:]]) for n, a in zip(names, arrays)],
        [info(n, F, dims) for n, dims in results.items()],
        [numpy_helper.from_array(a, n) for n, a in constants.items()])
    model = helper.make_model(graph, ir_version=10, opset_imports=[
        helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)])
    session = onnxruntime.InferenceSession(model.SerializeToString())
    expected = session.run(list(results), dict(zip(names, arrays)))
    found = act_mlir.compile(import_model(model, inline_weights=True).text)(*arrays)
    found = found if isinstance(found, tuple) else (found,)
    for name, a, b in zip(results, found, expected):
        np.testing.assert_allclose(a, b, rtol, atol, err_msg=name)


def test_activations():
    dims = ["N", 6]
    check([("Gelu", ["x0"], ["a"], {}), ("BiasGelu", ["x0", "bias"], ["b"], {}),
           ("FastGelu", ["x0", "bias"], ["c"], {}), ("FastGelu", ["x0"], ["d"], {}),
           ("QuickGelu", ["x0"], ["e"], {}), ("QuickGelu", ["x0"], ["f"], {"alpha": 0.7})],
          {"bias": numbers(6, seed=2)}, dict.fromkeys("abcdef", dims), numbers(5, 6))


def test_norms_of_sums():
    dims = ["N", 3, 6]
    check([("SkipLayerNormalization", ["x0", "x1", "g", "b", "c"], ["a", "", "", "t"], {}),
           ("SkipLayerNormalization", ["x0", "x1", "g"], ["d"], {"epsilon": 1e-3}),
           ("SimplifiedLayerNormalization", ["x0", "g"], ["f"], {"axis": -1}),
           ("SkipSimplifiedLayerNormalization", ["x0", "x1", "g", "c"], ["e"], {})],
          {n: numbers(6, seed=i) for i, n in enumerate("gbc")},
          dict.fromkeys("atdfe", dims), numbers(2, 3, 6), numbers(2, 3, 6, seed=5))


def test_fused_matmul():
    check([("FusedMatMul", ["x0", "w"], ["a"], {"transB": 1, "alpha": 0.5}),
           ("FusedMatMul", ["x0", "x0"], ["b"], {"transA": 1})],
          {"w": numbers(4, 6)}, {"a": ["N", 3, 4], "b": ["N", 6, 6]}, numbers(2, 3, 6))


def test_weights_in_blocks():
    rng = np.random.default_rng(0)
    n, k, block = 5, 48, 16
    options = {"N": n, "K": k, "block_size": block, "bits": 4}
    constants = {"w": rng.integers(0, 256, (n, 3, 8), "u1"), "s": numbers(n, 3, seed=1),
                 "z": rng.integers(0, 256, (n, 2), "u1")}
    check([("MatMulNBits", ["x0", "w", "s"], ["a"], options),
           ("MatMulNBits", ["x0", "w", "s", "z"], ["b"], options)],
          constants, dict.fromkeys("ab", ["N", 2, n]), numbers(3, 2, k), rtol=1e-3, atol=1e-2)


def test_rotation():
    angle = np.outer(np.arange(20), 0.4 ** np.arange(8))
    constants = {"c": np.cos(angle).astype(F), "s": np.sin(angle).astype(F),
                 "p": np.array([[3, 0, 7, 5], [1, 2, 3, 4]]), "first": np.array([6])}
    check([("RotaryEmbedding", ["x0", "p", "c", "s"], ["a"], {}),
           ("RotaryEmbedding", ["x0", "first", "c", "s"], ["b"], {"interleaved": 1})],
          constants, dict.fromkeys("ab", ["N", 4, 32]), numbers(2, 4, 32))


def test_activations_behind_products():
    check([("FusedGemm", ["x0", "w", "b"], ["a"], {"activation": "Tanh", "transB": 1}),
           ("FusedGemm", ["x0", "w"], ["d"], {
               "activation": "LeakyRelu", "activation_alpha": 0.3, "transB": 1})],
          {"w": numbers(4, 6), "b": numbers(4, seed=1)}, dict.fromkeys("ad", ["N", 4]),
          numbers(5, 6))
    check([("FusedConv", ["x0", "w", "b"], ["a"], {"activation": "Relu"}),
           ("FusedConv", ["x0", "w", "b", "a"], ["d"], {"activation": "Relu"}),
           ("FusedConv", ["x0", "w"], ["e"], {
               "activation": "Clip", "activation_params": [-1.0, 2.0]})],
          {"w": numbers(3, 2, 3, 3), "b": numbers(3, seed=1)},
          dict.fromkeys("ade", ["N", 3, 4, 5]), numbers(2, 2, 6, 7))


def heads(seed=0, length=5):
    return numbers(2, length, 12, seed=seed)


def test_multi_head_attention():
    op, bias = "MultiHeadAttention", numbers(36, seed=4)
    mask = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 1]], "i4")
    constants = {"b": bias, "m": mask, "l": np.array([3, 5], "i4"), "a": numbers(2, 3, 5, 5),
                 "p": numbers(2, 3, 2, 4, seed=8)}
    x = ["x0", "x1", "x2"]
    check([(op, x, ["r"], {"num_heads": 3}),
           (op, [*x, "b", "m"], ["s"], {"num_heads": 3}),
           (op, [*x, "", "l"], ["t"], {"num_heads": 3, "scale": 0.3}),
           (op, [*x, "", "", "a"], ["u"], {"num_heads": 3, "unidirectional": 1}),
           (op, [*x, "", "", "", "p", "p"], ["v", "k", "n"], {"num_heads": 3})],
          constants, dict.fromkeys("rstuv", ["N", 5, 12]) | dict.fromkeys("kn", ["N", 3, 7, 4]),
          heads(), heads(1), heads(2))


def test_attention_with_its_projection():
    constants = {"w": numbers(12, 36, low=-1, high=1), "b": numbers(36, seed=4),
                 "m": np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 1]], "i4")}
    check([("Attention", ["x0", "w", "b"], ["r"], {"num_heads": 3}),
           ("Attention", ["x0", "w", "b", "m"], ["s"], {"num_heads": 3, "unidirectional": 1})],
          constants, dict.fromkeys("rs", ["N", 5, 12]), heads())


def test_embeddings():
    ids = np.array([[1, 0, 3], [5, 6, 2]], "i4")
    constants = {"w": numbers(7, 8), "p": numbers(4, 8, seed=1), "t": numbers(2, 8, seed=2),
                 "g": numbers(8, seed=3), "b": numbers(8, seed=4),
                 "m": np.array([[1, 1, 0], [1, 1, 1]], "i4")}
    check([("EmbedLayerNormalization", ["x0", "x1", "w", "p", "t", "g", "b", "m"],
            ["r", "n", "s"], {"epsilon": 1e-5})],
          constants, {"r": ["N", 3, 8], "s": ["N", 3, 8]}, ids, ids % 2)
