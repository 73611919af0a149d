# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays larger than the caches, whose results go past these where they lie at
whole lines."""

import ctypes

import numpy as np
import pytest

import act_mlir
from act_mlir import runtime

LARGE = 2**23  # elements of f32: 32 MiB


def array(shape, offset=0):
    """`offset` elements behind the start of a line."""
    count = int(np.prod(shape))
    memory = np.zeros(count + 32, "f4")
    first = (-memory.ctypes.data % 64) // 4 + offset
    return memory[first: first + count].reshape(shape)


def run(model, x, y):
    """y = model(x), in y's own memory."""
    (inputs, shapes), (outputs, more) = (runtime.describe_arrays([a]) for a in (x, y))
    model._check(model._run(model._instance, inputs, ctypes.c_int32(1), outputs,
                            ctypes.c_int32(1), ctypes.c_void_p(None), ctypes.c_size_t(0),
                            ctypes.c_void_p(None)))
    del shapes, more


@pytest.fixture(scope="module", params=[1, 2])
def models(request):
    return {rank: act_mlir.compile(
        f"""func.func @f(%x: tensor<{"?x" * rank}f32>) -> tensor<{"?x" * rank}f32> {{
          %y = act.relu %x : tensor<{"?x" * rank}f32>
          return %y : tensor<{"?x" * rank}f32>
        }}""", threads=request.param) for rank in (1, 2)}


@pytest.mark.parametrize("offset", [0, 1])
@pytest.mark.parametrize("shape", [(LARGE - 1,), (LARGE,), (LARGE + 1,), (LARGE + 31,),
                                   (LARGE // 32, 32), (2**19 + 1, 17)])
def test_large(models, shape, offset):
    x, y = array(shape), array(shape, offset)
    x.flat = np.random.default_rng(1).normal(size=2**16 - 1).astype("f4")
    run(models[len(shape)], x, y)
    np.testing.assert_array_equal(y, np.maximum(x, 0))
