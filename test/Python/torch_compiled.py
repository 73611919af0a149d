# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the tests of `torch.compile(backend="act")` share."""

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
