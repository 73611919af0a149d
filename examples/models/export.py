# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the models of this folder: small networks as PyTorch exports them, with
random weights. The tests compile them and compare with onnxruntime.

    pip install torch==2.13.0 onnxscript==0.7.2
    python examples/models/export.py
"""

import pathlib
import warnings

import onnx
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
WIDTH, HEADS, VOCABULARY = 16, 2, 40


def heads(x):
    """Batch, sequence, width to batch, heads, sequence, depth."""
    return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)


class Encoder(nn.Module):
    """BERT's: embeddings, attention with a mask of padding, gelu, a pooled head."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(64, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, 0, "gelu", batch_first=True)
        self.layers = nn.ModuleList([layer, nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, 0, F.gelu, batch_first=True, norm_first=True)])
        self.pooled = nn.Linear(WIDTH, WIDTH)
        self.classes = nn.Linear(WIDTH, 3)

    def forward(self, ids, mask):
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=mask == 0)
        return self.classes(torch.tanh(self.pooled(x[:, 0]))).softmax(-1)


class DecoderLayer(nn.Module):
    """Llama's: RMS norms, rotated positions, a cache, a gated unit."""

    def __init__(self):
        super().__init__()
        self.before = nn.RMSNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.after = nn.RMSNorm(WIDTH)
        self.gate = nn.Linear(WIDTH, 2 * WIDTH, bias=False)
        self.up = nn.Linear(WIDTH, 2 * WIDTH, bias=False)
        self.down = nn.Linear(2 * WIDTH, WIDTH, bias=False)

    @staticmethod
    def rotated(x, past):
        places = torch.arange(x.shape[2]) + past
        depth = x.shape[3] // 2
        angle = places[:, None] / 10000 ** (torch.arange(depth) / depth)
        a, b = x.chunk(2, -1)
        return torch.cat([a * angle.cos() - b * angle.sin(),
                          a * angle.sin() + b * angle.cos()], -1)

    def forward(self, x, keys, values):
        past = keys.shape[2]
        q, k, v = map(heads, self.qkv(self.before(x)).chunk(3, -1))
        q, k = self.rotated(q, past), self.rotated(k, past)
        keys, values = torch.cat([keys, k], 2), torch.cat([values, v], 2)
        rows = torch.arange(x.shape[1])[:, None] + past
        seen = torch.arange(keys.shape[2]) <= rows
        y = F.scaled_dot_product_attention(q, keys, values, attn_mask=seen)
        x = x + self.out(y.transpose(1, 2).flatten(2))
        h = self.after(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h)), keys, values


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.layer = DecoderLayer()
        self.norm = nn.RMSNorm(WIDTH)

    def forward(self, ids, keys, values):
        x, keys, values = self.layer(self.tokens(ids), keys, values)
        return self.norm(x) @ self.tokens.weight.T, keys, values


class Vision(nn.Module):
    """A vision transformer on 16 patches."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, 4, 4)
        self.first = nn.Parameter(torch.randn(1, 1, WIDTH))
        self.places = nn.Parameter(torch.randn(1, 17, WIDTH))
        self.layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, 0, "gelu", batch_first=True, norm_first=True)
        self.norm, self.classes = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 5)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.classes(self.norm(self.layer(x)[:, 0]))


class Squeeze(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.down, self.up = nn.Conv2d(channels, 4, 1), nn.Conv2d(4, channels, 1)

    def forward(self, x):
        y = self.up(F.relu(self.down(F.adaptive_avg_pool2d(x, 1))))
        return x * F.hardsigmoid(y)


class Convolutions(nn.Module):
    """MobileNet's blocks: silu, hard swish, squeeze and excitation."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.SiLU(),
            nn.Conv2d(8, 16, 1), nn.BatchNorm2d(16), nn.Hardswish(),
            nn.Conv2d(16, 16, 5, 1, 2, groups=16), nn.BatchNorm2d(16), nn.Hardswish(),
            Squeeze(16), nn.MaxPool2d(3, 2, 1), nn.Conv2d(16, 8, 1), nn.Mish(),
            nn.Upsample(scale_factor=2), nn.GroupNorm(2, 8), nn.ELU(0.5),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))

    def forward(self, image):
        return self.body(image)


class Gated(nn.Module):
    """GLU, GEGLU, ReGLU and SwiGLU."""

    def __init__(self):
        super().__init__()
        self.packed = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x):
        h = self.packed(x)
        a, b = h.chunk(2, -1)
        y = F.glu(h, -1) + F.gelu(a, approximate="tanh") * b + F.relu(a) * b + F.silu(b) * a
        return F.softplus(self.down(y))


def models():
    """Names to (module, arguments, dynamic dimensions)."""
    ids, image = torch.ones(2, 7, dtype=torch.int64), torch.randn(2, 3, 16, 16)
    cache = torch.randn(2, HEADS, 5, WIDTH // HEADS)
    return {
        "encoder": (Encoder(), {"ids": ids, "mask": torch.ones(2, 7)},
                    {"ids": {0: "batch", 1: "length"}, "mask": {0: "batch", 1: "length"}}),
        "decoder": (Decoder(), {"ids": ids, "keys": cache, "values": cache},
                    {"ids": {0: "batch", 1: "length"}, "keys": {0: "batch", 2: "past"},
                     "values": {0: "batch", 2: "past"}}),
        "vision": (Vision(), {"image": image}, {"image": {0: "batch"}}),
        "convolutions": (Convolutions(), {"image": image}, {"image": {0: "batch"}}),
        "gated": (Gated(), {"x": torch.randn(3, 4, WIDTH)}, {"x": {0: "batch", 1: "length"}}),
    }


def bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without what the exporter notes about its source."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info,
                 *graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return model


def main():
    warnings.simplefilter("ignore")
    torch.manual_seed(1)
    for name, (module, arguments, dynamic) in models().items():
        # Statistics of norms, as after training.
        for buffer in module.buffers():
            if buffer.is_floating_point():
                buffer.uniform_(0.5, 1.5)
        program = torch.onnx.export(
            module.eval(), (), kwargs=arguments, dynamo=True, input_names=list(arguments),
            dynamic_shapes=dynamic, verbose=False)
        onnx.save(bare(program.model_proto), HERE / f"{name}.onnx")


if __name__ == "__main__":
    main()
