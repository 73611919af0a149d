# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's own `Backend` interface.

    import act_mlir.onnx_backend as backend
    outputs = backend.run_model(model, [x])

Shapes that come from an input's data are known at the first run only: the model
is then compiled for these data, and again for others.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx.backend.base import Backend, BackendRep, Device, DeviceType

from .compiler import compile
from .frontends.onnx import ImportFailure, import_model


# A model of more bytes is no text with its weights.
LARGE = 1 << 20


class ActRep(BackendRep):
    """A compiled model."""

    def __init__(self, model: onnx.ModelProto):
        self._source = model
        self._names = _input_names(model.graph)
        self._compiled = {}
        try:
            self._general = _compiled(model, {})
        except ImportFailure as failure:
            if not failure.deciding:
                raise
            self._general, self._deciding = None, failure.deciding

    def run(self, inputs, **kwargs):
        arrays = {name: np.asarray(a) for name, a in zip(self._names, inputs)}
        model = self._general or self._specialized(arrays)
        results = model(*(arrays[argument["name"]] for argument in model.inputs))
        return results if isinstance(results, tuple) else (results,)

    def _specialized(self, arrays):
        """The model made for the data of the inputs that decide."""
        while True:
            fixed = {name: arrays[name] for name in sorted(self._deciding)}
            key = tuple((name, a.shape, a.tobytes()) for name, a in fixed.items())
            try:
                if key not in self._compiled:
                    self._compiled[key] = _compiled(self._source, fixed)
                return self._compiled[key]
            except ImportFailure as failure:
                if failure.deciding <= self._deciding:
                    raise
                self._deciding |= failure.deciding


class ActBackend(Backend):
    """See `onnx.backend.base.Backend`."""

    @classmethod
    def prepare(cls, model, device="CPU", **kwargs):
        super().prepare(model, device, **kwargs)
        return ActRep(model)

    @classmethod
    def run_model(cls, model, inputs, device="CPU", **kwargs):
        return cls.prepare(model, device, **kwargs).run(inputs)

    @classmethod
    def run_node(cls, node, inputs, device="CPU", outputs_info=None, **kwargs):
        raise NotImplementedError("a node alone has no opset: make a model of it")

    @classmethod
    def supports_device(cls, device: str) -> bool:
        return Device(device).type == DeviceType.CPU


def _input_names(graph):
    initialized = {tensor.name for tensor in graph.initializer}
    return [info.name for info in graph.input if info.name not in initialized]


def _compiled(model, constants):
    if not constants and model.ByteSize() > LARGE:
        # By way of a file, with weights by reference; errors come from here.
        import_model(model)
        return compile(model)
    imported = import_model(model, inline_weights=True, constants=constants)
    return compile(imported.text)


prepare = ActBackend.prepare
run_model = ActBackend.run_model
run_node = ActBackend.run_node
supports_device = ActBackend.supports_device
