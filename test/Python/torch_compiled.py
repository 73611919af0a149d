# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the tests of `torch.compile(backend="act")` share."""

import copy

import pytest
import torch
import torch._dynamo

import act_mlir.torch


@pytest.fixture(autouse=True)
def fresh():
    """A test sees its own graphs only: modules import this by name."""
    torch._dynamo.reset()
    act_mlir.torch.reset()
    torch.manual_seed(0)


def compiled(model, **arguments):
    return torch.compile(model, backend="act", **arguments)


def follows_eager(model, loss, steps, rate):
    """Trains a model and a copy that runs eagerly: their losses are one, and fall.
    Gives both."""
    ours, theirs, losses = model, copy.deepcopy(model), []
    for trained, step in ((ours, compiled(ours)), (theirs, theirs)):
        optimizer = torch.optim.SGD(trained.parameters(), lr=rate)
        losses.append([])
        for _ in range(steps):
            optimizer.zero_grad()
            value = loss(step)
            value.backward()
            optimizer.step()
            losses[-1].append(value.item())
    torch.testing.assert_close(*map(torch.tensor, losses), rtol=0, atol=1e-4)
    assert losses[0][-1] < 0.8 * losses[0][0]
    return ours, theirs
