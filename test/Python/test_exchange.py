# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays of other libraries, read where they are."""

import threading

import ml_dtypes
import numpy as np
import pytest

import act_mlir
from act_mlir.runtime import _as_array

TYPES = ["float32", "float16", "bfloat16", "float8_e4m3fn"]
NAMES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "float8_e4m3fn": "f8E4M3FN"}


def relu(dtype):
    kind = f"tensor<?x?x{NAMES[dtype]}>"
    return act_mlir.compile(f"func.func @relu(%x: {kind}) -> {kind} {{\n"
                            f"  %y = act.relu %x : {kind}\n  return %y : {kind}\n}}")


def arrays_of(library, dtype):
    """An array, and the address of its elements."""
    values = np.arange(-6, 6).reshape(3, 4)
    if library == "jax":
        jnp = pytest.importorskip("jax.numpy")
        array = jnp.asarray(values, dtype)
        return array, array.unsafe_buffer_pointer()
    torch = pytest.importorskip("torch")
    array = torch.from_numpy(values).to(getattr(torch, dtype))
    return array, array.data_ptr()


@pytest.mark.parametrize("library", ["jax", "torch"])
@pytest.mark.parametrize("dtype", TYPES)
def test_no_copy(library, dtype):
    array, address = arrays_of(library, dtype)
    assert _as_array(array).ctypes.data == address
    result = relu(dtype)(array)
    expected = np.maximum(np.arange(-6, 6).reshape(3, 4), 0)
    assert result.dtype.name == dtype
    np.testing.assert_array_equal(result.astype("f4"), expected)


def test_strides_of_what_numpy_has_no_type_for():
    array, _ = arrays_of("torch", "bfloat16")
    result = relu("bfloat16")(array.T[1:])
    expected = np.maximum(np.arange(-6, 6).reshape(3, 4).T[1:], 0)
    np.testing.assert_array_equal(result.astype("f4"), expected)
    assert relu("bfloat16")(array[:0]).shape == (0, 4)


def test_memory_outlives_its_first_owner():
    array, _ = arrays_of("torch", "bfloat16")
    view = _as_array(array)
    del array
    assert view.dtype == ml_dtypes.bfloat16 and view[0, 0] == -6


def test_sixteen_threads_each_compile_and_call():
    """Of one program and of different ones, at once."""
    results, x = {}, np.linspace(-2, 2, 5).astype("f4")

    def work(k):
        name = ("silu", "relu", "tanh", "mish")[k % 4]
        model = act_mlir.compile(
            f"func.func @f(%x: tensor<5xf32>) -> tensor<5xf32> {{\n"
            f"  %y = act.{name} %x : tensor<5xf32>\n  return %y : tensor<5xf32>\n}}")
        results[k] = [model(x) for _ in range(50)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, many in results.items():
        assert all(np.array_equal(y, results[k % 4][0]) for y in many)
    assert len(results) == 16


@pytest.mark.parametrize("model", [3, None, object(), [1, 2]])
def test_what_is_no_model(model):
    with pytest.raises(TypeError, match="is no model: a file, a text"):
        act_mlir.compile(model)


def test_what_jax_has_lowered():
    jax = pytest.importorskip("jax")
    lowered = jax.jit(jax.nn.silu).lower(jax.ShapeDtypeStruct((3,), np.float32))
    x = np.array([-1, 0, 5], "f4")
    np.testing.assert_allclose(act_mlir.compile(lowered)(x), jax.nn.silu(x), rtol=1e-6)
