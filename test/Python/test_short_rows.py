# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows whose length is known to be short have the bits that they have where it
is not known: lanes are rows in one, and elements in the other."""

import ml_dtypes
import numpy as np
import pytest

import act_mlir

TYPES = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
COUNTS = (0, 1, 3, 4, 15, 16, 17, 33)


def program(length, element):
    row = f"tensor<?x{length}x{element}>"
    return f"""
#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
func.func @rows(%x: {row}, %dy: {row}, %scale: tensor<{length}x{element}>,
                %shift: tensor<?x{element}>)
    -> ({row}, {row}, {row}, {row}, tensor<?x{element}>, tensor<?x{element}>) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rows = tensor.dim %x, %c0 : {row}
  %length = tensor.dim %x, %c1 : {row}
  %empty = tensor.empty(%rows{", %length" if length == "?" else ""}) : {row}
  %moved = linalg.generic {{indexing_maps = [#all, #column, #row, #all],
                            iterator_types = ["parallel", "parallel"]}}
      ins(%x, %scale, %shift : {row}, tensor<{length}x{element}>, tensor<?x{element}>)
      outs(%empty : {row}) {{
  ^bb0(%a: {element}, %s: {element}, %t: {element}, %o: {element}):
    %0 = arith.mulf %a, %s : {element}
    %1 = arith.addf %0, %t : {element}
    linalg.yield %1 : {element}
  }} -> {row}
  %softmax = act.softmax %moved dimension(1) {{masked_row = #act.masked_row<zero>}} : {row}
  %log = act.log_softmax %x dimension(1) : {row}
  %grad = act.softmax_grad %dy, %x dimension(1) : {row}
  %hard = act.hardmax %x dimension(1) : {row}
  %sum = act.logsumexp %x dimension(1) : {row} -> tensor<?x{element}>
  %total = linalg.reduce {{arith.addf}} ins(%x : {row}) outs(%shift : tensor<?x{element}>)
      dimensions = [1]
  return %softmax, %log, %grad, %hard, %sum, %total
      : {row}, {row}, {row}, {row}, tensor<?x{element}>, tensor<?x{element}>
}}"""


def inputs(rows, length, dtype):
    rng = np.random.default_rng(rows * 100 + length)
    x = rng.normal(scale=4, size=(rows, length))
    x[3::5] *= 40
    for row, value in enumerate((np.nan, np.inf, -np.inf)):
        x[row + 5: row + 6, row % length] = value
    x[8:9] = -np.inf
    more = (rng.normal(size=(rows, length)), rng.uniform(0.5, 2, length),
            rng.normal(size=rows))
    return [a.astype(dtype) for a in (x, *more)]


def bits(results):
    numbers = [np.where(np.isnan(y.astype("f4")), np.float32(np.nan), y.astype("f4"))
               for y in results]
    return [y.view("u4") for y in numbers]


@pytest.fixture(scope="module", params=TYPES)
def of_any_length(request):
    return request.param, act_mlir.compile(program("?", request.param))


def check(model, reference, rows, length, dtype):
    arrays = inputs(rows, length, dtype)
    for y, expected in zip(bits(model(*arrays)), bits(reference(*arrays))):
        np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("length", [1, 2, 3, 10, 15, 16, 17, 32, 33])
def test_bits(of_any_length, length):
    element, reference = of_any_length
    model = act_mlir.compile(program(length, element))
    for rows in COUNTS:
        check(model, reference, rows, length, TYPES[element])


def test_narrow_vectors(of_any_length):
    """Eight rows at a time, on a level without masks of 16 bits."""
    element, reference = of_any_length
    model = act_mlir.compile(program(10, element), target="x86-64-v3")
    for rows in COUNTS:
        check(model, reference, rows, 10, TYPES[element])


def test_in_place():
    """A result in its input's memory: all is read before any is written."""
    model = act_mlir.compile("""
        func.func @f(%x: tensor<37x10xf32> {bufferization.writable = true})
            -> tensor<37x10xf32> {
          %0 = act.silu %x : tensor<37x10xf32>
          %1 = act.softmax %0 dimension(1) : tensor<37x10xf32>
          %2 = act.log_softmax %1 dimension(1) : tensor<37x10xf32>
          return %2 : tensor<37x10xf32>
        }""")
    x = inputs(37, 10, np.float32)[3][:, None] * np.arange(10, dtype="f4")
    y = x / (1 + np.exp(-x))
    y = np.exp(y - y.max(1, keepdims=True))
    y /= y.sum(1, keepdims=True)
    y = y - np.log(np.exp(y).sum(1, keepdims=True))
    np.testing.assert_allclose(model(x), y, rtol=2e-6)
