# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks through `torch.compile(backend="act")`."""

import copy
import os
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
import torch
import torch._dynamo
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx

import act_mlir.torch
from act_mlir.frontends.fx import import_graph
from act_mlir.torch.backend import decompositions
from act_mlir.torch.program import Program
from torch_compiled import compiled, follows_eager, fresh  # noqa: F401 (a fixture)
from torch_models import Gpt, mlp, models

ROOT = pathlib.Path(__file__).resolve().parents[2]


def graphs(direction):
    return [g for g in act_mlir.torch.graphs if g.direction == direction]


@pytest.mark.parametrize("name", models())
def test_inference(name):
    model, x = models()[name]
    model.eval()
    with torch.no_grad():
        torch.testing.assert_close(compiled(model)(x), model(x), rtol=1e-4, atol=2e-5)
    [graph] = graphs("inference")
    assert (graph.partitions, graph.eager) == (1, {})


@pytest.mark.parametrize("name", models())
def test_gradients(name):
    """Of all parameters, in one program a direction but for what torch's own
    kernels do."""
    ours, x = models()[name]
    theirs = copy.deepcopy(ours)
    for model in (compiled(ours), theirs):
        model(x).square().mean().backward()
    for (path, a), b in zip(ours.named_parameters(), theirs.parameters()):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-3, atol=1e-5, msg=lambda m: f"{path}: {m}")
    for graph in act_mlir.torch.graphs:
        named = {why.split(".")[1] for why in graph.eager.values()}
        assert named <= {"embedding_dense_backward"}, graph
        assert graph.partitions == 1, graph


def test_training_follows_eager():
    """200 steps of a small GPT."""
    torch.manual_seed(1)
    model = Gpt(layers=2)
    text = torch.randint(50, (4, 17))
    follows_eager(model, lambda step: step(text[:, :-1], text[:, 1:]), steps=200, rate=0.1)
    [forward], [backward] = graphs("forward"), graphs("backward")
    assert forward.partitions == backward.partitions == 1


def test_dynamic_shapes_compile_once():
    model = mlp()
    step = compiled(model)
    for n in (3, 7, 19):
        x = torch.randn(n, 20)
        torch._dynamo.mark_dynamic(x, 0)
        with torch.no_grad():
            torch.testing.assert_close(step(x), model(x), rtol=1e-4, atol=1e-5)
    assert act_mlir.torch.counters["graphs"] == 1


def test_dynamic_sequences_train():
    ours = models()["gated"][0]
    theirs = copy.deepcopy(ours)
    step = compiled(ours, dynamic=True)
    for n in (5, 9, 16):
        x = torch.randn(3, n, 32)
        for model, run in ((ours, step), (theirs, theirs)):
            model.zero_grad()
            run(x).square().mean().backward()
        for a, b in zip(ours.parameters(), theirs.parameters()):
            torch.testing.assert_close(a.grad, b.grad, rtol=1e-3, atol=1e-5)
    assert [(g.direction, g.partitions) for g in act_mlir.torch.graphs] == [
        ("forward", 1), ("backward", 1)]


def test_autocast():
    model, x = models()["gated"]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        y, expected = compiled(model)(x), model(x)
    assert y.dtype == expected.dtype
    torch.testing.assert_close(y, expected, rtol=2e-2, atol=2e-2)
    assert graphs("inference")[0].eager == {}


def test_dropout():
    """The numbers are drawn before the program, and the gradient has the same
    mask."""
    model = nn.Sequential(nn.Linear(50, 50), nn.SiLU(), nn.Dropout(0.25), nn.Tanh())
    x = torch.randn(40, 50, requires_grad=True)
    y = compiled(model)(x)
    share = (y == 0).float().mean().item()
    assert 0.2 < share < 0.3
    y.sum().backward()
    [forward], [backward] = graphs("forward"), graphs("backward")
    assert (forward.partitions, backward.partitions) == (1, 1)
    assert set(forward.eager.values()) == {"aten.rand.default: no handler"}
    inner = model[1](model[0](x)).detach() * (y != 0) / 0.75
    torch.testing.assert_close(y, inner.tanh(), rtol=1e-4, atol=1e-5)


def test_in_place_and_views():
    def function(x):
        y = x.t()
        y.mul_(2)
        z = x[1:].view(-1)
        z += 1
        return y, torch.relu(x), x[:, ::2]

    a = torch.randn(4, 6)
    b = a.clone()
    for ours, theirs in zip(compiled(function)(a), function(b)):
        torch.testing.assert_close(ours, theirs)
        assert ours.stride() == theirs.stride()
    torch.testing.assert_close(a, b)


def test_what_has_no_form_runs_eagerly():
    def function(x):
        return torch.sort(torch.nn.functional.gelu(x))[0].exp()

    x = torch.randn(3, 8)
    torch.testing.assert_close(compiled(function)(x), function(x))
    [graph] = graphs("inference")
    assert graph.partitions == 2
    assert list(graph.eager.values()) == ["aten.sort.default: no handler"]
    assert "aten.sort" in act_mlir.torch.explain()


def test_inputs_in_any_layout():
    step = compiled(torch.nn.functional.silu, dynamic=False)
    for x in (torch.randn(4, 6).t(), torch.randn(4, 6)[:, 1::2], torch.randn(3).expand(2, 3),
              torch.randn(9)[1:], torch.randn(0, 3), torch.randn(())):
        torch.testing.assert_close(step(x), torch.nn.functional.silu(x))


def test_gradients_of_weights_are_not_moved():
    """torch transposes the gradient of a Linear twice, which is no movement."""
    layer, x = nn.Linear(64, 48), torch.randn(33, 64)
    compiled(layer)(x).square().sum().backward()
    gradient = layer.weight.grad
    layer.weight.grad = None
    layer(x).square().sum().backward()
    torch.testing.assert_close(gradient, layer.weight.grad, rtol=1e-4, atol=1e-4)
    [text] = graphs("backward")[0].programs
    [results] = re.findall(r"^ *return (.*) : ", text, re.M)
    products = re.findall(r"(%\w+) = linalg.matmul", text)
    assert set(products) & set(results.split(", ")), text


def test_lines_of_the_model():
    with torch.no_grad():
        compiled(Gpt())(torch.randint(50, (1, 4)))
    [text] = act_mlir.torch.graphs[0].programs
    [line] = [line for line in text.splitlines() if " = act.gelu" in line][:1]
    assert 'torch_models.py":' in line


def test_cache(tmp_path):
    """Two processes at once, and one after them, which compiles nothing."""
    program = ("import torch, act_mlir.torch, act_mlir.cache as cache\n"
               "stored = []\n"
               "store = cache.store\n"
               "cache.store = lambda *a: stored.append(1) or store(*a)\n"
               "f = torch.compile(torch.nn.functional.silu, backend='act')\n"
               "print(f(torch.ones(4)).sum().item(), len(stored))")
    environment = {**os.environ, "ACT_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT / "python")}

    def start():
        return subprocess.Popen([sys.executable, "-c", program], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    both = [start(), start()]
    for process in both:
        out, error = process.communicate()
        assert out.startswith("2.92"), error
    out, error = start().communicate()
    assert out.split()[1] == "0", out + error
    assert len(list(tmp_path.iterdir())) == 1


def test_other_memory_is_an_error():
    """What slips past torch's own guards is refused, not read."""
    compiled(torch.nn.functional.mish)(torch.randn(3))
    program = Program(import_graph(mish_graph()), {})
    with pytest.raises((TypeError, ValueError), match="input 0 is not"):
        program(torch.empty(3, device="meta"))
    with pytest.raises(act_mlir.ActError, match="f64|dtype"):
        program(torch.randn(3, dtype=torch.float64))
    with pytest.raises(act_mlir.ActError, match="extent 4 in dimension 0, expected 3"):
        program(torch.randn(4))
    with pytest.raises(TypeError, match="input 0 is not a tensor in memory"):
        program("text")
    with pytest.raises(TypeError, match="1 inputs, got 2"):
        program(torch.randn(3), torch.randn(3))


def mish_graph():
    return make_fx(lambda x: torch.nn.functional.mish(x), decompositions(),
                   tracing_mode="fake")(torch.randn(3)).graph


def test_unknown_option():
    with pytest.raises(Exception, match="options of the backend act are accuracy"):
        compiled(nn.Linear(2, 2), options={"speed": 1})(torch.randn(1, 2))


def test_found_by_its_name(tmp_path):
    """Where the package is installed, torch finds it without an import."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    points = project["entry-points"]["torch_dynamo_backends"]
    info = tmp_path / "act_mlir-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: act-mlir\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[torch_dynamo_backends]\n" + "".join(
        f"{name} = {value}\n" for name, value in points.items()))
    program = ("import torch; assert 'act' in torch._dynamo.list_backends(); "
               "print(torch.compile(torch.nn.functional.mish, backend='act')(torch.ones(3)))")
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True,
                          env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'python'}"})
    assert "0.8651" in done.stdout, done.stderr


def test_readme():
    """The example of README.md prints what it says."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.S | re.M)
    [block] = [block for block in blocks if 'backend="act"' in block]
    exec(block, {})
    said = re.search(r"# (forward: .*)", block)[1]
    assert act_mlir.torch.explain().splitlines()[0] == said


@pytest.mark.parametrize("name", ["asinh", "acosh", "atanh"])
def test_inverse_hyperbolic_functions(name):
    x = torch.linspace(1, 9, 20) if name == "acosh" else torch.linspace(-0.9, 0.9, 20)
    function = getattr(torch, name)
    torch.testing.assert_close(torch.compile(function, backend="act")(x), function(x))
