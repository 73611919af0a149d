# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of jax through StableHLO: what they become, and what they give."""

import pathlib
import re
import subprocess
from functools import partial

import numpy as np
import pytest

jax = pytest.importorskip("jax")
import jax.numpy as jnp  # noqa: E402
from jax import lax, nn  # noqa: E402

import act_mlir  # noqa: E402
import act_mlir.jax  # noqa: E402
from act_mlir.compiler import find_tool  # noqa: E402
from act_mlir.frontends.stablehlo import ImportFailure, import_module  # noqa: E402

RNG = np.random.default_rng(7)


def data(*shape, dtype=np.float32):
    return jnp.asarray(RNG.standard_normal(shape), dtype)


def check(fn, *args, rtol=2e-6, atol=2e-6):
    """Compiled and by jax: the same structure, types and numbers."""
    compiled = act_mlir.jax.compile(fn, *args, cache=False)
    ours, theirs = compiled(*args), jax.jit(fn)(*args)
    assert jax.tree.structure(ours) == jax.tree.structure(theirs)
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs)):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_allclose(np.asarray(a, np.float64), np.asarray(b, np.float64),
                                   rtol=rtol, atol=atol)
    return compiled


ACTIVATIONS = {
    "relu": (nn.relu, "relu"), "relu6": (nn.relu6, "clamp"), "sigmoid": (nn.sigmoid, "sigmoid"),
    "softplus": (nn.softplus, "softplus"), "sparse_plus": (nn.sparse_plus, "sparse_plus"),
    "sparse_sigmoid": (nn.sparse_sigmoid, "sparse_sigmoid"),
    "soft_sign": (nn.soft_sign, "softsign"), "silu": (nn.silu, "silu"),
    "log_sigmoid": (nn.log_sigmoid, "log_sigmoid"), "leaky_relu": (nn.leaky_relu, "leaky_relu"),
    "hard_sigmoid": (nn.hard_sigmoid, "hard_sigmoid"), "hard_silu": (nn.hard_silu, "hard_swish"),
    "hard_tanh": (nn.hard_tanh, "clamp"), "tanh": (nn.tanh, "tanh"), "elu": (nn.elu, "elu"),
    "celu": (partial(nn.celu, alpha=1.5), "celu"), "selu": (nn.selu, "selu"),
    "gelu_tanh": (nn.gelu, "gelu"), "gelu": (partial(nn.gelu, approximate=False), "gelu"),
    "squareplus": (nn.squareplus, "squareplus"), "mish": (nn.mish, "mish"),
    "softmax": (nn.softmax, "softmax"), "log_softmax": (nn.log_softmax, "log_softmax"),
}


def operations_after_raise(fn, *specs):
    imported = import_module(jax.jit(fn).lower(*specs).as_text(debug_info=True))
    done = subprocess.run([find_tool("act-compile"), "-", "--compile-to=raise", "-o", "-"],
                          input=imported.text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^\s+%\S+ = ([a-z]+\.\w+)", done.stdout, re.M)
    return [name for name in found if name not in ("arith.constant", "tensor.empty")]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_raised(name):
    fn, ours = ACTIVATIONS[name]
    spec = jax.ShapeDtypeStruct((4, 8), jnp.float32)
    assert operations_after_raise(fn, spec) == [f"act.{ours}"]


def test_what_is_no_activation_is_not_raised():
    spec = jax.ShapeDtypeStruct((4, 8), jnp.float32)
    found = operations_after_raise(lambda x: x * nn.sigmoid(x + 1), spec)
    assert "act.silu" not in found and "arith.mulf" in found


def test_activations_agree():
    x = jnp.concatenate([jnp.linspace(-12, 12, 301), jnp.array([0.0, -0.0, 3e-8])])

    def every(x):
        return {name: fn(x) for name, (fn, _) in ACTIVATIONS.items()} | {
            "glu": nn.glu(x[:304]), "logsumexp": nn.logsumexp(x),
            "one_hot": nn.one_hot(jnp.array([2, 0]), 3), "standardize": nn.standardize(x),
            "log1mexp": nn.log1mexp(jnp.abs(x) + 0.1)}

    check(every, x, rtol=1e-5)


def test_bf16_activations_are_within_a_unit():
    """jax rounds at each step, we once."""
    x = data(64, dtype=jnp.bfloat16)
    check(lambda x: (nn.silu(x), nn.gelu(x)), x, rtol=2e-2, atol=2e-2)


def test_multilayer_perceptron_and_its_gradient():
    params = [{"w": data(16, 32) / 4, "b": data(32)}, {"w": data(32, 10) / 6, "b": data(10)}]
    x, y = data(5, 16), jnp.array([1, 2, 3, 9, 0])

    def loss(params, x, y):
        h = nn.gelu(x @ params[0]["w"] + params[0]["b"])
        logits = h @ params[1]["w"] + params[1]["b"]
        return -jnp.mean(jnp.sum(nn.log_softmax(logits) * nn.one_hot(y, 10), axis=-1))

    check(loss, params, x, y)
    check(jax.value_and_grad(loss), params, x, y, rtol=1e-5)


def attention_block(p, x):
    def norm(x, g):
        x = x - x.mean(-1, keepdims=True)
        return x * lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * g

    b, t, d = x.shape
    h = norm(x, p["g1"])
    q, k, v = (jnp.reshape(h @ p[n], (b, t, 4, d // 4)) for n in "qkv")
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(d // 4)
    scores = jnp.where(jnp.tril(jnp.ones((t, t), bool)), scores, -jnp.inf)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", nn.softmax(scores), v)
    x = x + mixed.reshape(b, t, d) @ p["o"]
    h = norm(x, p["g2"])
    return x + (nn.silu(h @ p["w1"]) * (h @ p["w2"])) @ p["w3"]


def test_transformer_block_and_its_gradient():
    d = 32
    p = {n: data(d, d) / 6 for n in "qkvo"} | {
        "g1": data(d), "g2": data(d), "w1": data(d, 48) / 6, "w2": data(d, 48) / 6,
        "w3": data(48, d) / 7, "embedding": data(11, d)}
    tokens = jnp.array([[3, 1, 10, 0, 4, 4], [9, 9, 2, 7, 1, 5]])

    def loss(p, tokens):
        x = attention_block(p, p["embedding"][tokens])
        logits = nn.log_softmax(x @ p["embedding"].T)
        return -jnp.take_along_axis(logits[:, :-1], tokens[:, 1:, None], -1).mean()

    check(lambda p, t: attention_block(p, p["embedding"][t]), p, tokens, rtol=1e-4, atol=1e-5)
    check(jax.value_and_grad(loss), p, tokens, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("groups,strides,dilation", [(1, (1, 1), 1), (2, (2, 1), 1), (1, (1, 2), 2)])
def test_convolution_and_pooling(groups, strides, dilation):
    x, w = data(2, 9, 8, 4), data(3, 3, 4 // groups, 6)

    def net(x, w):
        y = lax.conv_general_dilated(x, w, strides, "SAME", rhs_dilation=(dilation, dilation),
                                     feature_group_count=groups,
                                     dimension_numbers=("NHWC", "HWIO", "NHWC"))
        pooled = lax.reduce_window(y, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "SAME")
        return pooled, lax.reduce_window(y, 0.0, lax.add, (1, 3, 3, 1), (1, 1, 1, 1), "VALID")

    check(net, x, w, rtol=1e-4, atol=1e-5)


def test_gradient_of_a_convolution():
    x, w = data(2, 8, 8, 3), data(3, 3, 3, 4)

    def loss(w, x):
        y = lax.conv_general_dilated(x, w, (2, 2), "SAME",
                                     dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return jnp.sum(nn.relu(y) ** 2)

    check(jax.grad(loss, (0, 1)), w, x, rtol=1e-4, atol=1e-4)


MOVES = {
    "slices": lambda x, i: (x[1:4:2, ::-1], x[-1], jnp.roll(x, 2, 1), jnp.flip(x, 0)),
    "dynamic": lambda x, i: (lax.dynamic_slice(x, (i[0], i[1]), (2, 3)),
                             lax.dynamic_update_slice(x, x[:2, :2] * 3, (i[1], 7))),
    "pads": lambda x, i: (jnp.pad(x, 1), lax.pad(x, 2.0, [(1, -1, 2), (-2, 3, 0)])),
    "gathers": lambda x, i: (x[i], x[:, i], jnp.take(x, i, 0), jnp.take(x, i - 3, 1, mode="clip"),
                             jnp.take_along_axis(x, i[None] % 4, 1), x[i % 5, i % 6]),
    "scatters": lambda x, i: (x.at[i].add(1.5), x.at[i[:2], i[1:]].set(9.0),
                              x.at[:, i].max(0.5), x.at[i].multiply(2.0, mode="drop")),
    "reduces": lambda x, i: (x.sum(), x.prod(0), x.max(1), x.min(), x.argmax(1), x.argmin(0),
                             (x > 0).any(0), (x > -1).all(), x.var(1), jnp.linalg.norm(x)),
    "sums": lambda x, i: (jnp.cumsum(x, 1), jnp.cumsum(i), jnp.mean(x, 0)),
    "integers": lambda x, i: (i // 2, i % 3, -i // 2, i << 2, i >> 1, i & 3, ~i, i ** 2,
                              jnp.sign(i - 1), jnp.abs(i - 2), i.astype(jnp.uint8) * 200),
    "math": lambda x, i: (jnp.arctan2(x, x + 1), jnp.cbrt(x), jnp.sinh(x), jnp.arcsinh(x),
                          jnp.arctanh(x / 8), jnp.arccosh(jnp.abs(x) + 1), jnp.expm1(x),
                          jnp.power(jnp.abs(x), x), jnp.round(x), jnp.trunc(x), jnp.sign(x),
                          jnp.isfinite(x), jnp.clip(x, -1, 1), jax.scipy.special.erf(x),
                          jax.scipy.special.erfc(x), x % 0.7, jnp.floor_divide(x, 0.3)),
    "shapes": lambda x, i: (x.T, x.reshape(2, -1), x[None, :, None], jnp.tile(x, (2, 1)),
                            jnp.stack([x, x]), jnp.split(x, 2, 1), jnp.repeat(x, 2, 0),
                            jnp.concatenate([x, x], 1), jnp.eye(4), jnp.arange(7) * 2),
    "products": lambda x, i: (jnp.einsum("ab,cb->ca", x, x), x @ x.T, jnp.dot(x[0], x[1]),
                              jnp.outer(x[0], x[1]), jnp.tensordot(x, x, 2), x @ x[0],
                              jnp.einsum("ab,ab->b", x, x), jnp.kron(x[:2, :2], x[:2])),
}


@pytest.mark.parametrize("name", MOVES)
def test_operations(name):
    check(MOVES[name], data(6, 8), jnp.array([3, 0, 2], jnp.int32), rtol=1e-5)


def test_symbolic_extents_of_an_exported_function():
    b, = jax.export.symbolic_shape("b")

    def head(x, w):
        y = nn.gelu(x @ w, approximate=False) + jnp.arange(x.shape[0])[:, None]
        return nn.softmax(y), y.reshape(-1)

    exported = jax.export.export(jax.jit(head))(
        jax.ShapeDtypeStruct((b, 8), jnp.float32), jax.ShapeDtypeStruct((8, 5), jnp.float32))
    compiled = act_mlir.jax.compile(exported)
    for rows in (1, 7):
        args = data(rows, 8), data(8, 5)
        for ours, theirs in zip(compiled(*args), head(*args)):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_files_and_texts_of_stablehlo(tmp_path):
    text = jax.jit(nn.silu).lower(jax.ShapeDtypeStruct((6,), jnp.float32)).as_text()
    path = tmp_path / "silu.stablehlo.mlir"
    path.write_text(text)
    x = np.asarray(data(6))
    for program in (text, path, str(path)):
        np.testing.assert_allclose(act_mlir.compile(program)(x), nn.silu(x), rtol=1e-6)


def test_unsupported_operations_are_listed_with_their_lines():
    def fn(x):
        x = lax.while_loop(lambda v: v.sum() < 9, lambda v: v + 1, x)
        return jnp.sort(x), lax.cond(x[0] > 0, jnp.sin, jnp.cos, x)

    line = fn.__code__.co_firstlineno
    with pytest.raises(act_mlir.CompileError) as error:
        act_mlir.jax.compile(fn, data(4))
    message, file = str(error.value), pathlib.Path(__file__)
    assert message.startswith(f"{file}:{line + 1}:1: error: 3 operations are not supported yet")
    assert f"while (1: {file}:{line + 1})" in message


def test_reductions_of_two_operands_that_are_no_argmax():
    def both(x, y):
        return lax.reduce((x, y), (0.0, 0), lambda a, b: (
            jnp.where(a[0] > b[0], a[0], b[0]), a[1] + b[1]), (0,))

    with pytest.raises(act_mlir.CompileError, match="reduce with two operands that are no"):
        act_mlir.jax.compile(both, data(4), jnp.arange(4))


@pytest.mark.parametrize("text", ["module {", "stablehlo.foo", "func.func @f() {\n stablehlo.x\n}"])
def test_text_that_is_no_module_is_an_error_with_its_line(text):
    with pytest.raises(ImportFailure, match=r"^bad.mlir:\d+:1: error: "):
        import_module(text, "bad.mlir")


def test_wrong_arguments_are_errors():
    compiled = act_mlir.jax.compile(lambda x, y: x + y["a"], data(4), {"a": data(4)})
    with pytest.raises(TypeError, match="structure"):
        compiled(data(4), data(4))
    with pytest.raises(act_mlir.ActError, match="extent 5 in dimension 0, expected 4"):
        compiled(data(5), {"a": data(4)})
    with pytest.raises(TypeError, match="traces"):
        jax.jit(compiled)(data(4), {"a": data(4)})


def test_arrays_of_jax_are_not_copied_on_the_way_in():
    from act_mlir.jax import _host_array
    x = data(8)
    assert _host_array(x, None).ctypes.data == x.unsafe_buffer_pointer()


def test_the_example_of_the_page():
    page = pathlib.Path(__file__).parents[2] / "docs" / "JAX.md"
    [example] = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    names: dict = {}
    exec(example, names)
    value, gradient = names["value"], names["gradient"]
    theirs = jax.value_and_grad(names["loss"])(names["params"], names["x"])
    np.testing.assert_allclose(value, theirs[0], rtol=1e-5)
    np.testing.assert_allclose(gradient["b"], theirs[1]["b"], rtol=1e-5)
