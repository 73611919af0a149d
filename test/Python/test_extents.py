# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Extents that operations need equal, and what fusion says of its kernels."""

import numpy as np
import pytest

import act_mlir
from act_mlir import ActError, Status
from conftest import ROOT

ADD = """
func.func @add(%x: tensor<?x3xf32> {act.name = "x"},
               %y: tensor<?x3xf32> {act.name = "y"})
    -> (tensor<?x3xf32> {act.name = "sum"}, tensor<?x3xf32>) {
  %0 = arith.addf %x, %y : tensor<?x3xf32>
  %1 = arith.mulf %x, %y : tensor<?x3xf32>
  return %0, %1 : tensor<?x3xf32>, tensor<?x3xf32>
}
"""


@pytest.fixture(scope="module")
def add():
    return act_mlir.compile(ADD)


def test_inputs_of_one_operation_have_one_shape(add):
    """Nothing is read, and nothing written, where they do not."""
    x, y = np.ones((3, 3), "f4"), np.ones((4, 3), "f4")
    for lhs, rhs, found, wanted in ((x, y, 4, 3), (y, x, 3, 4)):
        with pytest.raises(ActError) as error:
            add(lhs, rhs)
        assert error.value.status == Status.ARGUMENT
        assert str(error.value) == (
            f"input 1 ('y'): extent {found} in dimension 0, "
            f"but {wanted} in dimension 0 of input 0 ('x')")


def test_inner_extents_of_a_product():
    model = act_mlir.compile("""
func.func @product(%x: tensor<?x?xf32>, %w: tensor<?x5xf32>, %out: tensor<?x5xf32>)
    -> tensor<?x5xf32> {
  %0 = linalg.matmul ins(%x, %w : tensor<?x?xf32>, tensor<?x5xf32>)
      outs(%out : tensor<?x5xf32>) -> tensor<?x5xf32>
  return %0 : tensor<?x5xf32>
}""")
    ones, zeros = np.ones, np.zeros
    result = model(ones((2, 7), "f4"), ones((7, 5), "f4"), zeros((2, 5), "f4"))
    assert (result == 7).all()
    with pytest.raises(ActError, match="extent 6 in dimension 0, but 7 in dimension 1"):
        model(ones((2, 7), "f4"), ones((6, 5), "f4"), zeros((2, 5), "f4"))
    with pytest.raises(ActError, match="extent 3 in dimension 0, but 2 in dimension 0"):
        model(ones((2, 7), "f4"), ones((7, 5), "f4"), zeros((3, 5), "f4"))


def test_an_extent_that_an_operation_fixes():
    model = act_mlir.compile("""
func.func @fixed(%x: tensor<?xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tensor.cast %x : tensor<?xf32> to tensor<4xf32>
  %1 = arith.addf %0, %y : tensor<4xf32>
  return %1 : tensor<4xf32>
}""")
    y = np.ones(4, "f4")
    assert (model(y, y) == 2).all()
    with pytest.raises(ActError, match="extent 5 in dimension 0, expected 4"):
        model(np.ones(5, "f4"), y)


def test_a_computed_extent():
    """Two concatenated inputs beside a third."""
    model = act_mlir.compile("""
func.func @joined(%x: tensor<?xf32>, %y: tensor<?xf32>, %z: tensor<?xf32>)
    -> tensor<?xf32> {
  %0 = tensor.concat dim(0) %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %1 = arith.addf %0, %z : tensor<?xf32>
  return %1 : tensor<?xf32>
}""")
    x, y = np.ones(3, "f4"), np.ones(5, "f4")
    assert (model(x, y, np.ones(8, "f4")) == 2).all()
    with pytest.raises(ActError, match="arith.addf at .*: extents 8 and 9 must be equal"):
        model(x, y, np.ones(9, "f4"))
    assert (model(x, y, np.ones(8, "f4")) == 2).all()


def test_decisions_of_fusion(tmp_path):
    model = act_mlir.compile(ROOT / "examples" / "digits" / "cnn.onnx", tmp_path / "cnn.so")
    kernels = model.describe()["kernels"]
    assert {kernel["kind"] for kernel in kernels} <= {"map", "rows", "contraction", ""}
    products = [kernel for kernel in kernels if kernel["kind"] == "contraction"]
    assert products and any(kernel["operations"] > 1 for kernel in products)
    assert any(edge["reason"] == "contraction-input"
               for kernel in kernels for edge in kernel.get("apart", ()))
