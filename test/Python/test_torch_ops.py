# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""torch's own sample inputs for its operations, compiled and compared with
eager: all samples of an operation and type are one graph."""

import pytest
import torch
import torch.utils._pytree as pytree
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.testing._internal.common_methods_invocations import op_db

from act_mlir.torch import backend, graphs, partition

# Operations all of whose samples compile.
WHOLE = """
abs add addmm amax amin any all atan baddbmm bmm cat ceil clamp clone cos
eq erf exp expand expm1 floor gather ge gt index_select
isnan le log log1p log2 log_softmax logical_and logical_not logical_or logsumexp lt
masked_fill maximum mean minimum mm mul ne neg
nn.functional.celu nn.functional.conv1d nn.functional.conv2d nn.functional.elu nn.functional.embedding
nn.functional.gelu nn.functional.glu nn.functional.hardshrink nn.functional.hardsigmoid
nn.functional.hardswish nn.functional.hardtanh nn.functional.layer_norm
nn.functional.leaky_relu nn.functional.logsigmoid
nn.functional.mish nn.functional.prelu nn.functional.relu nn.functional.relu6
nn.functional.selu nn.functional.silu nn.functional.softplus
nn.functional.softshrink nn.functional.softsign nn.functional.tanhshrink
nn.functional.threshold nn.functional.scaled_dot_product_attention
permute pow reciprocal reshape rsqrt rsub sigmoid sign sin softmax split sqrt square
squeeze stack sub sum tanh transpose true_divide unsqueeze var view where
""".split()
# Of these a program would compute nothing: it adds what they give to itself.
VIEWS = set("clone expand permute reshape split squeeze transpose unsqueeze view".split())
# What is random, or writes into a weight.
LEFT_OUT = ("dropout_p", "max_norm")
SAMPLES = 12
TOLERANCE = {torch.float32: (2e-5, 1e-5), torch.bfloat16: (2e-2, 2e-2)}


def samples(op, dtype):
    made = []
    for sample in op.sample_inputs("cpu", dtype, requires_grad=False):
        leaves = pytree.tree_leaves((sample.input, sample.args, sample.kwargs))
        if any(sample.kwargs.get(name) for name in LEFT_OUT):
            continue
        if all(not isinstance(v, torch.Tensor) or v.numel() for v in leaves):
            made.append(sample)
    return made[:: max(len(made) // SAMPLES, 1)][:SAMPLES]


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("name", WHOLE)
def test_samples(name, dtype):
    ops = [op for op in op_db if op.name == name and not op.variant_test_name]
    assert ops, f"torch has no samples for {name}"
    if dtype not in ops[0].dtypes:
        pytest.skip(f"torch has no {name} of {dtype}")
    torch.manual_seed(0)
    given = samples(ops[0], dtype)
    assert given

    def function(inputs):
        results = []
        for sample, (x, args, kwargs) in zip(given, inputs):
            results += [v + v if name in VIEWS else v
                        for v in pytree.tree_leaves(ops[0](x, *args, **kwargs))
                        if isinstance(v, torch.Tensor)]
        return results

    inputs = [(s.input, s.args, s.kwargs) for s in given]
    leaves, spec = pytree.tree_flatten(inputs)
    tensors = [v for v in leaves if isinstance(v, torch.Tensor)]

    def flat(*tensors):
        rest = iter(tensors)
        return function(pytree.tree_unflatten(
            [next(rest) if isinstance(v, torch.Tensor) else v for v in leaves], spec))

    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        expected = flat(*tensors)
        module = make_fx(torch.func.functionalize(flat), backend.decompositions(), tracing_mode="fake")(*tensors)
        compiled = partition.compile_graph(module, "inference", {})
        results = compiled(list(tensors))
    assert graphs[-1].eager == {}
    assert graphs[-1].compiled
    rtol, atol = TOLERANCE[dtype]
    for ours, theirs in zip(results, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=rtol, atol=atol, equal_nan=True)
