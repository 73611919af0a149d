# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Types, layouts, sizes and threads through `torch.compile(backend="act")`."""

import copy
import threading

import pytest
import torch
import torch._dynamo
from torch import nn

import act_mlir.torch
from torch_compiled import compiled, fresh  # noqa: F401 (a fixture)
from torch_models import Block, ConvNet, mlp


@pytest.mark.parametrize("dtype, tolerance", [
    (torch.float64, 1e-12), (torch.float16, 1e-2), (torch.bfloat16, 5e-2)], ids=str)
def test_training_in_other_types(dtype, tolerance):
    ours = nn.Sequential(Block(16, 2), nn.Linear(16, 4)).to(dtype)
    theirs = copy.deepcopy(ours)
    x = torch.randn(2, 5, 16, dtype=dtype)
    for run in (compiled(ours), theirs):
        run(x).float().square().mean().backward()
    for a, b in zip(ours.parameters(), theirs.parameters()):
        assert (a.grad - b.grad).abs().max() <= tolerance * b.grad.abs().max()
    assert all(g.partitions == 1 and not g.eager for g in act_mlir.torch.graphs)


def test_channels_last():
    model = ConvNet().net[:6].eval().to(memory_format=torch.channels_last)
    x = torch.randn(2, 3, 8, 8).to(memory_format=torch.channels_last)
    with torch.no_grad():
        ours, theirs = compiled(model)(x), model(x)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    assert ours.stride() == theirs.stride()


def test_integers():
    def function(a, b):
        return (a // b, a % b, a & b, a.float().mean(), (a > b).sum(), a.max(), b.clamp(min=2),
                torch.where(a > b, a, b), a.to(torch.uint8) + 1)

    a, b = torch.randint(-9, 9, (5, 6)), torch.randint(1, 7, (5, 6))
    for ours, theirs in zip(compiled(function)(a, b), function(a, b)):
        torch.testing.assert_close(ours, theirs)


def test_sizes_as_numbers():
    def function(x):
        return x * x.shape[0] + torch.arange(x.shape[0])[:, None] / x.shape[1]

    step = compiled(function, dynamic=True)
    for n in (3, 5, 8):
        x = torch.randn(n, n + 1)
        torch.testing.assert_close(step(x), function(x))
    assert act_mlir.torch.counters["graphs"] == 1


def test_a_size_that_no_tensor_has():
    def function(x, n):
        return torch.arange(n + 2).float().exp2() * x

    step = compiled(function, dynamic=True)
    for n in (4, 7):
        torch.testing.assert_close(step(torch.ones(()), n), function(torch.ones(()), n))
    assert act_mlir.torch.graphs[-1].eager == {}


@torch._dynamo.config.patch(capture_scalar_outputs=True)
def test_sizes_that_data_give():
    def function(x):
        return torch.arange(x.sum().int().item()).float().exp2()

    for last in (2.0, 5.0):
        x = torch.tensor([1.0, last])
        torch.testing.assert_close(compiled(function)(x), function(x))
    assert act_mlir.torch.graphs[-1].partitions


def test_rows_that_are_masked():
    """A row of attention with nothing to look at is 0, as eager has it."""
    q, mask = torch.randn(2, 2, 5, 8), torch.rand(5, 5) > 0.3
    mask[2] = False

    def function(q):
        return nn.functional.scaled_dot_product_attention(q, q, q, attn_mask=mask)

    torch.testing.assert_close(compiled(function)(q), function(q), rtol=1e-4, atol=1e-5)


def test_statistics_of_batch_norm():
    ours = ConvNet()
    theirs = copy.deepcopy(ours)
    x = torch.randn(4, 3, 8, 8)
    torch.testing.assert_close(compiled(ours)(x), theirs(x), rtol=1e-4, atol=1e-5)
    for a, b in zip(ours.buffers(), theirs.buffers()):
        torch.testing.assert_close(a, b)


def test_many_threads():
    model, x = mlp(), torch.randn(64, 20)
    step = compiled(model)
    with torch.no_grad():
        expected, wrong = step(x), []

    def work():
        with torch.no_grad():
            wrong.extend(1 for _ in range(100) if not torch.equal(step(x), expected))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
