# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The suite `torch`: models as their users call them, through torch.compile, and
steps of their training; eager and Inductor beside ours. Run as a worker by
benchmarks/run.py."""

from __future__ import annotations

import copy
import json
import sys
import time
import warnings

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

import act_mlir.torch  # noqa: F401 (registers the backend)

from . import cells, data, peers, timing


class Block(nn.Module):
    """Attention and a feed-forward layer, a norm before each."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(),
                                 nn.Linear(4 * width, width))

    def forward(self, x):
        b, n, c = x.shape
        qkv = self.qkv(self.norms[0](x)).view(b, n, 3, self.heads, c // self.heads)
        y = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4))
        x = x + self.out(y.transpose(1, 2).reshape(b, n, c))
        return x + self.mlp(self.norms[1](x))


class Residual(nn.Module):
    """Two convolutions of 3x3 with their norms, and a way around them."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters),
            nn.ReLU(), nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
            nn.BatchNorm2d(filters))
        self.way = nn.Sequential() if stride == 1 else nn.Sequential(
            nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return F.relu(self.net(x) + self.way(x))


def encoder():
    return nn.Sequential(*(Block(384, 6) for _ in range(6)))


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.GELU(), nn.Linear(512, 512), nn.GELU(),
                         nn.Linear(512, 10))


def resnet():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        Residual(32, 32, 1), Residual(32, 64, 2), Residual(64, 128, 2), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(128, 10))


NETWORKS = {"encoder": encoder, "mlp": mlp, "resnet": resnet}


def infer(model, x):
    with torch.no_grad():
        return model(x)


def train(model, x, optimizer, labels):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), labels)
    loss.backward()
    optimizer.step()
    return loss.detach()


def calls(model, x, contenders, trained):
    """For each contender a call of its own copy of the model."""
    found = {}
    for name in contenders:
        own = copy.deepcopy(model)
        run = own if name == "torch" else torch.compile(
            own, backend="act" if name == "act precise" else "inductor", dynamic=False)
        if trained:
            optimizer = torch.optim.SGD(own.parameters(), lr=1e-3)
            labels = torch.arange(x.shape[0]) % 10
            found[name] = (lambda run=run, optimizer=optimizer:
                           train(run, x, optimizer, labels))
        else:
            found[name] = lambda run=run: infer(run, x)
    return found


def run_model(entry: cells.Model, settings) -> dict:
    trained = entry.train
    torch.manual_seed(0)
    model, x = NETWORKS[entry.network]().train(trained), torch.randn(entry.shape)
    contenders = ["act precise", *(p for p in settings["peers"] if p in ("torch", "inductor"))]
    exact = copy.deepcopy(model).double()
    expected = calls(exact, x.double(), ["torch"], trained)["torch"]().numpy()
    counter = FlopCounterMode(display=False)
    with counter:
        infer(copy.deepcopy(model), x)
    record = {"key": entry.key, "operation": entry.name, "dtype": "f32", "shape": entry.shape,
              "offset": 0,
              "elements": expected.size, "flops": counter.get_total_flops(), "small": True,
              "bounds": {}, "errors": {}, "missing": {}}
    loops = {}
    for contender, call in calls(model, x, contenders, trained).items():
        try:
            error = data.relative(call().numpy(), expected)
            record["errors"][contender] = {"relative": error}
            loops[contender] = timing.python_loop(call)
        except Exception as error:
            record["missing"][contender] = " ".join(str(error).split())[:200] or repr(error)
    if settings["prepare"]:
        return record
    samples = timing.interleaved(loops, 5 * settings["sample_ms"], settings["rounds"],
                                 6 * settings["cell_s"])
    record["times"] = {n: timing.summary(s) for n, s in samples.items()}
    record["ratios"] = {"act precise": {
        other: timing.ratio(s, samples["act precise"])
        for other, s in samples.items() if other != "act precise"}}
    return record


def main():
    settings = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    peers.pin(settings["threads"])
    torch.set_num_threads(settings["threads"])
    models, begin = {model.key: model for model in cells.models()[1]}, time.monotonic()
    for key in settings["keys"]:
        if time.monotonic() - begin > settings["limit_s"]:
            break
        print(json.dumps({"begin": key}), flush=True)
        print(json.dumps(run_model(models[key], settings)), flush=True)


if __name__ == "__main__":
    main()
