# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled models from Python."""

import os
import signal
import sys
import threading
import time

import numpy as np
import pytest

import act_mlir
from act_mlir import ActError, CompileError, Status
from conftest import ROOT

DIGITS = ROOT / "examples" / "digits"

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


@pytest.fixture(scope="module", params=["mlp", "cnn"])
def digits(request, tmp_path_factory):
    library = tmp_path_factory.mktemp("digits") / f"{request.param}.so"
    return act_mlir.compile(DIGITS / f"{request.param}.onnx", library), request.param


def test_digits(digits):
    onnxruntime = pytest.importorskip("onnxruntime")
    model, name = digits
    images, labels = (np.load(DIGITS / f"{n}.npy") for n in ("images", "labels"))
    session = onnxruntime.InferenceSession(DIGITS / f"{name}.onnx")
    expected = session.run(None, {"image": images})[0]
    found = model(images)
    assert np.array_equal(found.argmax(1), expected.argmax(1))
    assert np.abs(found - expected).max() < 1e-5
    assert (found.argmax(1) == labels).mean() > 0.96
    # An image's result does not depend on the others.
    assert np.array_equal(model(images[7:8])[0], found[7])
    model.selftest()


def test_description(digits):
    model, name = digits
    text = model.describe()
    assert text["name"] == name
    assert text["inputs"] == [{"name": "image", "dtype": "f32", "shape": ["?", 1, 8, 8]}]
    assert text["outputs"] == [{"name": "probabilities", "dtype": "f32", "shape": ["?", 10]}]


def test_several_inputs_and_results(add):
    x, y = np.ones((2, 3), "f4"), np.full((2, 3), 2, "f4")
    total, product = add(x, y)
    assert (total == 3).all() and (product == 2).all()
    total, _ = add(y=x, x=y)
    assert (total == 3).all()
    total, _ = add(x, y=y)
    assert (total == 3).all()


def test_arrays_of_any_layout(add):
    x = np.arange(12, dtype="f4").reshape(3, 4).T[:, :3]
    total, _ = add(x, np.zeros((4, 3), "f4"))
    assert np.array_equal(total, x)


def test_no_rows(add):
    total, _ = add(np.zeros((0, 3), "f4"), np.zeros((0, 3), "f4"))
    assert total.shape == (0, 3)


@pytest.mark.parametrize("arrays,text", [
    ((np.zeros((2, 3), "f8"), np.zeros((2, 3), "f4")), "input 0 ('x'): dtype"),
    ((np.zeros((2, 3), "f4"), np.zeros(3, "f4")), "input 1 ('y'): rank 1, expected 2"),
    ((np.zeros((2, 4), "f4"), np.zeros((2, 3), "f4")), "extent 4 in dimension 1, expected 3"),
    ((np.zeros((2, 3), "f4"),), "1 inputs, expected 2"),
    ((None, np.zeros((2, 3), "f4")), "no tensor type for arrays of object"),
    ((np.zeros((2, 3), ">f4"), np.zeros((2, 3), "f4")), "no tensor type"),
])
def test_wrong_arguments(add, arrays, text):
    with pytest.raises(ActError) as caught:
        add(*arrays)
    assert text in str(caught.value) and caught.value.status == Status.ARGUMENT


def test_names_that_do_not_match(add):
    with pytest.raises(ActError, match="inputs are x, y; got 1 in order and z by name"):
        add(np.zeros((2, 3), "f4"), z=np.zeros((2, 3), "f4"))


def test_files_that_are_no_models(tmp_path):
    path = tmp_path / "m.so"
    with pytest.raises(ActError, match="m.so"):
        act_mlir.load(path)
    path.write_bytes(b"no library")
    with pytest.raises(ActError, match="m.so"):
        act_mlir.load(path)
    with pytest.raises(ActError, match="not a compiled model"):
        act_mlir.load(_any_library())


def _any_library():
    import _ctypes
    return _ctypes.__file__


def test_compile_errors_are_located():
    with pytest.raises(CompileError, match=r"model.mlir:3:10: error: use of undeclared"):
        act_mlir.compile("func.func @f(%x: tensor<2xf32>)\n    -> tensor<2xf32> {\n"
                         "  return %y : tensor<2xf32>\n}\n")
    with pytest.raises(CompileError, match="No such file"):
        act_mlir.compile("no-such-model.onnx")


def test_sixteen_threads(add):
    x = np.random.default_rng(0).random((1000, 3), "f4")
    wrong = []

    def work(k):
        for _ in range(20):
            total, product = add(x, np.full_like(x, k))
            if not (np.array_equal(total, x + np.float32(k))
                    and np.array_equal(product, x * np.float32(k))):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_bf16(tmp_path):
    import ml_dtypes
    model = act_mlir.compile("""
func.func @f(%x: tensor<4xbf16>) -> tensor<4xbf16> {
  %0 = act.relu %x : tensor<4xbf16>
  return %0 : tensor<4xbf16>
}""")
    found = model(np.array([-1, 0, 1, 2], ml_dtypes.bfloat16))
    assert found.dtype == ml_dtypes.bfloat16 and list(found) == [0, 0, 1, 2]


def test_extents_of_one_name(tmp_path):
    model = act_mlir.compile("""
func.func @f(%x: tensor<?x?xf32> {act.dims = ["N", "N"]},
             %y: tensor<?xi8> {act.dims = ["N"], act.unsigned}) -> tensor<?xi8> {
  return %y : tensor<?xi8>
}""")
    assert len(model(np.zeros((2, 2), "f4"), np.zeros(2, "u1"))) == 2
    with pytest.raises(ActError, match="extent 3 in dimension 1, but 2 in dimension 0 of input 0"):
        model(np.zeros((2, 3), "f4"), np.zeros(2, "u1"))
    with pytest.raises(ActError, match="input 1 .* extent 4 in dimension 0, but 2"):
        model(np.zeros((2, 2), "f4"), np.zeros(4, "u1"))


def test_calls_of_many_kinds(add):
    """Arguments are remembered by shape and type; results are not shared."""
    for _ in range(2):
        for n in range(act_mlir.runtime.MAX_PLANS + 3):
            x = np.full((n, 3), n, "f4")
            total, product = add(x, x)
            assert total.shape == (n, 3) and (total == 2 * n).all() and (product == n * n).all()
    assert len(add._plans) <= act_mlir.runtime.MAX_PLANS
    first, second = (add(np.full((1, 3), k, "f4"), np.ones((1, 3), "f4"))[0] for k in (1, 2))
    assert (first == 2).all() and (second == 3).all()
    with pytest.raises(ActError, match="rank 1"):
        add(np.zeros(3, "f4"), np.zeros(3, "f4"))
    assert (add(x, x)[0] == 2 * x).all()


def test_arrays_that_cannot_be_written(add):
    x = np.ones((2, 3), "f4")
    x.flags.writeable = False
    total, product = add(x, x)
    assert (total == 2).all() and (product == 1).all() and total.flags.writeable


@pytest.fixture(params=["compiled", "ctypes"])
def way(request, monkeypatch):
    """Both ways of a call, on a model of its own."""
    if request.param == "ctypes":
        monkeypatch.setattr(act_mlir.runtime, "_call", None)
    elif act_mlir.runtime._call is None:
        pytest.skip("Python.h was not found when this was built")
    return act_mlir.compile(ADD)


def test_both_ways(way):
    x, y = np.ones((2, 3), "f4"), np.full((2, 3), 2, "f4")
    counts = []
    for _ in range(3):
        total, product = way(x, y)
        assert (total == 3).all() and (product == 2).all()
        counts.append([sys.getrefcount(a) for a in (x, y, total, product)])
        y.flags.writeable = False
    assert counts[0] == counts[1] == counts[2]
    # Other kinds of arrays in between: each takes the way that fits it.
    assert way(x[:1], y[:1])[0].shape == (1, 3)
    assert (way(np.ones((3, 2), "f4").T, y)[0] == 3).all()
    assert way(x[:0], y[:0])[0].shape == (0, 3)
    assert (way(x, y=y)[0] == 3).all()
    for wrong in [(x,), (x, y, y), (x, y.astype("f8")), (x, y.astype(">f4")), (x, None), (x, 2)]:
        with pytest.raises(ActError):
            way(x, y)
            way(*wrong)
    assert (way(x, y)[0] == 3).all()


def test_an_error_of_the_library_by_both_ways(way):
    x = np.zeros((2, 3), "f4")
    way(x, x)
    odd = np.zeros(25, "u1")[1:].view("f4").reshape(2, 3)
    with pytest.raises(ActError, match="data are not aligned to 4 bytes"):
        way(x, odd)


def test_threads_on_both_ways(way):
    wrong = []

    def work(k):
        for i in range(200):
            x = np.full((1 + (i + k) % 3, 3), k, "f4")
            total, product = way(x, x)
            if not (total.shape == x.shape and (total == 2 * k).all()
                    and (product == k * k).all()):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_forked_child_does_not_wait_for_threads():
    """OpenMP's threads stay with the parent: a child's loops go serial."""
    gelu = act_mlir.compile("""
      func.func @gelu(%x: tensor<?xf32>) -> tensor<?xf32> {
        %y = act.gelu %x : tensor<?xf32>
        return %y : tensor<?xf32>
      }""")
    x = np.linspace(-3, 3, 1 << 18, dtype=np.float32)
    expected = gelu(x)
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(gelu(x), expected) else 1)
    deadline = time.monotonic() + 60
    while (done := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child hangs")
        time.sleep(0.01)
    assert done[1] == 0
