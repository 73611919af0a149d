# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Libraries made of PyTorch models ahead of time."""

import shutil
import subprocess

import numpy as np
import pytest
import torch

import act_mlir
import act_mlir.torch
from act_mlir.frontends.text import Unsupported
from torch_models import Gpt, mlp, models

MAIN = r"""
#include "mlp.h"
#include <stdio.h>
int main(void) {
  const act_model *model = act_model_get(ACT_ABI_VERSION);
  act_instance *instance;
  float x[2][20] = {{0}}, y[2][10];
  if (!model || model->create(model, NULL, &instance))
    return 1;
  for (int i = 0; i < 40; ++i)
    x[i / 20][i % 20] = (float)i / 40;
  if (mlp_run(model, instance, &x[0][0], 2, &y[0][0], 2)) {
    fprintf(stderr, "error: %s\n", model->last_error());
    return 1;
  }
  for (int i = 0; i < 20; ++i)
    printf("%.6f\n", y[i / 10][i % 10]);
  model->destroy(instance);
}
"""


@pytest.mark.parametrize("name", models())
def test_agrees_with_eager(name, tmp_path):
    model, x = models()[name]
    model.eval()
    library = act_mlir.torch.export(model, (x,), tmp_path / f"{name}.so")
    with torch.no_grad():
        np.testing.assert_allclose(library(x.numpy()), model(x), rtol=1e-4, atol=2e-5)


def test_in_c(tmp_path):
    model = mlp().eval()
    rows = torch.export.Dim("rows")
    act_mlir.torch.export(model, (torch.randn(3, 20),), tmp_path / "mlp.so",
                          dynamic_shapes=({0: rows},))
    (tmp_path / "main.c").write_text(MAIN)
    compiler = shutil.which("cc") or shutil.which("clang-22")
    subprocess.run([compiler, "main.c", "./mlp.so", "-Wl,-rpath,.", "-o", "main"],
                   cwd=tmp_path, check=True)
    printed = subprocess.run(["./main"], cwd=tmp_path, check=True, capture_output=True, text=True)
    x = (torch.arange(40) / 40).reshape(2, 20)
    with torch.no_grad():
        expected = model(x).flatten()
    np.testing.assert_allclose([float(n) for n in printed.stdout.split()], expected, atol=2e-6)


def test_dynamic_extents(tmp_path):
    model = Gpt().eval()
    length = torch.export.Dim("length", max=16)
    library = act_mlir.torch.export(model, (torch.zeros(2, 8, dtype=torch.long),),
                                    tmp_path / "gpt.so", dynamic_shapes=({1: length},))
    for n in (3, 12):
        tokens = torch.randint(50, (2, n))
        with torch.no_grad():
            np.testing.assert_allclose(library(tokens.numpy()), model(tokens), rtol=1e-4, atol=2e-5)


def test_what_is_not_supported_is_listed(tmp_path):
    class Sorted(torch.nn.Module):
        def forward(self, x):
            return torch.sort(x)[0], torch.topk(x, 2)[0]

    with pytest.raises(Unsupported, match=r"aten.sort.default \(no handler\): .*"
                       r"test_torch_export.py:\d+.*aten.topk.default"):
        act_mlir.torch.export(Sorted(), (torch.randn(4),), tmp_path / "sorted.so")
    assert not list(tmp_path.iterdir())


def test_what_writes_into_buffers_is_refused(tmp_path):
    class Counting(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("count", torch.zeros(()))

        def forward(self, x):
            self.count.add_(1)
            return x * self.count

    with pytest.raises(Unsupported, match="a model that writes into count"):
        act_mlir.torch.export(Counting(), (torch.randn(4),), tmp_path / "counting.so")
