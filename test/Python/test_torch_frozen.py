# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Parameters that inference holds: what is computed of them alone is computed
once, and again when they have changed."""

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

import act_mlir.torch
from act_mlir.torch.program import _Held
from torch_compiled import compiled, fresh  # noqa: F401 (a fixture)
from torch_models import ConvNet, mlp


@pytest.fixture
def searches(monkeypatch):
    """How often constants were others than those of the call before."""
    made, search = [], _Held.search

    def counted(self, arguments):
        made.append(len(self.held))
        return search(self, arguments)

    monkeypatch.setattr(_Held, "search", counted)
    return made


def agree(step, model, x):
    with torch.no_grad():
        torch.testing.assert_close(step(x), model(x), rtol=1e-4, atol=1e-5)


def test_parameters_are_constants(searches):
    model, x = mlp().eval(), torch.randn(32, 20)
    step = compiled(model)
    for _ in range(3):
        agree(step, model, x)
    assert len(searches) == 1
    [text] = act_mlir.torch.graphs[0].programs
    assert text.count("act.constant") == 4


def change_by_optimizer(model):
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    model(torch.randn(3, 20)).square().sum().backward()
    optimizer.step()


def change_in_place(model):
    with torch.no_grad():
        model[0].weight.mul_(2)


def change_address(model):
    model[2].bias.data = torch.ones(10)


def load(model):
    model.load_state_dict({k: v + 1 for k, v in model.state_dict().items()})


def transpose(model):
    model[0].weight.data = torch.randn(20, 40).t()


@pytest.mark.parametrize("change", [change_by_optimizer, change_in_place, change_address, load,
                                    transpose])
def test_changes_are_seen(change, searches):
    model, x = mlp().eval(), torch.randn(32, 20)
    step = compiled(model)
    agree(step, model, x)
    change(model)
    agree(step, model, x)
    agree(step, model, x)
    assert len(searches) == 2


def test_writes_through_data_are_not_seen():
    """They leave no trace; without `freeze` nothing is held."""
    for freeze, seen in ((True, False), (False, True)):
        torch._dynamo.reset()
        layer, x = nn.Linear(64, 32).eval(), torch.ones(1, 64)
        step = compiled(layer, options={"freeze": freeze})
        with torch.no_grad():
            first = step(x)
            layer.weight.data.zero_()
            second = step(x)
        assert torch.equal(first, second) != seen
    assert "act.constant" not in act_mlir.torch.graphs[-1].programs[0]


def test_modules_that_share_a_program(searches):
    """Each has its own constants; those of a module that is gone go with it."""
    blocks = [nn.Linear(20, 20).eval() for _ in range(3)]
    forward = torch.compile(lambda weight, bias, x: nn.functional.linear(x, weight, bias),
                            backend="act")
    for block in blocks:
        for tensor in (block.weight, block.bias):
            torch._dynamo.mark_static_address(tensor, guard=False)
    x = torch.randn(32, 20)
    with torch.no_grad():
        for _ in range(2):
            for block in blocks:
                torch.testing.assert_close(forward(block.weight, block.bias, x), block(x),
                                           rtol=1e-4, atol=1e-5)
    assert act_mlir.torch.counters["graphs"] == 1
    assert searches == [0, 1, 2, 3, 3, 3]
    del blocks[0], block
    gc.collect()
    with torch.no_grad():
        forward(blocks[0].weight, blocks[0].bias, x)
    assert searches[-1] == 2


def test_buffers_that_are_written_are_inputs():
    model, x = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), torch.randn(2, 3, 9, 9)
    step = compiled(model)
    with torch.no_grad():
        for _ in range(2):
            step(x)
        text = act_mlir.torch.graphs[-1].programs[-1]
        assert text.count("act.constant") < 6
        model.eval()
        agree(step, model, x)
    assert act_mlir.torch.graphs[-1].programs[-1].count("act.constant") == 6


def test_training_holds_nothing():
    model = mlp()
    compiled(model)(torch.randn(4, 20)).sum().backward()
    assert not any("act.constant" in text for graph in act_mlir.torch.graphs
                   for text in graph.programs)


def test_convolutions_in_half_precision():
    for dtype, tolerance in ((torch.float32, 1e-4), (torch.bfloat16, 5e-2)):
        torch._dynamo.reset()
        model, x = ConvNet().eval().to(dtype), torch.randn(2, 3, 16, 16, dtype=dtype)
        step = compiled(model)
        with torch.no_grad():
            for _ in range(2):
                torch.testing.assert_close(step(x), model(x), rtol=tolerance, atol=tolerance)
            model.net[0].weight.add_(0.5)
            torch.testing.assert_close(step(x), model(x), rtol=tolerance, atol=tolerance)


def test_inference_tensors():
    """They count no writes: each call takes them anew."""
    with torch.inference_mode():
        model, x = mlp().eval(), torch.randn(3, 20)
        step = compiled(model)
        for _ in range(2):
            torch.testing.assert_close(step(x), model(x), rtol=1e-4, atol=1e-5)
            model[0].weight.mul_(2)


def test_threads():
    """Calls at once, the first of which find other constants."""
    model, x = mlp().eval(), torch.randn(32, 20)
    step = compiled(model)
    agree(step, model, x)
    transpose(model)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(agree, step, model, x) for _ in range(40)]:
            done.result()


def test_dynamic_extents():
    model = mlp().eval()
    step = compiled(model, dynamic=True)
    for n in (3, 40, 7):
        agree(step, model, torch.randn(n, 20))
    assert act_mlir.torch.counters["graphs"] == 1
    assert "act.constant" in act_mlir.torch.graphs[0].programs[0]
