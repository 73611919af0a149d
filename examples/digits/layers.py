# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layers with a forward and a backward pass in plain NumPy, and Adam."""

import numpy as np
from scipy.special import erf


class Layer:
    """One step of a network; `parameters` are updated in place."""

    parameters: list[np.ndarray] = []
    gradients: list[np.ndarray] = []

    def forward(self, x):
        raise NotImplementedError

    def backward(self, dy):
        raise NotImplementedError


class Dense(Layer):
    def __init__(self, rng, inputs, outputs):
        scale = np.sqrt(2.0 / inputs)
        self.weight = (rng.standard_normal((outputs, inputs)) * scale).astype("f4")
        self.bias = np.zeros(outputs, "f4")
        self.parameters = [self.weight, self.bias]

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, dy):
        self.gradients = [dy.T @ self.x, dy.sum(0)]
        return dy @ self.weight


class Conv3x3(Layer):
    """A 3x3 convolution, padded to keep the image's size, NCHW."""

    def __init__(self, rng, inputs, outputs):
        scale = np.sqrt(2.0 / (inputs * 9))
        self.weight = (rng.standard_normal((outputs, inputs, 3, 3)) * scale).astype("f4")
        self.bias = np.zeros(outputs, "f4")
        self.parameters = [self.weight, self.bias]

    def forward(self, x):
        n, c, h, w = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3))
        self.shape = x.shape
        self.columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, c * 9)
        y = self.columns @ self.weight.reshape(len(self.weight), -1).T + self.bias
        return y.reshape(n, h, w, -1).transpose(0, 3, 1, 2)

    def backward(self, dy):
        n, c, h, w = self.shape
        rows = dy.transpose(0, 2, 3, 1).reshape(n * h * w, -1)
        flat = self.weight.reshape(len(self.weight), -1)
        self.gradients = [(rows.T @ self.columns).reshape(self.weight.shape), rows.sum(0)]
        windows = (rows @ flat).reshape(n, h, w, c, 3, 3)
        dx = np.zeros((n, c, h + 2, w + 2), "f4")
        for i in range(3):
            for j in range(3):
                dx[:, :, i : i + h, j : j + w] += windows[..., i, j].transpose(0, 3, 1, 2)
        return dx[:, :, 1:-1, 1:-1]


class MaxPool2x2(Layer):
    def forward(self, x):
        n, c, h, w = x.shape
        blocks = x.reshape(n, c, h // 2, 2, w // 2, 2)
        y = blocks.max((3, 5))
        self.shape = x.shape
        self.chosen = blocks == y[:, :, :, None, :, None]
        return y

    def backward(self, dy):
        return (self.chosen * dy[:, :, :, None, :, None]).reshape(self.shape)


class Flatten(Layer):
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy):
        return dy.reshape(self.shape)


class Relu(Layer):
    def forward(self, x):
        self.positive = x > 0
        return x * self.positive

    def backward(self, dy):
        return dy * self.positive


class Gelu(Layer):
    def forward(self, x):
        self.x = x
        self.phi = (0.5 * (1 + erf(x / np.sqrt(2)))).astype("f4")
        return x * self.phi

    def backward(self, dy):
        density = np.exp(-0.5 * self.x**2) / np.sqrt(2 * np.pi)
        return (dy * (self.phi + self.x * density)).astype("f4")


class Silu(Layer):
    def forward(self, x):
        self.x = x
        self.gate = 1 / (1 + np.exp(-x))
        return x * self.gate

    def backward(self, dy):
        return dy * self.gate * (1 + self.x * (1 - self.gate))


class Adam:
    def __init__(self, layers):
        self.layers = [layer for layer in layers if layer.parameters]
        self.step = 0
        self.moments = [
            [(np.zeros_like(p), np.zeros_like(p)) for p in layer.parameters]
            for layer in self.layers
        ]

    def update(self, rate):
        self.step += 1
        first, second = 1 - 0.9**self.step, 1 - 0.999**self.step
        for layer, moments in zip(self.layers, self.moments):
            for p, g, (m, v) in zip(layer.parameters, layer.gradients, moments):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= rate * (m / first) / (np.sqrt(v / second) + 1e-8)
