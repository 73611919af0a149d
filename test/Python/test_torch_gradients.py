# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gradients of convolutions and pooling: by torch's own samples, and by training
a small ResNet."""

import itertools

import pytest
import torch
import torch.utils._pytree as pytree
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn import functional as F
from torch.testing._internal.common_methods_invocations import op_db

import act_mlir.torch
from act_mlir.torch import backend, partition
from torch_compiled import compiled, follows_eager, fresh  # noqa: F401 (a fixture)
from torch_models import ResNet

NAMES = """nn.functional.avg_pool2d nn.functional.conv1d nn.functional.conv2d
nn.functional.conv3d nn.functional.conv_transpose1d nn.functional.conv_transpose2d
nn.functional.conv_transpose3d nn.functional.max_pool2d cumsum""".split()
MOST_SAMPLES, SAMPLES = 300, 6


def takes(sample) -> bool:
    """Whether there is a form for it: images in batches, whole windows."""
    order = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    pooled = sample.args and not isinstance(sample.args[0], torch.Tensor)
    named = {**(dict(zip(order, sample.args)) if pooled else {}), **sample.kwargs}
    pooled = "kernel_size" in named
    whole = not named.get("ceil_mode") and not named.get("return_indices")
    counted = named.get("count_include_pad", True) or not named.get("padding") \
        or named.get("divisor_override")
    return sample.input.numel() and whole and counted and (not pooled or sample.input.dim() != 3)


@pytest.mark.parametrize("name", NAMES)
def test_samples(name):
    [op] = [op for op in op_db if op.name == name and not op.variant_test_name]
    torch.manual_seed(0)
    drawn = itertools.islice(op.sample_inputs("cpu", torch.float32, requires_grad=True),
                             MOST_SAMPLES)
    drawn = [sample for sample in drawn if takes(sample)]
    drawn = drawn[::max(len(drawn) // SAMPLES, 1)]
    leaves, spec = pytree.tree_flatten([(s.input, s.args, s.kwargs) for s in drawn])
    tensors = [v for v in leaves if isinstance(v, torch.Tensor)]

    def gradients(*tensors):
        """Of a sum of weighted results, by each tensor that has one."""
        rest = iter(tensors)
        given = pytree.tree_unflatten(
            [next(rest) if isinstance(v, torch.Tensor) else v for v in leaves], spec)
        found = []
        for x, args, kwargs in given:
            y = op(x, *args, **kwargs)
            weighted = (y * torch.linspace(-1, 1, y.numel()).view(y.shape)).sum()
            by = [v for v in pytree.tree_leaves((x, args, kwargs))
                  if isinstance(v, torch.Tensor) and v.requires_grad]
            found += torch.autograd.grad(weighted, by)
        return found

    expected = gradients(*tensors)
    module = make_fx(gradients, backend.decompositions(), tracing_mode="fake")(*tensors)
    with torch.no_grad():
        results = partition.compile_graph(module, "backward", {})(list(tensors))
    [graph] = act_mlir.torch.graphs
    assert graph.eager == {}
    assert len(results) == len(expected) > 0
    for ours, theirs in zip(results, expected):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_resnet_trains():
    """50 steps follow eager's, in one program a direction."""
    torch.manual_seed(2)
    model = ResNet(8)
    x, labels = torch.randn(16, 3, 32, 32), torch.randint(10, (16,))
    trained = follows_eager(model, lambda step: F.cross_entropy(step(x), labels),
                            steps=50, rate=0.01)
    assert [(g.direction, g.partitions, g.eager) for g in act_mlir.torch.graphs] == [
        ("forward", 1, {}), ("backward", 1, {})]
    with torch.no_grad():
        torch.testing.assert_close(*(m.eval()(x) for m in trained), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("fill", [0.0, float("nan"), float("-inf")])
def test_places_of_equal_maxima(fill):
    """The first of the largest is the maximum, and NaN is larger than all."""
    x = torch.full((1, 2, 7, 7), fill)
    x[0, 0, 3:, 2] = 1
    pool = nn.MaxPool2d(3, 2, 1, return_indices=True)
    for ours, theirs in zip(compiled(pool)(x), pool(x)):
        torch.testing.assert_close(ours, theirs, equal_nan=True)
    assert act_mlir.torch.graphs[0].eager == {}


def test_images_of_dynamic_extents_stay_eager():
    """Gradients know the extents of images."""
    layer, x = nn.Conv2d(3, 4, 3, 2, 1), torch.randn(2, 3, 9, 8)
    torch._dynamo.mark_dynamic(x, 2)
    compiled(layer)(x).square().sum().backward()
    gradient = layer.weight.grad
    layer.weight.grad = None
    layer(x).square().sum().backward()
    torch.testing.assert_close(gradient, layer.weight.grad, rtol=1e-4, atol=1e-4)
    assert "dynamic extents" in str(act_mlir.torch.graphs[-1].eager)
