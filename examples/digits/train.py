# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains two classifiers on scikit-learn's bundled digits (8x8 images).

Writes beside this script:
  mlp.onnx     64-128-64-10, relu and gelu
  cnn.onnx     conv, relu, max pool, conv, silu, dense
  images.npy   held-back images, f32, N x 1 x 8 x 8
  labels.npy   their digits, i64, N

Both models take images of any number N and give N x 10 probabilities. The
script needs a few seconds and gives the same files each time on one machine.
"""

import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits

from layers import (Adam, Conv3x3, Dense, Flatten, Gelu, MaxPool2x2, Relu, Silu)

HERE = pathlib.Path(__file__).parent
HELD_BACK = 450


def data(rng):
    digits = load_digits()
    images = (digits.images / 16.0).astype("f4")[:, None]
    order = rng.permutation(len(images))
    images, labels = images[order], digits.target[order]
    return (images[HELD_BACK:], labels[HELD_BACK:],
            images[:HELD_BACK], labels[:HELD_BACK])


def shifted(rng, images):
    """Each image moved by at most one pixel, so that few images suffice."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    result = np.empty_like(images)
    for i, (dy, dx) in enumerate(rng.choice(3, (len(images), 2), p=[0.1, 0.8, 0.1])):
        result[i] = padded[i, :, dy : dy + 8, dx : dx + 8]
    return result


def train(name, layers, images, labels, rng, epochs, rate=2e-3, batch=64):
    adam = Adam([layer for _, layer in layers])
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        moved = shifted(rng, images)
        loss = 0.0
        cooled = rate * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            x = moved[chosen]
            for _, layer in layers:
                x = layer.forward(x)
            p = np.exp(x - x.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            rows = np.arange(len(chosen))
            loss -= np.log(p[rows, labels[chosen]]).sum()
            p[rows, labels[chosen]] -= 1
            gradient = (p / len(chosen)).astype("f4")
            for _, layer in reversed(layers):
                gradient = layer.backward(gradient)
            adam.update(cooled)
        if epoch % 40 == 39:
            print(f"{name}: epoch {epoch + 1}, loss {loss / len(order):.4f}", flush=True)


class Graph:
    """ONNX nodes in a row, each named after its layer."""

    def __init__(self):
        self.nodes, self.weights, self.value = [], [], "image"

    def add(self, name, op, *inputs, output=None, **attributes):
        output = output or name
        self.nodes.append(helper.make_node(op, list(inputs) or [self.value],
                                           [output], name, **attributes))
        self.value = output

    def weight(self, name, array):
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def layer(self, name, layer):
        x = self.value
        match layer:
            case Dense():
                self.add(name, "Gemm", x, self.weight(f"{name}.weight", layer.weight),
                         self.weight(f"{name}.bias", layer.bias), transB=1)
            case Conv3x3():
                self.add(name, "Conv", x, self.weight(f"{name}.weight", layer.weight),
                         self.weight(f"{name}.bias", layer.bias),
                         kernel_shape=[3, 3], pads=[1, 1, 1, 1])
            case MaxPool2x2():
                self.add(name, "MaxPool", kernel_shape=[2, 2], strides=[2, 2])
            case Silu():  # as exporters write it
                self.add(f"{name}/sigmoid", "Sigmoid")
                self.add(name, "Mul", x, self.value)
            case _:
                self.add(name, type(layer).__name__)

    def save(self, name):
        self.add("softmax", "Softmax", output="probabilities", axis=-1)
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8])
        result = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])
        graph = helper.make_graph(self.nodes, f"digits_{name}", [image], [result], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)],
                                  ir_version=9, producer_name="act-mlir digits example")
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, HERE / f"{name}.onnx")


def accuracy(name, images, labels):
    session = onnxruntime.InferenceSession(HERE / f"{name}.onnx")
    [p] = session.run(None, {"image": images})
    return (p.argmax(1) == labels).mean()


def main():
    rng = np.random.default_rng(7)
    images, labels, held_images, held_labels = data(rng)
    models = {
        "mlp": (120, [("flatten", Flatten()),
                     ("fc1", Dense(rng, 64, 128)), ("fc1/relu", Relu()),
                     ("fc2", Dense(rng, 128, 64)), ("fc2/gelu", Gelu()),
                     ("fc3", Dense(rng, 64, 10))]),
        "cnn": (120, [("conv1", Conv3x3(rng, 1, 8)), ("conv1/relu", Relu()),
                     ("pool1", MaxPool2x2()),
                     ("conv2", Conv3x3(rng, 8, 16)), ("conv2/silu", Silu()),
                     ("flatten", Flatten()), ("fc", Dense(rng, 256, 10))]),
    }
    np.save(HERE / "images.npy", held_images)
    np.save(HERE / "labels.npy", held_labels.astype("i8"))
    for name, (epochs, layers) in models.items():
        train(name, layers, images, labels, rng, epochs)
        graph = Graph()
        for layer_name, layer in layers:
            graph.layer(layer_name, layer)
        graph.save(name)
        found = accuracy(name, held_images, held_labels)
        print(f"{name}: {found:.4f} of {len(held_labels)} held-back images right")
        assert found > 0.96, f"{name} is worse than expected"


if __name__ == "__main__":
    main()
