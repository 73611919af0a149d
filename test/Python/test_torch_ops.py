# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""torch's own sample inputs for its operations, compiled and compared with
eager: the samples of an operation are one graph."""

import itertools

import pytest
import torch
import torch.utils._pytree as pytree
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.testing._internal.common_methods_invocations import op_db

from act_mlir.torch import backend, graphs, partition

# Operations all of whose samples compile.
WHOLE = """
abs add addcdiv addcmul addmm addmv amax amin any all argmax argmin atan baddbmm bmm cat ceil
chunk clamp clone copysign cos cumsum dot eq erf erfc exp exp2 expand expm1 fill flip floor fmax fmin
fmod full_like gather ge gt index_select isfinite isinf isnan le lerp log log1p log2 log_softmax
logaddexp logical_and logical_not logical_or logsumexp lt masked_fill maximum mean minimum mm
mul mv nan_to_num ne neg nn.functional.adaptive_avg_pool2d nn.functional.celu
nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d
nn.functional.conv_transpose1d nn.functional.conv_transpose2d nn.functional.conv_transpose3d
nn.functional.cross_entropy nn.functional.elu
nn.functional.embedding nn.functional.gelu nn.functional.glu nn.functional.hardshrink
nn.functional.hardsigmoid nn.functional.hardswish nn.functional.hardtanh
nn.functional.huber_loss nn.functional.l1_loss nn.functional.layer_norm nn.functional.leaky_relu
nn.functional.logsigmoid nn.functional.mish nn.functional.mse_loss nn.functional.nll_loss
nn.functional.pixel_shuffle nn.functional.prelu nn.functional.relu nn.functional.relu6
nn.functional.selu nn.functional.silu nn.functional.smooth_l1_loss nn.functional.softmin
nn.functional.softplus nn.functional.softshrink nn.functional.softsign nn.functional.tanhshrink
nn.functional.threshold nn.functional.scaled_dot_product_attention nn.functional.unfold permute
pow prod reciprocal remainder repeat reshape roll rsqrt rsub select sigmoid sign sin softmax
split sqrt square squeeze stack std sub sum tanh tile transpose tril triu true_divide unbind
unsqueeze var var_mean view where xlogy zeros_like
""".split()
# Of these a program would compute nothing: it adds what they give to itself.
VIEWS = set("chunk nn.functional.pixel_shuffle select unbind clone expand permute reshape split squeeze transpose unsqueeze view".split())
# Of these eager rounds sums to 16 bits on the way.
ROUNDED = {"nn.functional.conv_transpose2d", "nn.functional.conv_transpose3d"}
# What is random, or writes into a weight.
LEFT_OUT = ("dropout_p", "max_norm")
SAMPLES, MOST_SAMPLES = 4, 200
TOLERANCE = {torch.float32: (2e-5, 1e-5), torch.bfloat16: (2e-2, 2e-2)}


def samples(op, dtype):
    made = []
    drawn = op.sample_inputs("cpu", dtype, requires_grad=False)
    for sample in itertools.islice(drawn, MOST_SAMPLES):
        leaves = pytree.tree_leaves((sample.input, sample.args, sample.kwargs))
        if any(sample.kwargs.get(name) for name in LEFT_OUT):
            continue
        if all(not isinstance(v, torch.Tensor) or v.numel() for v in leaves):
            made.append(sample)
    return made[:: max(len(made) // SAMPLES, 1)][:SAMPLES]


@pytest.mark.parametrize("name", WHOLE)
def test_samples(name):
    ops = [op for op in op_db if op.name == name and not op.variant_test_name]
    assert ops, f"torch has no samples for {name}"
    torch.manual_seed(0)
    given = {dtype: samples(ops[0], dtype) for dtype in TOLERANCE if dtype in ops[0].dtypes
             and (name not in ROUNDED or dtype is torch.float32)}
    assert torch.float32 in given and all(given.values())
    leaves, spec = pytree.tree_flatten(
        [[(s.input, s.args, s.kwargs) for s in group] for group in given.values()])
    tensors = [v for v in leaves if isinstance(v, torch.Tensor)]

    def function(*tensors):
        rest = iter(tensors)
        groups = pytree.tree_unflatten(
            [next(rest) if isinstance(v, torch.Tensor) else v for v in leaves], spec)
        return [[[v + v if name in VIEWS else v
                  for v in pytree.tree_leaves(ops[0](x, *args, **kwargs))
                  if isinstance(v, torch.Tensor)] for x, args, kwargs in group]
                for group in groups]

    def flat(*tensors):
        return pytree.tree_leaves(function(*tensors))

    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        expected = function(*tensors)
        module = make_fx(torch.func.functionalize(flat), backend.decompositions(),
                         tracing_mode="fake")(*tensors)
        results = iter(partition.compile_graph(module, "inference", {})(list(tensors)))
    assert graphs[-1].eager == {}
    assert graphs[-1].compiled
    for (rtol, atol), group in zip((TOLERANCE[dtype] for dtype in given), expected):
        for theirs in pytree.tree_leaves(group):
            torch.testing.assert_close(next(results), theirs, rtol=rtol, atol=atol, equal_nan=True)
