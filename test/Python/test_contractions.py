# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Register tiles of matrix products: ragged edges, packed weights, bits."""

from unittest import mock

import numpy as np
import pytest

import act_mlir
import guarded
from contractions import GELU, RELU, reference, text
from models import Graph, numbers

SIZES = [(1, 1, 1), (1, 64, 70), (2, 5, 16), (3, 7, 17), (11, 16, 15), (12, 33, 32),
         (13, 20, 33), (17, 33, 65), (24, 17, 31), (25, 40, 48), (29, 64, 100)]
LEVELS = ["x86-64-v3", "x86-64-v4"]


def data(m, k, n):
    return numbers(m, k), numbers(k, n, seed=1), numbers(n, seed=2)


def run(model, *arrays):
    """Inputs and results end where memory ends."""
    inputs = [guarded.copy(a) for a in arrays]
    with mock.patch.object(np, "empty", guarded.empty):
        return model(*inputs)


@pytest.mark.parametrize("epilogue", ["", RELU, GELU], ids=["bias", "relu", "gelu"])
@pytest.mark.parametrize("constant", [True, False], ids=["constant", "argument"])
@pytest.mark.parametrize("level", LEVELS)
def test_sizes(level, constant, epilogue):
    for m, k, n in SIZES[::2] if epilogue == RELU else SIZES:
        x, w, bias = data(m, k, n)
        model = act_mlir.compile(text(m, k, n, w if constant else None, epilogue), target=level)
        got = run(model, x, bias, *([] if constant else [w]))
        np.testing.assert_allclose(got, reference(x, w, bias, epilogue), rtol=2e-5, atol=2e-5,
                                   err_msg=f"{m} x {k} x {n}")


@pytest.mark.parametrize("constant", [True, False], ids=["constant", "argument"])
def test_rows_of_any_number_have_the_same_bits(constant):
    k, n = 70, 75
    w, bias = numbers(k, n, seed=1), numbers(n, seed=2)
    x = numbers(60, k)
    models = [act_mlir.compile(text(m, k, n, w if constant else None, GELU), target=level,
                               options=options)
              for m in ("?", 60) for level in LEVELS for options in ((), ("--parallel=off",))]
    rest = [] if constant else [w]
    whole = [run(model, x, bias, *rest) for model in models]
    for other in whole[1:]:
        assert np.array_equal(whole[0], other)
    np.testing.assert_allclose(whole[0], reference(x, w, bias, GELU), rtol=2e-5, atol=2e-5)
    for m in (0, 1, 2, 3, 5, 11, 12, 13, 23, 31):
        assert np.array_equal(run(models[0], x[:m], bias, *rest), whole[0][:m]), m


def test_transposed_weights():
    for m, k, n in SIZES[3::3]:
        x, w, bias = data(m, k, n)
        plain = act_mlir.compile(text(m, k, n, w))
        turned = act_mlir.compile(text(m, k, n, np.ascontiguousarray(w.T), transposed=True))
        assert np.array_equal(run(plain, x, bias), run(turned, x, bias))


def test_f64():
    x, w, bias = (a.astype("f8") for a in data(13, 40, 37))
    model = act_mlir.compile(text(13, 40, 37, w, dtype="f64"))
    np.testing.assert_allclose(run(model, x, bias), x @ w + bias, rtol=1e-13, atol=1e-13)


def test_convolutions():
    g = Graph(x=("f4", ["N", 4, 13, 9]), w=("f4", [20, 4, 3, 3]))
    bias = numbers(20)
    g.add("Conv", "x", numbers(20, 4, 3, 3), bias, pads=[1, 1, 1, 1])
    g.add("Conv", "x", numbers(40, 4, 3, 3), strides=[2, 2], dilations=[1, 2])
    g.add("Conv", "x", numbers(9, 4, 1, 1))
    g.add("Conv", "x", numbers(20, 4, 9, 5), bias, strides=[1, 4])
    g.add("Conv", "x", numbers(20, 2, 3, 3), bias, group=2, pads=[1, 0, 1, 2])
    g.add("Conv", "x", "w", bias)
    for batch in (1, 3):
        g.check(numbers(batch, 4, 13, 9), numbers(20, 4, 3, 3), atol=2e-5)


def test_scores_of_attention():
    g = Graph(q=("f4", ["B", "S", 24]), k=("f4", ["B", "T", 24]), v=("f4", ["B", "T", 20]))
    scores = g.add("Einsum", "q", "k", equation="bmk,bnk->bmn")
    g.add("MatMul", scores, "v")
    for s, t in ((1, 1), (5, 37), (33, 32)):
        g.check(numbers(2, s, 24), numbers(2, t, 24, seed=1), numbers(2, t, 20, seed=2), atol=1e-4)


@pytest.mark.parametrize("constant", [True, False], ids=["constant", "argument"])
def test_f16_operands_with_sums_in_f32(constant):
    m, k, n = 19, 300, 70
    x, w = numbers(m, k).astype("f2"), numbers(k, n, seed=1).astype("f2")
    const = f'%w = arith.constant dense<"0x{w.tobytes().hex().upper()}"> : tensor<{k}x{n}xf16>'
    model = act_mlir.compile(f"""
      func.func @f(%x: tensor<?x{k}xf16>{'' if constant else f', %w: tensor<{k}x{n}xf16>'})
          -> tensor<?x{n}xf32> {{
        {const if constant else ''}
        %c0 = arith.constant 0 : index
        %z = arith.constant 0.0 : f32
        %m = tensor.dim %x, %c0 : tensor<?x{k}xf16>
        %e = tensor.empty(%m) : tensor<?x{n}xf32>
        %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x{n}xf32>) -> tensor<?x{n}xf32>
        %y = linalg.matmul ins(%x, %w : tensor<?x{k}xf16>, tensor<{k}x{n}xf16>)
                           outs(%i : tensor<?x{n}xf32>) -> tensor<?x{n}xf32>
        return %y : tensor<?x{n}xf32>
      }}""")
    got = model(x) if constant else model(x, w)
    np.testing.assert_allclose(got, x.astype("f8") @ w.astype("f8"), rtol=1e-4, atol=1e-4)
